"""Signatures: a third-party validator, as it is installed, accepts every message of both versions and no other."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aws_sns_verifier import validate_sns_signature

from pocketbus import Emulator

AWS_HOST = "sns.us-east-1.amazonaws.com"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=1, serve=True, sns_cert_url_host=AWS_HOST) as emulator:
        yield emulator


@pytest.fixture(autouse=True)
def network(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lead the validator, which takes certificates from hosts of AWS only, to the emulator."""
    aws, there = f"https://{AWS_HOST}", emulator.url
    real = urllib.request.urlopen
    monkeypatch.setattr(urllib.request, "urlopen", lambda url: real(url.replace(aws, there)))


@pytest.mark.parametrize("version", ["1", "2"])
def test_the_validator_accepts_the_request_to_confirm_and_confirms(
    emulator: Emulator, sns: Any, topic_arn: str, hook: Any, version: str
) -> None:
    sns.set_topic_attributes(TopicArn=topic_arn, AttributeName="SignatureVersion", AttributeValue=version)
    sns.subscribe(TopicArn=topic_arn, Protocol="http", Endpoint=hook.url)
    emulator.advance(0)

    validated = validate_sns_signature(hook.posts[0].body.encode(), topic_arn)

    assert (validated.Type, validated.SignatureVersion) == ("SubscriptionConfirmation", version)
    attributes = sns.get_topic_attributes(TopicArn=topic_arn)["Attributes"]
    assert attributes["SubscriptionsConfirmed"] == "1"


@pytest.mark.parametrize("version", ["1", "2"])
def test_the_validator_accepts_a_notification(
    emulator: Emulator, sns: Any, topic_arn: str, hook: Any, subscribe: Callable[..., str], version: str
) -> None:
    sns.set_topic_attributes(TopicArn=topic_arn, AttributeName="SignatureVersion", AttributeValue=version)
    subscribe()
    sns.publish(TopicArn=topic_arn, Message="héllo\nworld", Subject="News")
    emulator.advance(0)

    validated = validate_sns_signature(hook.posts[0].body.encode(), topic_arn)

    assert (validated.Type, validated.SignatureVersion) == ("Notification", version)


def test_the_validator_accepts_what_a_queue_received(emulator: Emulator, sns: Any, topic_arn: str) -> None:
    sqs = emulator.client("sqs")
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]
    sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:000000000000:orders")
    sns.publish(TopicArn=topic_arn, Message="hello", Subject="News")

    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]

    assert validate_sns_signature(json.loads(message["Body"])).Type == "Notification"


@pytest.mark.parametrize("member", ["Message", "Subject", "MessageId", "Timestamp", "TopicArn"])
def test_the_validator_refuses_what_was_changed(
    emulator: Emulator, sns: Any, topic_arn: str, hook: Any, subscribe: Callable[..., str], member: str
) -> None:
    subscribe()
    sns.publish(TopicArn=topic_arn, Message="hello", Subject="News")
    emulator.advance(0)
    message = json.loads(hook.posts[0].body)

    with pytest.raises(Exception, match="Invalid signature"):
        validate_sns_signature({**message, member: message[member] + "x"})
