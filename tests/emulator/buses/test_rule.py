"""A rule: what its targets receive, and what its dead-letter queues get."""

import pytest

from pocketbus.emulator.buses.bus import Bus, BusSettings
from pocketbus.emulator.buses.bus_event import BusEvent
from pocketbus.emulator.buses.rule import RuleSettings
from pocketbus.emulator.buses.target import RetryPolicy, Target
from pocketbus.emulator.deliveries.carrying import carry
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.envelope import Envelope
from pocketbus.emulator.message import Attribute
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.emulator.scope import Scope
from pocketbus.rules.pattern import compile_pattern
from pocketbus.rules.transform import compile_transform

RULE_ARN = "arn:aws:events:us-east-1:000000000000:rule/r"
GONE = "arn:aws:sqs:us-east-1:000000000000:gone"


@pytest.fixture
def bus(scope: Scope) -> Bus:
    return scope.events.buses["default"]


@pytest.fixture
def queue(scope: Scope) -> Queue:
    return scope.sqs.create_queue("q", QueueSettings(), {}, scope.core.clock.now())


@pytest.fixture
def dead_letters(scope: Scope) -> Queue:
    return scope.sqs.create_queue("dead", QueueSettings(), {}, scope.core.clock.now())


def put(engine: Engine, bus: Bus, *targets: Target, detail: str = '{"n": 1, "s": "x"}') -> BusEvent:
    """Put one event on a bus with one rule that has these targets."""
    settings = RuleSettings(pattern=compile_pattern('{"source": ["shop"]}'))
    rule = bus.put_rule("r", settings, created_by=bus.owner, tags={}, now=engine.clock.now())
    rule.targets = {target.target_id: target for target in targets}
    envelope = Envelope("event-1", "Order", "shop", "000000000000", "2026-11-23T12:00:00Z", "us-east-1")
    event = BusEvent(envelope, detail)
    carry(bus.put(event, engine.clock.now()), engine, engine.clock.now())
    return event


def test_a_target_with_an_input_receives_it_verbatim(engine: Engine, bus: Bus, queue: Queue) -> None:
    put(engine, bus, Target("t", queue.arn, transform=compile_transform("t", input='{ "a": 1 }')))

    assert [message.content.body for message in queue] == ['{ "a": 1 }']


def test_a_target_with_an_input_path_receives_that_part(engine: Engine, bus: Bus, queue: Queue) -> None:
    put(engine, bus, Target("t", queue.arn, transform=compile_transform("t", input_path="$.detail.s")))

    assert [message.content.body for message in queue] == ['"x"']


def test_a_template_knows_the_rule_and_the_time_the_event_came_in(
    engine: Engine, bus: Bus, queue: Queue
) -> None:
    template = (
        '{"r": <aws.events.rule-arn>, "n": <aws.events.rule-name>, "t": <aws.events.event.ingestion-time>}'
    )
    put(engine, bus, Target("t", queue.arn, transform=compile_transform("t", template=template)))

    assert [message.content.body for message in queue] == [
        '{"r":"arn:aws:events:us-east-1:000000000000:rule/r","n":"r","t":"1970-01-12T13:46:40Z"}'
    ]


def test_each_target_has_its_own_input(engine: Engine, bus: Bus, queue: Queue) -> None:
    paths = {"n": "$.detail.n"}
    put(
        engine,
        bus,
        Target("a", queue.arn, transform=compile_transform("a", input="1")),
        Target("b", queue.arn, transform=compile_transform("b", paths_map=paths, template='"n is <n>"')),
    )

    assert [message.content.body for message in queue] == ["1", '"n is 1"']


def test_a_transformation_that_is_not_json_delivers_nothing_and_only_the_trace_tells(
    engine: Engine, bus: Bus, queue: Queue, dead_letters: Queue
) -> None:
    transform = compile_transform("t", paths_map={"d": "$.detail"}, template='{"d": "<d>"}')
    put(engine, bus, Target("t", queue.arn, transform=transform, dead_letter_target=dead_letters.arn))

    assert (list(queue), list(dead_letters)) == ([], [])
    assert [record.why for record in engine.trace.of("event-1")][-1] == (
        "the transformed input is not JSON, so nothing is delivered"
    )


