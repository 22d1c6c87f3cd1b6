"""What SNS itself was recorded to do: the lines of docs/BEHAVIOUR-SNS-EVENTS.md, each with its siblings."""

import json
import re
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any
from urllib.error import HTTPError

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from pocketbus import Emulator

ACCOUNT = "000000000000"
ARN = f"arn:aws:{{}}:us-east-1:{ACCOUNT}:{{}}".format
FIFO = {"FifoTopic": "true"}
ONCE = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
LAX = {"config": ONCE}

_MADE_UP = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<id>"),
    (re.compile(r'(?<="Signature" : ")[A-Za-z0-9+/=]{300,400}'), "<signature>"),
)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=1) as emulator:
        emulator.freeze()
        emulator.set("2026-01-01T00:00:00Z")
        yield emulator


@pytest.fixture
def sns(emulator: Emulator) -> Any:
    return emulator.client("sns", **LAX)


@pytest.fixture
def make_queue(emulator: Emulator) -> Callable[[str], str]:
    def make(name: str) -> str:
        attributes = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
        emulator.client("sqs").create_queue(QueueName=name, Attributes=attributes)
        return ARN("sqs", name)

    return make


@pytest.fixture
def receive(emulator: Emulator) -> Callable[[str], list[Any]]:
    def receive(name: str) -> list[Any]:
        sqs = emulator.client("sqs")
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        answer = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
        )
        return list(answer.get("Messages", []))

    return receive


def comparable(text: str) -> str:
    for pattern, word in _MADE_UP:
        text = pattern.sub(word, text)
    return text


def error_of(call: Callable[..., Any], **params: Any) -> tuple[str, str, int]:
    with pytest.raises(ClientError) as caught:
        call(**params)
    response: Any = caught.value.response
    error = response["Error"]
    return error["Code"], error["Message"], response["ResponseMetadata"]["HTTPStatusCode"]


# Who subscribed


@pytest.mark.parametrize("account", [ACCOUNT, "111111111111"])
def test_a_user_of_the_account_subscribed_and_not_its_root(
    emulator: Emulator, sns: Any, account: str
) -> None:
    topic = sns.create_topic(Name="news")["TopicArn"]
    theirs = emulator.client("sns", aws_access_key_id=account)
    made = theirs.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=ARN("sqs", "q"))

    found = theirs.get_subscription_attributes(SubscriptionArn=made["SubscriptionArn"])

    assert found["Attributes"]["SubscriptionPrincipal"] == f"arn:aws:iam::{account}:user/pocketbus"


# Envelopes


def test_the_envelope_of_a_standard_topic(
    sns: Any, make_queue: Callable[[str], str], receive: Callable[[str], list[Any]]
) -> None:
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=make_queue("q"))

    sns.publish(
        TopicArn=topic,
        Message='say "hi"',
        Subject="News",
        MessageAttributes={
            "colour": {"DataType": "String", "StringValue": "red"},
            "photo": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
        },
    )

    (message,) = receive("q")
    assert comparable(message["Body"]) == (
        "{\n"
        '  "Type" : "Notification",\n'
        '  "MessageId" : "<id>",\n'
        '  "TopicArn" : "arn:aws:sns:us-east-1:000000000000:news",\n'
        '  "Subject" : "News",\n'
        '  "Message" : "say \\"hi\\"",\n'
        '  "Timestamp" : "2026-01-01T00:00:00.000Z",\n'
        '  "SignatureVersion" : "1",\n'
        '  "Signature" : "<signature>",\n'
        '  "SigningCertURL" : "http://localhost:4566/_aws/sns/'
        'SimpleNotificationService-00000000000000000000000000000000.pem",\n'
        '  "UnsubscribeURL" : "http://localhost:4566/?Action=Unsubscribe&SubscriptionArn='
        'arn:aws:sns:us-east-1:000000000000:news:<id>",\n'
        '  "MessageAttributes" : {\n'
        '    "colour" : {"Type":"String","Value":"red"},\n'
        '    "photo" : {"Type":"Binary","Value":"AP8="}\n'
        "  }\n"
        "}"
    )


