"""Subscriptions: subscribe, list, configure, unsubscribe."""

from collections.abc import Iterable
from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.paging import InvalidToken, page_of
from pocketbus.apis.sns.arns import find_subscription, find_topic, parse_arn, subscription_at
from pocketbus.apis.sns.invalid import invalid
from pocketbus.apis.sns.service import sns
from pocketbus.apis.sns.subscription_attributes import Ends, read_settings, write_attributes
from pocketbus.apis.sns.topic_attributes import IN_MAP
from pocketbus.apis.sns.topics import PAGE
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.errors import NotEmulated
from pocketbus.emulator.subscription import Subscription, SubscriptionSettings
from pocketbus.emulator.topic import Topic

_OTHER_PROTOCOLS = frozenset(
    ("http", "https", "email", "email-json", "sms", "application", "lambda", "firehose")
)


@sns.operation
def subscribe(
    call: Call,
    *,
    topic_arn: str,
    protocol: str,
    endpoint: str | None = None,
    attributes: dict[str, str] | None = None,
    return_subscription_arn: bool = False,  # noqa: ARG001 - every subscription is confirmed, so its ARN is always told
) -> dict[str, Any]:
    topic = find_topic(call, topic_arn)
    endpoint = _read_endpoint(topic, protocol, endpoint or "")
    subscription = topic.audience.at(protocol, endpoint)
    current = subscription.settings if subscription else SubscriptionSettings()
    settings = read_settings(attributes or {}, current, Ends(topic.arn, endpoint), IN_MAP)
    if subscription is None:
        subscription = topic.subscribe(protocol, endpoint, call.scope.account, settings, call.base_url)
    elif settings != current:
        raise invalid("Attributes", "Subscription already exists with different attributes")
    return {"SubscriptionArn": subscription.arn}


def _read_endpoint(topic: Topic, protocol: str, endpoint: str) -> str:
    if protocol in _OTHER_PROTOCOLS:
        raise NotEmulated(f"Subscriptions with the protocol {protocol} are not emulated.")
    if protocol != "sqs":
        raise invalid(f"Amazon SNS does not support this protocol string: {protocol}")
    arn = Arn.parse(endpoint)
    if arn is None or arn.service != "sqs":
        raise invalid("SQS endpoint ARN")
    if endpoint.endswith(".fifo") and not topic.settings.fifo:
        raise invalid(
            "Invalid parameter: Endpoint", "FIFO SQS Queues can not be subscribed to standard SNS topics"
        )
    return endpoint


@sns.operation
def unsubscribe(call: Call, *, subscription_arn: str) -> None:
    """Take the subscription away, if there is one.

    The caller's region does not matter: an unsubscribe URL is opened without credentials that would name one.
    """
    if not subscription_arn:
        raise invalid("SubscriptionArn", "no value for required parameter")
    if ":" not in parse_arn(subscription_arn, "SubscriptionArn").resource:
        raise invalid("SubscriptionId")
    found = subscription_at(call, subscription_arn)
    if found is not None:
        topic, subscription = found
        topic.unsubscribe(subscription)


@sns.operation
def list_subscriptions(call: Call, *, next_token: str | None = None) -> dict[str, Any]:
    """List what the caller's account subscribed to in the region, whoever owns the topics."""
    account, region = call.scope.account, call.scope.region
    subscriptions = (
        subscription
        for topic in call.engine.resources.values()
        if isinstance(topic, Topic) and topic.arn.split(":")[3] == region
        for subscription in topic.audience
        if subscription.owner == account
    )
    return _page(subscriptions, next_token)


@sns.operation
def list_subscriptions_by_topic(
    call: Call, *, topic_arn: str, next_token: str | None = None
) -> dict[str, Any]:
    return _page(find_topic(call, topic_arn).audience, next_token)


def _page(subscriptions: Iterable[Subscription], token: str | None) -> dict[str, Any]:
    in_order = sorted(subscriptions, key=lambda subscription: subscription.arn)
    try:
        page, token = page_of(in_order, key=lambda subscription: subscription.arn, token=token, limit=PAGE)
    except InvalidToken:
        raise invalid("NextToken") from None
    result: dict[str, Any] = {"Subscriptions": [_write(subscription) for subscription in page]}
    return result | ({"NextToken": token} if token else {})


def _write(subscription: Subscription) -> dict[str, str]:
    return {
        "SubscriptionArn": subscription.arn,
        "Owner": subscription.owner,
        "Protocol": subscription.protocol,
        "Endpoint": subscription.endpoint,
        "TopicArn": subscription.topic_arn,
    }


@sns.operation
def get_subscription_attributes(call: Call, *, subscription_arn: str) -> dict[str, Any]:
    _, subscription = find_subscription(call, subscription_arn)
    return {"Attributes": write_attributes(subscription)}


@sns.operation
def set_subscription_attributes(
    call: Call, *, subscription_arn: str, attribute_name: str, attribute_value: str | None = None
) -> None:
    topic, subscription = find_subscription(call, subscription_arn)
    ends = Ends(topic.arn, subscription.endpoint)
    settings = read_settings({attribute_name: attribute_value or ""}, subscription.settings, ends)
    topic.configure_subscription(subscription, settings)
