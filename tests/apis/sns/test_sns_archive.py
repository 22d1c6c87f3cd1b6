"""Archive and replay policies over the wire."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

Refusal = Callable[..., tuple[str, str, int]]
MakeEndpoint = Callable[..., Any]

ARCHIVE = {"ArchivePolicy": '{"MessageRetentionPeriod":"30"}'}


@pytest.fixture
def archiving_arn(sns_client: Any) -> str:
    attributes = {"FifoTopic": "true", "ContentBasedDeduplication": "true", **ARCHIVE}
    arn: str = sns_client.create_topic(Name="archiving.fifo", Attributes=attributes)["TopicArn"]
    return arn


def replay_from(point: str, **more: str) -> dict[str, str]:
    return {
        "ReplayPolicy": json.dumps({"PointType": "Timestamp", "StartingPoint": point, **more}),
        "RawMessageDelivery": "true",
    }


def drain(endpoint: Any, sqs_client: Any) -> list[str]:
    bodies: list[str] = []
    while messages := endpoint.receive():
        bodies += [message["Body"] for message in messages]
        for message in messages:
            sqs_client.delete_message(QueueUrl=endpoint.url, ReceiptHandle=message["ReceiptHandle"])
    return bodies


def publish(sns_client: Any, topic_arn: str, numbers: range) -> None:
    for start in range(numbers.start, numbers.stop, 10):
        sns_client.publish_batch(
            TopicArn=topic_arn,
            PublishBatchRequestEntries=[
                {"Id": str(number), "Message": f"m{number}", "MessageGroupId": "g"}
                for number in range(start, start + 10)
            ],
        )


def test_a_new_queue_receives_exactly_the_second_half_of_1000_messages_in_order(
    sns_client: Any, sqs_client: Any, archiving_arn: str, make_endpoint: MakeEndpoint
) -> None:
    publish(sns_client, archiving_arn, range(500))
    middle = datetime.now(UTC).isoformat()
    publish(sns_client, archiving_arn, range(500, 1000))
    queue = make_endpoint("late.fifo", FifoQueue="true")

    sns_client.subscribe(
        TopicArn=archiving_arn, Protocol="sqs", Endpoint=queue.arn, Attributes=replay_from(middle)
    )

    assert drain(queue, sqs_client) == [f"m{number}" for number in range(500, 1000)]


def test_a_subscription_is_replayed_when_its_policy_is_set(
    sns_client: Any, sqs_client: Any, archiving_arn: str, make_endpoint: MakeEndpoint
) -> None:
    beginning = sns_client.get_topic_attributes(TopicArn=archiving_arn)["Attributes"]["BeginningArchiveTime"]
    publish(sns_client, archiving_arn, range(10))
    queue = make_endpoint("late.fifo", FifoQueue="true")
    arn = sns_client.subscribe(TopicArn=archiving_arn, Protocol="sqs", Endpoint=queue.arn)["SubscriptionArn"]

    for name, value in replay_from(beginning).items():
        sns_client.set_subscription_attributes(SubscriptionArn=arn, AttributeName=name, AttributeValue=value)

    assert len(drain(queue, sqs_client)) == 10
    attributes = sns_client.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert attributes["ReplayStatus"] == "Completed"
    assert json.loads(attributes["ReplayPolicy"])["StartingPoint"] == beginning


def test_the_policy_of_an_archive_is_shown_with_its_beginning(sns_client: Any, archiving_arn: str) -> None:
    attributes = sns_client.get_topic_attributes(TopicArn=archiving_arn)["Attributes"]

    age = datetime.now(UTC) - datetime.fromisoformat(attributes["BeginningArchiveTime"])
    assert attributes["ArchivePolicy"] == '{"MessageRetentionPeriod":"30"}'
    assert timedelta() <= age < timedelta(minutes=1)


def test_a_topic_that_archives_is_not_deleted(sns_client: Any, archiving_arn: str, refusal: Refusal) -> None:
    assert refusal(sns_client.delete_topic, TopicArn=archiving_arn) == (
        "InvalidState",
        "Invalid state: Cannot delete a topic with an ArchivePolicy",
        400,
    )

    sns_client.set_topic_attributes(
        TopicArn=archiving_arn, AttributeName="ArchivePolicy", AttributeValue="{}"
    )
    sns_client.delete_topic(TopicArn=archiving_arn)

    assert sns_client.list_topics()["Topics"] == []


def test_a_standard_topic_has_no_archive(sns_client: Any, refusal: Refusal) -> None:
    assert refusal(sns_client.create_topic, Name="news", Attributes=ARCHIVE) == (
        "InvalidParameter",
        "Invalid parameter: Attributes Reason: ArchivePolicy can only be set for FIFO topics",
        400,
    )


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        ("[]", "must be a JSON object"),
        ('{"MessageRetentionPeriod": 0}', "Invalid value [0]. Must be an integer between 1 and 365."),
        ('{"MessageRetentionPeriod": "366"}', "Invalid value [366]. Must be an integer between 1 and 365."),
        ('{"MessageRetentionPeriod": true}', "MessageRetentionPeriod must be a number of days"),
        ('{"Days": 3}', "unknown member Days"),
    ],
)
def test_what_is_no_archive_policy_is_refused(
    sns_client: Any, archiving_arn: str, refusal: Refusal, policy: str, reason: str
) -> None:
    assert refusal(
        sns_client.set_topic_attributes,
        TopicArn=archiving_arn,
        AttributeName="ArchivePolicy",
        AttributeValue=policy,
    ) == ("InvalidParameter", f"Invalid parameter: ArchivePolicy: {reason}", 400)


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        ({"StartingPoint": "2024-01-01T00:00:00Z"}, "PointType must be Timestamp"),
        ({"PointType": "Timestamp"}, "StartingPoint must be a timestamp in ISO 8601"),
        (
            {"PointType": "Timestamp", "StartingPoint": "yesterday"},
            "StartingPoint must be a timestamp in ISO 8601",
        ),
        (
            {
                "PointType": "Timestamp",
                "StartingPoint": "2024-01-02T00:00:00Z",
                "EndingPoint": "2024-01-01T00:00:00Z",
            },
            "EndingPoint must be after StartingPoint",
        ),
        (
            {"PointType": "Timestamp", "StartingPoint": "2024-01-02T00:00:00Z", "Speed": 2},
            "unknown member Speed",
        ),
    ],
)
def test_what_is_no_replay_policy_is_refused(
    sns_client: Any,
    archiving_arn: str,
    make_endpoint: MakeEndpoint,
    refusal: Refusal,
    policy: dict[str, Any],
    reason: str,
) -> None:
    queue = make_endpoint("late.fifo", FifoQueue="true")

    assert refusal(
        sns_client.subscribe,
        TopicArn=archiving_arn,
        Protocol="sqs",
        Endpoint=queue.arn,
        Attributes={"ReplayPolicy": json.dumps(policy)},
    ) == ("InvalidParameter", f"Invalid parameter: Attributes Reason: ReplayPolicy: {reason}", 400)


@pytest.mark.parametrize("topic", ["topic_arn", "fifo_topic_arn"])
def test_nothing_is_replayed_from_a_topic_without_an_archive(
    sns_client: Any,
    make_endpoint: MakeEndpoint,
    refusal: Refusal,
    topic: str,
    request: pytest.FixtureRequest,
) -> None:
    queue, topic_arn = make_endpoint("late"), request.getfixturevalue(topic)

    assert refusal(
        sns_client.subscribe,
        TopicArn=topic_arn,
        Protocol="sqs",
        Endpoint=queue.arn,
        Attributes=replay_from("2024-01-01T00:00:00Z"),
    ) == (
        "InvalidParameter",
        "Invalid parameter: ReplayPolicy Reason: the topic does not archive its messages",
        400,
    )
    assert sns_client.list_subscriptions_by_topic(TopicArn=topic_arn)["Subscriptions"] == []