FIFO_ENVELOPE = (
    "{\n"
    '  "Type" : "Notification",\n'
    '  "MessageId" : "<id>",\n'
    '  "SequenceNumber" : "10000000000000001000",\n'
    '  "TopicArn" : "arn:aws:sns:us-east-1:000000000000:news.fifo",\n'
    '  "Message" : "hello",\n'
    '  "Timestamp" : "2026-01-01T00:00:00.000Z",\n'
    '  "UnsubscribeURL" : "http://localhost:4566/?Action=Unsubscribe&SubscriptionArn='
    'arn:aws:sns:us-east-1:000000000000:news.fifo:<id>"\n'
    "}"
)
MESSAGE = {"Message": "hello", "MessageGroupId": "g", "MessageDeduplicationId": "d"}


def publish(sns: Any, topic: str, way: str) -> None:
    if way == "alone":
        sns.publish(TopicArn=topic, **MESSAGE)
    else:
        sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[{"Id": "1", **MESSAGE}])


@pytest.mark.parametrize("way", ["alone", "in a batch"])
@pytest.mark.parametrize("queue", ["q", "q.fifo"])
def test_the_envelope_of_a_fifo_topic_is_numbered_and_not_signed(
    sns: Any, make_queue: Callable[[str], str], receive: Callable[[str], list[Any]], queue: str, way: str
) -> None:
    topic = sns.create_topic(Name="news.fifo", Attributes=FIFO)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=make_queue(queue))

    publish(sns, topic, way)

    (message,) = receive(queue)
    assert comparable(message["Body"]) == FIFO_ENVELOPE


def test_the_dead_letter_of_a_fifo_topic_is_not_signed_either(
    sns: Any, make_queue: Callable[[str], str], receive: Callable[[str], list[Any]]
) -> None:
    topic = sns.create_topic(Name="news.fifo", Attributes=FIFO)["TopicArn"]
    policy = json.dumps({"deadLetterTargetArn": make_queue("dead.fifo")})
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=ARN("sqs", "nowhere.fifo"),
        Attributes={"RedrivePolicy": policy},
    )

    sns.publish(TopicArn=topic, **MESSAGE)

    (letter,) = receive("dead.fifo")
    assert comparable(letter["Body"]) == FIFO_ENVELOPE
    assert letter["Attributes"]["MessageGroupId"] == "g"


# Groups


@pytest.mark.parametrize("raw", ["true", "false"])
@pytest.mark.parametrize("way", ["alone", "in a batch"])
def test_a_fifo_topics_message_in_a_standard_queue_has_no_group(
    sns: Any, make_queue: Callable[[str], str], receive: Callable[[str], list[Any]], way: str, raw: str
) -> None:
    topic = sns.create_topic(Name="news.fifo", Attributes=FIFO)["TopicArn"]
    attributes = {"RawMessageDelivery": raw}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=make_queue("q"), Attributes=attributes)

    publish(sns, topic, way)

    (message,) = receive("q")
    assert sorted(message["Attributes"]) == [
        "ApproximateFirstReceiveTimestamp",
        "ApproximateReceiveCount",
        "SenderId",
        "SentTimestamp",
    ]


def test_a_fifo_topics_dead_letter_in_a_standard_queue_has_no_group(
    sns: Any, make_queue: Callable[[str], str], receive: Callable[[str], list[Any]]
) -> None:
    topic = sns.create_topic(Name="news.fifo", Attributes=FIFO)["TopicArn"]
    policy = json.dumps({"deadLetterTargetArn": make_queue("dead")})
    attributes = {"RedrivePolicy": policy}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=ARN("sqs", "gone"), Attributes=attributes)

    sns.publish(TopicArn=topic, **MESSAGE)

    (letter,) = receive("dead")
    assert "MessageGroupId" not in letter["Attributes"]


def test_a_fifo_topics_message_in_a_fifo_queue_keeps_its_group_and_its_id(
    sns: Any, make_queue: Callable[[str], str], receive: Callable[[str], list[Any]]
) -> None:
    topic = sns.create_topic(Name="news.fifo", Attributes=FIFO)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=make_queue("q.fifo"))

    sns.publish(TopicArn=topic, **MESSAGE)

    (message,) = receive("q.fifo")
    attributes = message["Attributes"]
    assert (attributes["MessageGroupId"], attributes["MessageDeduplicationId"]) == ("g", "d")


