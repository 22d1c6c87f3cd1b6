"""Webhooks: SNS's messages over HTTP to a real server, their headers, their repetition and their end."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from pocketbus import Emulator

START = 1_700_000_000


def attempts(emulator: Emulator, message_id: str) -> list[tuple[float, str]]:
    """Return when each attempt was made, in seconds from the start, and how it went."""
    records = emulator.call(lambda engine: engine.trace.of(message_id))
    return [(record.at - START, record.why) for record in records if record.why.startswith("attempt ")]


def create_dead_letter_queue(emulator: Emulator) -> tuple[str, str]:
    """Return its URL, and the redrive policy that names it."""
    sqs = emulator.client("sqs")
    url: str = sqs.create_queue(QueueName="dead")["QueueUrl"]
    return url, json.dumps({"deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:dead"})


def bodies(emulator: Emulator, url: str) -> list[str]:
    answer = emulator.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [message["Body"] for message in answer.get("Messages", [])]


def test_a_notification_arrives_with_the_headers_of_aws(
    emulator: Emulator, sns: Any, topic_arn: str, hook: Any, subscribe: Callable[..., str]
) -> None:
    arn = subscribe()

    message_id = sns.publish(TopicArn=topic_arn, Message="hello", Subject="News")["MessageId"]
    emulator.advance(0)

    (post,) = hook.posts
    assert post.path == "/hook"
    assert {name: value for name, value in post.headers.items() if name.startswith("x-amz-sns")} == {
        "x-amz-sns-message-type": "Notification",
        "x-amz-sns-message-id": message_id,
        "x-amz-sns-topic-arn": topic_arn,
        "x-amz-sns-subscription-arn": arn,
    }
    assert post.headers["content-type"] == "text/plain; charset=UTF-8"
    assert post.headers["user-agent"] == "Amazon Simple Notification Service Agent"
    assert post.headers["accept-encoding"] == "gzip,deflate"
    assert post.headers["connection"] == "Keep-Alive"
    envelope = json.loads(post.body)
    assert (envelope["Type"], envelope["Subject"], envelope["Message"]) == ("Notification", "News", "hello")


def test_raw_delivery_sends_the_message_itself(
    emulator: Emulator, sns: Any, topic_arn: str, hook: Any, subscribe: Callable[..., str]
) -> None:
    subscribe(RawMessageDelivery="true")

    sns.publish(TopicArn=topic_arn, Message="hellö")
    emulator.advance(0)

    (post,) = hook.posts
    assert (post.body, post.headers["x-amz-sns-rawdelivery"]) == ("hellö", "true")


def test_the_credentials_in_a_url_are_sent_along(
    emulator: Emulator, sns: Any, topic_arn: str, hook: Any
) -> None:
    url = hook.url.replace("http://", "http://ann:secret@")

    sns.subscribe(TopicArn=topic_arn, Protocol="http", Endpoint=url)
    emulator.advance(0)

    assert hook.posts[0].headers["authorization"] == "Basic YW5uOnNlY3JldA=="
    assert hook.posts[0].headers["host"] == hook.url.split("/")[2]


def test_an_hour_of_failure_passes_at_once_every_attempt_at_its_instant_then_the_dead_letter(
    emulator: Emulator, sns: Any, topic_arn: str, hook: Any, subscribe: Callable[..., str]
) -> None:
    dead, redrive_policy = create_dead_letter_queue(emulator)
    retries = {
        "numRetries": 8,
        "numNoDelayRetries": 1,
        "numMinDelayRetries": 1,
        "numMaxDelayRetries": 2,
        "minDelayTarget": 60,
        "maxDelayTarget": 900,
        "backoffFunction": "linear",
    }
    subscribe(RedrivePolicy=redrive_policy, DeliveryPolicy=json.dumps({"healthyRetryPolicy": retries}))
    hook.statuses = [503]

    message_id = sns.publish(TopicArn=topic_arn, Message="hello")["MessageId"]
    emulator.advance(3600)

    assert [at for at, _ in attempts(emulator, message_id)] == [0, 0, 60, 120, 460, 1080, 1980, 2880]
    assert len(hook.posts) == 8
    assert json.loads(bodies(emulator, dead)[0])["Message"] == "hello"


def test_by_default_it_is_tried_three_times_more_twenty_seconds_apart(
    emulator: Emulator, sns: Any, topic_arn: str, hook: Any, subscribe: Callable[..., str]
) -> None:
    subscribe()
    hook.statuses = [500]

    message_id = sns.publish(TopicArn=topic_arn, Message="hello")["MessageId"]
    emulator.advance(3600)

    assert [at for at, _ in attempts(emulator, message_id)] == [0, 20, 40, 60]


@pytest.mark.parametrize("status", [429, 500, 503, 599])
def test_what_may_pass_is_tried_again(
    emulator: Emulator, sns: Any, topic_arn: str, hook: Any, subscribe: Callable[..., str], status: int
) -> None:
    subscribe()
    hook.statuses = [status, 200]

    message_id = sns.publish(TopicArn=topic_arn, Message="hello")["MessageId"]
    emulator.advance(3600)

    assert attempts(emulator, message_id) == [
        (0, f"attempt 1: HTTP {status}; tried again after 20 seconds"),
        (20, "attempt 2: HTTP 200"),
    ]


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_a_refusal_is_not_tried_again(
    emulator: Emulator, sns: Any, topic_arn: str, hook: Any, subscribe: Callable[..., str], status: int
) -> None:
    dead, redrive_policy = create_dead_letter_queue(emulator)
    subscribe(RedrivePolicy=redrive_policy)
    hook.statuses = [status]

    sns.publish(TopicArn=topic_arn, Message="hello")
    emulator.advance(0)

    assert len(hook.posts) == 1
    assert len(bodies(emulator, dead)) == 1


def test_a_redirect_is_not_followed(
    emulator: Emulator, sns: Any, topic_arn: str, hook: Any, subscribe: Callable[..., str]
) -> None:
    subscribe()
    hook.statuses, hook.headers = [302], {"Location": hook.url + "/elsewhere"}

    message_id = sns.publish(TopicArn=topic_arn, Message="hello")["MessageId"]
    emulator.advance(3600)

    assert attempts(emulator, message_id) == [(0, "attempt 1: HTTP 302: redirects are not followed")]
    assert len(hook.posts) == 1


def test_a_server_that_is_not_there_is_tried_again(emulator: Emulator, sns: Any, topic_arn: str) -> None:
    sns.subscribe(TopicArn=topic_arn, Protocol="http", Endpoint="http://127.0.0.1:1/")
    emulator.advance(3600)

    tried = emulator.call(lambda engine: [r.at - START for r in engine.trace if r.verb == "attempted"])
    assert tried == [0, 20, 40, 60]


@pytest.mark.parametrize("host", ["93.184.215.14", "169.254.169.254", "[2001:4860:4860::8888]"])
def test_the_internet_is_never_called(emulator: Emulator, sns: Any, topic_arn: str, host: str) -> None:
    sns.subscribe(TopicArn=topic_arn, Protocol="http", Endpoint=f"http://{host}/")
    emulator.advance(3600)

    attempted = emulator.call(lambda engine: [r.why for r in engine.trace if r.verb == "attempted"])
    assert attempted == [
        f"attempt 1: {host.strip('[]')} is no loopback or private address; the option outgoing allows it: anywhere"
    ]


def test_a_name_is_resolved_before_it_is_judged(
    emulator: Emulator, sns: Any, topic_arn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def resolve(*_: Any, **__: Any) -> list[Any]:
        return [(2, 1, 6, "", ("93.184.215.14", 80))]

    monkeypatch.setattr("asyncio.base_events.BaseEventLoop.getaddrinfo", resolve)
    sns.subscribe(TopicArn=topic_arn, Protocol="http", Endpoint="http://innocent.test/")
    emulator.advance(3600)

    attempted = emulator.call(lambda engine: [r.why for r in engine.trace if r.verb == "attempted"])
    assert attempted[0].startswith("attempt 1: 93.184.215.14 is no loopback or private address")
    assert len(attempted) == 1


def test_deliveries_keep_to_the_throttle(
    emulator: Emulator, sns: Any, topic_arn: str, hook: Any, subscribe: Callable[..., str]
) -> None:
    subscribe(DeliveryPolicy=json.dumps({"throttlePolicy": {"maxReceivesPerSecond": 2}}))

    ids = [sns.publish(TopicArn=topic_arn, Message=f"m{number}")["MessageId"] for number in range(4)]
    emulator.advance(60)

    assert [attempts(emulator, message_id)[0][0] for message_id in ids] == [0, 0.5, 1, 1.5]


def test_the_topics_policy_counts_where_the_subscription_says_nothing(
    emulator: Emulator, sns: Any, topic_arn: str, hook: Any, subscribe: Callable[..., str]
) -> None:
    policy = {
        "http": {
            "defaultHealthyRetryPolicy": {"numRetries": 1, "minDelayTarget": 5, "maxDelayTarget": 5},
            "defaultRequestPolicy": {"headerContentType": "application/json"},
        }
    }
    sns.set_topic_attributes(
        TopicArn=topic_arn, AttributeName="DeliveryPolicy", AttributeValue=json.dumps(policy)
    )
    arn = subscribe(DeliveryPolicy=json.dumps({"requestPolicy": {"headerContentType": "text/html"}}))
    hook.statuses = [500]

    message_id = sns.publish(TopicArn=topic_arn, Message="hello")["MessageId"]
    emulator.advance(60)

    assert [at for at, _ in attempts(emulator, message_id)] == [0, 5]
    assert hook.posts[0].headers["content-type"] == "text/html"
    effective = json.loads(
        sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["EffectiveDeliveryPolicy"]
    )
    assert effective["healthyRetryPolicy"]["numRetries"] == 1
    assert effective["requestPolicy"] == {"headerContentType": "text/html"}


def test_a_topic_can_forbid_its_subscriptions_policies(
    emulator: Emulator, sns: Any, topic_arn: str, hook: Any, subscribe: Callable[..., str]
) -> None:
    policy = {"http": {"disableSubscriptionOverrides": True}}
    sns.set_topic_attributes(
        TopicArn=topic_arn, AttributeName="DeliveryPolicy", AttributeValue=json.dumps(policy)
    )
    subscribe(DeliveryPolicy=json.dumps({"healthyRetryPolicy": {"numRetries": 0}}))
    hook.statuses = [500]

    message_id = sns.publish(TopicArn=topic_arn, Message="hello")["MessageId"]
    emulator.advance(3600)

    assert len(attempts(emulator, message_id)) == 4


def test_no_delivery_outlives_an_hour(
    emulator: Emulator, sns: Any, topic_arn: str, hook: Any, subscribe: Callable[..., str]
) -> None:
    retries = {"numRetries": 10, "minDelayTarget": 1000, "maxDelayTarget": 1000}
    subscribe(DeliveryPolicy=json.dumps({"healthyRetryPolicy": retries}))
    hook.statuses = [500]

    message_id = sns.publish(TopicArn=topic_arn, Message="hello")["MessageId"]
    emulator.advance(86_400)

    assert [at for at, _ in attempts(emulator, message_id)] == [0, 1000, 2000, 3000]
