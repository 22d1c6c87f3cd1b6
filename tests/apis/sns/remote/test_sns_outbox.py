"""What leaves for a world that is not emulated is in the outbox, with the exact payload."""

import json
from typing import Any

import pytest

from pocketbus import Emulator

STREAM = "arn:aws:firehose:us-east-1:000000000000:deliverystream/clicks"
ROLE = "arn:aws:iam::000000000000:role/firehose"


def test_a_text_to_a_subscribed_phone_is_captured(emulator: Emulator, sns: Any, topic_arn: str) -> None:
    arn = sns.subscribe(TopicArn=topic_arn, Protocol="sms", Endpoint="+15551234567")["SubscriptionArn"]

    sns.publish(TopicArn=topic_arn, Message='{"default": "x", "sms": "hi"}', MessageStructure="json")

    (captured,) = emulator.outbox()
    assert (captured.service, captured.source, captured.target, captured.payload) == (
        "sms",
        arn,
        "+15551234567",
        "hi",
    )


@pytest.mark.parametrize(
    "number", ["+15--551234567", "+15551234567.", "/+15551234567", "NAA+15551234567", "invalid-number"]
)
def test_what_is_no_phone_number_cannot_subscribe(sns: Any, topic_arn: str, number: str) -> None:
    with pytest.raises(sns.exceptions.InvalidParameterException) as raised:
        sns.subscribe(TopicArn=topic_arn, Protocol="sms", Endpoint=number)

    assert raised.value.response["Error"]["Message"] == f"Invalid SMS endpoint: {number}"


def test_a_push_to_a_subscribed_device_has_the_text_of_its_platform(
    emulator: Emulator, sns: Any, topic_arn: str
) -> None:
    application = sns.create_platform_application(
        Name="app", Platform="GCM", Attributes={"PlatformCredential": "key"}
    )["PlatformApplicationArn"]
    device = sns.create_platform_endpoint(PlatformApplicationArn=application, Token="t-1")["EndpointArn"]
    sns.subscribe(TopicArn=topic_arn, Protocol="application", Endpoint=device)

    sns.publish(TopicArn=topic_arn, Message='{"default": "x", "GCM": "{}"}', MessageStructure="json")

    (captured,) = emulator.outbox()
    assert (captured.service, captured.target, captured.payload) == ("push", device, "{}")


@pytest.mark.parametrize(("raw", "is_envelope"), [("true", False), ("false", True)])
def test_a_record_for_a_stream_is_captured(
    emulator: Emulator, sns: Any, topic_arn: str, raw: str, is_envelope: bool
) -> None:
    sns.subscribe(
        TopicArn=topic_arn,
        Protocol="firehose",
        Endpoint=STREAM,
        Attributes={"SubscriptionRoleArn": ROLE, "RawMessageDelivery": raw},
    )

    sns.publish(TopicArn=topic_arn, Message='"hello"')

    (captured,) = emulator.outbox()
    assert (captured.service, captured.target) == ("firehose", STREAM)
    payload = json.loads(captured.payload)
    assert (payload["Message"] if is_envelope else captured.payload) == '"hello"'


def test_a_stream_needs_a_role(sns: Any, topic_arn: str) -> None:
    with pytest.raises(sns.exceptions.InvalidParameterException, match="SubscriptionRoleArn"):
        sns.subscribe(TopicArn=topic_arn, Protocol="firehose", Endpoint=STREAM)


def test_a_mail_without_a_server_is_captured(emulator: Emulator, sns: Any, topic_arn: str) -> None:
    sns.subscribe(TopicArn=topic_arn, Protocol="email", Endpoint="ann@example.com")

    (captured,) = emulator.outbox()
    assert (captured.service, captured.source, captured.target) == ("email", topic_arn, "ann@example.com")
    assert captured.details == {
        "subject": "AWS Notification - Subscription Confirmation",
        "from": "no-reply@sns.amazonaws.com",
    }
    assert "Action=ConfirmSubscription" in captured.payload


@pytest.mark.parametrize(
    ("protocol", "endpoint", "message"),
    [
        ("email", "ann", "Invalid parameter: Email address"),
        ("email-json", "ann@b c", "Invalid parameter: Email address"),
        ("lambda", "orders", "Invalid parameter: Lambda endpoint ARN"),
        ("firehose", "clicks", "Invalid parameter: Firehose endpoint ARN"),
        ("application", "phone", "Invalid parameter: Application endpoint ARN"),
    ],
)
def test_an_endpoint_that_is_none_of_its_protocol_is_refused(
    sns: Any, topic_arn: str, protocol: str, endpoint: str, message: str
) -> None:
    with pytest.raises(sns.exceptions.InvalidParameterException) as raised:
        sns.subscribe(TopicArn=topic_arn, Protocol=protocol, Endpoint=endpoint)

    assert raised.value.response["Error"]["Message"] == message
