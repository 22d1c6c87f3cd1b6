"""Custom event buses: appends against SendMessage, what subscribers cost, how long a replay holds others up."""

import asyncio
import gc
import tracemalloc
from collections.abc import Callable
from statistics import median
from time import perf_counter, process_time

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
from pocketbus.emulator.memory import spare_the_collector
from pocketbus.emulator.message import Text
from pocketbus.emulator.queues.queue_settings import QueueSettings
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


async def _replay() -> float:
    """Return the longest pause while a subscriber goes through a million events, in milliseconds of processor time."""
    engine = _engine()
    async with engine:
        bus = _bus(engine)
        now = engine.clock.now()
        for _ in range(REPLAYED):
            bus.log.append(LogEvent("id", ACCOUNT, Text(BODY), "application/json"), now)
        spare_the_collector()
        nothing = compile_filters((("DATA", '{"kind":["some"]}'),))
        _subscribe(engine, bus, 0, nothing, Start("POINT_IN_TIME", "HORIZON"))
        subscriber = next(iter(bus.subscribers.values()))
        longest = 0.0
        while not subscriber.live:
            began = process_time()
            await asyncio.sleep(0)
            longest = max(longest, process_time() - began)
            _put(engine, bus, 1)  # live traffic beside it
        return longest * 1000


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
            asyncio.run(_replay()),
            50,
            " ms",
            at_least=False,
        ),
    ]
