"""Subscribers as boto3 creates, describes, updates, lists, stops and deletes them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.apis.eventbridgev2.conftest import ARN, ROLE, World, refusal

BUS_CREATED = datetime(2026, 1, 1, 12, 0, 1, tzinfo=UTC)
HORIZON: dict[str, Any] = {
    "StartingPosition": "POINT_IN_TIME",
    "PointInTimeConfiguration": {"PointType": "HORIZON"},
}
DATA = "DATA"


def described(world: World, arn: str) -> Any:
    found = world.buses.describe_subscriber(SubscriberArn=arn)
    found.pop("ResponseMetadata")
    return found


def filtered(pattern: str, scope: str = DATA) -> dict[str, Any]:
    return {"FilterConfiguration": {"Filters": [{"Pattern": pattern, "Scope": scope}]}}


def test_a_subscriber_is_described_with_what_it_was_not_told(world: World) -> None:
    bus = world.bus()
    arn = world.subscribe(bus)

    assert described(world, arn) == {
        "SubscriberArn": arn,
        "Name": "s",
        "EventBusArn": bus,
        "InvokeConfiguration": {"TargetArn": ARN("sqs", "q"), "RoleArn": ROLE},
        "Type": "UNORDERED",
        "StartingPosition": "LATEST",
        "BatchConfiguration": {"MaxBatchSize": 10, "MaxBatchWindowInSeconds": 0},
        "Transformer": {"Type": "RAW"},
        "RetryPolicy": {"MaxRetryAttempts": 5, "MaxEventAgeInSeconds": 300, "RetryStrategy": "ALL"},
        "LogConfiguration": {"Level": "OFF", "IncludePayload": "ON_ERROR_ONLY"},
        "State": "RUNNING",
        "CreationTime": BUS_CREATED,
        "LastModifiedTime": BUS_CREATED,
    }


def test_a_subscriber_is_described_as_it_was_told(world: World) -> None:
    bus = world.bus()
    settings: dict[str, Any] = {
        "Description": "all of it",
        "FilterConfiguration": {
            "Language": "EVENT_BRIDGE_PATTERN",
            "Filters": [
                {"Pattern": '{"source": ["shop"]}', "Scope": "DATA"},
                {"Pattern": '{"aws:DetailType": [{"prefix": "order"}]}', "Scope": "SYSTEM_METADATA"},
                {"Pattern": '{"tenant": ["a"]}', "Scope": "METADATA"},
            ],
        },
        "Type": "FIFO",
        "BatchConfiguration": {"MaxBatchSize": 7, "MaxBatchWindowInSeconds": 30},
        "Transformer": {"Type": "JSONATA", "JsonataConfiguration": {"Expression": "{% $events.Data %}"}},
        "RetryPolicy": {"MaxRetryAttempts": 0, "MaxEventAgeInSeconds": 60, "RetryStrategy": "ALL"},
        "OnFailureConfiguration": {"Arn": ARN("sqs", "dead")},
        "LogConfiguration": {"Level": "ERROR", "IncludePayload": "FULL"},
        "State": "STOPPED",
    }
    parameters = {"SqsParameters": {"MessageGroupId": "g", "DelaySeconds": "5"}}

    arn = world.subscribe(bus, Invoke=parameters, Tags={"team": "a"}, **settings, **HORIZON)

    found = described(world, arn)
    assert {name: found[name] for name in settings} == settings
    assert found["InvokeConfiguration"] == {"TargetArn": ARN("sqs", "q"), "RoleArn": ROLE, **parameters}
    assert {name: found[name] for name in HORIZON} == HORIZON


def test_a_batch_is_no_larger_than_the_target_takes(world: World) -> None:
    arn = world.subscribe(world.bus(), BatchConfiguration={"MaxBatchSize": 500})

    assert described(world, arn)["BatchConfiguration"] == {"MaxBatchSize": 10, "MaxBatchWindowInSeconds": 0}


def test_an_update_replaces_whole_blocks_and_leaves_the_others(world: World) -> None:
    arn = world.subscribe(
        world.bus(),
        Description="d",
        RetryPolicy={"MaxRetryAttempts": 1, "MaxEventAgeInSeconds": 60},
        OnFailureConfiguration={"Arn": ARN("sqs", "dead")},
        **filtered('{"source": ["shop"]}'),
    )
    before = described(world, arn)
    world.advance(5)

    world.buses.update_subscriber(SubscriberArn=arn, RetryPolicy={"MaxRetryAttempts": 3})
    changed = described(world, arn)
    assert changed.pop("RetryPolicy") == {
        "MaxRetryAttempts": 3,
        "MaxEventAgeInSeconds": 300,
        "RetryStrategy": "ALL",
    }
    assert changed.pop("LastModifiedTime") == before["LastModifiedTime"] + timedelta(seconds=5)
    assert changed.items() <= before.items()

    world.buses.update_subscriber(
        SubscriberArn=arn, FilterConfiguration={}, OnFailureConfiguration={}, Description=" "
    )
    assert (
        described(world, arn).keys() & {*("FilterConfiguration", "OnFailureConfiguration", "Description")}
        == set()
    )


def test_an_update_of_the_target_needs_no_arn_and_replaces_its_parameters(world: World) -> None:
    arn = world.subscribe(world.bus(), Invoke={"SqsParameters": {"DelaySeconds": "5"}})

    world.buses.update_subscriber(SubscriberArn=arn, InvokeConfiguration={"RoleArn": f"{ROLE}2"})

    assert described(world, arn)["InvokeConfiguration"] == {
        "TargetArn": ARN("sqs", "q"),
        "RoleArn": f"{ROLE}2",
    }


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"target": "arn:aws:s3:::bucket"},
            "InvokeConfiguration.TargetArn: TargetArn is not a supported subscriber target",
        ),
        (
            {"target": ARN("kinesis", "clicks")},
            "InvokeConfiguration.TargetArn: TargetArn resource must be of the form stream/{name}",
        ),
        (
            {"target": "arn:aws:sqs:eu-west-1:000000000000:q"},
            "InvokeConfiguration.TargetArn: TargetArn must be in region us-east-1",
        ),
        (
            {"target": "arn:aws-cn:sqs:us-east-1:000000000000:q"},
            "InvokeConfiguration.TargetArn: TargetArn must be in partition aws",
        ),
        (
            {"target": "arn:aws:sqs:us-east-1:111111111111:q"},
            (
                "InvokeConfiguration.TargetArn: Target resource account (111111111111) must match "
                "the subscriber account (000000000000)"
            ),
        ),
        (
            {"Invoke": {"SnsParameters": {"Subject": "s"}}},
            "SnsParameters is not supported for target ARN. Expected SqsParameters",
        ),
        (
            {"target": ARN("events", "event-bus/default"), "Invoke": {"SqsParameters": {}}},
            "SqsParameters is not supported for target ARN. Expected no target parameters",
        ),
        (filtered('{"a": [{"wildcard": "*"}]}'), "Filter pattern must not contain wildcard matchers"),
        (
            filtered('{"a": [{"anything-but": {"wildcard": "*"}}]}'),
            "Filter pattern must not contain wildcard matchers (wildcard, anything-but wildcard)",
        ),
        (filtered('{"a": [{"prefix": "x"}]}', "METADATA"), "Filter pattern of scope METADATA must hold"),
        (filtered('{"a": []}'), "Filter pattern is not valid. Reason: Empty arrays are not allowed"),
        (
            {"FilterConfiguration": {"Filters": [{"Pattern": '{"a":[1]}', "Scope": DATA}] * 2}},
            "Duplicate filter scope: DATA",
        ),
        ({"FilterConfiguration": {}}, "FilterConfiguration must contain at least one Filter"),
        (
            {"FilterConfiguration": {"Language": "EVENT_BRIDGE_PATTERN"}},
            "FilterConfiguration must contain at least one Filter",
        ),
        ({"StartingPosition": "POINT_IN_TIME"}, "PointInTimeConfiguration is required for"),
        (
            {"PointInTimeConfiguration": {"PointType": "HORIZON"}},
            "PointInTimeConfiguration is supported only for StartingPosition POINT_IN_TIME",
        ),
        (
            {
                "StartingPosition": "POINT_IN_TIME",
                "PointInTimeConfiguration": {"PointType": "TIMESTAMP", "StartingPoint": BUS_CREATED},
            },
            "PointInTimeConfiguration.StartingPoint must be at least 5 minutes in the past",
        ),
        ({"Transformer": {"Type": "JSONATA"}}, "Transformer.JsonataConfiguration is required for the type"),
        (
            {
                "target": ARN("events", "event-bus/default"),
                "Transformer": {"Type": "WITH_METADATA"},
            },
            "Transformer: a target that is an event bus supports the type RAW only",
        ),
        (
            {
                "target": ARN("lambda", "function:f"),
                "Invoke": {"LambdaParameters": {"InvocationTimeoutSeconds": "31"}},
            },
            "InvocationTimeoutSeconds must be between 1 and 30",
        ),
        (
            {
                "target": ARN("events", "api-destination/d/1"),
                "Invoke": {"HttpParameters": {"InvocationTimeoutSeconds": "3"}},
            },
            "InvocationTimeoutSeconds is only supported for API Gateway HTTP targets",
        ),
        (
            {
                "target": "arn:aws:events:::aws-sdk:sqs:sendPigeon",
                "Invoke": {"UniversalTargetParameters": {"Input": "{}"}},
            },
            "The api sendPigeon is not valid for the service sqs",
        ),
        (
            {
                "target": "arn:aws:events:::aws-sdk:sqs:receiveMessage",
                "Invoke": {"UniversalTargetParameters": {"Input": "{}"}},
            },
            "The api receiveMessage is not valid for the service sqs",
        ),
        (
            {
                "target": "arn:aws:events:::aws-sdk:eventbridge:putEvents",
                "Invoke": {"UniversalTargetParameters": {"Input": "{}"}},
            },
            "The api putEvents is not valid for the service eventbridge",
        ),
        (
            {
                "target": "arn:aws:events:::aws-sdk:sqs:sendMessage",
                "Invoke": {"UniversalTargetParameters": {"Input": "{}"}},
            },
            "UniversalTargetParameters.Input is missing required field(s): MessageBody, QueueUrl.",
        ),
        (
            {
                "target": "arn:aws:events:::aws-sdk:ec2:stopInstances",
                "Invoke": {"UniversalTargetParameters": {"Input": "{}"}},
            },
            "BatchConfiguration is required for universal targets",
        ),
        (
            {
                "target": ARN("states", "stateMachine:m"),
                "Invoke": {"StepFunctionsParameters": {"InvocationType": "X"}},
            },
            "1 validation error detected: Value 'X' at 'invokeConfiguration.stepFunctionsParameters.",
        ),
    ],
)
def test_a_subscriber_that_could_not_work_is_refused(
    world: World, settings: dict[str, Any], message: str
) -> None:
    code, status, text = refusal(world.subscribe, bus=world.bus(), **settings)

    assert (code, status) == ("InvalidInputException", 400)
    assert text.startswith(message)


def test_a_subscriber_cannot_send_to_its_own_bus(world: World) -> None:
    bus = world.bus()

    assert refusal(world.subscribe, bus=bus, target=bus)[2] == (
        "InvokeConfiguration.TargetArn must not reference the subscriber's own event bus"
    )


def test_a_subscriber_does_not_begin_before_the_retention_window(world: World) -> None:
    bus = world.bus()
    world.advance(3600)

    point = {"PointType": "TIMESTAMP", "StartingPoint": BUS_CREATED - timedelta(hours=1)}
    assert refusal(
        world.subscribe, bus=bus, StartingPosition="POINT_IN_TIME", PointInTimeConfiguration=point
    )[2].startswith("PointInTimeConfiguration.StartingPoint must not be before the RetentionWindowStartTime")


def test_names_are_taken_once_on_a_bus_and_tokens_come_again(world: World) -> None:
    bus = world.bus()
    first = world.subscribe(bus, ClientToken="t")

    assert world.subscribe(bus, ClientToken="t") == first
    assert refusal(world.subscribe, bus=bus, ClientToken="t", Type="FIFO")[0] == (
        "IdempotentParameterMismatchException"
    )
    assert refusal(world.subscribe, bus=bus)[:2] == ("ResourceAlreadyExistsException", 409)
    assert world.subscribe(world.bus("other")) != first


def test_subscribers_are_listed_by_bus_and_name(world: World) -> None:
    bus, other = world.bus(), world.bus("other")
    for name in ("b", "a", "ab"):
        world.subscribe(bus, name)
    world.subscribe(other, "c")

    def names(**which: Any) -> list[str]:
        return [one["Name"] for one in world.buses.list_subscribers(**which)["Subscribers"]]

    assert (names(), names(EventBusArn=bus), names(NamePrefix="a")) == (
        ["a", "ab", "b", "c"],
        ["a", "ab", "b"],
        ["a", "ab"],
    )
    page = world.buses.list_subscribers(MaxResults=3)
    assert names(NextToken=page["NextToken"]) == ["c"]
    (row,) = world.buses.list_subscribers(EventBusArn=other)["Subscribers"]
    assert {name: row[name] for name in ("Name", "TargetArn", "Type", "State", "SubscriberAccountId")} == {
        "Name": "c",
        "TargetArn": ARN("sqs", "q"),
        "Type": "UNORDERED",
        "State": "RUNNING",
        "SubscriberAccountId": "000000000000",
    }


def test_a_deleted_subscriber_gets_nothing_more(world: World) -> None:
    bus = world.bus()
    world.queue()
    arn = world.subscribe(bus)
    world.buses.delete_subscriber(SubscriberArn=arn)

    world.put(bus, {})

    assert world.bodies() == []
    assert refusal(world.buses.describe_subscriber, SubscriberArn=arn) == (
        "ResourceNotFoundException",
        404,
        f"Subscriber {arn} does not exist.",
    )


def test_a_bus_with_subscribers_is_not_deleted(world: World) -> None:
    bus = world.bus()
    arn = world.subscribe(bus)

    assert refusal(world.buses.delete_event_bus, EventBusArn=bus) == (
        "ResourceInUseException",
        409,
        "Event bus shop has subscribers and cannot be deleted.",
    )
    world.buses.delete_subscriber(SubscriberArn=arn)
    world.buses.delete_event_bus(EventBusArn=bus)


def test_a_stopped_subscriber_goes_on_where_it_was_stopped_or_with_the_latest(world: World) -> None:
    bus = world.bus()
    world.queue()
    arn = world.subscribe(bus)

    def turn(state: str, **how: str) -> None:
        world.buses.update_subscriber(SubscriberArn=arn, State=state, **how)

    turn("STOPPED")
    world.put(bus, {"n": 1})
    assert world.details() == []
    turn("RUNNING")
    assert world.details() == [{"n": 1}]
    turn("STOPPED")
    world.put(bus, {"n": 2})
    turn("RUNNING", ResumePosition="LATEST")
    world.put(bus, {"n": 3})
    assert world.details() == [{"n": 3}]


def test_a_replaying_subscriber_does_not_resume_at_the_latest(world: World) -> None:
    bus = world.bus()
    world.put(bus, {"n": 1})
    arn = world.subscribe(bus, State="STOPPED", **HORIZON)

    assert refusal(
        world.buses.update_subscriber, SubscriberArn=arn, State="RUNNING", ResumePosition="LATEST"
    ) == (
        "InvalidInputException",
        400,
        "ResumePosition LATEST is not valid for a subscriber that replays.",
    )


def test_replayed_events_say_so_and_later_ones_are_live(world: World) -> None:
    bus = world.bus()
    world.queue()
    world.put_raw(bus, b"1", kind="application/json", metadata={"a": "b"}, EventGroupId="g")
    world.subscribe(bus, Transformer={"Type": "WITH_METADATA"}, **HORIZON)
    (put,) = world.put_raw(bus, b"2")

    first, second = map(json.loads, world.bodies())
    assert first["SystemMetadata"]["aws:DeliveryType"] == "REPLAY"
    assert (first["Data"], first["Metadata"], first["SystemMetadata"]["EventGroupId"]) == (1, {"a": "b"}, "g")
    assert second == {
        "Data": 2,
        "Metadata": {},
        "SystemMetadata": {
            "ContentType": "application/json",
            "aws:EventId": put["EventId"],
            "aws:IngestionTime": "2026-01-01T12:00:01.000Z",
            "aws:SequenceNumber": "10000000000000002000",
            "aws:DeliveryType": "LIVE",
        },
    }


def test_a_replay_stops_at_its_end_and_delivers_nothing_of_later(world: World) -> None:
    bus = world.bus()
    world.queue()
    world.put(bus, {"n": 1})
    world.advance(600)
    end = BUS_CREATED + timedelta(seconds=900)
    point = {"PointType": "HORIZON", "EndPoint": end}
    arn = world.subscribe(bus, StartingPosition="POINT_IN_TIME", PointInTimeConfiguration=point)

    assert (world.details(), described(world, arn)["State"]) == ([{"n": 1}], "RUNNING")
    world.advance(200)
    world.put(bus, {"n": 2})
    world.advance(100)
    assert described(world, arn)["State"] == "STOPPED"
    world.put(bus, {"n": 3})
    assert world.details() == [{"n": 2}]


def test_the_25th_change_of_the_filters_within_a_day_is_one_too_many(world: World) -> None:
    arn = world.subscribe(world.bus())

    def change(number: int) -> None:
        world.buses.update_subscriber(SubscriberArn=arn, **filtered(f'{{"a": [{number}]}}'))

    for number in range(24):
        change(number)
    change(23)  # the same again does not count
    code, _, text = refusal(change, number=24)
    assert code == "LimitExceededException"
    assert "The subscriber has reached its limit of filter changes for a 24-hour period." in text
    world.advance(86_401)
    change(24)
