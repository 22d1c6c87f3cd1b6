"""An event bus: which rules an event matches, what is delivered where, and what the trace tells of it."""

import json

import pytest
from msgspec.structs import replace

from pocketbus.emulator.buses.bus import Bus, BusSettings
from pocketbus.emulator.buses.bus_event import BusEvent
from pocketbus.emulator.buses.rule import Rule, RuleSettings
from pocketbus.emulator.buses.target import Target
from pocketbus.emulator.deliveries.carrying import carry
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.envelope import Envelope
from pocketbus.emulator.errors import MalformedDetail
from pocketbus.emulator.queues.queue import Queue, ReceiveRequest
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.emulator.scope import Scope
from pocketbus.rules.pattern import compile_pattern

ORDERS = '{"source": ["shop"]}'


def an_event(source: str = "shop", detail: str = '{"n":1}', trace_header: str | None = None) -> BusEvent:
    envelope = Envelope(
        event_id="6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        detail_type="Order",
        source=source,
        account="000000000000",
        time="2026-11-23T12:00:00Z",
        region="us-east-1",
        resources=("arn:aws:s3:::bucket",),
    )
    return BusEvent(envelope, detail, trace_header)


def a_queue(scope: Scope, name: str, *, fifo: bool = False, deduplicates: bool = False) -> Queue:
    settings = QueueSettings(fifo=fifo, content_based_deduplication=deduplicates)
    return scope.sqs.create_queue(name, settings, {}, scope.core.clock.now())


def a_bus(scope: Scope, name: str) -> Bus:
    return scope.events.create_bus(name, BusSettings(), {}, scope.core.clock.now())


def a_rule(bus: Bus, name: str, target: str | None, pattern: str = ORDERS) -> Rule:
    settings = RuleSettings(pattern=compile_pattern(pattern))
    rule = bus.put_rule(name, settings, created_by=bus.owner, tags={}, now=0.0)
    if target is not None:
        rule.targets["t"] = Target("t", target)
    return rule


def put(engine: Engine, bus: Bus, event: BusEvent) -> None:
    carry(bus.put(event, engine.clock.now()), engine, engine.clock.now())


def bodies(queue: Queue) -> list[str]:
    now = queue.created_at
    return [received.message.content.body for received in queue.receive(ReceiveRequest(10), now)]


def story(engine: Engine) -> list[tuple[str, str, str]]:
    records = engine.trace.of("6a7e8feb-b491-4cf7-a9f1-bf3703467718")
    return [(record.verb, record.resource.rpartition(":")[2], record.why) for record in records]


def test_the_default_bus_exists_from_the_start(scope: Scope) -> None:
    assert scope.events.buses["default"].arn == "arn:aws:events:us-east-1:000000000000:event-bus/default"


def test_a_matching_event_reaches_the_queue_in_the_envelope_of_eventbridge(
    engine: Engine, scope: Scope
) -> None:
    queue = a_queue(scope, "q")
    bus = scope.events.buses["default"]
    a_rule(bus, "r", queue.arn)

    put(engine, bus, an_event())

    assert bodies(queue) == [
        (
            '{"version":"0","id":"6a7e8feb-b491-4cf7-a9f1-bf3703467718","detail-type":"Order","source":"shop",'
            '"account":"000000000000","time":"2026-11-23T12:00:00Z","region":"us-east-1",'
            '"resources":["arn:aws:s3:::bucket"],"detail":{"n":1}}'
        )
    ]


def test_white_space_leaves_the_detail_and_numbers_and_strings_stay_as_written() -> None:
    event = an_event(detail='{ "a b" : [1.50,\n 1e400],\t"q\\" x": " y " }')

    assert event.body.endswith(',"detail":{"a b":[1.50,1e400],"q\\" x":" y "}}')


@pytest.mark.parametrize("detail", ["[1]", '"text"', "{", "", '{},"source":"forged"', "1"])
def test_a_detail_that_is_no_json_object_makes_no_event(detail: str) -> None:
    with pytest.raises(MalformedDetail):
        an_event(detail=detail)


