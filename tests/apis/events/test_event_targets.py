"""Targets of rules on the wire."""

from typing import Any

import pytest

from tests.apis.events.refusals import refused

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"


@pytest.fixture(autouse=True)
def rule(events: Any) -> None:
    events.put_rule(Name="r", EventPattern='{"source": ["shop"]}')


def ids(answer: dict[str, Any]) -> list[str]:
    return [target["Id"] for target in answer["Targets"]]


def put(events: Any, **target: Any) -> dict[str, Any]:
    answer: dict[str, Any] = events.put_targets(Rule="r", Targets=[{"Id": "t", "Arn": QUEUE, **target}])
    return answer


def test_putting_a_target_answers_that_nothing_failed(events: Any) -> None:
    answer = put(events)

    assert (answer["FailedEntryCount"], answer["FailedEntries"]) == (0, [])


def test_a_target_is_listed_as_it_was_put(events: Any) -> None:
    target = {
        "Id": "t",
        "Arn": "arn:aws:sqs:us-east-1:000000000000:q.fifo",
        "RoleArn": "arn:aws:iam::000000000000:role/x",
        "InputTransformer": {"InputPathsMap": {"n": "$.detail.n"}, "InputTemplate": '"n is <n>"'},
        "SqsParameters": {"MessageGroupId": "g"},
        "DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:000000000000:dead"},
        "RetryPolicy": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60},
    }
    events.put_targets(Rule="r", Targets=[target])

    assert events.list_targets_by_rule(Rule="r")["Targets"] == [target]


@pytest.mark.parametrize("given", [{"Input": '{"a": 1}'}, {"InputPath": "$.detail"}, {}])
def test_an_input_is_listed_as_it_was_put(events: Any, given: dict[str, str]) -> None:
    put(events, **given)

    assert events.list_targets_by_rule(Rule="r")["Targets"] == [{"Id": "t", "Arn": QUEUE, **given}]


def test_a_target_put_again_is_replaced(events: Any) -> None:
    put(events, Input="1")
    put(events, Input="2")

    assert [target["Input"] for target in events.list_targets_by_rule(Rule="r")["Targets"]] == ["2"]


def test_targets_are_listed_page_by_page(events: Any) -> None:
    events.put_targets(Rule="r", Targets=[{"Id": name, "Arn": QUEUE} for name in ("c", "a", "b")])

    first = events.list_targets_by_rule(Rule="r", Limit=2)
    second = events.list_targets_by_rule(Rule="r", Limit=2, NextToken=first["NextToken"])

    assert (ids(first), ids(second)) == (["c", "a"], ["b"])


def test_removed_targets_are_gone(events: Any) -> None:
    events.put_targets(Rule="r", Targets=[{"Id": name, "Arn": QUEUE} for name in ("a", "b")])

    answer = events.remove_targets(Rule="r", Ids=["a", "unknown"])

    assert (answer["FailedEntryCount"], answer["FailedEntries"]) == (0, [])
    assert ids(events.list_targets_by_rule(Rule="r")) == ["b"]


def test_a_sixth_target_is_refused_and_none_of_its_request_is_put(events: Any) -> None:
    events.put_targets(Rule="r", Targets=[{"Id": str(n), "Arn": QUEUE} for n in range(4)])

    with refused("LimitExceededException", "The requested resource exceeds the maximum number allowed."):
        events.put_targets(Rule="r", Targets=[{"Id": str(n), "Arn": QUEUE} for n in range(4, 6)])

    assert ids(events.list_targets_by_rule(Rule="r")) == ["0", "1", "2", "3"]


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("put_targets", {"Targets": [{"Id": "t", "Arn": QUEUE}]}),
        ("remove_targets", {"Ids": ["t"]}),
        ("list_targets_by_rule", {}),
    ],
)
def test_a_rule_that_does_not_exist_is_named(events: Any, operation: str, arguments: dict[str, Any]) -> None:
    with refused("ResourceNotFoundException", "Rule x does not exist on EventBus default."):
        getattr(events, operation)(Rule="x", **arguments)


def test_an_id_of_other_characters_is_refused(events: Any) -> None:
    with refused(
        "ValidationException",
        "1 validation error detected: Value '!@#$@!#$' at 'targets.1.member.id' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+",
    ):
        put(events, Id="!@#$@!#$")


def test_an_id_that_is_too_long_is_refused(events: Any) -> None:
    with refused(
        "ValidationException",
        f"1 validation error detected: Value '{'i' * 65}' at 'targets.1.member.id' failed to satisfy constraint: "
        "Member must have length less than or equal to 64",
    ):
        put(events, Id="i" * 65)


def test_two_kinds_of_input_are_refused(events: Any) -> None:
    with refused(
        "ValidationException",
        "Only one of Input, InputPath, or InputTransformer must be provided for target t.",
    ):
        put(events, InputPath="$.detail", InputTransformer={"InputTemplate": '"x"'})


def test_a_placeholder_without_a_path_is_refused(events: Any) -> None:
    with refused(
        "ValidationException", "InputTemplate for target t contains invalid placeholder notdefinedkey."
    ):
        put(events, InputTransformer={"InputPathsMap": {"n": "$.n"}, "InputTemplate": '"<notdefinedkey>"'})


def test_a_target_that_is_no_arn_is_refused(events: Any) -> None:
    with refused(
        "ValidationException", "Parameter queue is not valid. Reason: Provided Arn is not in correct format."
    ):
        put(events, Arn="queue")


def test_a_fifo_queue_needs_its_message_group(events: Any) -> None:
    with refused("ValidationException", "Parameter(s) SqsParameters must be specified for target: t."):
        put(events, Arn=QUEUE + ".fifo")


def test_a_refused_target_is_not_there(events: Any) -> None:
    with refused("ValidationException", "Parameter(s) SqsParameters must be specified for target: f."):
        events.put_targets(
            Rule="r", Targets=[{"Id": "ok", "Arn": QUEUE}, {"Id": "f", "Arn": QUEUE + ".fifo"}]
        )

    assert ids(events.list_targets_by_rule(Rule="r")) == []


def test_a_dead_letter_queue_is_a_standard_queue(events: Any) -> None:
    with refused(
        "ValidationException",
        f"Parameter {QUEUE}.fifo is not valid. Reason: A dead-letter queue is a standard SQS queue.",
    ):
        put(events, DeadLetterConfig={"Arn": QUEUE + ".fifo"})


def test_the_input_of_another_accounts_bus_cannot_be_changed(events: Any) -> None:
    with refused(
        "ValidationException",
        "Input, InputPath and InputTransformer are not available for an event bus of another account: target t.",
    ):
        put(
            events,
            Arn="arn:aws:events:us-east-1:999999999999:event-bus/default",
            Input="{}",
            RoleArn="arn:aws:iam::000000000000:role/r",
        )