def test_a_standard_topics_group_goes_on_to_a_standard_queue(
    sns: Any, make_queue: Callable[[str], str], receive: Callable[[str], list[Any]]
) -> None:
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=make_queue("q"))

    sns.publish(TopicArn=topic, Message="hello", MessageGroupId="g")

    (message,) = receive("q")
    assert message["Attributes"]["MessageGroupId"] == "g"


# What is refused, and in which order


@pytest.mark.parametrize(
    ("operation", "member"),
    [
        ("set_platform_application_attributes", "PlatformApplicationArn"),
        ("set_endpoint_attributes", "EndpointArn"),
        ("put_data_protection_policy", "ResourceArn"),
        ("set_topic_attributes", "TopicArn"),
        ("set_subscription_attributes", "SubscriptionArn"),
        ("subscribe", "TopicArn"),
    ],
)
def test_what_is_no_arn_is_refused_before_anything_is_missed(sns: Any, operation: str, member: str) -> None:
    assert error_of(getattr(sns, operation), **{member: "x"}) == (
        "InvalidParameter",
        f"Invalid parameter: {member} Reason: An ARN must have at least 6 elements, not 1",
        400,
    )


def test_attributes_are_missed_before_the_application_is_looked_for(sns: Any) -> None:
    call = sns.set_platform_application_attributes

    words = "Value null at 'attributes' failed to satisfy constraint: Member must not be null"
    assert error_of(call, PlatformApplicationArn=ARN("sns", "app/GCM/none"), Attributes={}) == (
        "ValidationError",
        f"1 validation error detected: {words}",
        400,
    )


@pytest.mark.parametrize(
    ("action", "params", "words"),
    [
        (
            "SetPlatformApplicationAttributes",
            {"PlatformApplicationArn": ARN("sns", "app/GCM/none")},
            "PlatformApplication does not exist",
        ),
        (
            "SetEndpointAttributes",
            {"EndpointArn": ARN("sns", "endpoint/GCM/none/00000000-0000-0000-0000-000000000000")},
            "Endpoint does not exist",
        ),
        (
            "CreatePlatformApplication",
            {"Name": "shop", "Platform": "GCM"},
            "Invalid parameter: Attributes Reason: PlatformCredential attribute not provided",
        ),
    ],
)
def test_an_empty_structure_is_not_an_absent_member(action: str, params: dict[str, str], words: str) -> None:
    with Emulator(seed=1, serve=True) as emulator:
        form = urllib.parse.urlencode({"Action": action, "Version": "2010-03-31", "Attributes": "", **params})
        with pytest.raises(HTTPError) as caught:
            urllib.request.urlopen(emulator.url, form.encode())
        text = caught.value.read().decode()

    assert f"<Message>{words}</Message>" in text


@pytest.mark.parametrize("way", ["alone", "in a batch"])
def test_of_equal_keys_in_a_message_by_protocol_the_last_counts(
    sns: Any, make_queue: Callable[[str], str], receive: Callable[[str], list[Any]], way: str
) -> None:
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=make_queue("q"))
    message = {
        "Message": '{"default": "a", "sqs": "first", "default": "b", "sqs": "last"}',
        "MessageStructure": "json",
    }

    if way == "alone":
        sns.publish(TopicArn=topic, **message)
    else:
        sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[{"Id": "1", **message}])

    (found,) = receive("q")
    assert json.loads(found["Body"])["Message"] == "last"


@pytest.fixture
def device(sns: Any) -> str:
    application = sns.create_platform_application(
        Name="shop", Platform="GCM", Attributes={"PlatformCredential": "key"}
    )["PlatformApplicationArn"]
    made = sns.create_platform_endpoint(PlatformApplicationArn=application, Token="t")
    arn: str = made["EndpointArn"]
    return arn


BAD_MESSAGES: list[dict[str, Any]] = [
    {"Message": "hello"},
    {"Message": ""},
    {"Message": "no JSON", "MessageStructure": "json"},
    {"Message": "x", "MessageAttributes": {"a": {"DataType": "Nothing", "StringValue": "x"}}},
]


