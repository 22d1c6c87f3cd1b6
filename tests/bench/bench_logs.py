"""Custom event buses: appends against SendMessage, what subscribers cost, how long a replay holds others up."""

import asyncio
import gc
import resource
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, thread_time
from typing import NamedTuple

from pocketbus.emulator.config import Config
from pocketbus.emulator.custombuses.bus import BusSettings, CustomBus
from pocketbus.emulator.custombuses.event import LogEvent
from pocketbus.emulator.custombuses.filters import Filters, compile_filters
from pocketbus.emulator.custombuses.subscriber_settings import (
    LATEST,
    RUNNING,
    UNORDERED,
    Start,
    SubscriberSettings,
    SubscriberTarget,
    Way,
)
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.memory import give_back, spare_the_collector
from pocketbus.emulator.message import Text
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.journal.opening import open_journal
from tests.bench.table import Row

APPENDS, ROUNDS = 5_000, 7
SUBSCRIBERS = 1_000
REPLAYED = 1_000_000
ROLE = "arn:aws:iam::000000000000:role/r"
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
ACCOUNT = "000000000000"
BODY = '{"kind":"none","text":"' + "x" * 170 + '"}'


def _engine() -> Engine:
    engine = Engine(Config(seed=1, trace_limit=1000))
    engine.freeze()
    engine.scope(ACCOUNT, "us-east-1").sqs.create_queue("q", QueueSettings(), {}, engine.clock.now())
    return engine


def _bus(engine: Engine) -> CustomBus:
    custom = engine.scope(ACCOUNT, "us-east-1").custom
    bus = custom.create_bus("b", BusSettings(retention_days=365), {}, engine.clock.now())
    engine.advance(1)
    return bus


def _subscribe(engine: Engine, bus: CustomBus, number: int, filters: Filters, start: Start = LATEST) -> None:
    custom = engine.scope(ACCOUNT, "us-east-1").custom
    target = SubscriberTarget(QUEUE, ROLE, Way.RESOURCE)
    arn = custom.arn(f"subscriber/s{number}/{custom.identifier()}")
    bus.subscribe(
        arn,
        SubscriberSettings(target, filters=filters),
        engine.clock.now(),
        ordering=UNORDERED,
        start=start,
        state=RUNNING,
    )


def _put(engine: Engine, bus: CustomBus, count: int) -> None:
    now = engine.clock.now()
    for _ in range(count):
        event = LogEvent(engine.ids.uuid(), ACCOUNT, Text(BODY), "application/json")
        _, matching = bus.put(event, None, now)
        engine.pump.serve(matching)


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    started = perf_counter()
    work()
    return perf_counter() - started


def _against_send() -> float:
    """Compare the rates of appends to a log, without subscribers, and of messages sent to a queue."""
    engine = _engine()
    bus, queue = _bus(engine), engine.resources[QUEUE]
    now = engine.clock.now()

    def send() -> None:
        for _ in range(APPENDS):
            queue.send(Text(BODY), now, sender_id=ACCOUNT)  # type: ignore[attr-defined]

    return median(_seconds(send) / _seconds(lambda: _put(engine, bus, APPENDS)) for _ in range(ROUNDS))


def _many_subscribers() -> float:
    """Compare appends of which one subscriber of 1,000 wants each, with those to a bus with this one alone."""
    few, many = _engine(), _engine()
    buses = {engine: _bus(engine) for engine in (few, many)}
    for engine, count in ((few, 1), (many, SUBSCRIBERS)):
        for number in range(count):
            kind = "none" if number == 0 else str(number)
            _subscribe(engine, buses[engine], number, compile_filters((("DATA", f'{{"kind":["{kind}"]}}'),)))
    return median(
        _seconds(lambda: _put(few, buses[few], 1000)) / _seconds(lambda: _put(many, buses[many], 1000))
        for _ in range(ROUNDS)
    )


def _memory(*, filtered: bool) -> float:
    """Return the bytes of one more subscriber of a bus, with the filter of its own or without any."""
    engine = _engine()
    bus = _bus(engine)
    texts = [(("DATA", f'{{"kind":["{number}"]}}'),) if filtered else () for number in range(SUBSCRIBERS)]
    _subscribe(engine, bus, SUBSCRIBERS, compile_filters(texts[0]))
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for number, text in enumerate(texts):
        _subscribe(engine, bus, number, compile_filters(text))
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) / SUBSCRIBERS


class Replayed(NamedTuple):
    """What the replay of a million events took."""

    longest_ms: float
    """The longest pause, of processor time of the event loop's thread: others read files."""
    megabytes: float
    """What the process has grown by, resident, at its largest."""


async def _replay(folder: Path | None = None) -> Replayed:
    """Have a subscriber go through a million events; with a folder, that of a journal, they are in files there."""
    engine = _engine() if folder is None else Engine(Config(seed=1, trace_limit=1000))
    journal = None
    if folder is not None:
        journal = open_journal(engine, folder, disk=False, fail=_raise, snapshot_records=10**9)
        engine.freeze()
        engine.scope(ACCOUNT, "us-east-1").sqs.create_queue("q", QueueSettings(), {}, engine.clock.now())
    gc.collect()
    give_back()
    before = largest = _resident()
    async with engine:
        bus = _bus(engine)
        now = engine.clock.now()
        for _ in range(REPLAYED):
            bus.log.add(LogEvent("id", ACCOUNT, Text(BODY), "application/json"), now)
        spare_the_collector()
        nothing = compile_filters((("DATA", '{"kind":["some"]}'),))
        _subscribe(engine, bus, 0, nothing, Start("POINT_IN_TIME", "HORIZON"))
        subscriber = next(iter(bus.subscribers.values()))
        longest = 0.0
        while not subscriber.live:
            began = thread_time()
            await asyncio.sleep(0)
            longest = max(longest, thread_time() - began)
            _put(engine, bus, 1)  # live traffic beside it
            largest = max(largest, _resident())
        engine.door.close()
    if journal is not None:
        journal.close()
    return Replayed(longest * 1000, (largest - before) / 1024**2)


def _replay_in_files() -> Replayed:
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_replay(Path(folder)))


def _resident() -> int:
    """Return the bytes of this process that are in memory; 0 where that is not told."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * resource.getpagesize()


def _raise(error: OSError) -> None:
    raise error


def rows() -> list[Row]:
    return [
        Row("logs: appends against messages sent to a queue", _against_send(), 0.4),
        Row("logs: appends with 1,000 subscribers, one matching, against 1", _many_subscribers(), 0.8),
        Row("memory of one more subscriber", _memory(filtered=False), 2048, " B", at_least=False),
        Row(
            "memory of one more subscriber with its filter",
            _memory(filtered=True),
            2048,
            " B",
            at_least=False,
        ),
        Row(
            "longest pause while a million events are replayed",
            asyncio.run(_replay()).longest_ms,
            50,
            " ms",
            at_least=False,
        ),
        *_rows_of_files(),
    ]


def _rows_of_files() -> list[Row]:
    found = _replay_in_files()
    return [
        Row("the same with the log in files", found.longest_ms, 50, " ms", at_least=False),
        Row("resident memory for a million events in files", found.megabytes, 128, " MB", at_least=False),
    ]
