"""The journal: what it leaves of the throughput, the bytes it takes, and a start with a million messages."""

import asyncio
import gc
import json
import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop

from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.message import Text
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.journal.opening import open_journal
from scripts.ports import free_port
from tests.bench.bench_http import BODY, Served
from tests.bench.bench_pauses import watched
from tests.bench.load import Caller, always, sqs_request
from tests.bench.processes import pocketbus, wait_until_answered
from tests.bench.table import Row

SLICES, SLICE_SECONDS = 30, 0.3
MESSAGES = 1_000_000


def rows() -> list[Row]:
    with TemporaryDirectory() as folder:
        return [*_throughput(Path(folder)), *_start(Path(folder) / "million")]


def _throughput(folder: Path) -> list[Row]:
    ports = [free_port() for _ in range(3)]
    plain, os_, disk = ports
    with (
        pocketbus(plain) as one,
        pocketbus(os_, "--data", str(folder / "os")) as two,
        pocketbus(disk, "--data", str(folder / "disk"), "--sync", "disk") as three,
    ):
        for port in ports:
            wait_until_answered(port)
        served = [Served(process, port) for process, port in zip((one, two, three), ports, strict=True)]
        return uvloop.run(_measure(served, folder / "os"))


async def _measure(served: list[Served], folder: Path) -> list[Row]:
    plain, os_, disk = served
    sends = [await _send_to(one.port) for one in served]
    before = _size(folder)
    for _ in range(SLICES):  # slices alternate, so that whatever else the machine does falls on all
        for one, send in zip(served, sends, strict=True):
            await one.slice(partial(always, send), SLICE_SECONDS)
    taken = (_size(folder) - before) / sum(os_.answers) - len(BODY)
    return [
        Row("SendMessage with a journal, against without", os_.against(plain), 0.7),
        Row("the same with --sync disk", disk.against(plain), 0.0),
        Row("bytes of a journal for a message beyond its body", taken, 150, " B", at_least=False),
    ]


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*.journal"))


async def _send_to(port: int) -> bytes:
    caller = await Caller.open(port)
    url = json.loads(await caller.ask(sqs_request("CreateQueue", QueueName="bench")))["QueueUrl"]
    caller.close()
    return sqs_request("SendMessage", QueueUrl=url, MessageBody=BODY)


def _start(folder: Path) -> list[Row]:
    pause = asyncio.run(_fill(folder))
    began = time.perf_counter()
    port = free_port()
    with pocketbus(port, "--data", str(folder)):
        wait_until_answered(port)
        seconds = time.perf_counter() - began
    return [
        Row(
            f"longest pause of a snapshot with {MESSAGES:,} messages", pause * 1000, 50, " ms", at_least=False
        ),
        Row(f"start with {MESSAGES:,} messages", seconds, 10, " s", at_least=False),
    ]


async def _fill(folder: Path) -> float:
    """Keep a snapshot of a queue with a million messages, and return the longest pause that it made."""
    engine = Engine(Config())
    journal = open_journal(engine, folder, disk=False, fail=print)
    sqs = engine.scope("000000000000", "us-east-1").sqs
    queue = sqs.create_queue("deep", QueueSettings(), {}, engine.clock.now())
    for number in range(MESSAGES):
        queue.send(Text(f"{number} {BODY}"), engine.clock.now(), sender_id="bench")
    gc.collect()
    gc.freeze()
    async with watched() as lag:
        await journal.keep_snapshot()
    gc.unfreeze()
    engine.door.close()
    journal.close()
    return lag.longest