def nested(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


def test_a_detail_nested_499_deep_is_taken(scope: Scope) -> None:
    assert list(scope.events.buses["default"].put(an_event(detail=nested(499)), 0.0)) == []


@pytest.mark.parametrize("depth", [500, 501, 100_000])
def test_a_detail_nested_deeper_is_malformed(scope: Scope, depth: int) -> None:
    with pytest.raises(MalformedDetail):
        scope.events.buses["default"].put(an_event(detail=nested(depth)), 0.0)


def test_the_same_content_serves_every_target(engine: Engine, scope: Scope) -> None:
    queues = [a_queue(scope, f"q{n}") for n in range(3)]
    bus = scope.events.buses["default"]
    for n, queue in enumerate(queues):
        a_rule(bus, f"r{n}", queue.arn)

    put(engine, bus, an_event())

    contents = {id(message.content) for queue in queues for message in queue}
    assert len(contents) == 1


def test_the_trace_header_of_an_event_goes_with_it(engine: Engine, scope: Scope) -> None:
    queue = a_queue(scope, "q")
    bus = scope.events.buses["default"]
    a_rule(bus, "r", queue.arn)

    put(engine, bus, an_event(trace_header="Root=1-5759e988-bd862e3fe1be46a994272793"))

    assert [message.content.trace_header for message in queue] == ["Root=1-5759e988-bd862e3fe1be46a994272793"]


def test_an_event_without_a_matching_rule_is_told_of_in_the_trace(engine: Engine, scope: Scope) -> None:
    bus = scope.events.buses["default"]
    a_rule(bus, "r", None, '{"source": ["warehouse"]}')

    put(engine, bus, an_event())

    assert story(engine) == [
        ("accepted", "event-bus/default", ""),
        ("unmatched", "event-bus/default", "matched no rule"),
    ]


def test_the_trace_tells_which_rule_matched_and_where_the_event_went(engine: Engine, scope: Scope) -> None:
    queue = a_queue(scope, "q")
    bus = scope.events.buses["default"]
    a_rule(bus, "r", queue.arn)

    put(engine, bus, an_event())

    assert story(engine) == [
        ("accepted", "event-bus/default", ""),
        ("matched", "rule/r", ""),
        ("delivered", "q", "arn:aws:events:us-east-1:000000000000:rule/r"),
    ]


def test_the_trace_tells_of_a_rule_without_targets(engine: Engine, scope: Scope) -> None:
    bus = scope.events.buses["default"]
    a_rule(bus, "r", None)

    put(engine, bus, an_event())

    assert story(engine)[-1] == ("matched", "rule/r", "has no targets")


def test_a_disabled_rule_matches_nothing_until_it_is_enabled(engine: Engine, scope: Scope) -> None:
    queue = a_queue(scope, "q")
    bus = scope.events.buses["default"]
    rule = a_rule(bus, "r", queue.arn)
    bus.switch_rule(rule, "DISABLED", 0.0)
    put(engine, bus, an_event(detail='{"n":1}'))
    bus.switch_rule(rule, "ENABLED", 0.0)
    put(engine, bus, an_event(detail='{"n":2}'))

    assert [json.loads(body)["detail"] for body in bodies(queue)] == [{"n": 2}]


def test_a_rule_put_again_has_its_new_pattern_and_its_old_targets(engine: Engine, scope: Scope) -> None:
    queue = a_queue(scope, "q")
    bus = scope.events.buses["default"]
    a_rule(bus, "r", queue.arn)
    a_rule(bus, "r", None, '{"source": ["warehouse"]}')

    put(engine, bus, an_event("shop"))
    put(engine, bus, an_event("warehouse"))

    assert [json.loads(body)["source"] for body in bodies(queue)] == ["warehouse"]


def test_a_deleted_rule_matches_nothing(engine: Engine, scope: Scope) -> None:
    queue = a_queue(scope, "q")
    bus = scope.events.buses["default"]
    bus.delete_rule(a_rule(bus, "r", queue.arn))

    put(engine, bus, an_event())

    assert bodies(queue) == []


def test_a_rule_of_the_default_bus_has_no_bus_in_its_arn(scope: Scope) -> None:
    assert (
        a_rule(scope.events.buses["default"], "r", None).arn == "arn:aws:events:us-east-1:000000000000:rule/r"
    )


def test_a_rule_of_another_bus_has_its_bus_in_its_arn(scope: Scope) -> None:
    assert a_rule(a_bus(scope, "b"), "r", None).arn == "arn:aws:events:us-east-1:000000000000:rule/b/r"


# Bus to bus


def test_an_event_forwarded_to_another_bus_stays_as_it_is(engine: Engine, scope: Scope) -> None:
    queue = a_queue(scope, "q")
    second = a_bus(scope, "second")
    a_rule(scope.events.buses["default"], "forward", second.arn)
    a_rule(second, "r", queue.arn)

    put(engine, scope.events.buses["default"], an_event())

    assert bodies(queue) == [an_event().body]


def test_an_event_is_forwarded_from_bus_to_bus_once_only(engine: Engine, scope: Scope) -> None:
    queue = a_queue(scope, "q")
    second, third = a_bus(scope, "second"), a_bus(scope, "third")
    a_rule(scope.events.buses["default"], "forward", second.arn)
    a_rule(second, "forward-again", third.arn)
    a_rule(third, "r", queue.arn)

    put(engine, scope.events.buses["default"], an_event())

    assert bodies(queue) == []
    assert story(engine)[-1] == (
        "undeliverable",
        "event-bus/third",
        "An event that one event bus forwarded to another is not forwarded again.",
    )


def test_two_buses_that_forward_to_each_other_come_to_an_end(engine: Engine, scope: Scope) -> None:
    second = a_bus(scope, "second")
    a_rule(scope.events.buses["default"], "there", second.arn)
    a_rule(second, "back", scope.events.buses["default"].arn)

    put(engine, scope.events.buses["default"], an_event())

    assert [verb for verb, _, _ in story(engine)].count("accepted") == 2


def test_another_accounts_bus_refuses_what_its_policy_does_not_admit(engine: Engine, scope: Scope) -> None:
    theirs = engine.scope("111111111111", "us-east-1").events.buses["default"]
    a_rule(scope.events.buses["default"], "forward", theirs.arn)

    put(engine, scope.events.buses["default"], an_event())

    assert story(engine)[-1] == (
        "undeliverable",
        "event-bus/default",
        (
            "Account 000000000000 is not authorized to perform: events:PutEvents on resource: "
            "arn:aws:events:us-east-1:111111111111:event-bus/default "
            "because no resource-based policy allows the events:PutEvents action"
        ),
    )


# FIFO queues


def test_a_fifo_queue_gets_the_targets_message_group(engine: Engine, scope: Scope) -> None:
    queue = a_queue(scope, "q.fifo", fifo=True, deduplicates=True)
    rule = a_rule(scope.events.buses["default"], "r", None)
    rule.targets["t"] = Target("t", queue.arn, group_id="g")

    put(engine, scope.events.buses["default"], an_event())

    assert [message.group_id for message in queue] == ["g"]


def test_a_fifo_queue_that_needs_deduplication_ids_gets_nothing(engine: Engine, scope: Scope) -> None:
    queue = a_queue(scope, "q.fifo", fifo=True)
    rule = a_rule(scope.events.buses["default"], "r", None)
    rule.targets["t"] = Target("t", queue.arn, group_id="g")

    put(engine, scope.events.buses["default"], an_event())

    assert list(queue) == []
    assert story(engine)[-1][0] == "undeliverable"


def test_a_reset_leaves_only_an_empty_default_bus(engine: Engine, scope: Scope) -> None:
    a_bus(scope, "second")
    a_rule(scope.events.buses["default"], "r", None)

    engine.reset()

    buses = engine.scope("000000000000", "us-east-1").events.buses
    assert {name: list(bus.rules) for name, bus in buses.items()} == {"default": []}


CALL = '{"readOnly":true,"eventName":"DescribeInstances"}'


@pytest.mark.parametrize(
    ("state", "detail", "arrives"),
    [
        ("ENABLED", CALL, 0),
        ("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", CALL, 1),
        ("ENABLED", CALL.replace("true", "false"), 1),
        ("DISABLED", CALL.replace("true", "false"), 0),
    ],
)
def test_only_a_rule_for_all_management_events_sees_calls_that_read(
    engine: Engine, scope: Scope, state: str, detail: str, arrives: int
) -> None:
    queue = a_queue(scope, "q")
    bus = scope.events.buses["default"]
    rule = a_rule(bus, "r", queue.arn, '{"source": ["aws.ec2"]}')
    bus.switch_rule(rule, state, 0.0)
    event = an_event("aws.ec2", detail)
    envelope = replace(event.envelope, detail_type="AWS API Call via CloudTrail")

    put(engine, bus, BusEvent(envelope, detail))

    assert len(bodies(queue)) == arrives


def test_an_event_forwarded_to_another_region_keeps_the_region_it_came_from(
    engine: Engine, scope: Scope
) -> None:
    west = engine.scope("000000000000", "us-west-2")
    queue = a_queue(west, "q")
    a_rule(west.events.buses["default"], "r", queue.arn)
    a_rule(scope.events.buses["default"], "west", west.events.buses["default"].arn)

    put(engine, scope.events.buses["default"], an_event())

    assert ['"region":"us-east-1"' in body for body in bodies(queue)] == [True]
