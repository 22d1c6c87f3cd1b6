"""HTTP clients for measuring: raw requests over kept connections, cheap enough not to be what is measured."""

import asyncio
import json
from collections.abc import Callable, Generator
from typing import Any, cast


def sqs_request(operation: str, **members: Any) -> bytes:
    """Render a JSON request as an SDK would sign and send it."""
    body = json.dumps(members).encode()
    head = (
        "POST / HTTP/1.1\r\n"
        "Host: 127.0.0.1\r\n"
        "Accept-Encoding: identity\r\n"
        f"X-Amz-Target: AmazonSQS.{operation}\r\n"
        "Content-Type: application/x-amz-json-1.0\r\n"
        "User-Agent: bench\r\n"
        "X-Amz-Date: 20260101T000000Z\r\n"
        "Authorization: AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/sqs/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=00\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


_PATIENCE_SECONDS = 30.0
_CLOSING_SECONDS = 0.05
"""In which a server hears of the ends of connections."""


class Connection(asyncio.Protocol):
    """One kept connection; `on_answer` is called with the body of each answer."""

    def __init__(self, on_answer: Callable[["Connection", bytes], None]) -> None:
        self._on_answer = on_answer
        self._received = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's are not of asyncio's classes

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if not separator:
            return
        length = int(head.lower().split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
        if len(body) < length:
            return
        assert head.startswith(b"HTTP/1.1 200"), self._received
        self._received = b""
        self._on_answer(self, body)


Conversation = Generator[bytes, bytes, None]
"""Yields the requests of one connection and is sent the body of each answer."""


def always(request: bytes) -> Conversation:
    while True:
        yield request


def ask_late(connection: Connection, request: bytes) -> None:
    """Write a request as aws-sdk-go-v2 does: its body in a later segment than its headers."""
    head, end, body = request.partition(b"\r\n\r\n")
    connection.transport.write(head + end)
    asyncio.get_running_loop().call_soon(connection.transport.write, body)


def ask_whole(connection: Connection, request: bytes) -> None:
    connection.transport.write(request)


async def drive(
    port: int,
    conversation: Callable[[], Conversation],
    *,
    connections: int = 16,
    seconds: float = 1.0,
    ask: Callable[[Connection, bytes], None] = ask_whole,
) -> int:
    """Have each connection ask as soon as it was answered, for a while, and at least until one was; count the answers.

    What was asked by then is waited for, so that whoever asks next finds the server at rest. Raise TimeoutError.
    """
    answered = 0
    held: dict[Connection, Conversation] = {}
    begun, stopping, ended = (asyncio.Event() for _ in range(3))

    def go_on(connection: Connection, body: bytes) -> None:
        nonlocal answered
        if stopping.is_set():
            connection.transport.close()
            del held[connection]
            if not held:
                ended.set()
            return
        answered += 1
        begun.set()
        ask(connection, held[connection].send(body))

    for connection in await connect(port, go_on, connections):
        held[connection] = conversation()
        ask(connection, next(held[connection]))
    await asyncio.sleep(seconds)
    async with asyncio.timeout(_PATIENCE_SECONDS):
        await begun.wait()
        stopping.set()
        await ended.wait()
    await asyncio.sleep(_CLOSING_SECONDS)
    return answered


async def connect(port: int, on_answer: Callable[[Connection, bytes], None], count: int) -> list[Connection]:
    loop = asyncio.get_running_loop()
    opened = []
    for _ in range(count):
        _, connection = await loop.create_connection(lambda: Connection(on_answer), "127.0.0.1", port)
        opened.append(connection)
    return opened


class Caller:
    """One connection that is asked and awaited."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @classmethod
    async def open(cls, port: int) -> "Caller":
        (connection,) = await connect(port, lambda *_: None, 1)
        return cls(connection)

    def ask(self, request: bytes) -> asyncio.Future[bytes]:
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._connection._on_answer = lambda _connection, body: answer.set_result(body)  # noqa: SLF001
        self._connection.transport.write(request)
        return answer

    def close(self) -> None:
        self._connection.transport.close()
