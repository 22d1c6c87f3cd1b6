"""Machines of a cluster in a test, each with a server of NATS and a node: they can be killed, stopped, cut off."""

import asyncio
import fcntl
import json
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from pocketbus.cluster.address import Address
from pocketbus.cluster.connection import Connection, UnreachableError
from pocketbus.cluster.keys import Keys
from pocketbus.cluster.streams import Streams
from scripts.cluster import MISSING, Nats, nats_server, wait_for_port, wait_until_ready
from scripts.ports import free_port, free_ports
from tests.children import end, start

needs_nats = pytest.mark.skipif(nats_server() is None, reason=MISSING)
NAME = "test"
_LOCK = Path(tempfile.gettempdir()) / "pocketbus-test-cluster.lock"
T = TypeVar("T")
_SECONDS = 90.0


class Machines:
    """Three machines, all of them this one, or each with a network of its own."""

    def __init__(
        self,
        folder: Path,
        *options: str,
        hosts: Sequence[str] = (),
        fronts: Sequence[str] = (),
        within: Sequence[Sequence[str]] = (),
    ) -> None:
        """`hosts` are their addresses among themselves, `fronts` those for clients, if they have any of their own."""
        self.folder = folder
        self.nats = Nats(folder, hosts=hosts, within=within)
        self.nodes = list(zip(fronts or ["127.0.0.1"] * 3, free_ports(3), strict=True))
        """Where clients reach the nodes."""
        self._options = options
        self._processes: list[subprocess.Popen[Any] | None] = [None] * 3

    def start(self) -> None:
        self.nats.start()
        for host, port in zip(self.nats.hosts, self.nats.ports, strict=True):
            wait_for_port(host, port)
        for number in range(3):
            self.start_node(number)
        for number in range(3):
            wait_until_ready(self.url(number))

    def url(self, number: int) -> str:
        host, port = self.nodes[number]
        return f"http://{host}:{port}"

    def start_node(self, number: int) -> None:
        host, port = self.nats.hosts[number], self.nodes[number][1]
        command = [
            *self.nats.within[number],
            *(sys.executable, "-m", "pocketbus", "--host", "0.0.0.0", "--port", str(port)),  # noqa: S104 - its own
            *("--journal", self.nats.url(NAME, number), "--node-url", f"http://{host}:{port}"),
            *self._options,
        ]
        with (self.folder / f"node-{number}.log").open("ab") as log:
            self._processes[number] = start(command, stdout=log, stderr=log)

    def signal_node(self, number: int, what: signal.Signals) -> None:
        """Send a signal to a node; SIGKILL ends it, and leaves its place empty."""
        process = self._processes[number]
        assert process is not None
        process.send_signal(what)
        if what == signal.SIGKILL:
            process.wait()
            self._processes[number] = None

    def close(self) -> None:
        """End all of it; each node has to end by itself when it is told to."""
        stuck = []
        for number, process in enumerate(self._processes):
            if process is not None:
                process.send_signal(signal.SIGCONT)
                if not end(process):
                    stuck.append(number)
        self.nats.close()
        assert not stuck

    # What they tell

    def told(self, number: int) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url(number)}/_pocketbus/cluster", timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def writer(self, *among: int, shard: int = 0) -> int | None:
        """Return which of the nodes writes, all that run if none is named."""
        for number in among or [number for number in range(3) if self._processes[number] is not None]:
            shards = self.told(number)["shards"]
            if shards and shards[shard]["role"] == "writer":
                return number
        return None

    def leader_of_the_log(self) -> int:
        """Return which server of NATS leads the stream that is written."""
        return asyncio.run(_ask(self.nats.url(NAME), _leader))

    def is_settled(self) -> bool:
        """Tell whether no machine leads two of what a writer needs to go on, and its own machine neither of them."""
        writer = self.writer()
        written, keys, other = asyncio.run(_ask(self.nats.url(NAME), _leaders))
        return writer is not None and f"nats-{writer}" not in {written, keys} and written not in {keys, other}

    def log_is_whole(self) -> bool:
        """Tell whether every server of NATS has all of the streams."""
        return asyncio.run(_ask(self.nats.url(NAME), _is_whole))

    def log_of(self, number: int) -> str:
        return (self.folder / f"node-{number}.log").read_text(encoding="utf-8")


def until(condition: Callable[[], object]) -> None:
    """Wait for what is under way in other processes."""
    end = time.monotonic() + _SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