@pytest.mark.parametrize("message", BAD_MESSAGES)
def test_a_disabled_endpoint_refuses_before_the_message_is_looked_at(
    sns: Any, device: str, message: dict[str, Any]
) -> None:
    sns.set_endpoint_attributes(EndpointArn=device, Attributes={"Enabled": "false"})

    assert error_of(sns.publish, TargetArn=device, **message) == (
        "EndpointDisabled",
        "Endpoint is disabled",
        400,
    )


@pytest.mark.parametrize("message", BAD_MESSAGES)
def test_a_disabled_application_refuses_before_the_message_is_looked_at(
    sns: Any, device: str, message: dict[str, Any]
) -> None:
    application = ARN("sns", "app/GCM/shop")
    sns.set_platform_application_attributes(
        PlatformApplicationArn=application, Attributes={"Enabled": "false"}
    )

    assert error_of(sns.publish, TargetArn=device, **message)[0] == "PlatformApplicationDisabled"


# Regions


def test_a_client_of_another_region_does_not_unsubscribe(emulator: Emulator, sns: Any) -> None:
    topic = sns.create_topic(Name="news")["TopicArn"]
    made = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=ARN("sqs", "q"))
    there = emulator.client("sns", region_name="eu-west-1")

    assert error_of(there.unsubscribe, SubscriptionArn=made["SubscriptionArn"]) == (
        "InvalidParameter",
        "Invalid parameter: SubscriptionArn",
        400,
    )
    assert len(sns.list_subscriptions()["Subscriptions"]) == 1


@pytest.fixture
def pending(emulator: Emulator, sns: Any) -> dict[str, str]:
    """A topic with a subscription that waits, and the token for it."""
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ann@example.com")

    def latest(engine: Any) -> str:
        confirmations = engine.resources[topic].confirmations
        (subscription,) = engine.resources[topic].audience
        token: str = confirmations.latest_token(subscription)
        return token

    return {"TopicArn": topic, "Token": emulator.call(latest)}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"TopicArn": "news"}, "Invalid parameter: Topic"),
        ({"TopicArn": ARN("sns", "news").replace("us-east-1", "eu-west-1")}, "Invalid parameter: Topic"),
        ({"TopicArn": ARN("sns", "absent")}, "Invalid parameter: Token"),
        ({"Token": "0" * 240}, "Invalid parameter: Token"),
        ({"Token": "randomtoken"}, "Invalid token"),
    ],
)
@pytest.mark.parametrize("signed", [True, False])
def test_a_confirmation_is_refused_for_its_topic_and_for_its_token(
    sns: Any, pending: dict[str, str], changed: dict[str, str], words: str, signed: bool
) -> None:
    if not signed:
        sns.meta.events.register("choose-signer.sns", lambda **_: UNSIGNED)

    assert error_of(sns.confirm_subscription, **{**pending, **changed}) == ("InvalidParameter", words, 400)


def test_a_client_of_another_region_does_not_confirm(emulator: Emulator, pending: dict[str, str]) -> None:
    there = emulator.client("sns", region_name="eu-west-1")

    assert error_of(there.confirm_subscription, **pending)[1] == "Invalid parameter: Topic"


def test_a_confirmation_without_credentials_finds_the_region_by_itself(
    emulator: Emulator, pending: dict[str, str]
) -> None:
    there = emulator.client("sns", region_name="eu-west-1", config=Config(signature_version=UNSIGNED))

    assert there.confirm_subscription(**pending)["SubscriptionArn"].startswith(pending["TopicArn"])


def test_a_topic_with_an_archive_policy_is_not_deleted(sns: Any) -> None:
    attributes = {**FIFO, "ArchivePolicy": '{"MessageRetentionPeriod":"30"}'}
    topic = sns.create_topic(Name="news.fifo", Attributes=attributes)["TopicArn"]

    assert error_of(sns.delete_topic, TopicArn=topic) == (
        "InvalidState",
        "Invalid state: Cannot delete a topic with an ArchivePolicy",
        400,
    )
    assert sns.list_topics()["Topics"] == [{"TopicArn": topic}]


# The JSON that SNS composes


