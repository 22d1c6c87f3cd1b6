"""Many at once over HTTP: idle connections, long polls, waits on a deep queue, streams that nobody reads."""

import asyncio
import json
import resource
import socket
import statistics
from collections.abc import Awaitable, Callable
from functools import partial

import uvloop

from scripts.ports import free_port
from tests.bench.bench_http import BODY
from tests.bench.load import Caller, Connection, always, connect, drive, sqs_request
from tests.bench.processes import pocketbus, wait_until_answered
from tests.bench.table import Row

IDLE, POLLS, WAITS, STREAMS = 10_000, 5_000, 20, 100
DEEP = 26_500
_BATCH = 10
_SLICES, _SLICE_SECONDS = 12, 0.5

Crowd = Callable[[int], Awaitable[object]]
"""Brings a crowd to the server at a port, and returns what keeps it there."""


def rows() -> list[Row]:
    _allow_many_files()
    return [
        Row(f"SendMessage beside {IDLE:,} idle connections, against none", _beside(_idle), 0.7),
        Row(f"SendMessage beside {WAITS} waits on {DEEP:,} messages, against none", _beside(_waits), 0.5),
        Row(
            f"SendMessage beside {STREAMS} unread streams of the trace, against none", _beside(_streams), 0.8
        ),
        Row(f"of {POLLS:,} long polls, those answered by a message of their own", _polls(), POLLS),
    ]


def _allow_many_files() -> None:
    """Servers that are started from here inherit it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _beside(crowd: Crowd) -> float:
    """Compare two servers of which one has a crowd: the median of the ratios of their slices."""
    ports = free_port(), free_port()
    with pocketbus(ports[0]), pocketbus(ports[1]):
        for port in ports:
            wait_until_answered(port)

        async def measure() -> float:
            sends = [await _send(port) for port in ports]
            kept = await crowd(ports[1])
            ratios = []
            for _ in range(_SLICES):
                alone, beside = [
                    await drive(port, partial(always, send), seconds=_SLICE_SECONDS)
                    for port, send in zip(ports, sends, strict=True)
                ]
                ratios.append(beside / alone)
            del kept
            return statistics.median(ratios)

        return uvloop.run(measure())


async def _send(port: int) -> bytes:
    return sqs_request("SendMessage", QueueUrl=await _create_queue(port, "busy"), MessageBody=BODY)


async def _create_queue(port: int, name: str) -> str:
    caller = await Caller.open(port)
    url: str = json.loads(await caller.ask(sqs_request("CreateQueue", QueueName=name)))["QueueUrl"]
    caller.close()
    return url


async def _idle(port: int) -> list[Connection]:
    return await connect(port, _heed_not, IDLE)


async def _waits(port: int) -> list[Connection]:
    url = await _create_queue(port, "deep")
    caller = await Caller.open(port)
    for start in range(0, DEEP, _BATCH):
        entries = [{"Id": str(n), "MessageBody": f"message {n}"} for n in range(start, start + _BATCH)]
        await caller.ask(sqs_request("SendMessageBatch", QueueUrl=url, Entries=entries))
    asked = "/_pocketbus/wait?queue=deep&timeout=600&matching=body%20%3D%3D%20'never'"
    return await _asking(port, asked, WAITS)


async def _streams(port: int) -> list[socket.socket]:
    """Open streams and read nothing of them; until the system holds enough for each, they are written to."""
    streams = []
    for _ in range(STREAMS):
        stream = socket.create_connection(("127.0.0.1", port))
        stream.sendall(_get("/_pocketbus/trace/stream"))
        streams.append(stream)
    return streams


async def _asking(port: int, path: str, count: int) -> list[Connection]:
    connections = await connect(port, _heed_not, count)
    for connection in connections:
        connection.transport.write(_get(path))
    return connections


def _get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def _heed_not(_connection: Connection, _body: bytes) -> None:
    pass


def _polls() -> int:
    port = free_port()
    with pocketbus(port):
        wait_until_answered(port)
        return uvloop.run(_polled(port))


async def _polled(port: int) -> int:
    """Have as many long polls as messages; count the messages that came, each to one of them."""
    url = await _create_queue(port, "polled")
    bodies: list[str] = []
    whole = asyncio.Event()

    def take(_connection: Connection, body: bytes) -> None:
        bodies.extend(message["Body"] for message in json.loads(body).get("Messages", []))
        if len(bodies) == POLLS:
            whole.set()

    receive = sqs_request("ReceiveMessage", QueueUrl=url, WaitTimeSeconds=20)
    for connection in await connect(port, take, POLLS):
        connection.transport.write(receive)
    sender = await Caller.open(port)
    for number in range(POLLS):
        await sender.ask(sqs_request("SendMessage", QueueUrl=url, MessageBody=str(number)))
    async with asyncio.timeout(60):
        await whole.wait()
    return len(set(bodies))
