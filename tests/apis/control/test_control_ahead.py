"""What is due, what happened lately, what passed, what was refused: looks that a page and a script share."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from pocketbus import Emulator

Look = Callable[..., Any]


@pytest.fixture
def emulator() -> Any:
    with Emulator(seed=1) as emulator:
        emulator.freeze()
        emulator.set("2026-01-01T00:00:00Z")
        yield emulator


@pytest.fixture
def look(emulator: Emulator) -> Look:
    def look(path: str, **parameters: Any) -> Any:
        return httpx.get(f"{emulator.url}/_pocketbus/{path}", params=parameters).json()

    return look


def arn(name: str) -> str:
    return f"arn:aws:sqs:us-east-1:000000000000:{name}"


def test_the_deadlines_ahead_are_told_in_order(emulator: Emulator, look: Look) -> None:
    sqs, events = emulator.client("sqs"), emulator.client("events")
    url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="now")
    sqs.receive_message(QueueUrl=url)
    delayed = sqs.send_message(QueueUrl=url, MessageBody="later", DelaySeconds=10)["MessageId"]
    events.put_rule(Name="minutely", ScheduleExpression="rate(1 minute)")

    due = look("clock/deadlines")["deadlines"]

    assert [one["what"] for one in due] == [
        "a delay is over",
        "a visibility timeout is over",
        "the schedule rate(1 minute) is due",
        "the oldest message expires",
    ]
    assert due[0] == {
        "at": 1767225610.0,
        "what": "a delay is over",
        "resource": arn("jobs"),
        "subject": delayed,
    }
    assert [one["at"] for one in due[1:]] == [1767225630.0, 1767225660.0, 1767225600.0 + 345_600]
    assert look("clock/deadlines", limit=1)["deadlines"] == due[:1]


def test_rates_count_what_happened_in_slices_of_time(emulator: Emulator, look: Look) -> None:
    sqs = emulator.client("sqs")
    url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="1")
    emulator.advance(60)
    for body in ("2", "3"):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    sqs.receive_message(QueueUrl=url)

    slices = look("rates", resource="jobs", seconds=120)["slices"]

    assert len(slices) == 60
    counted = [(one["at"], one["counts"]["sent"], one["counts"]["received"]) for one in slices]
    assert [one for one in counted if any(one[1:])] == [(1767225600.0, 1, 0), (1767225658.0, 2, 1)]
    assert all(not any(one["counts"].values()) for one in look("rates", resource="other")["slices"])


def test_what_passed_is_shown_latest_first(emulator: Emulator, look: Look) -> None:
    topic = emulator.client("sns").create_topic(Name="news")["TopicArn"]
    attributes = {"color": {"DataType": "String", "StringValue": "red"}}
    sent = emulator.client("sns").publish(TopicArn=topic, Message="hello", MessageAttributes=attributes)
    entry = {"Source": "shop", "DetailType": "placed", "Detail": '{"total": 5}'}
    event = emulator.client("events").put_events(Entries=[entry])["Entries"][0]["EventId"]

    passed = look("passed")["passed"]

    assert [one["subject"] for one in passed] == [event, sent["MessageId"]]
    assert passed[0]["event"]["detail"] == {"total": 5}
    assert passed[1] == {
        "subject": sent["MessageId"],
        "resource": topic,
        "message": "hello",
        "attributes": {"color": {"data_type": "String", "value": "red"}},
    }
    assert look("passed", subject=event)["passed"] == passed[:1]
    assert look("passed", resource=topic)["passed"] == passed[1:]


@pytest.mark.parametrize("number", ["9" * 5_000, "1e400"])
def test_a_number_that_python_has_not_is_shown_as_text(emulator: Emulator, look: Look, number: str) -> None:
    entry = {"Source": "shop", "DetailType": "placed", "Detail": f'{{"total": {number}}}'}
    emulator.client("events").put_events(Entries=[entry])

    assert look("passed")["passed"][0]["event"]["detail"] == {"total": number}


def test_a_rule_tells_what_it_refused_last_and_why(emulator: Emulator, look: Look) -> None:
    events = emulator.client("events")
    pattern = json.dumps({"detail": {"total": [{"numeric": [">", 100]}]}})
    rule = events.put_rule(Name="big", EventPattern=pattern)["RuleArn"]
    ids = [
        events.put_events(
            Entries=[{"Source": "s", "DetailType": "t", "Detail": json.dumps({"total": total})}]
        )["Entries"][0]["EventId"]
        for total in (5, 500, 50)
    ]

    refusals = look("refusals", resource=rule)["refusals"]

    assert refusals == [
        {"subject": ids[2], "why": "detail.total: found 50, wanted a number > 100", "path": "detail.total"},
        {"subject": ids[0], "why": "detail.total: found 5, wanted a number > 100", "path": "detail.total"},
    ]


def test_a_subscription_tells_what_it_refused_last(emulator: Emulator, look: Look) -> None:
    sns = emulator.client("sns")
    emulator.client("sqs").create_queue(QueueName="red")
    topic = sns.create_topic(Name="news")["TopicArn"]
    subscription = sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=arn("red"), Attributes={"FilterPolicy": '{"color": ["red"]}'}
    )["SubscriptionArn"]
    blue = {"color": {"DataType": "String", "StringValue": "blue"}}
    sent = sns.publish(TopicArn=topic, Message="m", MessageAttributes=blue)["MessageId"]

    assert look("refusals", resource=subscription)["refusals"] == [
        {"subject": sent, "why": 'color: found "blue", wanted "red"', "path": "color"}
    ]
    assert look("refusals", resource="arn:none")["error"] == "There is no rule or subscription arn:none."


def test_targets_are_shown_with_all_that_they_have(emulator: Emulator, look: Look) -> None:
    events = emulator.client("events")
    rule = events.put_rule(Name="all", EventPattern='{"source": ["s"]}')["RuleArn"]
    target = {
        "Id": "queue",
        "Arn": arn("jobs"),
        "InputPath": "$.detail",
        "DeadLetterConfig": {"Arn": arn("dead")},
        "RetryPolicy": {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 60},
    }
    events.put_targets(Rule="all", Targets=[target])

    (shown,) = look("targets")["targets"]

    assert shown == {
        "rule": rule,
        "bus": "arn:aws:events:us-east-1:000000000000:event-bus/default",
        "target_id": "queue",
        "arn": arn("jobs"),
        "input": None,
        "input_path": "$.detail",
        "input_paths_map": None,
        "input_template": None,
        "message_group_id": None,
        "role_arn": None,
        "dead_letter_target": arn("dead"),
        "maximum_retry_attempts": 2,
        "maximum_event_age_seconds": 60,
        "parameters": {},
    }