def test_a_transformed_input_becomes_the_detail_on_another_bus(
    engine: Engine, scope: Scope, bus: Bus, queue: Queue
) -> None:
    theirs = scope.events.create_bus("other", BusSettings(), {}, 0.0)
    settings = RuleSettings(pattern=compile_pattern('{"detail": {"was": ["x"]}}'))
    rule = theirs.put_rule("there", settings, created_by=theirs.owner, tags={}, now=0.0)
    rule.targets["q"] = Target("q", queue.arn)
    transform = compile_transform("t", paths_map={"s": "$.detail.s"}, template='{"was": <s>}')

    put(engine, bus, Target("t", theirs.arn, transform=transform))

    assert [message.content.body for message in queue] == [
        (
            '{"version":"0","id":"event-1","detail-type":"Order","source":"shop","account":"000000000000",'
            '"time":"2026-11-23T12:00:00Z","region":"us-east-1","resources":[],"detail":{"was":"x"}}'
        )
    ]


# Dead letters


def test_a_dead_letter_is_the_event_before_any_transformation(
    engine: Engine, bus: Bus, dead_letters: Queue
) -> None:
    transform = compile_transform("t", input='{"a":1}')
    event = put(engine, bus, Target("t", GONE, transform=transform, dead_letter_target=dead_letters.arn))

    assert [message.content.body for message in dead_letters] == [event.body]


def test_a_dead_letter_tells_what_went_wrong(engine: Engine, bus: Bus, dead_letters: Queue) -> None:
    put(engine, bus, Target("t", GONE, dead_letter_target=dead_letters.arn))

    assert [dict(message.content.attributes) for message in dead_letters] == [
        {
            "RULE_ARN": Attribute("String", RULE_ARN),
            "TARGET_ARN": Attribute("String", GONE),
            "ERROR_CODE": Attribute("String", "NO_RESOURCE"),
            "ERROR_MESSAGE": Attribute("String", "The target does not exist."),
            "RETRY_ATTEMPTS": Attribute("String", "0"),
        }
    ]


def test_a_dead_letter_tells_that_its_retries_are_used_up_where_there_are_none(
    engine: Engine, bus: Bus, dead_letters: Queue
) -> None:
    put(engine, bus, Target("t", GONE, dead_letter_target=dead_letters.arn, retry_policy=RetryPolicy(0)))

    (message,) = dead_letters
    assert message.content.attributes["EXHAUSTED_RETRY_CONDITION"].value == "MaximumRetryAttempts"


def test_a_target_that_refuses_gets_its_event_dead_lettered(
    engine: Engine, scope: Scope, bus: Bus, dead_letters: Queue
) -> None:
    fifo = scope.sqs.create_queue("q.fifo", QueueSettings(fifo=True), {}, engine.clock.now())
    put(engine, bus, Target("t", fifo.arn, group_id="g", dead_letter_target=dead_letters.arn))

    (message,) = dead_letters
    assert message.content.attributes["ERROR_CODE"].value == "INVALID_PARAMETER"


def test_an_event_without_permission_is_dead_lettered(engine: Engine, bus: Bus, dead_letters: Queue) -> None:
    theirs = engine.scope("111111111111", "us-east-1").events.buses["default"]
    put(engine, bus, Target("t", theirs.arn, dead_letter_target=dead_letters.arn))

    (message,) = dead_letters
    assert message.content.attributes["ERROR_CODE"].value == "NO_PERMISSIONS"


def test_an_event_whose_dead_letter_queue_is_gone_too_is_lost_and_the_trace_tells(
    engine: Engine, bus: Bus
) -> None:
    put(engine, bus, Target("t", GONE, dead_letter_target=GONE + "-too"))

    assert [(record.verb, record.resource) for record in engine.trace.of("event-1")][-2:] == [
        ("undeliverable", GONE),
        ("undeliverable", GONE + "-too"),
    ]


def test_a_dead_letter_is_told_of_in_the_trace(engine: Engine, bus: Bus, dead_letters: Queue) -> None:
    put(engine, bus, Target("t", GONE, dead_letter_target=dead_letters.arn))

    assert [(record.verb, record.resource) for record in engine.trace.of("event-1")][-2:] == [
        ("undeliverable", GONE),
        ("delivered", dead_letters.arn),
    ]
