"""JSONata in transformers and parameters: AWS's dialect, what it may not do, and that it holds nobody up."""

import json
from typing import Any

import pytest

from tests.apis.eventbridgev2.conftest import ARN, World, refusal


def transforming(expression: str) -> dict[str, Any]:
    configuration = {"Expression": f"{{% {expression} %}}"}
    return {"Transformer": {"Type": "JSONATA", "JsonataConfiguration": configuration}}


def computed(world: World, expression: str, data: bytes = b'{"a": 1, "b": [1, 2, 3]}') -> str:
    """Return what an expression makes of an event."""
    bus = world.bus()
    world.queue()
    world.subscribe(bus, **transforming(expression))
    world.put_raw(bus, data)
    world.emulator.wait("q")
    return world.bodies()[0]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$events.Data", '{"a":1,"b":[1,2,3]}'),
        ("$events.Data.a", "1"),
        ("'text ' & $events.Data.a", "text 1"),
        ("$sum($events.Data.b)", "6"),
        ("$events.Data.b[$ > 1]", "[2,3]"),
        ("{'twice': $map($events.Data.b, function($x) { $x * 2 })}", '{"twice":[2,4,6]}'),
        ("$exists($events.Data.none)", "false"),
        ("$events.SystemMetadata.`aws:DeliveryType`", "LIVE"),
        ("$hash('a', 'SHA-256')", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
        ("$hash('a', 'MD5')", "0cc175b9c0f1b6a831c399e269772661"),
        ("$parse('[1, 2]')[0]", "1"),
        ("$partition([1, 2, 3], 2)", "[[1,2],[3]]"),
        ("$range(1, 10, 4)", "[1,5,9]"),
        ("$random(7) = $random(7)", "true"),
        ("$length($uuid())", "36"),
        ("$now()", "2026-01-01T12:00:01.000Z"),
        ("$millis()", "1767268801000"),
    ],
)
def test_an_expression_makes_the_payload(world: World, expression: str, value: str) -> None:
    assert computed(world, expression) == value


def failure(world: World, expression: str) -> str:
    """Return the text with which an event ends in the dead-letter queue."""
    bus = world.bus()
    world.queue()
    world.subscribe(
        bus,
        OnFailureConfiguration={"Arn": world.queue("dead")},
        RetryPolicy={"MaxRetryAttempts": 0, "MaxEventAgeInSeconds": 60},
        **transforming(expression),
    )
    world.put_raw(bus, b'{"a": 1}')
    world.emulator.wait("dead", timeout=60)
    (letter,) = world.messages("dead")
    body = json.loads(letter["Body"])
    assert body["errorCode"] == "INPUT_TRANSFORMATION_FAILURE"
    return str(body["errorMessage"])


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("null", "The expression of the transformer returned nothing."),
        ("$events.Data.none", "The expression of the transformer returned nothing."),
        ("1 / 0", "float division by zero"),
        ("$eval('1')", "Attempted to invoke a non-function"),
        ("$hash('a', 'CRC')", "CRC is no hash algorithm; there are MD5, SHA-1, SHA-256, SHA-384, SHA-512."),
        ("$number('x')", "could not convert string to float: 'x'"),
        ("$range(1, 100000000, 1)", "A range has at most 10000000 elements."),
    ],
)
def test_an_expression_that_comes_to_nothing_is_a_failure_of_the_delivery(
    world: World, expression: str, text: str
) -> None:
    assert failure(world, expression).startswith(text)


@pytest.mark.parametrize(
    "expression",
    [
        "$map([1..1e7], function($x) { $x })",
        "($f := function($x) { $f($x + 1) }; $f(1))",
        "($f := function() { $f() + 1 }; $f())",
        "$pad('x', 1e9)",
        "$reduce([1..40], function($text) { $text & $text }, 'xxxxxxxx')",
        "$match('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', /^(a+)+$/)",
        "($a := [1..100000]; $a ~> $map(function($x) { $sum($a) }))",
    ],
)
def test_an_expression_without_end_is_broken_off_and_others_go_on(world: World, expression: str) -> None:
    bus = world.bus()
    world.queue()
    world.subscribe(
        bus,
        "endless",
        OnFailureConfiguration={"Arn": world.queue("dead")},
        RetryPolicy={"MaxRetryAttempts": 0, "MaxEventAgeInSeconds": 60},
        **transforming(expression),
    )
    world.subscribe(bus, "plain")

    world.put_raw(bus, b"1")

    assert world.bodies() == ["1"]  # it has not waited for the other
    world.emulator.wait("dead", timeout=60)
    assert len(world.messages("dead")) == 1
    assert computed_again(world, bus) == "2"


def computed_again(world: World, bus: str) -> str:
    world.queue("after")
    world.subscribe(bus, "after", ARN("sqs", "after"), **transforming("$string($events.Data)"))
    world.put_raw(bus, b"2")
    world.emulator.wait("after", timeout=60)
    return world.bodies("after")[0]


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        (transforming("("), "Transformer.JsonataConfiguration.Expression"),
        (transforming("(" * 4000), "Transformer.JsonataConfiguration.Expression"),
        (
            {"Invoke": {"SqsParameters": {"MessageGroupId": "{% $ %% 1 %}"}}},
            "InvokeConfiguration.SqsParameters",
        ),
    ],
)
def test_what_is_no_jsonata_is_refused_when_it_is_set(
    world: World, settings: dict[str, Any], place: str
) -> None:
    code, _, text = refusal(world.subscribe, bus=world.bus(), **settings)

    assert code == "InvalidInputException"
    assert text.startswith(f"{place} is not a valid JSONata expression: ")


def test_an_expression_is_a_whole_value_or_none(world: World) -> None:
    bus = world.bus()
    target = world.queue("q.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    world.subscribe(bus, target=target, Invoke={"SqsParameters": {"MessageGroupId": "id {% 1 %}"}})

    world.put_raw(bus, b"1")

    (message,) = world.messages("q.fifo")
    assert message["Attributes"]["MessageGroupId"] == "id {% 1 %}"


def test_a_parameter_that_is_no_text_fails_the_delivery(world: World) -> None:
    bus = world.bus()
    target = world.queue("q.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    world.subscribe(
        bus,
        target=target,
        Invoke={"SqsParameters": {"MessageGroupId": "{% 1 %}"}},
        OnFailureConfiguration={"Arn": world.queue("dead")},
        RetryPolicy={"MaxRetryAttempts": 0, "MaxEventAgeInSeconds": 60},
    )

    world.put_raw(bus, b"1")

    world.emulator.wait("dead", timeout=60)
    assert json.loads(world.bodies("dead")[0])["errorMessage"] == "{% 1 %} must return a string."
