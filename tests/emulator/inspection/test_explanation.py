"""Why an event reaches a rule or not, and a publication a subscription."""

import json
from typing import Any

import pytest

from pocketbus.emulator.buses.bus import Bus
from pocketbus.emulator.buses.bus_event import BusEvent
from pocketbus.emulator.buses.rule import Rule, RuleSettings
from pocketbus.emulator.buses.target import Target
from pocketbus.emulator.core import Core
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.envelope import Envelope
from pocketbus.emulator.errors import ResourceNotFoundError
from pocketbus.emulator.inspection.explanation import (
    Verdict,
    explain_event,
    explain_passed,
    explain_publication,
)
from pocketbus.emulator.inspection.recent import Recent
from pocketbus.emulator.inspection.sample import SampleError, sample_event, sample_publication
from pocketbus.emulator.message import Attribute
from pocketbus.emulator.scope import Scope
from pocketbus.emulator.topics.publication import Publication
from pocketbus.emulator.topics.subscription import SubscriptionSettings
from pocketbus.emulator.topics.topic import Topic
from pocketbus.emulator.topics.topic_settings import TopicSettings
from pocketbus.rules.filter_policy import compile_filter_policy
from pocketbus.rules.pattern import compile_pattern

QUEUE = "arn:aws:sqs:us-east-1:000000000000:orders"


@pytest.fixture
def bus(scope: Scope) -> Bus:
    return scope.events.buses["default"]


@pytest.fixture
def topic(scope: Scope) -> Topic:
    return scope.sns.create_topic("news", TopicSettings(), {})


def put_rule(bus: Bus, pattern: str, **settings: Any) -> Rule:
    rule = bus.put_rule(
        f"rule-{len(bus.rules)}",
        RuleSettings(pattern=compile_pattern(pattern), **settings),
        created_by="000000000000",
        tags={},
        now=0.0,
    )
    rule.targets = {"queue": Target("queue", QUEUE)}
    return rule


def event(source: str = "shop", detail_type: str = "order", **detail: Any) -> BusEvent:
    envelope = Envelope("e-1", detail_type, source, "000000000000", "2026-01-01T00:00:00Z", "us-east-1")
    return BusEvent(envelope, json.dumps(detail))


def reasons(verdicts: Any) -> list[tuple[bool, str]]:
    return [(verdict.matches, verdict.why) for verdict in verdicts]


def test_every_rule_says_whether_it_matches_or_what_is_against_it(bus: Bus) -> None:
    put_rule(bus, '{"source": ["shop"]}')
    put_rule(bus, '{"detail": {"total": [{"numeric": [">", 100]}]}}')

    assert list(explain_event(bus, event(total=12))) == [
        Verdict(bus.arn, "arn:aws:events:us-east-1:000000000000:rule/rule-0", matches=True),
        Verdict(
            bus.arn,
            "arn:aws:events:us-east-1:000000000000:rule/rule-1",
            matches=False,
            why="detail.total: found 12, wanted a number > 100",
            path="detail.total",
        ),
    ]


def test_a_disabled_rule_does_not_match(bus: Bus) -> None:
    put_rule(bus, '{"source": ["shop"]}', state="DISABLED")

    assert reasons(explain_event(bus, event())) == [(False, "the rule is disabled")]


def test_a_rule_that_has_only_a_schedule_does_not_match(bus: Bus) -> None:
    settings = RuleSettings(schedule_expression="rate(1 hour)")
    bus.put_rule("hourly", settings, created_by="000000000000", tags={}, now=0.0)

    assert reasons(explain_event(bus, event())) == [(False, "the rule has a schedule and no event pattern")]


def test_a_matching_rule_without_targets_says_so(bus: Bus) -> None:
    put_rule(bus, '{"source": ["shop"]}').targets = {}

    assert reasons(explain_event(bus, event())) == [(True, "has no targets")]


def test_a_read_only_api_call_does_not_reach_an_ordinary_rule(bus: Bus) -> None:
    put_rule(bus, '{"source": ["aws.s3"]}')
    put_rule(bus, '{"source": ["aws.s3"]}', state="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")

    matches = explain_event(bus, event("aws.s3", "AWS API Call via CloudTrail", readOnly=True))

    assert [verdict.matches for verdict in matches] == [False, True]


@pytest.mark.parametrize("detail", [{"n": 1}, {"n": 20}, {"n": [3, 30]}, {"m": "x"}, {}])
def test_the_explanation_agrees_with_the_bus(bus: Bus, engine: Engine, detail: dict[str, Any]) -> None:
    for pattern in (
        '{"detail":{"n":[{"numeric":[">",10]}]}}',
        '{"detail":{"m":[{"exists":false}]}}',
        '{"source":["a"]}',
    ):
        put_rule(bus, pattern)
    explained = [verdict.resource for verdict in explain_event(bus, event(**detail)) if verdict.matches]

    bus.put(event(**detail), 0.0)

    assert [record.resource for record in engine.trace if record.verb == "matched"] == explained


