"""A server with a queue named jobs, and bare clients that write what they like on one connection."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pocketbus.apis.http.limits import Limits
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.message import Message, State
from pocketbus.server import Server, listen, url_of

SECONDS = 60
HOST = "Host: localhost\r\n"


class Client:
    """A bare HTTP client on one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def ask(self, *requests: bytes) -> None:
        self.writer.write(b"".join(requests))

    async def ask_in_parts(self, *parts: bytes) -> None:
        """Write parts that come to the server one by one."""
        for part in parts:
            self.writer.write(part)
            await self.turns()

    async def turns(self, count: int = 10) -> None:
        """Let the server, which runs on the same event loop, read and answer."""
        for _ in range(count):
            await asyncio.sleep(0)

    async def head(self) -> str:
        async with asyncio.timeout(SECONDS):
            return (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()

    async def whole(self) -> tuple[int, str, bytes]:
        """Read status, head and body of one answer."""
        head = await self.head()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        async with asyncio.timeout(SECONDS):
            return int(head.split()[1]), head, await self.reader.readexactly(length)

    async def answer(self) -> tuple[int, Any]:
        status, _, body = await self.whole()
        return status, json.loads(body or b"{}")

    async def status(self) -> int:
        return (await self.whole())[0]

    async def rest(self) -> bytes:
        """Read until the server closes."""
        async with asyncio.timeout(SECONDS):
            return await self.reader.read()

    async def close(self) -> None:
        self.writer.close()
        await self.turns()


class Served:
    """A running server."""

    def __init__(
        self, engine: Engine, server: Server, address: tuple[str, int], serving: asyncio.Task[None]
    ) -> None:
        self.engine = engine
        self.server = server
        self._serving = serving
        self.address = address
        self.clients: list[Client] = []

    async def connect(self) -> Client:
        client = Client(*await asyncio.open_connection(*self.address))
        self.clients.append(client)
        return client

    async def ended(self) -> None:
        """Wait until the server has ended, which it has to be asked for."""
        async with asyncio.timeout(SECONDS):
            await self._serving

    @property
    def jobs(self) -> list[Message]:
        return list(self.engine.scope("000000000000", "us-east-1").sqs.queues["jobs"])

    @property
    def texts(self) -> list[str]:
        return [message.content.body for message in self.jobs]

    @property
    def untouched(self) -> list[tuple[State, int]]:
        """State and number of receipts of each message."""
        return [(message.state, message.receive_count) for message in self.jobs]

    async def polls(self, count: int = 1) -> None:
        """Wait until so many long polls wait."""
        async with asyncio.timeout(SECONDS):
            while len(self.engine.timers) != count:  # noqa: ASYNC110 - the engine tells nobody of it
                await asyncio.sleep(0)


@asynccontextmanager
async def serving(*, access_log: bool = False, **limits: float) -> AsyncIterator[Served]:
    ready = asyncio.Event()
    listener = listen("127.0.0.1", 0)
    address = listener.getsockname()
    engine = Engine()
    bounds = Limits(**limits)  # type: ignore[arg-type]
    server = Server(
        engine, base_url=url_of(listener), access_log=access_log, on_ready=ready.set, limits=bounds
    )
    serving = asyncio.create_task(server.serve(listener))
    await ready.wait()
    served = Served(engine, server, address, serving)
    client = await served.connect()
    client.ask(request("CreateQueue", QueueName="jobs"))
    await client.answer()
    await client.close()
    try:
        yield served
    finally:
        for client in served.clients:
            client.writer.close()
        server.end()
        await serving


@asynccontextmanager
async def connected(**settings: Any) -> AsyncIterator[Client]:
    """Connect to a server of one's own."""
    async with serving(**settings) as served:
        yield await served.connect()


def request(operation: str, *, version: str = "1.1", headers: str = "", **members: Any) -> bytes:
    body = json.dumps(members)
    return (
        f"POST / HTTP/{version}\r\n{HOST}X-Amz-Target: AmazonSQS.{operation}\r\n{headers}"
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


def parts(request: bytes) -> tuple[bytes, bytes]:
    """Split a request into its head and its body."""
    head, end, body = request.partition(b"\r\n\r\n")
    return head + end, body
