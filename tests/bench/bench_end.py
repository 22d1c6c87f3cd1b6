"""How long a server takes to end: with many at work and many waiting, and with nobody there."""

import asyncio
import json
import time

import uvloop

from scripts.ports import free_port
from tests.bench.load import Caller, Connection, connect, sqs_request
from tests.bench.processes import pocketbus, wait_until_answered
from tests.bench.table import Row

CONNECTIONS = 16
_LOAD_SECONDS = 1.0


def rows() -> list[Row]:
    return [
        Row("from SIGTERM to the end under load", _seconds(loaded=True), 2, " s", at_least=False),
        Row("from SIGTERM to the end with nobody there", _seconds(loaded=False), 1, " s", at_least=False),
    ]


def _seconds(*, loaded: bool) -> float:
    port = free_port()
    with pocketbus(port) as process:
        wait_until_answered(port)

        async def end() -> float:
            if loaded:
                await _load(port)
            began = time.perf_counter()
            process.terminate()
            await asyncio.to_thread(process.wait)
            return time.perf_counter() - began

        return uvloop.run(end())


async def _load(port: int) -> None:
    """Have half of the connections send for ever, and half wait for what is sent."""
    caller = await Caller.open(port)
    urls = [
        json.loads(await caller.ask(sqs_request("CreateQueue", QueueName=name)))["QueueUrl"]
        for name in ("busy", "empty")
    ]
    send = sqs_request("SendMessage", QueueUrl=urls[0], MessageBody="x" * 200)
    poll = sqs_request("ReceiveMessage", QueueUrl=urls[1], WaitTimeSeconds=20)

    def go_on(connection: Connection, _body: bytes) -> None:
        connection.transport.write(send)

    for asked in (send, poll):
        for connection in await connect(port, go_on, CONNECTIONS):
            connection.transport.write(asked)
    await asyncio.sleep(_LOAD_SECONDS)
