"""What `make cluster` starts ends together, and tells of what does not start."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from scripts.cluster import Nats, node_command, wait_until_ready
from scripts.ports import free_port
from tests.children import end, start
from tests.end_to_end.cluster.machines import alone, needs_nats

pytestmark = needs_nats

PROJECT = Path(__file__).parents[3]
_SECONDS = 60


def three_ports() -> int:
    """Return the first of three that are free."""
    while True:
        first = free_port()
        others = (socket.create_server(("127.0.0.1", first + more)) for more in (1, 2))
        with suppress(OSError), ExitStack() as stack:
            for other in others:
                stack.enter_context(other)
            return first


@contextmanager
def made(folder: Path, first: int) -> "Iterator[subprocess.Popen[str]]":
    """Run it in a session of its own, as at a terminal, with what it keeps in a folder of the test."""
    process = start(
        (sys.executable, "-m", "scripts.cluster"),
        cwd=PROJECT,
        env=os.environ | {"POCKETBUS_PORT": str(first), "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=_SECONDS)


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def read_until(process: "subprocess.Popen[str]", words: str) -> str:
    """Return what it prints up to a line with these words, and its log's address if it has told that."""
    assert process.stdout is not None
    text = ""
    for line in process.stdout:
        text += line
        if words in line:
            return text
    raise AssertionError(text)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_all_of_it_ends_at_one_word(tmp_path: Path, stop: signal.Signals) -> None:
    first = three_ports()
    with alone(), made(tmp_path, first) as process:
        text = read_until(process, "Roles:")
        log = next(line for line in text.splitlines() if line.startswith("Log: "))
        nats = [int(one.rpartition(":")[2]) for one in log.split("/")[2].split(",")]
        listened = [listens(port) for port in (first, first + 1, first + 2, *nats)]

        os.killpg(process.pid, stop)
        status = process.wait(_SECONDS)

        assert listened == [True] * 6
        assert status == 0
        assert [port for port in (first, first + 1, first + 2, *nats) if listens(port)] == []
        assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_ends_it_with_a_word(tmp_path: Path) -> None:
    first = three_ports()
    with socket.create_server(("127.0.0.1", first + 1)), alone(), made(tmp_path, first) as process:
        output = read_until(process, "has ended with status")
        status = process.wait(_SECONDS)

    assert f"the node of http://127.0.0.1:{first + 1} has ended with status" in output
    assert f"cannot listen on 127.0.0.1:{first + 1}" in output
    assert status == 1


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="processes are found in /proc")
def test_a_node_that_ends_is_told(tmp_path: Path) -> None:
    first = three_ports()
    with alone(), made(tmp_path, first) as process:
        read_until(process, "Roles:")
        (node,) = nodes_at(first + 2)
        os.kill(node, signal.SIGKILL)
        assert f"The node of http://localhost:{first + 2} has ended, status -9." in read_until(
            process, "has ended"
        )


def test_a_node_whose_servers_of_nats_are_gone_ends_when_it_is_told_to(tmp_path: Path) -> None:
    nats, port = Nats(tmp_path, 1), free_port()
    nats.start()
    with (tmp_path / "log").open("wb") as log:
        node = start(node_command(port, nats.url("orders")), stdout=log, stderr=log)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}", node)
    finally:
        nats.close()
        ended = end(node)

    assert ended
    assert node.returncode == 0
    assert "Traceback" not in (tmp_path / "log").read_text(encoding="utf-8")


def nodes_at(port: int) -> list[int]:
    """Return the ids of the processes that were told to listen at a port."""
    command = f"--port\0{port}\0".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if command in path.read_bytes():
                found.append(int(path.parent.name))
    return found
