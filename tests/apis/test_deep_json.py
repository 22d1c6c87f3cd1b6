"""JSON nested very deep, wherever a client writes JSON into an attribute: an error of AWS's, never a failure."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketbus import Emulator

ARN = "arn:aws:{}:us-east-1:000000000000:{}".format
DEPTHS = (101, 960, 1_000, 5_000)


def nested(depth: int) -> str:
    return '{"a":' * depth + '["x"]' + "}" * depth


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=1) as emulator:
        emulator.freeze()
        emulator.client("sqs").create_queue(QueueName="q")
        sns = emulator.client("sns")
        sns.create_topic(Name="news")
        sns.create_topic(Name="news.fifo", Attributes={"FifoTopic": "true"})
        emulator.client("events").put_rule(Name="r", EventPattern='{"source":["shop"]}')
        yield emulator


def code_of(emulator: Emulator, service: str, operation: str, **params: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        getattr(emulator.client(service), operation)(**params)
    response: Any = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Policy", "InvalidAttributeValue"),
        ("RedrivePolicy", "InvalidParameterValue"),
        ("RedriveAllowPolicy", "InvalidAttributeValue"),
    ],
)
def test_an_attribute_of_a_queue(emulator: Emulator, name: str, code: str, depth: int) -> None:
    url = emulator.client("sqs").get_queue_url(QueueName="q")["QueueUrl"]
    attributes = {name: nested(depth)}

    assert code_of(emulator, "sqs", "set_queue_attributes", QueueUrl=url, Attributes=attributes) == (
        code,
        400,
    )
    assert code_of(emulator, "sqs", "create_queue", QueueName="new", Attributes=attributes) == (code, 400)


@pytest.mark.parametrize("depth", DEPTHS)
def test_the_handle_of_a_move_task(emulator: Emulator, depth: int) -> None:
    handle = b64encode(nested(depth).encode()).decode()

    assert code_of(emulator, "sqs", "cancel_message_move_task", TaskHandle=handle) == (
        "InvalidParameterValue",
        400,
    )


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("name", ["Policy", "DeliveryPolicy", "ArchivePolicy"])
def test_an_attribute_of_a_topic(emulator: Emulator, name: str, depth: int) -> None:
    refused = code_of(
        emulator,
        "sns",
        "set_topic_attributes",
        TopicArn=ARN("sns", "news.fifo"),
        AttributeName=name,
        AttributeValue=nested(depth),
    )

    assert refused == ("InvalidParameter", 400)


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("name", ["FilterPolicy", "RedrivePolicy", "DeliveryPolicy", "ReplayPolicy"])
def test_an_attribute_of_a_subscription(emulator: Emulator, name: str, depth: int) -> None:
    subscription = {"TopicArn": ARN("sns", "news"), "Protocol": "sqs", "Endpoint": ARN("sqs", "q")}
    given = {name: nested(depth)}

    assert code_of(emulator, "sns", "subscribe", **subscription, Attributes=given) == (
        "InvalidParameter",
        400,
    )


@pytest.mark.parametrize("depth", DEPTHS)
def test_the_data_protection_policy_of_a_topic(emulator: Emulator, depth: int) -> None:
    params = {"ResourceArn": ARN("sns", "news"), "DataProtectionPolicy": nested(depth)}

    assert code_of(emulator, "sns", "put_data_protection_policy", **params) == ("InvalidParameter", 400)


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_message_that_differs_by_protocol(emulator: Emulator, depth: int) -> None:
    params = {"TopicArn": ARN("sns", "news"), "Message": nested(depth), "MessageStructure": "json"}

    assert code_of(emulator, "sns", "publish", **params) == ("InvalidParameter", 400)


@pytest.mark.parametrize("depth", DEPTHS)
def test_the_policy_of_a_bus(emulator: Emulator, depth: int) -> None:
    policy = f'{{"Statement":[{nested(depth)}]}}'

    assert code_of(emulator, "events", "put_permission", Policy=policy) == ("ValidationException", 400)
    assert "Policy" not in emulator.client("events").describe_event_bus()


@pytest.mark.parametrize("depth", [101, 600])
def test_an_event_pattern(emulator: Emulator, depth: int) -> None:
    bus = ARN("events", "event-bus/default")
    refused = ("InvalidEventPatternException", 400)
    archive = {"ArchiveName": "a", "EventSourceArn": bus, "EventPattern": nested(depth)}

    assert code_of(emulator, "events", "put_rule", Name="deep", EventPattern=nested(depth)) == refused
    assert code_of(emulator, "events", "create_archive", **archive) == refused
    assert (
        code_of(emulator, "events", "test_event_pattern", EventPattern=nested(depth), Event="{}") == refused
    )


@pytest.mark.parametrize("depth", [960, 5_000])
def test_the_detail_of_an_event(emulator: Emulator, depth: int) -> None:
    entry = {"Source": "shop", "DetailType": "Order", "Detail": nested(depth)}

    answer = emulator.client("events").put_events(Entries=[entry])

    assert [entry["ErrorCode"] for entry in answer["Entries"]] == ["MalformedDetail"]


def test_a_policy_at_the_bound_can_be_added_to(emulator: Emulator) -> None:
    """What is taken can be written again: AddPermission reads the policy and writes it."""
    sns, topic = emulator.client("sns"), ARN("sns", "news")
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=nested(99))
    sns.add_permission(TopicArn=topic, Label="l", AWSAccountId=["111111111111"], ActionName=["Publish"])

    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"].startswith('{"a":{"a":')
