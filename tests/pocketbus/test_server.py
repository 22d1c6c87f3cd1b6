"""The HTTP server: where it listens, and its life in a program."""

import asyncio
import errno
import re
import signal
import socket

import pytest

from pocketbus.emulator.engine import Engine
from pocketbus.server import ListenError, Server, listen, url_of


def test_port_0_listens_on_a_free_port() -> None:
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]

        assert port > 0
        assert url_of(listener) == f"http://127.0.0.1:{port}"


def test_a_host_with_both_kinds_of_address_is_listened_on_at_its_ipv4_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tcp = (socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
    both = [
        (socket.AF_INET6, *tcp, ("::1", 0, 0, 0)),
        (socket.AF_INET, *tcp, ("127.0.0.1", 0)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)

    with listen("localhost", 0) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"


def test_the_listener_sends_small_answers_at_once() -> None:
    with listen("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_a_privileged_port_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unprivileged(socket.socket):
        def bind(self, _address: object) -> None:
            raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket, "socket", Unprivileged)
    reason = (
        "cannot listen on 127.0.0.1:80: "
        "the port needs privileges; choose one above 1023 with --port or POCKETBUS_PORT"
    )

    with pytest.raises(ListenError, match=f"^{re.escape(reason)}$"):
        listen("127.0.0.1", 80)


async def test_a_server_within_a_program_leaves_its_signals_alone() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    ready = asyncio.Event()
    listener = listen("127.0.0.1", 0)
    server = Server(Engine(), base_url=url_of(listener), on_ready=ready.set)
    serving = asyncio.create_task(server.serve(listener))
    await ready.wait()
    during = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    server.end()
    await serving

    assert during == before
