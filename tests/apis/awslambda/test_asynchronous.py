"""Asynchronous invocations, from whoever makes them: their retries, destinations and dead letters."""

import json
from typing import Any

import pytest

from tests.apis.awslambda.conftest import ARN, FUNCTION, START, World

BOOM = ValueError("boom")


def invoke(world: World, text: str = '{"n": 1}') -> None:
    world.functions.invoke(FunctionName="orders", InvocationType="Event", Payload=text.encode())
    world.advance(0)


def configure(world: World, **settings: Any) -> Any:
    return world.functions.put_function_event_invoke_config(FunctionName="orders", **settings)


def destinations(success: str | None = None, failure: str | None = None) -> dict[str, Any]:
    return {
        "DestinationConfig": {
            "OnSuccess": {} if success is None else {"Destination": success},
            "OnFailure": {} if failure is None else {"Destination": failure},
        }
    }


def test_a_function_that_fails_is_tried_again_after_one_minute_and_two(world: World) -> None:
    world.run()
    world.answers = [BOOM]
    invoke(world)

    counts = []
    for seconds in (59, 1, 119, 1, 86_400):
        world.advance(seconds)
        counts.append(len(world.events))
    assert counts == [1, 2, 2, 3, 3]


def test_a_later_attempt_may_succeed(world: World) -> None:
    world.run()
    world.answers = [BOOM, None]
    invoke(world)
    world.advance(86_400)

    assert world.events == [{"n": 1}, {"n": 1}]


@pytest.mark.parametrize(("retries", "attempts"), [(0, 1), (1, 2), (2, 3)])
def test_the_number_of_retries_can_be_set(world: World, retries: int, attempts: int) -> None:
    world.run()
    world.create()
    configure(world, MaximumRetryAttempts=retries)
    world.answers = [BOOM]
    invoke(world)
    world.advance(86_400)

    assert len(world.events) == attempts


def test_an_event_that_is_too_old_is_not_tried_again(world: World) -> None:
    world.run()
    world.create()
    world.queue("failed")
    configure(world, MaximumEventAgeInSeconds=100, **destinations(failure=ARN("sqs", "failed")))
    world.answers = [BOOM]
    invoke(world)
    world.advance(86_400)

    assert len(world.events) == 2
    record = json.loads(world.messages("failed")[0]["Body"])
    assert record["requestContext"]["condition"] == "EventAgeExceeded"


def test_a_throttled_function_is_tried_for_hours_and_not_counted(world: World) -> None:
    world.run()
    world.create()
    world.functions.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=0)
    invoke(world)
    world.advance(3 * 3600)
    assert world.events == []
    world.functions.delete_function_concurrency(FunctionName="orders")
    world.answers = [BOOM, BOOM, None]
    world.advance(3600)

    assert len(world.events) == 3


def test_success_is_told_to_its_destination(world: World) -> None:
    world.run()
    world.create()
    world.queue("done")
    configure(world, **destinations(success=ARN("sqs", "done")))
    world.answers = [{"ok": True}]
    invoke(world)

    (message,) = world.messages("done")
    record = json.loads(message["Body"])
    request_id = record["requestContext"].pop("requestId")
    assert len(request_id) == 36
    assert record == {
        "version": "1.0",
        "timestamp": "2026-01-01T00:00:00.000Z",
        "requestContext": {
            "functionArn": f"{FUNCTION}:$LATEST",
            "condition": "Success",
            "approximateInvokeCount": 1,
        },
        "requestPayload": {"n": 1},
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"},
        "responsePayload": {"ok": True},
    }


@pytest.mark.parametrize("depth", [50, 500])
def test_however_deep_an_answer_is_its_destination_is_told(world: World, depth: int) -> None:
    text = "[" * depth + "]" * depth
    world.run()
    world.create()
    world.queue("done")
    configure(world, **destinations(success=ARN("sqs", "done")))
    invoke(world, text)

    (message,) = world.messages("done")
    assert f'"requestPayload":{text}' in message["Body"]


def test_an_answer_that_is_too_deep_to_be_written_is_a_failure(world: World) -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    world.run()
    world.create()
    world.queue("failed")
    configure(world, **destinations(failure=ARN("sqs", "failed")), MaximumRetryAttempts=0)
    world.answers = [deep]
    invoke(world)

    (message,) = world.messages("failed")
    assert json.loads(message["Body"])["responsePayload"]["errorType"] == "Runtime.MarshalError"


def test_failure_is_told_to_its_destination_a_topic(world: World) -> None:
    world.run()
    world.create()
    world.queue("failed")
    sns = world.client("sns")
    topic = sns.create_topic(Name="failures")["TopicArn"]
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=ARN("sqs", "failed"),
        Attributes={"RawMessageDelivery": "true"},
    )
    configure(world, MaximumRetryAttempts=1, **destinations(failure=topic))
    world.answers = [BOOM]
    invoke(world)
    world.advance(60)

    record = json.loads(world.messages("failed")[0]["Body"])
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["responseContext"]["functionError"] == "Unhandled"
    assert record["responsePayload"]["errorMessage"] == "boom"


def test_a_bus_is_told_by_an_event(world: World) -> None:
    world.run()
    world.create()
    world.queue("told")
    events = world.client("events")
    events.put_rule(Name="r", EventPattern='{"source": ["lambda"]}')
    events.put_targets(Rule="r", Targets=[{"Id": "q", "Arn": ARN("sqs", "told")}])
    bus = ARN("events", "event-bus/default")
    configure(world, **destinations(success=bus))
    invoke(world)

    event = json.loads(world.messages("told")[0]["Body"])
    assert event["detail-type"] == "Lambda Function Invocation Result - Success"
    assert event["resources"] == [bus, f"{FUNCTION}:$LATEST"]
    assert event["detail"]["requestPayload"] == {"n": 1}


