"""The HTTP server: where it listens, and what one connection to it shows."""

import asyncio
import errno
import json
import logging
import re
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from pocketbus.apis.app import App
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.server import ListenError, Server, listen, url_of


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


# One connection


class Client:
    """A bare HTTP client on one connection."""

    server: Server

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def ask(self, *requests: bytes) -> None:
        self.writer.write(b"".join(requests))

    async def head(self) -> str:
        return (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()

    async def answer(self) -> tuple[int, Any]:
        head = await self.head()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        return int(head.split()[1]), json.loads(await self.reader.readexactly(length))


@asynccontextmanager
async def connected(*, access_log: bool = False) -> AsyncIterator[Client]:
    """Connect to a server that has a queue named jobs."""
    ready = asyncio.Event()
    listener = listen("127.0.0.1", 0)
    server = Server(Engine(), base_url=url_of(listener), access_log=access_log, on_ready=ready.set)
    serving = asyncio.create_task(server.serve(listener))
    await ready.wait()
    client = Client(*await asyncio.open_connection(*listener.getsockname()))
    client.server = server
    client.ask(request("CreateQueue", QueueName="jobs"))
    await client.answer()
    try:
        yield client
    finally:
        client.writer.close()
        server.end()
        await serving


def request(operation: str, *, version: str = "1.1", headers: str = "", **members: Any) -> bytes:
    body = json.dumps(members)
    return (
        f"POST / HTTP/{version}\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.{operation}\r\n{headers}"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def send(body: str, *, version: str = "1.1", headers: str = "") -> bytes:
    return request("SendMessage", version=version, headers=headers, QueueUrl="jobs", MessageBody=body)


def receive(seconds: int = 0) -> bytes:
    return request("ReceiveMessage", QueueUrl="jobs", WaitTimeSeconds=seconds)


def bodies(answer: tuple[int, Any]) -> list[str]:
    status, result = answer
    assert status == 200
    return [message["Body"] for message in result.get("Messages", [])]


async def test_an_answer_has_the_headers_of_awss() -> None:
    async with connected() as client:
        client.ask(send("one"))

        names = re.findall(r"^([a-z-]+): ", await client.head(), re.MULTILINE)
        assert names == ["date", "content-type", "content-length", "x-amzn-requestid"]


async def test_only_what_has_to_wait_makes_a_task(monkeypatch: pytest.MonkeyPatch) -> None:
    begin = HttpToolsProtocol._start_asgi_task  # noqa: SLF001 - what uvicorn calls: it must still be this
    begun: list[str] = []

    def recording(protocol: HttpToolsProtocol, cycle: RequestResponseCycle, app: Any) -> None:
        begun.append(type(app).__name__)
        begin(protocol, cycle, app)

    monkeypatch.setattr(HttpToolsProtocol, "_start_asgi_task", recording)
    async with connected() as client:
        client.ask(send("one"), receive(20), request("DeleteQueue"), receive(1))
        for _ in range(4):
            await client.answer()

    assert begun == ["Later"]


async def test_requests_that_come_together_are_answered_in_their_order() -> None:
    async with connected() as client:
        client.ask(send("one"), receive(), receive(1), send("two"), receive())

        assert (await client.answer())[0] == 200
        assert bodies(await client.answer()) == ["one"]
        assert bodies(await client.answer()) == []
        assert (await client.answer())[0] == 200
        assert bodies(await client.answer()) == ["two"]


async def test_a_request_that_comes_in_parts_is_answered_when_it_is_whole() -> None:
    whole = send("one")
    async with connected() as client:
        for start, end in ((0, 20), (20, -3), (-3, None)):
            client.ask(whole[start:end])
            await client.writer.drain()
            await asyncio.sleep(0)

        assert (await client.answer())[0] == 200


@pytest.mark.parametrize("size", [1, 100_000, 1_000_000])
async def test_large_messages_go_in_and_out_one_after_the_other(size: int) -> None:
    async with connected() as client:
        for letter in ("a", "b", "c"):
            client.ask(send(letter * size), receive())

            assert (await client.answer())[0] == 200
            assert bodies(await client.answer()) == [letter * size]


async def test_a_poll_that_waits_is_answered_by_a_send_on_another_connection() -> None:
    async with connected() as waiting:
        waiting.ask(receive(20))
        sending = Client(*await asyncio.open_connection(*waiting.writer.get_extra_info("peername")))
        sending.ask(send("one"))

        assert bodies(await waiting.answer()) == ["one"]
        sending.writer.close()


async def test_an_error_leaves_the_connection_usable() -> None:
    async with connected() as client:
        client.ask(request("SendMessage", QueueUrl="nowhere", MessageBody="one"), send("two"))

        assert (await client.answer())[0] == 400
        assert (await client.answer())[0] == 200


@pytest.mark.parametrize("options", [{"version": "1.0"}, {"headers": "Connection: close\r\n"}])
async def test_a_client_that_keeps_no_connection_gets_its_answer_and_the_end(options: dict[str, str]) -> None:
    async with connected() as client:
        client.ask(send("one", **options))

        assert (await client.answer())[0] == 200
        assert await client.reader.read() == b""


async def test_clients_that_break_off_leave_nothing_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with connected() as staying:
        for _ in range(20):
            leaving = Client(*await asyncio.open_connection(*staying.writer.get_extra_info("peername")))
            leaving.ask(send("one"), send("two"), receive(20))
            await leaving.writer.drain()
            leaving.writer.transport.abort()
        staying.ask(send("one"))
        assert (await staying.answer())[0] == 200

    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


async def test_a_server_that_ends_answers_what_it_has_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = App.answer

    async with connected() as client:

        def answer_at_the_end(*arguments: Any) -> Any:
            for connection in client.server.server_state.connections:
                connection.shutdown()
            return answer(*arguments)

        monkeypatch.setattr(App, "answer", answer_at_the_end)
        client.ask(send("one"))

        assert (await client.answer())[0] == 200
        assert await client.reader.read() == b""


async def test_a_head_request_gets_no_body() -> None:
    async with connected() as client:
        client.ask(b"HEAD /?Action=ListQueues HTTP/1.1\r\nHost: localhost\r\n\r\n", send("one"))

        assert "\r\ncontent-length: " in await client.head()
        assert (await client.answer())[0] == 200


async def test_a_client_that_asks_before_it_sends_a_body_is_told_to_go_on() -> None:
    head, _, body = send("one", headers="Expect: 100-continue\r\n").partition(b"\r\n\r\n")
    async with connected() as client:
        client.ask(head + b"\r\n\r\n")
        assert await client.head() == "http/1.1 100 continue\r\n\r\n"
        client.ask(body)

        assert (await client.answer())[0] == 200


async def test_an_access_log_has_every_request(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "uvicorn.access"):
        async with connected(access_log=True) as client:
            client.ask(send("one"))
            await client.answer()

    lines = [record.getMessage() for record in caplog.records if record.name == "uvicorn.access"]
    assert [line.partition(" - ")[2] for line in lines] == ['"POST / HTTP/1.1" 200'] * 2
