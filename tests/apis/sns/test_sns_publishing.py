"""Publish over the wire: what arrives, and what is refused in which words."""

import json
from collections.abc import Callable
from typing import Any

import pytest

Refusal = Callable[..., tuple[str, str, int]]
MakeEndpoint = Callable[..., Any]


@pytest.fixture
def endpoint(sns_client: Any, topic_arn: str, make_endpoint: MakeEndpoint) -> Any:
    endpoint = make_endpoint()
    sns_client.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=endpoint.arn)
    return endpoint


@pytest.fixture
def raw_endpoint(sns_client: Any, topic_arn: str, make_endpoint: MakeEndpoint) -> Any:
    endpoint = make_endpoint("raw")
    raw = {"RawMessageDelivery": "true"}
    sns_client.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=endpoint.arn, Attributes=raw)
    return endpoint


def test_a_message_arrives_in_its_envelope(
    sns_client: Any, topic_arn: str, endpoint: Any, sns_url: str
) -> None:
    published = sns_client.publish(TopicArn=topic_arn, Message="hello", Subject="News")

    envelope = json.loads(endpoint.bodies()[0])
    assert (envelope["MessageId"], envelope["Message"], envelope["Subject"]) == (
        published["MessageId"],
        "hello",
        "News",
    )
    assert envelope["UnsubscribeURL"].startswith(
        f"{sns_url}/?Action=Unsubscribe&SubscriptionArn={topic_arn}:"
    )


def test_a_topic_can_be_the_target_arn(sns_client: Any, topic_arn: str, endpoint: Any) -> None:
    sns_client.publish(TargetArn=topic_arn, Message="hello")

    assert endpoint.messages() == ["hello"]


def test_raw_delivery_turns_message_attributes_into_those_of_the_queue(
    sns_client: Any, topic_arn: str, raw_endpoint: Any
) -> None:
    attributes = {
        "text": {"DataType": "String", "StringValue": "é"},
        "number": {"DataType": "Number", "StringValue": "1.50"},
        "list": {"DataType": "String.Array", "StringValue": '["a", 1]'},
        "blob": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    }
    sns_client.publish(TopicArn=topic_arn, Message="hello", MessageAttributes=attributes)

    (message,) = raw_endpoint.receive()
    assert (message["Body"], message["MessageAttributes"]) == ("hello", attributes)


def test_a_message_can_differ_by_protocol(sns_client: Any, topic_arn: str, endpoint: Any) -> None:
    for texts in (
        {"default": "for all", "sqs": "for queues"},
        {"default": "for all", "sqs": 5},
        {"default": "for all", "http": "for webhooks"},
    ):
        sns_client.publish(TopicArn=topic_arn, Message=json.dumps(texts), MessageStructure="json")

    assert endpoint.messages() == ["for queues", "for all", "for all"]


def test_a_number_in_a_message_by_protocol_counts_for_nothing_however_long_it_is(
    sns_client: Any, topic_arn: str, endpoint: Any
) -> None:
    message = f'{{"default": "for all", "sqs": {"7" * 5000}, "http": -1e{"9" * 5000}}}'
    sns_client.publish(TopicArn=topic_arn, Message=message, MessageStructure="json")

    assert endpoint.messages() == ["for all"]


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("not JSON", "Message Structure - JSON message body failed to parse"),
        ('{"sqs": "for queues"}', "Message Structure - No default entry in JSON message body"),
        ('{"default": {"a": 1}}', "Message Structure - No default entry in JSON message body"),
        ("[]", "Message Structure - No default entry in JSON message body"),
    ],
)
def test_a_message_by_protocol_needs_a_default_text(
    sns_client: Any, topic_arn: str, refusal: Refusal, message: str, words: str
) -> None:
    refused = refusal(sns_client.publish, TopicArn=topic_arn, Message=message, MessageStructure="json")

    assert refused == ("InvalidParameter", f"Invalid parameter: {words}", 400)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"Message": ""}, "Empty message"),
        ({"Message": "x", "Subject": ""}, "Subject"),
        ({"Message": "x", "Subject": "x" * 101}, "Subject"),
        ({"Message": "x", "Subject": "two\nlines"}, "Subject"),
        ({"Message": "x" * 262_145}, "Message too long"),
        (
            {
                "Message": "x" * 262_141,
                "MessageAttributes": {"k": {"DataType": "String", "StringValue": "v"}},
            },
            "Message too long",
        ),
        ({"Message": "x", "MessageStructure": "xml"}, "MessageStructure"),
        (
            {"Message": "x", "MessageGroupId": "a b"},
            "MessageGroupId Reason: can only include alphanumeric and punctuation characters, 1 to 128 in length",
        ),
        (
            {"Message": "x", "MessageGroupId": "g", "MessageDeduplicationId": "d"},
            (
                "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter "
                "that is not valid for this topic type"
            ),
        ),
    ],
)
def test_a_bad_publication_is_refused(
    sns_client: Any, topic_arn: str, endpoint: Any, refusal: Refusal, params: dict[str, Any], words: str
) -> None:
    refused = refusal(sns_client.publish, TopicArn=topic_arn, **params)

    assert refused == ("InvalidParameter", f"Invalid parameter: {words}", 400)
    assert endpoint.receive() == []