def test_the_policy_of_a_new_topic_is_written_as_aws_writes_it(sns: Any) -> None:
    topic = sns.create_topic(Name="news")["TopicArn"]

    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"] == (
        '{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID",'
        '"Effect":"Allow","Principal":{"AWS":"*"},"Action":["SNS:GetTopicAttributes",'
        '"SNS:SetTopicAttributes","SNS:AddPermission","SNS:RemovePermission","SNS:DeleteTopic",'
        '"SNS:Subscribe","SNS:ListSubscriptionsByTopic","SNS:Publish"],'
        '"Resource":"arn:aws:sns:us-east-1:000000000000:news",'
        '"Condition":{"StringEquals":{"AWS:SourceOwner":"000000000000"}}}]}'
    )


def test_a_statement_that_is_added_is_written_as_aws_writes_it(sns: Any) -> None:
    topic = sns.create_topic(Name="news")["TopicArn"]
    for label, accounts, actions in (
        ("one", ["111111111111"], ["Publish"]),
        ("two", ["222222222222", "111111111111"], ["Publish", "Subscribe"]),
    ):
        sns.add_permission(TopicArn=topic, Label=label, AWSAccountId=accounts, ActionName=actions)

    policy = sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]

    assert policy[policy.index(',{"Sid":"one"') :] == (
        ',{"Sid":"one","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},'
        '"Action":"SNS:Publish","Resource":"arn:aws:sns:us-east-1:000000000000:news"},'
        '{"Sid":"two","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::222222222222:root",'
        '"arn:aws:iam::111111111111:root"]},"Action":["SNS:Publish","SNS:Subscribe"],'
        '"Resource":"arn:aws:sns:us-east-1:000000000000:news"}]}'
    )


def test_the_effective_delivery_policy_of_a_topic_is_written_as_aws_writes_it(sns: Any) -> None:
    topic = sns.create_topic(Name="news")["TopicArn"]

    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["EffectiveDeliveryPolicy"] == (
        '{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,'
        '"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},'
        '"disableSubscriptionOverrides":false,'
        '"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}}'
    )


def test_the_effective_delivery_policy_of_a_subscription_is_written_as_aws_writes_it(sns: Any) -> None:
    topic = sns.create_topic(Name="news")["TopicArn"]
    subscription = sns.subscribe(
        TopicArn=topic, Protocol="https", Endpoint="https://127.0.0.1:9/", ReturnSubscriptionArn=True
    )["SubscriptionArn"]

    found = sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]

    assert found["EffectiveDeliveryPolicy"] == (
        '{"healthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,'
        '"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},'
        '"sicklyRetryPolicy":null,"throttlePolicy":null,'
        '"requestPolicy":{"headerContentType":"text/plain; charset=UTF-8"},"guaranteed":false}'
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("FilterPolicy", '{ "b": ["x"], "a": [ 1.50 ] }'),
        ("RedrivePolicy", f'{{ "deadLetterTargetArn" : "{ARN("sqs", "dead")}" }}'),
    ],
)
def test_a_policy_is_shown_letter_by_letter_as_it_was_given(sns: Any, name: str, text: str) -> None:
    topic = sns.create_topic(Name="news")["TopicArn"]
    subscription = sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=ARN("sqs", "q"), Attributes={name: text}
    )["SubscriptionArn"]

    assert sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"][name] == text


def test_the_notice_of_a_changed_endpoint_is_written_as_aws_writes_it(
    sns: Any, make_queue: Callable[[str], str], receive: Callable[[str], list[Any]]
) -> None:
    topic = sns.create_topic(Name="news")["TopicArn"]
    raw = {"RawMessageDelivery": "true"}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=make_queue("q"), Attributes=raw)
    application = sns.create_platform_application(
        Name="shop", Platform="GCM", Attributes={"PlatformCredential": "key", "EventEndpointCreated": topic}
    )["PlatformApplicationArn"]

    sns.create_platform_endpoint(PlatformApplicationArn=application, Token="t")

    (notice,) = receive("q")
    assert comparable(notice["Body"]) == (
        '{"EventType": "EndpointCreated", '
        '"EndpointArn": "arn:aws:sns:us-east-1:000000000000:endpoint/GCM/shop/<id>", '
        '"Resource": "arn:aws:sns:us-east-1:000000000000:app/GCM/shop", "Service": "SNS", '
        '"Time": "2026-01-01T00:00:00.000Z"}'
    )
