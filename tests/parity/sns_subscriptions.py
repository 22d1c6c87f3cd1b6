"""Subscriptions of queues: made, listed, changed and ended."""

from tests.parity.aws import Aws

ABSENT = "arn:aws:sns:us-east-1:123456789012:news:00000000-0000-0000-0000-000000000000"


def a_queue_subscribes_once(aws: Aws) -> None:
    topic, queue = aws.make_topic(), aws.arn_of(aws.make_queue())
    subscribe = "sns.subscribe"
    aws("subscribe", subscribe, TopicArn=topic, Protocol="sqs", Endpoint=queue)
    aws("subscribe again", subscribe, TopicArn=topic, Protocol="sqs", Endpoint=queue)
    raw = {"RawMessageDelivery": "true"}
    aws("with another attribute", subscribe, TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes=raw)
    aws("to an absent topic", subscribe, TopicArn=f"{topic}-gone", Protocol="sqs", Endpoint=queue)
    aws("of what is no queue", subscribe, TopicArn=topic, Protocol="sqs", Endpoint="queue")
    aws("list", "sns.list_subscriptions")
    aws("list by topic", "sns.list_subscriptions_by_topic", TopicArn=topic)
    aws("list by an absent topic", "sns.list_subscriptions_by_topic", TopicArn=f"{topic}-gone")


def a_subscription_has_attributes(aws: Aws) -> None:
    arn = _subscription(aws)
    set_, get = "sns.set_subscription_attributes", "sns.get_subscription_attributes"
    for name, value in (
        ("RawMessageDelivery", "true"),
        ("FilterPolicy", '{"a": ["b"]}'),
        ("FilterPolicyScope", "MessageBody"),
        ("FilterPolicyScope", "Elsewhere"),
        ("RawMessageDelivery", "maybe"),
        ("Colour", "red"),
    ):
        aws(f"set {name} {value}", set_, SubscriptionArn=arn, AttributeName=name, AttributeValue=value)
    aws("get", get, SubscriptionArn=arn)
    aws("get of an absent one", get, SubscriptionArn=ABSENT)
    aws(
        "set of an absent one",
        set_,
        SubscriptionArn=ABSENT,
        AttributeName="RawMessageDelivery",
        AttributeValue="true",
    )


def a_subscription_ends(aws: Aws) -> None:
    arn = _subscription(aws)
    aws("unsubscribe", "sns.unsubscribe", SubscriptionArn=arn)
    aws("unsubscribe again", "sns.unsubscribe", SubscriptionArn=arn)
    aws("unsubscribe what is no ARN", "sns.unsubscribe", SubscriptionArn="news")
    aws("list", "sns.list_subscriptions")


def _subscription(aws: Aws) -> str:
    topic, queue = aws.make_topic(), aws.arn_of(aws.make_queue())
    result = aws("subscribe", "sns.subscribe", TopicArn=topic, Protocol="sqs", Endpoint=queue)
    arn: str = result["SubscriptionArn"]
    return arn
