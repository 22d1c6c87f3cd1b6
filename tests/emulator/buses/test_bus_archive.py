"""Archives and replays in the engine: what an archive costs, and what a replay keeps."""

import json
import time
from collections.abc import Iterator

import pytest

from pocketbus.emulator.buses.archive import ArchiveSettings
from pocketbus.emulator.buses.bus import Bus
from pocketbus.emulator.buses.bus_event import BusEvent
from pocketbus.emulator.buses.replay import STEP_EVENTS, Replay, ReplaySettings
from pocketbus.emulator.buses.rule import RuleSettings
from pocketbus.emulator.buses.target import Target
from pocketbus.emulator.deliveries.carrying import carry
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.envelope import Envelope, iso_time
from pocketbus.emulator.errors import MalformedDetail
from pocketbus.emulator.logs.chunk import CHUNK_ITEMS, Chunk, Place
from pocketbus.emulator.message import Text
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.emulator.scope import Scope
from pocketbus.rules.pattern import compile_pattern

NOW = 1_000_000.0


@pytest.fixture
def bus(scope: Scope) -> Bus:
    return scope.events.buses["default"]


def put(engine: Engine, bus: Bus, n: int, at: float = NOW, detail_type: str = "Order") -> None:
    envelope = Envelope(engine.ids.uuid(), detail_type, "shop", "000000000000", iso_time(at), "us-east-1")
    carry(bus.put(BusEvent(envelope, f'{{"n":{n}}}'), engine.clock.now()), engine, engine.clock.now())


def route(scope: Scope, bus: Bus) -> Queue:
    queue = scope.sqs.create_queue("q", QueueSettings(), {}, NOW)
    settings = RuleSettings(pattern=compile_pattern('{"source": ["shop"]}'))
    rule = bus.put_rule("r", settings, created_by=bus.owner, tags={}, now=NOW)
    rule.targets["q"] = Target("q", queue.arn)
    return queue


def start(scope: Scope, start_at: float = NOW, end_at: float = NOW + 3600) -> Replay:
    settings = ReplaySettings(start_at, end_at)
    return scope.events.start_replay("again", scope.events.archives["kept"], settings, scope.core.clock.now())


def numbers(queue: Queue) -> list[int]:
    return [json.loads(message.content.body)["detail"]["n"] for message in queue]


def seconds_of_puts(engine: Engine, bus: Bus) -> float:
    def once() -> float:
        started = time.process_time()
        for n in range(500):
            put(engine, bus, n)
        return time.process_time() - started

    return min(once() for _ in range(7))


def test_a_full_archive_does_not_slow_the_bus(engine: Engine, scope: Scope, bus: Bus) -> None:
    archive = scope.events.create_archive("kept", bus, ArchiveSettings(retention_days=1), NOW)
    empty = seconds_of_puts(engine, bus)
    for event in list(archive.log)[:1000] * 300:
        archive.log.append(event, NOW)  # as many puts take too long here
    assert len(archive.log) > 300_000

    assert seconds_of_puts(engine, bus) < 10 * empty  # a walk over it takes hundreds of times as long


def test_events_of_one_time_are_replayed_in_the_order_of_their_arrival(
    engine: Engine, scope: Scope, bus: Bus
) -> None:
    scope.events.create_archive("kept", bus, ArchiveSettings(), NOW)
    for n in range(20):
        put(engine, bus, n)
    queue = route(scope, bus)

    start(scope)
    engine.advance(1)

    assert numbers(queue) == list(range(20))


def test_a_long_minute_is_replayed_in_steps(engine: Engine, scope: Scope, bus: Bus) -> None:
    scope.events.create_archive("kept", bus, ArchiveSettings(), NOW)
    for n in range(STEP_EVENTS + 1):
        put(engine, bus, n)
    queue = route(scope, bus)

    start(scope)
    engine.advance(0.5)
    assert len(numbers(queue)) == 500

    engine.advance(1)
    assert len(numbers(queue)) == 501


def test_a_replay_goes_on_without_its_archive(engine: Engine, scope: Scope, bus: Bus) -> None:
    scope.events.create_archive("kept", bus, ArchiveSettings(), NOW)
    put(engine, bus, 1)
    queue = route(scope, bus)
    replay = start(scope)

    scope.events.delete_archive(scope.events.archives["kept"])
    engine.advance(1)

    assert (replay.state, numbers(queue)) == ("COMPLETED", [1])


def test_an_event_of_the_end_of_the_window_is_outside_it(engine: Engine, scope: Scope, bus: Bus) -> None:
    scope.events.create_archive("kept", bus, ArchiveSettings(), NOW)
    for n in range(3):
        put(engine, bus, n, at=NOW + n)
    queue = route(scope, bus)

    start(scope, NOW + 1, NOW + 2)
    engine.advance(1)

    assert numbers(queue) == [1]


def test_an_archive_takes_deliveries_of_rules_only(scope: Scope, bus: Bus) -> None:
    archive = scope.events.create_archive("kept", bus, ArchiveSettings(), NOW)

    with pytest.raises(MalformedDetail, match="Only a rule delivers to an archive"):
        archive.accept(Delivery("source", archive.arn, Text("{}"), "subject"), NOW)


def test_the_trace_tells_that_an_event_was_archived_and_that_no_rule_of_the_owner_matched(
    engine: Engine, scope: Scope, bus: Bus
) -> None:
    scope.events.create_archive("kept", bus, ArchiveSettings(), NOW)

    put(engine, bus, 1)

    assert [record.verb for record in engine.trace] == ["accepted", "unmatched", "matched", "archived"]


def test_a_pattern_may_end_in_white_space(engine: Engine, scope: Scope, bus: Bus) -> None:
    pattern = compile_pattern('{"detail-type": ["Order"]} \n')
    archive = scope.events.create_archive("kept", bus, ArchiveSettings(pattern=pattern), NOW)

    put(engine, bus, 1)
    put(engine, bus, 2, detail_type="Refund")

    assert len(archive.log) == 1


def test_of_many_events_of_one_time_a_replay_looks_at_no_more_than_it_sends(
    engine: Engine, scope: Scope, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = scope.events.create_archive("kept", bus, ArchiveSettings(), NOW)
    put(engine, bus, 1)
    (event,) = archive.log
    for _ in range(5 * CHUNK_ITEMS):
        archive.log.append(event, NOW)
    looked_through: list[int] = []
    look_through = Chunk.by_time

    def by_time(chunk: Chunk[BusEvent], behind: Place, before: float) -> Iterator[Place]:
        looked_through.append(chunk.first)
        return look_through(chunk, behind, before)

    monkeypatch.setattr(Chunk, "by_time", by_time)
    places = archive.log.by_time(Place(NOW, 0), NOW + 1, archive.log.end)

    assert [next(places).position for _ in range(CHUNK_ITEMS)] == list(range(1, CHUNK_ITEMS + 1))
    assert looked_through == [1]
