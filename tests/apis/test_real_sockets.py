"""What only a real connection shows: bodies over the cap, keep-alive, clients that hang up."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from pocketbus.apis.app import create_app
from pocketbus.apis.call import Call, DisconnectedError
from pocketbus.apis.endpoint import MAX_BODY
from pocketbus.apis.service import Service
from pocketbus.emulator.engine import Engine

Connect = Callable[[], Awaitable["Connection"]]


class Connection:
    """A bare HTTP/1.1 client on one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def start(self, body: bytes, target: str, headers: str = "") -> None:
        """Write a request; `headers` takes the place of the Content-Length that the body has."""
        head = f"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: {target}\r\n{headers}"
        if not headers:
            head += f"Content-Length: {len(body)}\r\n"
        self._writer.write(f"{head}\r\n".encode() + body)

    async def ask(self, body: bytes, target: str, headers: str = "") -> tuple[int, bytes]:
        self.start(body, target, headers)
        await self._writer.drain()
        return await self.answer()

    async def answer(self) -> tuple[int, bytes]:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        return int(head.split()[1]), await self._reader.readexactly(length)

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


@asynccontextmanager
async def serving(*services: Service) -> AsyncIterator[Connect]:
    """Serve on a free port, and hand out connections that are closed in the end."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        create_app(Engine(), services), http="httptools", lifespan="on", ws="none", log_config=None
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    connections: list[Connection] = []

    async def connect() -> Connection:
        connection = Connection(*await asyncio.open_connection(*listener.getsockname()))
        connections.append(connection)
        return connection

    while not server.started:  # noqa: ASYNC110 - uvicorn offers no event
        await asyncio.sleep(0)
    try:
        yield connect
    finally:
        for connection in connections:
            await connection.close()
        server.should_exit = True
        await task


def counting_service(sizes: list[int]) -> Service:
    service = Service("sqs")

    @service.operation
    def send_message(call: Call, *, queue_url: str, message_body: str) -> dict[str, Any]:
        sizes.append(len(message_body))
        return {"MessageId": queue_url}

    return service


def message(size: int) -> bytes:
    return b'{"QueueUrl":"u","MessageBody":"%s"}' % (b"x" * size)


async def test_a_connection_carries_many_requests() -> None:
    sizes: list[int] = []
    async with serving(counting_service(sizes)) as connect:
        connection = await connect()

        answers = [await connection.ask(message(size), "AmazonSQS.SendMessage") for size in (1, 300_000, 2)]

    assert (answers, sizes) == ([(200, b'{"MessageId":"u"}')] * 3, [1, 300_000, 2])


@pytest.mark.parametrize("excess", [1, 5_000_000])
async def test_a_connection_stays_usable_after_a_body_over_the_cap(excess: int) -> None:
    sizes: list[int] = []
    async with serving(counting_service(sizes)) as connect:
        connection = await connect()

        refused, _ = await connection.ask(b"x" * (MAX_BODY + excess), "AmazonSQS.SendMessage")
        accepted, _ = await connection.ask(message(5), "AmazonSQS.SendMessage")

    assert (refused, accepted, sizes) == (413, 200, [5])


async def test_a_chunked_body_over_the_cap_is_answered_before_it_ends() -> None:
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    async with serving(counting_service([])) as connect:
        connection = await connect()

        status, _ = await connection.ask(
            chunk * (MAX_BODY // 0x10000 + 1), "AmazonSQS.SendMessage", "Transfer-Encoding: chunked\r\n"
        )

    assert status == 413


async def test_a_chunked_body_is_read_whole() -> None:
    sizes: list[int] = []
    body = message(10)
    chunked = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    async with serving(counting_service(sizes)) as connect:
        connection = await connect()

        status, _ = await connection.ask(chunked, "AmazonSQS.SendMessage", "Transfer-Encoding: chunked\r\n")

    assert (status, sizes) == (200, [10])


async def test_a_client_that_hangs_up_ends_its_wait() -> None:
    waiting = asyncio.Event()
    ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    service = Service("sqs")

    @service.operation
    async def receive_message(call: Call, *, queue_url: str) -> dict[str, Any]:
        waiting.set()
        try:
            return await call.while_connected(asyncio.get_running_loop().create_future())
        except DisconnectedError:
            ended.set_result(queue_url)
            raise

    async with serving(service) as connect:
        connection = await connect()
        connection.start(b'{"QueueUrl":"u"}', "AmazonSQS.ReceiveMessage")
        await waiting.wait()
        await connection.close()

        assert await asyncio.wait_for(ended, 5) == "u"


async def test_a_client_that_hangs_up_within_its_body_is_forgotten() -> None:
    sizes: list[int] = []
    async with serving(counting_service(sizes)) as connect:
        leaving = await connect()
        leaving.start(message(10)[:-5], "AmazonSQS.SendMessage", "Content-Length: 100\r\n")
        await leaving.close()

        status, _ = await (await connect()).ask(message(7), "AmazonSQS.SendMessage")

    assert (status, sizes) == (200, [7])


async def test_the_answer_to_a_wait_leaves_the_connection_usable() -> None:
    service = Service("sqs")

    @service.operation
    async def receive_message(call: Call, *, queue_url: str) -> dict[str, Any]:
        await call.while_connected(asyncio.sleep(0))
        return {"Messages": [{"Body": queue_url}]}

    async with serving(service) as connect:
        connection = await connect()

        answers = [await connection.ask(b'{"QueueUrl":"u"}', "AmazonSQS.ReceiveMessage") for _ in range(3)]

    assert answers == [(200, b'{"Messages":[{"Body":"u"}]}')] * 3
