"""A month of scheduled rules on a clock moved by hand, into a log group, because a queue would forget."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from pocketbus.emulator.buses.rule import RuleSettings
from pocketbus.emulator.buses.target import Target
from pocketbus.emulator.deliveries.log_group import LogGroup
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.scope import Scope
from pocketbus.rules.schedule import compile_schedule

FIRST = datetime(2028, 2, 1, tzinfo=UTC)
"""The start of the leap day's month, a Tuesday."""


@pytest.fixture
def log(engine: Engine) -> LogGroup:
    engine.clock.set(FIRST.timestamp())
    return engine.log_groups.of("arn:aws:logs:us-east-1:000000000000:log-group:/aws/events/fired")


def schedule(scope: Scope, log: LogGroup, name: str, expression: str) -> None:
    now = scope.core.clock.now()
    settings = RuleSettings(
        schedule_expression=expression, schedule=compile_schedule(expression, dialect="rule", start=now)
    )
    bus = scope.events.buses["default"]
    rule = bus.put_rule(name, settings, created_by=bus.owner, tags={}, now=now)
    rule.targets["t"] = Target("t", log.arn)


def fired(log: LogGroup) -> list[tuple[str, str]]:
    """Tell the rule and the time of each event, in the order of arrival."""
    events = [json.loads(event.message) for event in log.events]
    return [(event["resources"][0].rpartition("/")[2], event["time"]) for event in events]


def month_of(hour: int, minute: int, days: set[int]) -> list[str]:
    return [
        (FIRST + timedelta(days=day, hours=hour, minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ")
        for day in range(29)
        if (FIRST + timedelta(days=day)).weekday() in days
    ]


def test_a_cron_rule_fires_each_instant_of_a_month_once_and_in_order(
    engine: Engine, scope: Scope, log: LogGroup
) -> None:
    schedule(scope, log, "weekdays", "cron(30 9 ? * MON-FRI *)")

    engine.advance(29 * 86_400)

    assert fired(log) == [("weekdays", at) for at in month_of(9, 30, {0, 1, 2, 3, 4})]
    assert [event.at for event in log.events] == [
        datetime.fromisoformat(at).timestamp() for _, at in fired(log)
    ]


def test_the_rules_of_a_month_fire_in_the_order_of_their_instants(
    engine: Engine, scope: Scope, log: LogGroup
) -> None:
    schedule(scope, log, "daily", "cron(0 12 * * ? *)")
    schedule(scope, log, "last", "cron(0 18 L * ? *)")
    schedule(scope, log, "weekly", "rate(7 days)")

    engine.advance(29 * 86_400)

    found = fired(log)
    assert found == sorted(found, key=lambda one: one[1])
    assert [at for name, at in found if name == "daily"] == month_of(12, 0, set(range(7)))
    assert [at for name, at in found if name == "last"] == ["2028-02-29T18:00:00Z"]
    assert [at for name, at in found if name == "weekly"] == [
        "2028-02-08T00:00:00Z",
        "2028-02-15T00:00:00Z",
        "2028-02-22T00:00:00Z",
        "2028-02-29T00:00:00Z",
    ]


def test_a_month_in_small_steps_fires_what_it_fires_at_once(
    engine: Engine, scope: Scope, log: LogGroup
) -> None:
    schedule(scope, log, "daily", "cron(0 12 * * ? *)")

    for _ in range(29 * 24):
        engine.advance(3600)

    assert [at for _, at in fired(log)] == month_of(12, 0, set(range(7)))
