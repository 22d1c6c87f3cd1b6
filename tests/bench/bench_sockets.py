"""What the sockets take of a SendMessage, and what it would cost to have them in a process of their own."""

import asyncio
import socket
from statistics import median
from time import process_time
from typing import cast

import uvloop

from scripts.ports import free_port
from tests.bench.bench_http import Served
from tests.bench.load import Caller, always, sqs_request
from tests.bench.paths import BODY, Paths
from tests.bench.processes import pocketbus, wait_until_answered
from tests.bench.table import Row

SLICES = 8
TIMES = 300
CROSSINGS = 10_000
REQUEST_BYTES = 600


def rows() -> list[Row]:
    port = free_port()
    with pocketbus(port) as process:
        wait_until_answered(port)
        whole = uvloop.run(_over_http(Served(process, port)))
    within = asyncio.run(_within())
    crossing = uvloop.run(_crossing())
    return [
        Row("SendMessage over HTTP, times the same in process", whole / within, 4.0, at_least=False),
        Row("a way to another process and back, times the same", crossing / within, 1.0, at_least=False),
    ]


async def _over_http(served: Served) -> float:
    """Return the processor time of an answer."""
    caller = await Caller.open(served.port)
    await caller.ask(sqs_request("CreateQueue", QueueName="sent"))
    caller.close()
    url = f"http://127.0.0.1:{served.port}/000000000000/sent"
    for _ in range(SLICES):
        await served.slice(lambda: always(sqs_request("SendMessage", QueueUrl=url, MessageBody=BODY)))
    return median(served.costs)


async def _within() -> float:
    work = Paths().works["SendMessage"]
    costs = []
    for _ in range(5 * SLICES):
        began = process_time()
        for _ in range(TIMES):
            work()
        costs.append((process_time() - began) / TIMES)
    return median(costs)


async def _crossing() -> float:
    """Return what it costs to hand a request over and get it back, at both ends together."""
    loop = asyncio.get_running_loop()
    one, other = socket.socketpair()
    over = loop.create_future()
    await loop.create_connection(_Echo, sock=one)
    began = process_time()
    transport, _ = await loop.create_connection(lambda: _Asker(over), sock=other)
    await over
    transport.close()
    return (process_time() - began) / CROSSINGS


class _Echo(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are not of asyncio's classes

    def data_received(self, data: bytes) -> None:
        self._transport.write(data)


class _Asker(_Echo):
    def __init__(self, over: asyncio.Future[None]) -> None:
        self._over = over
        self._left = CROSSINGS

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.data_received(bytes(REQUEST_BYTES))

    def data_received(self, data: bytes) -> None:
        self._left -= 1
        if self._left:
            super().data_received(data)
        else:
            self._over.set_result(None)
