"""The log of an event bus: what it holds at each level, and what of the event it tells."""

import pytest

from pocketbus.emulator.buses.bus import Bus, BusSettings
from pocketbus.emulator.buses.bus_event import BusEvent, Envelope
from pocketbus.emulator.buses.rule import RuleSettings
from pocketbus.emulator.buses.target import Target
from pocketbus.emulator.deliveries.carrying import carry
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.emulator.scope import Scope
from pocketbus.rules.pattern import compile_pattern

GONE = "arn:aws:sqs:us-east-1:000000000000:gone"


def a_logging_bus(scope: Scope, level: str | None, detail: str | None = None) -> Bus:
    bus = scope.events.create_bus("shop", BusSettings(log_level=level, log_detail=detail), {}, 1_000_000.0)
    queue = scope.sqs.create_queue("q", QueueSettings(), {}, 1_000_000.0)
    settings = RuleSettings(pattern=compile_pattern('{"source": ["shop"]}'))
    rule = bus.put_rule("r", settings, created_by=bus.owner, tags={}, now=1_000_000.0)
    rule.targets = {"q": Target("q", queue.arn), "gone": Target("gone", GONE)}
    return bus


def put(engine: Engine, bus: Bus, source: str = "shop", detail: str = '{"n":1}') -> None:
    envelope = Envelope(
        "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "Order",
        source,
        "000000000000",
        "1970-01-12T13:46:39Z",
        "us-east-1",
    )
    carry(bus.put(BusEvent(envelope, detail), 1_000_000.0), engine, 1_000_000.0)


@pytest.mark.parametrize(
    ("level", "steps"),
    [
        (None, []),
        ("OFF", []),
        ("ERROR", ["INVOCATION_FAILURE"]),
        ("INFO", ["EVENT_RECEIPT", "INVOCATION_SUCCESS", "INVOCATION_FAILURE"]),
        (
            "TRACE",
            [
                "EVENT_RECEIPT",
                "RULE_MATCH_START",
                "INVOCATION_ATTEMPT_START",
                "INVOCATION_ATTEMPT_START",
                "INVOCATION_SUCCESS",
                "INVOCATION_FAILURE",
            ],
        ),
    ],
)
def test_each_level_logs_what_the_levels_before_it_log_and_more(
    engine: Engine, scope: Scope, level: str | None, steps: list[str]
) -> None:
    bus = a_logging_bus(scope, level)

    put(engine, bus)

    assert [record["message_type"] for record in bus.log] == steps


def test_an_event_that_no_rule_matches_is_logged_as_such(engine: Engine, scope: Scope) -> None:
    bus = a_logging_bus(scope, "INFO")

    put(engine, bus, source="bank")

    assert [record["message_type"] for record in bus.log] == ["EVENT_RECEIPT", "NO_STANDARD_RULES_MATCHED"]


def test_a_record_tells_of_its_bus_its_event_and_its_failure(engine: Engine, scope: Scope) -> None:
    bus = a_logging_bus(scope, "ERROR")

    put(engine, bus)

    assert list(bus.log) == [
        {
            "resource_arn": "arn:aws:events:us-east-1:000000000000:event-bus/shop",
            "message_timestamp_ms": 1_000_000_000,
            "event_bus_name": "shop",
            "event_id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
            "message_type": "INVOCATION_FAILURE",
            "log_level": "ERROR",
            "details": {
                "caller_account_id": "000000000000",
                "source_time_ms": 999_999_000,
                "source": "shop",
                "detail_type": "Order",
                "resources": [],
                "rule_arn": "arn:aws:events:us-east-1:000000000000:rule/shop/r",
                "target_arn": GONE,
            },
            "error": {"error_message": "The target does not exist."},
        }
    ]


def test_a_record_has_the_detail_of_the_event_if_asked_for(engine: Engine, scope: Scope) -> None:
    bus = a_logging_bus(scope, "ERROR", "FULL")

    put(engine, bus)

    assert [record["details"]["event_detail"] for record in bus.log] == [{"n": 1}]


@pytest.mark.parametrize("number", ["9" * 5_000, "1e400", "-1e400"])
def test_a_number_that_python_has_not_is_logged_as_text(engine: Engine, scope: Scope, number: str) -> None:
    bus = a_logging_bus(scope, "ERROR", "FULL")

    put(engine, bus, detail=f'{{"n":{number}}}')

    assert [record["details"]["event_detail"] for record in bus.log] == [{"n": number}]


def test_a_bus_configured_anew_logs_from_then_on(engine: Engine, scope: Scope) -> None:
    bus = a_logging_bus(scope, None)
    put(engine, bus)

    bus.configure(BusSettings(log_level="ERROR"), 1_000_000.0)
    put(engine, bus)

    assert len(bus.log) == 1
