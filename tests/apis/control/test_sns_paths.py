"""The paths at which tests read what SNS sent to phones and devices."""

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from pocketbus import Emulator

NUMBER = "+15551234567"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=1, serve=True) as emulator:
        yield emulator


@pytest.fixture
def sns(emulator: Emulator) -> Any:
    return emulator.client("sns")


def ask(emulator: Emulator, path: str, method: str = "GET", document: Any = None) -> tuple[int, Any]:
    body = None if document is None else json.dumps(document).encode()
    with urllib.request.urlopen(urllib.request.Request(emulator.url + path, body, method=method)) as answer:
        content = answer.read()
        return answer.status, json.loads(content) if content else None


def test_texts_are_listed_by_number(emulator: Emulator, sns: Any) -> None:
    attributes = {"kind": {"DataType": "String", "StringValue": "test"}}
    direct = sns.publish(PhoneNumber=NUMBER, Message="hi", MessageAttributes=attributes)["MessageId"]
    topic = sns.create_topic(Name="news")["TopicArn"]
    subscription = sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint=NUMBER)["SubscriptionArn"]
    published = sns.publish(TopicArn=topic, Message="news")["MessageId"]

    status, listed = ask(emulator, "/_aws/sns/sms-messages")

    assert (status, listed["region"], list(listed["sms_messages"])) == (200, "us-east-1", [NUMBER])
    assert listed["sms_messages"][NUMBER] == [
        {
            "PhoneNumber": NUMBER,
            "TopicArn": None,
            "SubscriptionArn": None,
            "MessageId": direct,
            "Message": "hi",
            "MessageAttributes": attributes,
        },
        {
            "PhoneNumber": NUMBER,
            "TopicArn": topic,
            "SubscriptionArn": subscription,
            "MessageId": published,
            "Message": "news",
            "MessageAttributes": {},
        },
    ]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [NUMBER]),
        ("?phoneNumber=%2B15551234567", [NUMBER]),
        ("?phoneNumber=%2B15550000000", []),
        ("?region=eu-west-1", []),
        ("?accountId=111111111111", []),
    ],
)
def test_texts_are_chosen_by_place_and_number(
    emulator: Emulator, sns: Any, query: str, numbers: list[str]
) -> None:
    sns.publish(PhoneNumber=NUMBER, Message="hi")

    assert list(ask(emulator, f"/_aws/sns/sms-messages{query}")[1]["sms_messages"]) == numbers


def test_texts_are_forgotten_when_told(emulator: Emulator, sns: Any) -> None:
    other = "+15550000000"
    for number in (NUMBER, other):
        sns.publish(PhoneNumber=number, Message="hi")

    status, _ = ask(emulator, "/_aws/sns/sms-messages?phoneNumber=%2B15551234567", "DELETE")

    assert status == 204
    assert list(ask(emulator, "/_aws/sns/sms-messages")[1]["sms_messages"]) == [other]


def test_push_notifications_are_listed_by_endpoint(emulator: Emulator, sns: Any) -> None:
    application = sns.create_platform_application(
        Name="app", Platform="GCM", Attributes={"PlatformCredential": "key"}
    )["PlatformApplicationArn"]
    device = sns.create_platform_endpoint(PlatformApplicationArn=application, Token="t-1")["EndpointArn"]
    sns.publish(TargetArn=device, Message="hi")

    _, listed = ask(emulator, f"/_aws/sns/platform-endpoint-messages?endpointArn={device}")

    (message,) = listed["platform_endpoint_messages"][device]
    assert (message["TargetArn"], message["Message"]) == (device, "hi")


def test_a_phone_can_opt_out(emulator: Emulator, sns: Any) -> None:
    status, _ = ask(emulator, "/_aws/sns/phone-opt-outs", "POST", {"phoneNumber": NUMBER})

    assert status == 204
    assert sns.check_if_phone_number_is_opted_out(phoneNumber=NUMBER)["isOptedOut"] is True


def test_the_certificate_is_served(emulator: Emulator) -> None:
    path = f"/_aws/sns/SimpleNotificationService-{'0' * 32}.pem"
    with urllib.request.urlopen(emulator.url + path) as answer:
        assert answer.read().startswith(b"-----BEGIN CERTIFICATE-----")
