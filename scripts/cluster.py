"""A cluster on this machine, to try: three servers of NATS and three nodes of pocketbus, until Ctrl-C ends them.

`make cluster` calls it. The tests put clusters together from the same parts.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from scripts.ports import free_ports

PROJECT = Path(__file__).parent.parent
BUILT = PROJECT / ".venv" / "nats" / "nats-server"
MISSING = "there is no nats-server: install Debian's package nats-server, or Go, with which `make` builds it"
_SECONDS = 60
_END_SECONDS = 15


def nats_server() -> str | None:
    """Return the program: the system's, or the one that `make` has built."""
    return shutil.which("nats-server") or (str(BUILT) if BUILT.exists() else None)


class Nats:
    """Servers of NATS on loopback, with JetStream in files."""

    def __init__(
        self, folder: Path, count: int = 3, hosts: Sequence[str] = (), within: Sequence[Sequence[str]] = ()
    ) -> None:
        """Each has a port of its own; where `hosts` are given, an address, and is started `within` a command."""
        self.folder = folder
        self.hosts = list(hosts) or ["127.0.0.1"] * count
        self.within = within or [()] * count
        self.ports = free_ports(count)
        self.processes: list[subprocess.Popen[bytes] | None] = [None] * count
        routes = free_ports(count)
        peers = ", ".join(f"nats://{host}:{port}" for host, port in zip(self.hosts, routes, strict=True))
        for number in range(count):
            host = self.hosts[number]
            listen = f'listen: "{host}:{routes[number]}"'
            cluster = f"cluster {{ name: c, {listen}, routes: [{peers}], no_advertise: true }}\n"
            (folder / f"{number}.conf").write_text(
                f"server_name: nats-{number}\n"
                f'listen: "{host}:{self.ports[number]}"\n'
                "max_payload: 8MB\n"
                f'jetstream {{ store_dir: "{folder / str(number)}" }}\n' + (cluster if count > 1 else "")
            )

    def command(self, number: int) -> list[str]:
        """Return the command of one server. Raise RuntimeError where there is no program."""
        program = nats_server()
        if program is None:
            raise RuntimeError(MISSING)
        files = ("-c", str(self.folder / f"{number}.conf"), "-l", str(self.folder / f"{number}.log"))
        return [*self.within[number], program, *files]

    def start(self, *numbers: int) -> None:
        """Start servers, all if none is named."""
        for number in numbers or range(len(self.ports)):
            self.processes[number] = subprocess.Popen(self.command(number), process_group=0)

    def kill(self, number: int) -> None:
        process = self.processes[number]
        if process is not None:
            process.kill()
            process.wait()
            self.processes[number] = None

    def close(self) -> None:
        for number in range(len(self.processes)):
            self.kill(number)

    def url(self, name: str, first: int = 0) -> str:
        """Return what --journal takes; the server of the number `first` is the one that a node asks first."""
        count = len(self.ports)
        ordered = [(first + step) % count for step in range(count)]
        return f"nats://{','.join(f'{self.hosts[one]}:{self.ports[one]}' for one in ordered)}/{name}"


def node_command(port: int, journal: str, *options: str) -> list[str]:
    return [sys.executable, "-m", "pocketbus", "--port", str(port), "--journal", journal, *options]


def wait_for_port(host: str, port: int) -> None:
    """Wait until somebody listens. Raise TimeoutError."""
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"nobody listens at {host}:{port} after {_SECONDS} seconds")


def wait_until_ready(url: str, node: "subprocess.Popen[bytes] | None" = None) -> None:
    """Wait until a node follows every log, or writes it. Raise TimeoutError, RuntimeError where it has ended."""
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{url}/_pocketbus/health", timeout=2):  # noqa: S310 - a node's own
                return
        except OSError:
            time.sleep(0.1)
        if node is not None and node.poll() is not None:
            raise RuntimeError(f"the node of {url} has ended with status {node.returncode}")
    raise TimeoutError(f"{url} is not ready after {_SECONDS} seconds")


class Running(NamedTuple):
    """A cluster that runs."""

    nats: Nats
    nodes: list[subprocess.Popen[bytes]]


@contextmanager
def cluster(folder: Path, ports: Sequence[int], *options: str) -> Iterator[Running]:
    """Run three servers of NATS and a node for each port. Raise RuntimeError where a node does not start.

    They do not hear what is typed at the terminal: the nodes have to end before the servers do.
    """
    nats = Nats(folder)
    nodes: list[subprocess.Popen[bytes]] = []
    try:
        nats.start()
        for number, port in enumerate(ports):
            command = node_command(port, nats.url("pocketbus", number), *options)
            nodes.append(subprocess.Popen(command, process_group=0))
        for node, port in zip(nodes, ports, strict=True):
            wait_until_ready(f"http://127.0.0.1:{port}", node)
        yield Running(nats, nodes)
    finally:
        for node in nodes:
            node.terminate()
        for node in nodes:
            _end(node)
        nats.close()


def _end(node: "subprocess.Popen[bytes]") -> None:
    try:
        node.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        node.kill()
        node.wait()


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    first = int(os.environ.get("POCKETBUS_PORT", "4566"))
    ports = [first, first + 1, first + 2]
    with tempfile.TemporaryDirectory() as folder, cluster(Path(folder), ports, *sys.argv[1:]) as running:
        print(f"Nodes: {', '.join(f'http://localhost:{port}' for port in ports)}")
        print(f"Log: {running.nats.url('pocketbus')}, in {folder}")
        print(f"Roles: curl http://localhost:{first}/_pocketbus/cluster", flush=True)
        ended: set[int] = set()
        while len(ended) < len(ports):
            time.sleep(0.5)
            for port, node in zip(ports, running.nodes, strict=True):
                if node.poll() is not None and port not in ended:
                    ended.add(port)
                    print(
                        f"The node of http://localhost:{port} has ended, status {node.returncode}.",
                        flush=True,
                    )


def _stop(*_: object) -> None:
    """End all of it, once: told again, it is about to."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    print("Ending.", flush=True)
    sys.exit(0)


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as error:
        sys.exit(str(error))