def test_the_longest_subject_and_message_are_taken(sns_client: Any, topic_arn: str, endpoint: Any) -> None:
    sns_client.publish(TopicArn=topic_arn, Message="x" * 262_144, Subject="é" * 100)

    assert [len(message) for message in endpoint.messages()] == [262_144]


def test_a_publication_needs_a_target(sns_client: Any, refusal: Refusal) -> None:
    assert refusal(sns_client.publish, Message="x") == (
        "InvalidParameter",
        "Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter",
        400,
    )


def test_a_mobile_endpoint_is_not_found(sns_client: Any, account: Any, refusal: Refusal) -> None:
    target = f"arn:aws:sns:us-east-1:{account.id}:endpoint/GCM/app/8c4a7e2e-9a0a-4f0e-8f3c-000000000000"

    assert refusal(sns_client.publish, TargetArn=target, Message="x") == (
        "InvalidParameter",
        "Invalid parameter: TargetArn Reason: No endpoint found for the target arn specified",
        400,
    )


def test_a_fifo_topic_delivers_in_order_to_a_fifo_queue(
    sns_client: Any, fifo_topic_arn: str, make_endpoint: MakeEndpoint
) -> None:
    endpoint = make_endpoint("orders.fifo", FifoQueue="true")
    sns_client.subscribe(TopicArn=fifo_topic_arn, Protocol="sqs", Endpoint=endpoint.arn)
    for text, deduplication_id in (("one", "1"), ("two", "2"), ("one again", "1")):
        sns_client.publish(
            TopicArn=fifo_topic_arn,
            Message=text,
            MessageGroupId="g",
            MessageDeduplicationId=deduplication_id,
        )

    messages = endpoint.receive()
    assert [json.loads(message["Body"])["Message"] for message in messages] == ["one", "two"]
    attributes = messages[0]["Attributes"]
    assert (attributes["MessageGroupId"], attributes["MessageDeduplicationId"]) == ("g", "1")


@pytest.mark.parametrize(
    ("params", "words"),
    [
        (
            {"MessageDeduplicationId": "d"},
            "The MessageGroupId parameter is required for FIFO topics",
        ),
        (
            {"MessageGroupId": "g"},
            (
                "The topic should either have ContentBasedDeduplication enabled "
                "or MessageDeduplicationId provided explicitly"
            ),
        ),
    ],
)
def test_a_fifo_topic_needs_group_and_deduplication(
    sns_client: Any, fifo_topic_arn: str, refusal: Refusal, params: dict[str, str], words: str
) -> None:
    refused = refusal(sns_client.publish, TopicArn=fifo_topic_arn, Message="x", **params)

    assert refused == ("InvalidParameter", f"Invalid parameter: {words}", 400)


def test_what_cannot_be_delivered_goes_to_the_dead_letter_queue(
    sns_client: Any, sqs_client: Any, topic_arn: str, make_endpoint: MakeEndpoint
) -> None:
    endpoint, dead_letters = make_endpoint(), make_endpoint("dead")
    policy = json.dumps({"deadLetterTargetArn": dead_letters.arn})
    sns_client.subscribe(
        TopicArn=topic_arn, Protocol="sqs", Endpoint=endpoint.arn, Attributes={"RedrivePolicy": policy}
    )
    sqs_client.delete_queue(QueueUrl=endpoint.url)

    sns_client.publish(TopicArn=topic_arn, Message="hello")

    assert dead_letters.messages() == ["hello"]


def test_the_signature_version_of_the_topic_is_in_the_envelope(
    sns_client: Any, topic_arn: str, endpoint: Any
) -> None:
    sns_client.set_topic_attributes(TopicArn=topic_arn, AttributeName="SignatureVersion", AttributeValue="2")
    sns_client.publish(TopicArn=topic_arn, Message="hello")

    assert json.loads(endpoint.bodies()[0])["SignatureVersion"] == "2"


def test_another_account_can_publish_and_subscribe_by_the_arn(
    sns_url: str, session: Any, sns_client: Any, topic_arn: str, make_endpoint: MakeEndpoint
) -> None:
    endpoint = make_endpoint()
    guest = session.client(
        "sns",
        endpoint_url=sns_url,
        region_name="us-east-1",
        aws_access_key_id="999999999999",
        aws_secret_access_key="x",
    )
    guest.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=endpoint.arn)
    guest.publish(TopicArn=topic_arn, Message="hello")

    assert endpoint.messages() == ["hello"]
    owners = [found["Owner"] for found in guest.list_subscriptions()["Subscriptions"]]
    assert owners == ["999999999999"]
    assert sns_client.list_subscriptions()["Subscriptions"] == []


@pytest.mark.parametrize(
    ("message", "attributes"),
    [
        ("é" * 524_288, {}),
        ("x", {"a": {"DataType": "Binary", "BinaryValue": b"\xff" * 1_048_568}}),
    ],
)
def test_a_message_of_a_mebibyte_is_taken_however_it_grows_on_the_wire(
    sns_client: Any, topic_arn: str, message: str, attributes: dict[str, Any]
) -> None:
    sns_client.set_topic_attributes(
        TopicArn=topic_arn, AttributeName="MaximumMessageSize", AttributeValue="1048576"
    )

    sent = sns_client.publish(TopicArn=topic_arn, Message=message, MessageAttributes=attributes)

    assert len(sent["MessageId"]) == 36
