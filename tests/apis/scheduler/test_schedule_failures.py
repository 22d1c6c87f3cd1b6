"""What becomes of an invocation that fails: retries with backoff, dead letters, and the end of a schedule."""

import json
from itertools import pairwise
from typing import Any

import pytest

from tests.apis.scheduler.conftest import ARN, World

SCHEDULE_ARN = ARN("scheduler", "schedule/default/s")
UNIVERSAL = "arn:aws:scheduler:::aws-sdk:{}:{}".format
DEAD = {"DeadLetterConfig": {"Arn": ARN("sqs", "dead")}}


def fire(world: World, target: Any, **settings: Any) -> None:
    world.queue("dead")
    world.schedule("at(2026-01-01T10:30:00)", target={**DEAD, **target}, **settings)
    world.to("2026-01-01T10:30:00Z")


def letter(world: World) -> tuple[Any, dict[str, str]]:
    """Return the body and the attributes of the only dead letter."""
    (message,) = world.messages("dead")
    attributes = message["MessageAttributes"]
    assert {one["DataType"] for one in attributes.values()} == {"String"}
    return json.loads(message["Body"]), {name: one["StringValue"] for name, one in attributes.items()}


def test_a_message_for_a_queue_that_is_gone_is_a_dead_letter_at_once(world: World) -> None:
    fire(world, {"Arn": ARN("sqs", "gone"), "Input": "Hello, world!"})

    body, attributes = letter(world)
    assert body == {"MessageBody": "Hello, world!", "QueueUrl": world.url("gone")}
    assert len(attributes.pop("EXECUTION_ID")) == 16
    assert attributes == {
        "SCHEDULE_ARN": SCHEDULE_ARN,
        "TARGET_ARN": UNIVERSAL("sqs", "sendMessage"),
        "SCHEDULED_TIME": "2026-01-01T10:30:00Z",
        "ERROR_CODE": "AWS.SimpleQueueService.NonExistentQueue",
        "ERROR_MESSAGE": "The specified queue does not exist.",
        "RETRY_ATTEMPTS": "0",
        "IS_PAYLOAD_TRUNCATED": "false",
    }


def test_the_dead_letter_of_a_universal_target_is_its_input(world: World) -> None:
    request = {"TopicArn": ARN("sns", "gone"), "Message": "<aws.scheduler.attempt-number>"}

    fire(world, {"Arn": UNIVERSAL("sns", "publish"), "Input": json.dumps(request)})

    body, attributes = letter(world)
    assert body == {"TopicArn": ARN("sns", "gone"), "Message": "1"}
    assert (attributes["TARGET_ARN"], attributes["ERROR_CODE"]) == (UNIVERSAL("sns", "publish"), "NotFound")


def test_a_request_that_the_api_refuses_is_a_dead_letter(world: World) -> None:
    fire(world, {"Arn": UNIVERSAL("sqs", "createQueue"), "Input": '{"QueueName": "a b"}'})

    _, attributes = letter(world)
    assert (attributes["ERROR_CODE"], attributes["RETRY_ATTEMPTS"]) == ("InvalidParameterValue", "0")


def test_an_event_that_its_bus_refuses_is_a_dead_letter(world: World) -> None:
    parameters = {"EventBridgeParameters": {"Source": "shop", "DetailType": "d"}}

    fire(world, {"Arn": ARN("events", "event-bus/default"), "Input": "[1]", **parameters})

    assert letter(world)[1]["ERROR_CODE"] == "MalformedDetail"


def test_a_function_that_cannot_be_reached_is_a_dead_letter_with_its_request(world: World) -> None:
    world.emulator.fault("failure", resource="nightly", reason="unreachable")
    world.emulator.on_lambda("nightly", lambda _event, _context: None)
    arn = ARN("lambda", "function:nightly")

    fire(world, {"Arn": arn, "Input": "{}", "RetryPolicy": {"MaximumRetryAttempts": 0}})

    body, attributes = letter(world)
    assert body == {"FunctionName": arn, "InvocationType": "Event", "Payload": "{}"}
    assert attributes["EXHAUSTED_RETRY_CONDITION"] == "MaximumRetryAttempts"


def test_without_a_dead_letter_queue_the_invocation_is_dropped(world: World) -> None:
    world.schedule("at(2026-01-01T10:30:00)", target={"Arn": ARN("sqs", "gone")})

    world.to("2026-01-01T10:30:00Z")

    verbs = [record.verb for record in world.emulator.trace(verb=None) if record.subject]
    assert verbs[-1] == "undeliverable"


# Retries


