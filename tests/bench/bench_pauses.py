"""The longest time for which the event loop serves nobody, for each verb that has to do with every message.

`SIZE=1000000 ONLY=pauses make bench` measures at a million messages. A pause is told in processor time, which other
programs on the machine do not lengthen.
"""

import asyncio
import gc
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import uvloop

from pocketbus.emulator.buses.archive import Archive, ArchiveSettings
from pocketbus.emulator.buses.bus_event import BusEvent
from pocketbus.emulator.buses.replay import ReplaySettings
from pocketbus.emulator.config import Config
from pocketbus.emulator.deliveries.carrying import carry, carry_in_slices
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.envelope import Envelope
from pocketbus.emulator.memory import spare_the_collector
from pocketbus.emulator.message import State, Text
from pocketbus.emulator.queues.queue import Queue, ReceiveRequest
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.emulator.queues.redrive import MoveStatus
from pocketbus.emulator.schedules.schedule import ScheduleSettings
from pocketbus.emulator.schedules.schedule_target import ScheduleTarget
from pocketbus.emulator.scope import Scope
from pocketbus.emulator.state.document import (
    WHOLE,
    cut,
    import_lines,
    keep_snapshot,
    reset_state,
    restoring,
)
from pocketbus.emulator.state.text import lines_in
from pocketbus.emulator.topics.publication import Publication
from pocketbus.emulator.topics.subscription import SubscriptionSettings
from pocketbus.emulator.topics.topic_settings import TopicSettings
from pocketbus.emulator.turns import in_slices
from pocketbus.rules.schedule import compile_schedule
from tests.bench.table import Row

SIZE = int(os.environ.get("SIZE", "100000"))
MOST_IN_FLIGHT = 100_000
MOST_SUBSCRIPTIONS = 100_000
ACCOUNTS = 20_000
MOST_MILLISECONDS = 50
ACCOUNT, REGION = "000000000000", "us-east-1"
WEEK_SECONDS = 7 * 86_400
_LET_GO_SECONDS = 3 * SIZE / 1e6
"""Until all that was deleted is gone."""


@dataclass
class Bench:
    """An engine with one queue, filled anew for each verb."""

    engine: Engine

    @property
    def scope(self) -> Scope:
        return self.engine.scope(ACCOUNT, REGION)

    @property
    def now(self) -> float:
        return self.engine.clock.now()

    def queue(self, name: str = "q", count: int = SIZE) -> Queue:
        queue = self.scope.sqs.create_queue(name, QueueSettings(), {}, self.now)
        for number in range(count):
            queue.send(Text(f"message {number:06}"), self.now, sender_id=ACCOUNT)
        return queue

    def in_flight(self) -> Queue:
        queue = self.queue(count=min(SIZE, MOST_IN_FLIGHT))
        while queue.receive(ReceiveRequest(10, 60), self.now):
            pass
        return queue


Verb = Callable[[Bench], Awaitable[Callable[[], Awaitable[object]]]]


async def purge(bench: Bench) -> Callable[[], Awaitable[object]]:
    queue = bench.queue()
    return _called(lambda: queue.purge(bench.now))


async def delete_queue(bench: Bench) -> Callable[[], Awaitable[object]]:
    queue = bench.queue()
    return _called(lambda: bench.scope.sqs.delete_queue(queue, bench.now))


async def reset(bench: Bench) -> Callable[[], Awaitable[object]]:
    bench.queue()
    return _called(lambda: reset_state(bench.engine))


async def expiry(bench: Bench) -> Callable[[], Awaitable[object]]:
    bench.queue()
    return lambda: bench.engine.elapse(WEEK_SECONDS)


async def crash(bench: Bench) -> Callable[[], Awaitable[object]]:
    queue = bench.in_flight()

    async def work() -> None:
        queue.begin_return(bench.now)
        await queue.settled()

    return work


async def the_return_of_what_is_in_flight(bench: Bench) -> Callable[[], Awaitable[object]]:
    bench.in_flight()
    return lambda: bench.engine.elapse(60)


async def export(bench: Bench) -> Callable[[], Awaitable[object]]:
    bench.queue()
    return lambda: _exported(bench.engine)


async def export_of_empty_accounts(bench: Bench) -> Callable[[], Awaitable[object]]:
    for number in range(ACCOUNTS):
        bench.engine.scope(f"{number:012}", REGION)
    return lambda: _exported(bench.engine)


async def imports(bench: Bench) -> Callable[[], Awaitable[object]]:
    bench.queue()
    chunks = await _exported(bench.engine)
    return lambda: in_slices(import_lines(bench.engine, lines_in(chunks)))


async def save(bench: Bench) -> Callable[[], Awaitable[object]]:
    bench.queue()

    async def work() -> None:
        keep_snapshot(bench.engine, "s", WHOLE, await _exported(bench.engine), bench.now)

    return work


async def restore(bench: Bench) -> Callable[[], Awaitable[object]]:
    await (await save(bench))()
    return lambda: in_slices(restoring(bench.engine, "s"))


