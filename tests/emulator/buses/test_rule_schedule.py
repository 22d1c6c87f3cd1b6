"""A rule's schedule, on the emulator's clock: 1,000,000 seconds are 1970-01-12T13:46:40Z."""

import asyncio
import json

import pytest

from pocketbus.emulator.buses.bus import Bus
from pocketbus.emulator.buses.rule import Rule, RuleSettings
from pocketbus.emulator.buses.target import Target
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.emulator.scope import Scope
from pocketbus.rules.pattern import compile_pattern
from pocketbus.rules.schedule import compile_schedule


@pytest.fixture
def bus(scope: Scope) -> Bus:
    return scope.events.buses["default"]


@pytest.fixture
def queue(scope: Scope) -> Queue:
    return scope.sqs.create_queue("q", QueueSettings(), {}, scope.core.clock.now())


def a_rule(bus: Bus, queue: Queue, expression: str, now: float = 1_000_000.0) -> Rule:
    settings = RuleSettings(
        schedule_expression=expression, schedule=compile_schedule(expression, dialect="rule", start=now)
    )
    rule = bus.put_rule("r", settings, created_by=bus.owner, tags={}, now=now)
    rule.targets["t"] = Target("t", queue.arn)
    return rule


def times(queue: Queue) -> list[str]:
    return [json.loads(message.content.body)["time"] for message in queue]


def test_a_rate_fires_first_one_interval_after_the_rule_was_put(
    engine: Engine, bus: Bus, queue: Queue
) -> None:
    a_rule(bus, queue, "rate(5 minutes)")
    engine.advance(299)
    assert times(queue) == []

    engine.advance(1)
    assert times(queue) == ["1970-01-12T13:51:40Z"]


def test_a_rate_goes_on_firing(engine: Engine, bus: Bus, queue: Queue) -> None:
    a_rule(bus, queue, "rate(1 minute)")

    engine.advance(180)

    assert times(queue) == ["1970-01-12T13:47:40Z", "1970-01-12T13:48:40Z", "1970-01-12T13:49:40Z"]


def test_a_cron_fires_at_its_instants(engine: Engine, bus: Bus, queue: Queue) -> None:
    a_rule(bus, queue, "cron(0 14 * * ? *)")

    engine.advance(2 * 86_400)

    assert times(queue) == ["1970-01-12T14:00:00Z", "1970-01-13T14:00:00Z"]


def test_a_schedule_that_is_over_sets_no_timer(engine: Engine, bus: Bus, queue: Queue) -> None:
    a_rule(bus, queue, "cron(0 14 1 1 ? 1970)")

    assert engine.timers.next_at is None


def test_the_scheduled_event_names_its_rule(engine: Engine, bus: Bus, queue: Queue) -> None:
    a_rule(bus, queue, "rate(1 minute)")

    engine.advance(60)

    (message,) = queue
    event = json.loads(message.content.body)
    assert event == {
        "version": "0",
        "id": event["id"],
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": "1970-01-12T13:47:40Z",
        "region": "us-east-1",
        "resources": ["arn:aws:events:us-east-1:000000000000:rule/r"],
        "detail": {},
    }


def test_the_trace_tells_that_a_rule_fired(engine: Engine, bus: Bus, queue: Queue) -> None:
    a_rule(bus, queue, "rate(1 minute)")

    engine.advance(60)

    fired = [record for record in engine.trace if record.verb == "fired"]
    assert [(record.resource, record.why) for record in fired] == [
        ("arn:aws:events:us-east-1:000000000000:rule/r", "rate(1 minute)")
    ]


def test_a_disabled_rule_does_not_fire(engine: Engine, bus: Bus, queue: Queue) -> None:
    bus.switch_rule(a_rule(bus, queue, "rate(1 minute)"), "DISABLED", 1_000_000.0)

    engine.advance(600)

    assert times(queue) == []


def test_a_rule_enabled_again_fires_at_the_instants_it_had(engine: Engine, bus: Bus, queue: Queue) -> None:
    rule = a_rule(bus, queue, "rate(1 minute)")
    bus.switch_rule(rule, "DISABLED", 1_000_000.0)
    engine.advance(90)
    bus.switch_rule(rule, "ENABLED", engine.clock.now())

    engine.advance(60)

    assert times(queue) == ["1970-01-12T13:48:40Z"]


def test_a_deleted_rule_does_not_fire(engine: Engine, bus: Bus, queue: Queue) -> None:
    bus.delete_rule(a_rule(bus, queue, "rate(1 minute)"))

    engine.advance(600)

    assert times(queue) == []


def test_a_rule_put_again_counts_from_then_on(engine: Engine, bus: Bus, queue: Queue) -> None:
    a_rule(bus, queue, "rate(1 minute)")
    engine.advance(30)
    a_rule(bus, queue, "rate(1 minute)", engine.clock.now())

    engine.advance(60)

    assert times(queue) == ["1970-01-12T13:48:10Z"]


def test_a_rule_put_again_without_its_schedule_does_not_fire(engine: Engine, bus: Bus, queue: Queue) -> None:
    a_rule(bus, queue, "rate(1 minute)")
    settings = RuleSettings(pattern=compile_pattern('{"source": ["shop"]}'))
    bus.put_rule("r", settings, created_by=bus.owner, tags={}, now=engine.clock.now())

    engine.advance(600)

    assert times(queue) == []


async def test_a_rule_that_fires_late_tells_the_instant_it_was_due_at_and_makes_up_for_no_other(
    engine: Engine, bus: Bus, queue: Queue
) -> None:
    a_rule(bus, queue, "rate(1 minute)")
    engine.clock.set(1_000_000.0 + 3630)
    engine.clock.thaw()

    async with engine:
        for _ in range(5):
            await asyncio.sleep(0)

    assert times(queue) == ["1970-01-12T13:47:40Z"]


def test_a_reset_forgets_schedules(engine: Engine, bus: Bus, queue: Queue) -> None:
    a_rule(bus, queue, "rate(1 minute)")

    engine.reset()

    assert engine.timers.next_at is None