@contextmanager
def alone() -> Iterator[None]:
    """Have no other cluster: six processes and sixteen clients are enough for one machine."""
    with _LOCK.open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def machines(folder: Path, *options: str, **network: Any) -> Iterator[Machines]:
    """Have a cluster."""
    with alone():
        found = Machines(folder, *options, **network)
        try:
            found.start()
            yield found
        finally:
            for path in sorted(folder.glob("node-*.log")):  # shown where a test has failed
                sys.stderr.write(f"{path.name}:\n{path.read_text(encoding='utf-8')[-4000:]}\n")
            found.close()


async def _ask(address: str, question: Callable[[Connection, Streams], Awaitable[T]]) -> T:
    found = Address.of(address)
    connection = await Connection.open(found)
    try:
        keys = Keys(connection, found.name)
        while True:
            try:
                return await question(connection, Streams(connection, keys, found.name, 0, 2))
            except UnreachableError:
                await asyncio.sleep(0.1)
    finally:
        await connection.close()


async def _leader(connection: Connection, streams: Streams) -> int:
    head, _ = await streams.head()
    assert head.latest is not None
    told = await connection.ask(f"STREAM.INFO.{streams.names[head.latest.stream]}")
    return int(told["cluster"]["leader"].removeprefix("nats-"))


async def _leaders(connection: Connection, streams: Streams) -> list[str]:
    """Return who leads the stream that is written, that of the keys, and the one that would be written next."""
    while True:
        head, _ = await streams.head()
        assert head.latest is not None
        written = head.latest.stream
        names = (streams.names[written], streams.keys.stream, streams.names[1 - written])
        found = [(await connection.ask(f"STREAM.INFO.{name}"))["cluster"].get("leader", "") for name in names]
        if (await streams.head())[0].latest == head.latest:
            return found


async def _is_whole(connection: Connection, streams: Streams) -> bool:
    for name in (streams.keys.stream, *streams.names):
        told = await connection.ask(f"STREAM.INFO.{name}")
        replicas = told["cluster"].get("replicas", ())
        if len(replicas) < 2 or not all(one["current"] for one in replicas):
            return False
    return True


class Network:
    """A network of namespaces: machines that reach one another by one switch, and are reached by clients by another."""

    def __init__(self, stack: ExitStack, tag: str) -> None:
        """The tag, at most six hexadecimal digits, is in the names of what is made. Raise CalledProcessError."""
        third = int(tag, 16) % 200 + 20
        self.hosts = [f"10.{third}.1.{number + 11}" for number in range(3)]
        self.fronts = [f"10.{third}.2.{number + 11}" for number in range(3)]
        self.within = [("ip", "netns", "exec", f"pb{tag}{number}") for number in range(3)]
        self._tag = tag
        for switch in "io":
            self._made(
                stack,
                ("ip", "link", "add", f"pb{tag}{switch}", "type", "bridge"),
                ("ip", "link", "del", f"pb{tag}{switch}"),
            )
            _ip("link", "set", f"pb{tag}{switch}", "up")
        _ip("addr", "add", f"10.{third}.1.1/24", "dev", f"pb{tag}i")
        _ip("addr", "add", f"10.{third}.2.1/24", "dev", f"pb{tag}o")
        for number in range(3):
            name = f"pb{tag}{number}"
            self._made(stack, ("ip", "netns", "add", name), ("ip", "netns", "del", name))
            _ip("-n", name, "link", "set", "lo", "up")
            for switch, address in (("i", self.hosts[number]), ("o", self.fronts[number])):
                _ip("link", "add", f"{name}{switch}", "type", "veth", "peer", "name", switch, "netns", name)
                _ip("link", "set", f"{name}{switch}", "master", f"pb{tag}{switch}")
                _ip("link", "set", f"{name}{switch}", "up")
                _ip("-n", name, "addr", "add", f"{address}/24", "dev", switch)
                _ip("-n", name, "link", "set", switch, "up")

    def _made(self, stack: ExitStack, make: Sequence[str], undo: Sequence[str]) -> None:
        subprocess.run(make, check=True, capture_output=True)
        stack.callback(subprocess.run, undo, check=False, capture_output=True)

    def cut(self, number: int) -> None:
        """Cut a machine off from the other two; clients reach it still."""
        _ip("link", "set", f"pb{self._tag}{number}i", "down")

    def heal(self, number: int) -> None:
        _ip("link", "set", f"pb{self._tag}{number}i", "up")


def _ip(*arguments: str) -> None:
    subprocess.run(("ip", *arguments), check=True, capture_output=True)


def may_make_networks() -> bool:
    """Tell whether namespaces of the network can be made here, and joined."""
    try:
        with ExitStack() as stack:
            Network(stack, f"{free_port():x}")
    except (OSError, subprocess.CalledProcessError):
        return False
    return True