def subscribe(
    topic: Topic, policy: str | None = None, scope: str = "MessageAttributes", **settings: Any
) -> None:
    compiled = None if policy is None else compile_filter_policy(policy, scope)
    number = len(topic.audience)
    topic.subscribe(
        "sqs",
        f"{QUEUE}-{number}",
        "000000000000",
        SubscriptionSettings(filter_policy=compiled, filter_policy_scope=scope, **settings),
        "http://localhost:4566",
    )


def test_every_subscription_says_whether_it_matches_or_what_is_against_it(topic: Topic) -> None:
    subscribe(topic)
    subscribe(topic, '{"color": ["red"]}')
    subscribe(topic, '{"color": ["red"]}', "MessageBody")

    publication = Publication("hello", attributes={"color": Attribute("String", "blue")})

    assert reasons(explain_publication(topic, publication)) == [
        (True, ""),
        (False, 'color: found "blue", wanted "red"'),
        (False, "the filter policy is for the body, and the body is no JSON object"),
    ]


def test_a_subscription_that_is_not_confirmed_does_not_match(topic: Topic) -> None:
    subscribe(topic)
    next(iter(topic.audience)).confirmed = False

    assert reasons(explain_publication(topic, Publication("hello"))) == [
        (False, "the subscription is not confirmed")
    ]


def test_what_raw_delivery_cannot_carry_is_explained(topic: Topic) -> None:
    subscribe(topic, raw_message_delivery=True)
    attributes = {f"a-{number}": Attribute("String", "x") for number in range(11)}

    assert reasons(explain_publication(topic, Publication("hello", attributes=attributes))) == [
        (False, "Raw message delivery carries at most 10 message attributes, not 11.")
    ]


def test_what_has_passed_can_be_explained_by_its_id(engine: Engine, bus: Bus, topic: Topic) -> None:
    put_rule(bus, '{"source": ["warehouse"]}')
    subscribe(topic)
    bus.put(event(), 0.0)
    published = topic.publish(Publication("hello"), 0.0)

    assert reasons(explain_passed(engine, "e-1")) == [(False, 'source: found "shop", wanted "warehouse"')]
    assert reasons(explain_passed(engine, published.message_id)) == [(True, "")]


def test_what_never_passed_cannot_be_explained(engine: Core) -> None:
    with pytest.raises(ResourceNotFoundError, match="an event or a publication e-1"):
        explain_passed(engine, "e-1")


def test_what_has_passed_is_kept_within_bounds() -> None:
    recent = Recent()
    for number in range(20):
        publication = Publication("x" * 1024 * 1024)
        recent.keep(f"p-{number}", "topic", publication, publication.size)

    assert recent.of({"p-11"}) == []
    assert len(recent.of({f"p-{number}" for number in range(20)})) == 8


def test_an_event_can_be_written_as_it_arrives_or_as_it_is_put(bus: Bus) -> None:
    as_it_arrives = {
        "source": "shop",
        "detail-type": "order",
        "detail": {"n": 1},
        "time": "2026-01-01T00:00:00Z",
    }
    as_it_is_put = {"Source": "shop", "DetailType": "order", "Detail": '{"n": 1}', "EventBusName": "default"}

    assert sample_event(as_it_arrives, bus, 0.0).matchable().find("detail.n") == sample_event(
        as_it_is_put, bus, 0.0
    ).matchable().find("detail.n")
    assert sample_event(json.dumps(as_it_arrives), bus, 0.0).envelope.time == "2026-01-01T00:00:00Z"
    assert sample_event(as_it_is_put, bus, 0.0).envelope.region == "us-east-1"


@pytest.mark.parametrize("given", ["no JSON", "[]", {"detailType": "order"}, {"resources": 5}])
def test_what_is_no_event_is_refused(bus: Bus, given: Any) -> None:
    with pytest.raises(SampleError):
        sample_event(given, bus, 0.0)


def test_attributes_can_be_written_as_plain_values() -> None:
    given = {
        "color": "red",
        "price": 12.5,
        "tags": ["a", "b"],
        "raw": {"DataType": "Binary", "BinaryValue": "eHg="},
        "custom": {"DataType": "String.kind", "StringValue": "x"},
    }

    assert sample_publication("hello", given).attributes == {
        "color": Attribute("String", "red"),
        "price": Attribute("Number", "12.5"),
        "tags": Attribute("String.Array", '["a", "b"]'),
        "raw": Attribute("Binary", b"xx"),
        "custom": Attribute("String.kind", "x"),
    }


@pytest.mark.parametrize(
    "value", [None, True, {}, {"DataType": "String"}, {"DataType": "Binary", "BinaryValue": "?"}]
)
def test_what_is_no_attribute_is_refused(value: Any) -> None:
    with pytest.raises(SampleError, match="The attribute color"):
        sample_publication("hello", {"color": value})