async def redrive(bench: Bench) -> Callable[[], Awaitable[object]]:
    task = bench.scope.sqs.start_move(bench.queue(), bench.queue("target", 0), None, bench.now)

    async def work() -> None:
        while task.status is MoveStatus.RUNNING:
            await bench.engine.elapse(1)

    return work


async def replay(bench: Bench) -> Callable[[], Awaitable[object]]:
    archive = _archive(bench, ArchiveSettings())

    async def work() -> None:
        replay = bench.scope.events.start_replay("r", archive, ReplaySettings(0, 2e9), bench.now)
        while replay.unfinished:
            await bench.engine.elapse(1)

    return work


async def expiry_of_archived_events(bench: Bench) -> Callable[[], Awaitable[object]]:
    archive = _archive(bench, ArchiveSettings(retention_days=1))

    async def work() -> None:
        await bench.engine.elapse(WEEK_SECONDS)
        archive.advance(bench.now)
        if len(archive.log):
            raise OSError("there are events whose time is over")
        await asyncio.sleep(_LET_GO_SECONDS)

    return work


async def import_of_schedules(bench: Bench) -> Callable[[], Awaitable[object]]:
    _schedule_many(bench)
    chunks = await _exported(bench.engine)
    return lambda: in_slices(import_lines(bench.engine, lines_in(chunks)))


async def publish(bench: Bench) -> Callable[[], Awaitable[object]]:
    queue, topic = bench.queue(count=0), bench.scope.sns.create_topic("t", TopicSettings(), {})
    for _ in range(min(SIZE, MOST_SUBSCRIPTIONS)):
        topic.subscribe("sqs", queue.arn, ACCOUNT, SubscriptionSettings(), "http://localhost")

    async def work() -> None:
        deliveries = topic.publish(Publication("news"), bench.now).deliveries
        rest = carry_in_slices(deliveries, bench.engine, bench.now)
        if rest is not None:
            await rest
        assert queue.count(State.READY) == min(SIZE, MOST_SUBSCRIPTIONS)

    return work


VERBS: tuple[Verb, ...] = (
    purge,
    delete_queue,
    reset,
    expiry,
    crash,
    the_return_of_what_is_in_flight,
    export,
    export_of_empty_accounts,
    imports,
    save,
    restore,
    redrive,
    replay,
    expiry_of_archived_events,
    import_of_schedules,
    publish,
)


def _archive(bench: Bench, settings: ArchiveSettings) -> Archive:
    """Make an archive and fill it."""
    bus = bench.scope.events.buses["default"]
    archive = bench.scope.events.create_archive("a", bus, settings, bench.now)
    for number in range(SIZE):
        envelope = Envelope(f"{number:036}", "order", "shop", ACCOUNT, "2026-01-01T00:00:00Z", REGION, ())
        carry(bus.put(BusEvent(envelope, "{}"), bench.now), bench.engine, bench.now)
    return archive


def _schedule_many(bench: Bench) -> None:
    expression = "rate(1 hour)"
    instants = compile_schedule(expression, dialect="scheduler", start=bench.now)
    target = ScheduleTarget("arn:aws:sqs:us-east-1:000000000000:q", "sqs", "sendMessage", {}, "role")
    settings = ScheduleSettings(expression, "UTC", bench.now, instants, target)
    for number in range(SIZE):
        bench.scope.scheduler.groups["default"].create(f"s{number}", settings, bench.now)


def _called(function: Callable[[], object]) -> Callable[[], Awaitable[object]]:
    """Call a function, and wait until all it let go of is gone."""

    async def work() -> None:
        function()
        await asyncio.sleep(_LET_GO_SECONDS)

    return work


async def _exported(engine: Engine) -> list[bytes]:
    return [chunk async for chunk in cut(engine)]


class Lag:
    """The longest time that a turn of the event loop took, in seconds of this thread's processor time."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def watch(self) -> None:
        last = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            self.longest = max(self.longest, now - last)
            last = now


@asynccontextmanager
async def watched() -> AsyncIterator[Lag]:
    """Watch the turns of the event loop for as long as the block takes."""
    lag = Lag()
    watcher = asyncio.ensure_future(lag.watch())
    await asyncio.sleep(0)
    try:
        yield lag
    finally:
        watcher.cancel()


async def _measure(verb: Verb) -> Row:
    engine = Engine(Config(seed=1))
    engine.freeze()
    async with engine:
        work = await verb(Bench(engine))
        gc.collect()
        gc.freeze()
        async with watched() as lag:
            started = time.perf_counter()
            await work()
            seconds = time.perf_counter() - started
        reset_state(engine)
    gc.unfreeze()
    name = verb.__name__.replace("_", " ")
    return Row(
        f"longest pause of {name} at {SIZE:,} ({seconds:.1f} s)",
        lag.longest * 1000,
        MOST_MILLISECONDS,
        " ms",
        at_least=False,
    )


def rows() -> list[Row]:
    chosen = os.environ.get("VERBS", "").split()
    spare_the_collector()  # as the server does
    found = []
    for verb in VERBS:
        if not chosen or verb.__name__ in chosen:
            found.append(uvloop.run(_measure(verb)))
            print(found[-1], file=sys.stderr, flush=True)
    return found