def test_what_fails_for_now_is_tried_again_until_it_succeeds(world: World) -> None:
    world.queue()
    world.emulator.fault("throttle", operation="SendMessage", count=3)
    fire(world, {"Input": "attempt <aws.scheduler.attempt-number> of <aws.scheduler.execution-id>"})

    world.emulator.advance(60)

    (body,) = world.bodies()
    attempts = world.emulator.trace(verb="attempted")
    delays = [later.at - earlier.at for earlier, later in pairwise(attempts)]
    assert body == f"attempt 4 of {attempts[0].subject}"
    assert 0.5 <= delays[0] <= 1 <= delays[1] <= 2
    assert world.bodies("dead") == []


def test_retries_end_after_their_number(world: World) -> None:
    world.queue()
    world.emulator.fault("throttle", operation="SendMessage", resource="q")
    fire(world, {"Input": "<aws.scheduler.attempt-number>", "RetryPolicy": {"MaximumRetryAttempts": 2}})

    world.emulator.advance(60)

    body, attributes = letter(world)
    assert body["MessageBody"] == "3"
    assert attributes["ERROR_CODE"] == "RequestThrottled"
    assert (attributes["RETRY_ATTEMPTS"], attributes["EXHAUSTED_RETRY_CONDITION"]) == (
        "2",
        "MaximumRetryAttempts",
    )


def test_retries_end_with_the_age_of_the_event(world: World) -> None:
    world.queue()
    world.emulator.fault(
        "error", operation="SendMessage", resource="q", code="ServiceUnavailable", status=503
    )
    fire(world, {"RetryPolicy": {"MaximumEventAgeInSeconds": 60}})

    world.emulator.advance(3600)

    _, attributes = letter(world)
    assert attributes["ERROR_CODE"] == "ServiceUnavailable"
    assert attributes["EXHAUSTED_RETRY_CONDITION"] == "MaximumEventAgeInSeconds"
    assert 1 <= int(attributes["RETRY_ATTEMPTS"]) <= 10
    (gave_up,) = world.emulator.trace(verb="undeliverable")
    assert gave_up.at <= 1_767_263_400 + 60


def test_the_default_policy_lasts_a_day(world: World) -> None:
    world.queue()
    world.emulator.fault("failure", resource="q")
    fire(world, {})

    world.emulator.advance(86_400)

    _, attributes = letter(world)
    assert (attributes["ERROR_CODE"], attributes["ERROR_MESSAGE"]) == (
        "AWS.Scheduler.InternalServerError",
        "HTTP 503",
    )
    assert 100 <= int(attributes["RETRY_ATTEMPTS"]) <= 185


@pytest.mark.parametrize(("when", "messages"), [("before", 1), ("after", 2)])
def test_a_connection_that_is_cut_is_tried_again(world: World, when: str, messages: int) -> None:
    world.queue()
    world.emulator.fault("cut", operation="SendMessage", when=when, count=1)
    fire(world, {"Input": "x"})

    world.emulator.advance(1)

    assert world.bodies() == ["x"] * messages


# The end of a schedule


@pytest.mark.parametrize(("retries", "left"), [(2, 1), (0, 0)])
def test_a_schedule_that_goes_waits_for_its_retries(world: World, retries: int, left: int) -> None:
    world.queue()
    world.emulator.fault("throttle", operation="SendMessage", resource="q")
    fire(world, {"RetryPolicy": {"MaximumRetryAttempts": retries}}, ActionAfterCompletion="DELETE")

    assert len(world.emulator.look("schedules")) == left
    world.emulator.advance(60)
    assert world.emulator.look("schedules") == []


def test_a_failing_schedule_does_not_keep_others_from_firing(world: World) -> None:
    world.queue()
    world.emulator.fault("throttle", operation="SendMessage", resource="gone")
    world.schedule("rate(1 hour)", "bad", target={"Arn": ARN("sqs", "gone")})
    world.schedule("rate(1 hour)", "good", target={"Input": "x"})

    world.to("2026-01-01T12:00:00Z")

    assert world.bodies() == ["x", "x", "x"]


def test_the_late_end_of_a_deleted_schedule_spares_the_next_one_of_its_name(world: World) -> None:
    world.queue()
    world.emulator.fault("throttle", operation="SendMessage", resource="q")
    fire(world, {"RetryPolicy": {"MaximumRetryAttempts": 2}}, ActionAfterCompletion="DELETE")
    world.scheduler.delete_schedule(Name="s")
    world.schedule("at(2026-01-01T12:00:00)", State="ENABLED")

    world.emulator.advance(60)

    assert [schedule.name for schedule in world.emulator.look("schedules")] == ["s"]


def test_a_schedule_whose_retries_an_import_breaks_off_is_complete(world: World) -> None:
    world.queue()
    world.emulator.fault("throttle", operation="SendMessage", resource="q")
    fire(world, {}, ActionAfterCompletion="DELETE")
    assert len(world.emulator.look("schedules")) == 1

    world.emulator.import_state(world.emulator.export_state())

    assert world.emulator.look("schedules") == []