def test_another_function_can_be_the_destination(world: World) -> None:
    world.run()
    world.create()
    told: list[Any] = []
    other = ARN("lambda", "function:other")
    world.emulator.on_lambda(other, lambda event, _context: told.append(event))
    configure(world, **destinations(success=other))
    invoke(world)
    world.advance(0)

    assert [event["requestContext"]["condition"] for event in told] == ["Success"]


def test_a_dead_letter_is_the_event_with_what_went_wrong(world: World) -> None:
    world.run()
    world.queue("dead")
    world.create(DeadLetterConfig={"TargetArn": ARN("sqs", "dead")})
    configure(world, MaximumRetryAttempts=0)
    world.answers = [BOOM]
    invoke(world)

    (message,) = world.messages("dead")
    assert message["Body"] == '{"n": 1}'
    attributes = {name: one["StringValue"] for name, one in message["MessageAttributes"].items()}
    assert attributes.pop("RequestID")
    assert attributes == {"ErrorCode": "200", "ErrorMessage": "boom"}


def test_what_has_no_destination_is_dropped_and_the_trace_says_so(world: World) -> None:
    world.run()
    world.create()
    configure(world, MaximumRetryAttempts=0)
    world.answers = [BOOM]
    invoke(world)

    (end,) = world.emulator.trace(resource=FUNCTION, verb="undeliverable")
    assert end.why == "gave up after 1 attempts: RetriesExhausted"


def test_a_rules_function_has_lambdas_retries_and_destinations(world: World) -> None:
    world.run()
    world.create()
    world.queue("failed")
    configure(world, **destinations(failure=ARN("sqs", "failed")))
    events = world.client("events")
    events.put_rule(Name="r", EventPattern='{"source": ["shop"]}')
    events.put_targets(Rule="r", Targets=[{"Id": "f", "Arn": FUNCTION}])
    world.answers = [BOOM]
    entry = {"Source": "shop", "DetailType": "d", "Detail": "{}"}
    event_id = events.put_events(Entries=[entry])["Entries"][0]["EventId"]
    world.advance(180)

    assert [event["id"] for event in world.events] == [event_id] * 3
    record = json.loads(world.messages("failed")[0]["Body"])
    assert record["requestPayload"]["id"] == event_id


def test_a_subscriptions_function_has_lambdas_retries(world: World) -> None:
    world.run()
    sns = world.client("sns")
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=FUNCTION)
    world.answers = [BOOM, None]
    sns.publish(TopicArn=topic, Message="hello")
    world.advance(60)

    assert [event["Records"][0]["Sns"]["Message"] for event in world.events] == ["hello"] * 2


def test_a_schedules_function_has_lambdas_retries(world: World) -> None:
    world.run()
    world.client("scheduler").create_schedule(
        Name="s",
        ScheduleExpression="at(2026-01-01T00:01:00)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": FUNCTION, "RoleArn": "arn:aws:iam::000000000000:role/s", "Input": '{"n": 1}'},
    )
    world.answers = [BOOM, None]
    world.advance(120)

    assert world.events == [{"n": 1}, {"n": 1}]


def test_without_a_worker_the_event_is_in_the_outbox(world: World) -> None:
    world.create()
    invoke(world)

    (captured,) = world.emulator.outbox()
    assert (captured.target, captured.payload) == (FUNCTION, '{"n": 1}')


# Settings


def test_settings_are_put_changed_listed_and_deleted(world: World) -> None:
    world.create(Publish=True)
    queue = ARN("sqs", "q")
    put = configure(world, MaximumRetryAttempts=1, **destinations(failure=queue))
    assert (put["FunctionArn"], put["LastModified"].timestamp()) == (f"{FUNCTION}:$LATEST", START)
    assert "MaximumEventAgeInSeconds" not in put
    assert put["DestinationConfig"] == {"OnSuccess": {}, "OnFailure": {"Destination": queue}}
    changed = world.functions.update_function_event_invoke_config(
        FunctionName="orders", MaximumEventAgeInSeconds=60
    )
    assert (changed["MaximumRetryAttempts"], changed["MaximumEventAgeInSeconds"]) == (1, 60)
    assert changed["DestinationConfig"]["OnFailure"] == {"Destination": queue}
    found = world.functions.get_function_event_invoke_config(FunctionName="orders")
    assert found["MaximumEventAgeInSeconds"] == 60
    configure(world, Qualifier="1", MaximumRetryAttempts=0)
    listed = world.functions.list_function_event_invoke_configs(FunctionName="orders")
    assert [one["FunctionArn"] for one in listed["FunctionEventInvokeConfigs"]] == [
        f"{FUNCTION}:$LATEST",
        f"{FUNCTION}:1",
    ]
    world.functions.delete_function_event_invoke_config(FunctionName="orders")
    with pytest.raises(
        world.functions.exceptions.ResourceNotFoundException, match="doesn't have an EventInv"
    ):
        world.functions.get_function_event_invoke_config(FunctionName="orders")


def test_settings_that_set_nothing_are_refused(world: World) -> None:
    world.create()
    with pytest.raises(world.functions.exceptions.InvalidParameterValueException, match="at least one"):
        configure(world)


def test_an_alias_has_settings_of_its_own(world: World) -> None:
    world.run()
    world.create(Publish=True)
    world.functions.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")
    configure(world, Qualifier="live", MaximumRetryAttempts=0)
    world.answers = [BOOM]
    world.functions.invoke(FunctionName="orders:live", InvocationType="Event", Payload=b"{}")
    world.advance(86_400)

    assert len(world.events) == 1
