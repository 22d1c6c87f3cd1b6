"""The delivery status attributes of a topic: what they ask for is logged in the trace, in SNS's format."""

import json
from typing import Any

import pytest

from pocketbus import Emulator

ROLE = "arn:aws:iam::000000000000:role/feedback"
QUEUE = "arn:aws:sqs:us-east-1:000000000000:orders"


def logged(emulator: Emulator, message_id: str) -> list[Any]:
    records = emulator.call(lambda engine: engine.trace.of(message_id))
    return [json.loads(record.why) for record in records if record.verb == "logged"]


def publish(sns: Any, topic_arn: str, endpoint: str = QUEUE, protocol: str = "sqs", **attributes: str) -> str:
    for name, value in attributes.items():
        sns.set_topic_attributes(TopicArn=topic_arn, AttributeName=name, AttributeValue=value)
    sns.subscribe(TopicArn=topic_arn, Protocol=protocol, Endpoint=endpoint)
    message_id: str = sns.publish(TopicArn=topic_arn, Message="hello")["MessageId"]
    return message_id


def test_a_success_is_logged_to_whom_asks(emulator: Emulator, sns: Any, topic_arn: str) -> None:
    emulator.client("sqs").create_queue(QueueName="orders")

    message_id = publish(sns, topic_arn, SQSSuccessFeedbackRoleArn=ROLE)

    (record,) = logged(emulator, message_id)
    assert len(record["delivery"].pop("deliveryId")) == 36
    assert record == {
        "notification": {
            "messageMD5Sum": "5d41402abc4b2a76b9719d911017c592",
            "messageId": message_id,
            "topicArn": topic_arn,
            "timestamp": "2023-11-14T22:13:20.000Z",
        },
        "delivery": {"destination": QUEUE, "dwellTimeMs": 0},
        "status": "SUCCESS",
    }


def test_a_failure_is_logged_to_whom_asks(emulator: Emulator, sns: Any, topic_arn: str) -> None:
    (record,) = logged(emulator, publish(sns, topic_arn, SQSFailureFeedbackRoleArn=ROLE))

    assert (record["status"], record["delivery"]["attempts"]) == ("FAILURE", 1)
    assert record["delivery"]["providerResponse"] == "The target does not exist."


def test_a_failure_over_a_network_is_logged_at_its_end() -> None:
    function = "arn:aws:lambda:us-east-1:000000000000:function:f"
    with Emulator(seed=1, lambda_urls={"": "http://8.8.8.8"}) as emulator:
        sns = emulator.client("sns")
        topic_arn = sns.create_topic(Name="news")["TopicArn"]
        message_id = publish(sns, topic_arn, function, "lambda", LambdaFailureFeedbackRoleArn=ROLE)
        emulator.advance(0)

        (record,) = logged(emulator, message_id)
    assert (record["status"], record["delivery"]["destination"]) == ("FAILURE", function)


@pytest.mark.parametrize(("rate", "count"), [("0", 0), ("100", 1)])
def test_the_sample_rate_is_of_successes(
    emulator: Emulator, sns: Any, topic_arn: str, rate: str, count: int
) -> None:
    emulator.client("sqs").create_queue(QueueName="orders")

    message_id = publish(sns, topic_arn, SQSSuccessFeedbackRoleArn=ROLE, SQSSuccessFeedbackSampleRate=rate)

    assert len(logged(emulator, message_id)) == count


def test_who_asks_for_another_protocol_or_outcome_gets_nothing(
    emulator: Emulator, sns: Any, topic_arn: str
) -> None:
    message_id = publish(sns, topic_arn, HTTPFailureFeedbackRoleArn=ROLE, SQSSuccessFeedbackRoleArn=ROLE)

    assert logged(emulator, message_id) == []
