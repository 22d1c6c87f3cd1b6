"""Confirmations: what an endpoint is asked, how it confirms, and what happens when it does not."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketbus import Emulator

DAY = 86_400


def ask(emulator: Emulator, sns: Any, topic_arn: str, hook: Any) -> dict[str, Any]:
    """Subscribe the hook and return the message that it is asked with."""
    sns.subscribe(TopicArn=topic_arn, Protocol="http", Endpoint=hook.url)
    emulator.advance(0)
    message: dict[str, Any] = json.loads(hook.posts[-1].body)
    return message


def attributes_of(sns: Any, topic_arn: str, token: str) -> dict[str, str]:
    arn = sns.confirm_subscription(TopicArn=topic_arn, Token=token)["SubscriptionArn"]
    attributes: dict[str, str] = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    return attributes


def opened(url: str) -> str:
    with urllib.request.urlopen(url) as answer:
        text: str = answer.read().decode()
    return text


def test_an_endpoint_is_asked_to_confirm(emulator: Emulator, sns: Any, topic_arn: str, hook: Any) -> None:
    message = ask(emulator, sns, topic_arn, hook)

    assert list(message) == [
        "Type",
        "MessageId",
        "Token",
        "TopicArn",
        "Message",
        "SubscribeURL",
        "Timestamp",
        "SignatureVersion",
        "Signature",
        "SigningCertURL",
    ]
    assert (message["Type"], message["TopicArn"]) == ("SubscriptionConfirmation", topic_arn)
    headers = hook.posts[0].headers
    assert headers["x-amz-sns-message-type"] == "SubscriptionConfirmation"
    assert headers["x-amz-sns-message-id"] == message["MessageId"]
    assert "x-amz-sns-subscription-arn" not in headers


def test_a_request_to_confirm_has_the_headers_of_aws_too(
    emulator: Emulator, sns: Any, topic_arn: str, hook: Any
) -> None:
    ask(emulator, sns, topic_arn, hook)

    headers = hook.posts[0].headers
    assert (headers["accept-encoding"], headers["connection"]) == ("gzip,deflate", "Keep-Alive")
    assert headers["user-agent"] == "Amazon Simple Notification Service Agent"


def test_a_confirmed_webhook_counts_as_confirmed_and_no_longer_as_pending(
    emulator: Emulator, sns: Any, topic_arn: str, hook: Any
) -> None:
    def counts() -> tuple[str, str]:
        attributes = sns.get_topic_attributes(TopicArn=topic_arn)["Attributes"]
        return attributes["SubscriptionsPending"], attributes["SubscriptionsConfirmed"]

    message = ask(emulator, sns, topic_arn, hook)
    before = counts()
    sns.confirm_subscription(TopicArn=topic_arn, Token=message["Token"])

    assert (before, counts()) == (("1", "0"), ("0", "1"))


def test_opening_the_url_confirms(emulator: Emulator, sns: Any, topic_arn: str, hook: Any) -> None:
    message = ask(emulator, sns, topic_arn, hook)
    hook.posts.clear()

    answer = opened(message["SubscribeURL"])
    sns.publish(TopicArn=topic_arn, Message="hello")
    emulator.advance(0)

    (subscription,) = sns.list_subscriptions()["Subscriptions"]
    assert f"<SubscriptionArn>{subscription['SubscriptionArn']}</SubscriptionArn>" in answer
    assert json.loads(hook.posts[0].body)["Message"] == "hello"


def test_a_url_of_another_region_confirms_too(emulator: Emulator, hook: Any) -> None:
    sns = emulator.client("sns", region_name="eu-west-1")
    topic_arn = sns.create_topic(Name="news")["TopicArn"]
    opened(ask(emulator, sns, topic_arn, hook)["SubscribeURL"])

    assert sns.get_topic_attributes(TopicArn=topic_arn)["Attributes"]["SubscriptionsConfirmed"] == "1"


def test_a_subscription_that_waits_is_told_apart_and_receives_nothing(
    emulator: Emulator, sns: Any, topic_arn: str, hook: Any
) -> None:
    answer = sns.subscribe(TopicArn=topic_arn, Protocol="http", Endpoint=hook.url)
    sns.publish(TopicArn=topic_arn, Message="hello")
    emulator.advance(0)

    assert answer["SubscriptionArn"] == "pending confirmation"
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=topic_arn)["Subscriptions"]
    assert listed["SubscriptionArn"] == "PendingConfirmation"
    attributes = sns.get_topic_attributes(TopicArn=topic_arn)["Attributes"]
    assert (attributes["SubscriptionsPending"], attributes["SubscriptionsConfirmed"]) == ("1", "0")
    assert [json.loads(post.body)["Type"] for post in hook.posts] == ["SubscriptionConfirmation"]


def test_the_arn_is_told_to_who_asks_for_it(sns: Any, topic_arn: str, hook: Any) -> None:
    arn = sns.subscribe(TopicArn=topic_arn, Protocol="http", Endpoint=hook.url, ReturnSubscriptionArn=True)[
        "SubscriptionArn"
    ]

    assert arn.startswith(f"{topic_arn}:")
    attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert attributes["PendingConfirmation"] == "true"


def test_subscribing_again_asks_again_with_another_token(
    emulator: Emulator, sns: Any, topic_arn: str, hook: Any
) -> None:
    first, second = (ask(emulator, sns, topic_arn, hook)["Token"] for _ in range(2))

    assert first != second
    assert sns.confirm_subscription(TopicArn=topic_arn, Token=first) is not None
    assert len(sns.list_subscriptions()["Subscriptions"]) == 1


def test_a_token_confirms_again_and_again(emulator: Emulator, sns: Any, topic_arn: str, hook: Any) -> None:
    token = ask(emulator, sns, topic_arn, hook)["Token"]

    first, second = (
        sns.confirm_subscription(TopicArn=topic_arn, Token=token)["SubscriptionArn"] for _ in range(2)
    )

    assert first == second


def test_a_signed_confirmation_is_told_apart(emulator: Emulator, sns: Any, topic_arn: str, hook: Any) -> None:
    message = ask(emulator, sns, topic_arn, hook)

    assert attributes_of(sns, topic_arn, message["Token"])["ConfirmationWasAuthenticated"] == "true"


def test_an_unsigned_confirmation_is_told_apart(
    emulator: Emulator, sns: Any, topic_arn: str, hook: Any
) -> None:
    message = ask(emulator, sns, topic_arn, hook)
    opened(message["SubscribeURL"])

    assert attributes_of(sns, topic_arn, message["Token"])["ConfirmationWasAuthenticated"] == "false"


@pytest.mark.parametrize("topic", ["news", "absent"])
def test_an_unknown_token_is_refused(sns: Any, topic_arn: str, topic: str) -> None:
    with pytest.raises(ClientError) as raised:
        sns.confirm_subscription(
            TopicArn=topic_arn.replace("news", topic), Token="51b2ff3edb475b7d91550e0ab6ed"
        )

    assert raised.value.response["Error"]["Code"] == "InvalidParameter"
    assert raised.value.response["Error"]["Message"] == "Invalid parameter: Token"


def test_after_two_days_the_token_and_the_subscription_are_gone(
    emulator: Emulator, sns: Any, topic_arn: str, hook: Any
) -> None:
    token = ask(emulator, sns, topic_arn, hook)["Token"]

    emulator.advance(2 * DAY - 1)
    assert len(sns.list_subscriptions()["Subscriptions"]) == 1
    emulator.advance(1)

    assert sns.list_subscriptions()["Subscriptions"] == []
    with pytest.raises(ClientError, match="Invalid parameter: Token"):
        sns.confirm_subscription(TopicArn=topic_arn, Token=token)


def test_a_confirmed_subscription_outlives_its_token(
    emulator: Emulator, sns: Any, topic_arn: str, subscribe: Callable[..., str]
) -> None:
    arn = subscribe()

    emulator.advance(3 * DAY)

    assert [one["SubscriptionArn"] for one in sns.list_subscriptions()["Subscriptions"]] == [arn]


def test_the_unsubscribe_url_ends_a_subscription_and_the_url_sent_then_restores_it(
    emulator: Emulator, sns: Any, topic_arn: str, hook: Any, subscribe: Callable[..., str]
) -> None:
    arn = subscribe()
    sns.publish(TopicArn=topic_arn, Message="hello")
    emulator.advance(0)

    opened(json.loads(hook.posts[0].body)["UnsubscribeURL"])
    emulator.advance(0)
    assert sns.list_subscriptions()["Subscriptions"] == []
    goodbye = json.loads(hook.posts[1].body)
    assert goodbye["Type"] == "UnsubscribeConfirmation"
    opened(goodbye["SubscribeURL"])

    assert [one["SubscriptionArn"] for one in sns.list_subscriptions()["Subscriptions"]] == [arn]


def test_who_wants_authentication_is_not_unsubscribed_without(
    emulator: Emulator, sns: Any, topic_arn: str, hook: Any
) -> None:
    token = ask(emulator, sns, topic_arn, hook)["Token"]
    arn = sns.confirm_subscription(TopicArn=topic_arn, Token=token, AuthenticateOnUnsubscribe="true")[
        "SubscriptionArn"
    ]

    with pytest.raises(urllib.error.HTTPError) as refused:
        opened(f"{emulator.url}/?Action=Unsubscribe&SubscriptionArn={arn}")
    refused.value.close()
    assert refused.value.code == 403
    sns.unsubscribe(SubscriptionArn=arn)

    assert sns.list_subscriptions()["Subscriptions"] == []


def test_the_latest_token_can_be_read(emulator: Emulator, sns: Any, topic_arn: str, hook: Any) -> None:
    arn = sns.subscribe(TopicArn=topic_arn, Protocol="http", Endpoint=hook.url, ReturnSubscriptionArn=True)[
        "SubscriptionArn"
    ]
    emulator.advance(0)

    read = json.loads(opened(f"{emulator.url}/_aws/sns/subscription-tokens/{arn}"))

    assert read == {"subscription_token": json.loads(hook.posts[0].body)["Token"], "subscription_arn": arn}


@pytest.mark.parametrize(
    ("arn", "status"), [("x", 400), ("arn:aws:sns:us-east-1:000000000000:news:none", 404)]
)
def test_a_token_of_nothing_is_refused(emulator: Emulator, topic_arn: str, arn: str, status: int) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        opened(f"{emulator.url}/_aws/sns/subscription-tokens/{arn}")
    refused.value.close()

    assert refused.value.code == status


@pytest.mark.parametrize(
    ("protocol", "endpoint", "message"),
    [
        ("http", "https://127.0.0.1/", "Invalid parameter: Endpoint must match the specified protocol"),
        ("https", "http://127.0.0.1/", "Invalid parameter: Endpoint must match the specified protocol"),
        ("http", "http://", "Invalid parameter: Endpoint"),
        ("http", "http://a b/", "Invalid parameter: Endpoint"),
        (
            "ftp",
            "ftp://127.0.0.1/",
            "Invalid parameter: Amazon SNS does not support this protocol string: ftp",
        ),
    ],
)
def test_an_endpoint_that_does_not_fit_its_protocol_is_refused(
    sns: Any, topic_arn: str, protocol: str, endpoint: str, message: str
) -> None:
    with pytest.raises(ClientError) as raised:
        sns.subscribe(TopicArn=topic_arn, Protocol=protocol, Endpoint=endpoint)

    assert raised.value.response["Error"]["Message"] == message


def test_only_queues_subscribe_to_fifo_topics(sns: Any, hook: Any) -> None:
    topic_arn = sns.create_topic(Name="news.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]

    with pytest.raises(ClientError) as raised:
        sns.subscribe(TopicArn=topic_arn, Protocol="http", Endpoint=hook.url)

    assert raised.value.response["Error"]["Message"] == (
        "Invalid parameter: Invalid parameter: Endpoint Reason: Please use FIFO SQS queue"
    )
