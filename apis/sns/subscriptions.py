"""Subscriptions: subscribe, list, configure, unsubscribe."""

from functools import partial
from typing import Any

from pocketbus.apis.call import Call, Result
from pocketbus.apis.paging import Behind
from pocketbus.apis.sns.archives import with_archive
from pocketbus.apis.sns.arns import find_subscription, find_topic, parse_arn, subscription_at
from pocketbus.apis.sns.endpoints import WEBHOOK_PROTOCOLS, read_endpoint
from pocketbus.apis.sns.invalid import invalid
from pocketbus.apis.sns.pages import read_page
from pocketbus.apis.sns.service import sns
from pocketbus.apis.sns.subscription_attributes import Ends, read_settings, write_attributes
from pocketbus.apis.sns.topic_attributes import IN_MAP
from pocketbus.emulator.arn import REGION, Arn
from pocketbus.emulator.catalogue import Catalogue
from pocketbus.emulator.deliveries.carrying import carry
from pocketbus.emulator.errors import AuthorizationErrorException, InvalidParameterException
from pocketbus.emulator.topics.confirmation import UNSUBSCRIBE, region_of
from pocketbus.emulator.topics.subscription import Subscription, SubscriptionSettings
from pocketbus.emulator.topics.topic import Topic


@sns.operation
def subscribe(
    call: Call,
    *,
    topic_arn: str,
    protocol: str,
    endpoint: str | None = None,
    attributes: dict[str, str] | None = None,
    return_subscription_arn: bool = False,
) -> Result:
    topic, endpoint = find_topic(call, topic_arn), endpoint or ""
    read_endpoint(topic, protocol, endpoint)
    subscription = topic.audience.at(protocol, endpoint)
    current = subscription.settings if subscription else SubscriptionSettings()
    settings = read_settings(attributes or {}, current, Ends(topic.arn, endpoint, protocol), IN_MAP)
    replay = settings.replay_policy if subscription is None else None
    work = partial(
        _subscribe, call, topic_arn, protocol, endpoint, attributes, told_arn=return_subscription_arn
    )
    return with_archive(call, topic, replay, work)


def _subscribe(
    call: Call,
    topic_arn: str,
    protocol: str,
    endpoint: str,
    attributes: dict[str, str] | None,
    *,
    told_arn: bool,
) -> dict[str, Any]:
    topic = find_topic(call, topic_arn)
    confirms = read_endpoint(topic, protocol, endpoint).confirms
    subscription = topic.audience.at(protocol, endpoint)
    current = subscription.settings if subscription else SubscriptionSettings()
    settings = read_settings(attributes or {}, current, Ends(topic.arn, endpoint, protocol), IN_MAP)
    _check_role(protocol, settings)
    if subscription is None:
        topic.archive.check(settings.replay_policy, call.now)
        subscription = topic.subscribe(
            protocol, endpoint, call.scope.account, settings, call.base_url, confirmed=not confirms
        )
        carry(topic.replay(subscription, call.now), call.engine, call.now)
    elif settings != current:
        raise invalid("Attributes", "Subscription already exists with different attributes")
    if not subscription.confirmed:
        carry((topic.confirmations.request(subscription, topic.settings, call.now),), call.engine, call.now)
    told = subscription.confirmed or told_arn
    return {"SubscriptionArn": subscription.arn if told else "pending confirmation"}


def _check_role(protocol: str, settings: SubscriptionSettings) -> None:
    if protocol == "firehose" and settings.role_arn is None:
        raise invalid("SubscriptionRoleArn", "no value for required parameter")


@sns.operation
def confirm_subscription(
    call: Call, *, topic_arn: str, token: str, authenticate_on_unsubscribe: str | None = None
) -> dict[str, Any]:
    """Confirm by the token that the endpoint was sent; its URL is opened without credentials that name a region."""
    _check_region(call, topic_arn, token)
    topic = call.engine.resources.get(topic_arn)
    guarded = (authenticate_on_unsubscribe or "").lower() == "true"
    subscription = None
    if isinstance(topic, Topic):
        subscription = topic.confirmations.confirm(token, authenticated=call.signed, guarded=guarded)
    if subscription is None:
        raise invalid("Token")
    return {"SubscriptionArn": subscription.arn}


def _check_region(call: Call, topic_arn: str, token: str) -> None:
    """Refuse a topic of another region than the caller's and, as SNS can tell, than the token's."""
    try:
        regions = {region_of(token), call.scope.region if call.signed else ""}
    except ValueError:
        raise InvalidParameterException("Invalid token") from None
    arn = Arn.parse(topic_arn)
    if arn is None or any(REGION.fullmatch(region) and region != arn.region for region in regions):
        raise invalid("Topic")


@sns.operation
def unsubscribe(call: Call, *, subscription_arn: str) -> None:
    """Take the subscription away, if there is one; an unsubscribe URL comes without credentials that name a region."""
    if not subscription_arn:
        raise invalid("SubscriptionArn", "no value for required parameter")
    arn = parse_arn(subscription_arn, "SubscriptionArn")
    if ":" not in arn.resource:
        raise invalid("SubscriptionId")
    if call.signed and arn.region != call.scope.region:
        raise invalid("SubscriptionArn")
    found = subscription_at(call, subscription_arn)
    if found is None:
        return
    topic, subscription = found
    if subscription.guarded and not call.signed:
        raise AuthorizationErrorException
    topic.unsubscribe(subscription)
    if subscription.protocol in WEBHOOK_PROTOCOLS and subscription.confirmed:
        carry(
            (topic.confirmations.request(subscription, topic.settings, call.now, UNSUBSCRIBE),),
            call.engine,
            call.now,
        )


@sns.operation
def list_subscriptions(call: Call, *, next_token: str | None = None) -> dict[str, Any]:
    """List what the caller's account subscribed to in the region, whoever owns the topics."""
    made = call.engine.subscriptions.get((call.scope.account, call.scope.region), Catalogue())
    return _page(made.behind, next_token)


@sns.operation
def list_subscriptions_by_topic(
    call: Call, *, topic_arn: str, next_token: str | None = None
) -> dict[str, Any]:
    return _page(find_topic(call, topic_arn).audience.behind, next_token)


def _page(behind: Behind[Subscription], token: str | None) -> dict[str, Any]:
    page, following = read_page(behind, lambda subscription: subscription.arn, token)
    return {"Subscriptions": [_write(subscription) for subscription in page], **following}


def _write(subscription: Subscription) -> dict[str, str]:
    return {
        "SubscriptionArn": subscription.arn if subscription.confirmed else "PendingConfirmation",
        "Owner": subscription.owner,
        "Protocol": subscription.protocol,
        "Endpoint": subscription.endpoint,
        "TopicArn": subscription.topic_arn,
    }


@sns.operation
def get_subscription_attributes(call: Call, *, subscription_arn: str) -> dict[str, Any]:
    topic, subscription = find_subscription(call, subscription_arn)
    return {"Attributes": write_attributes(topic, subscription, call.now)}


@sns.operation
def set_subscription_attributes(
    call: Call, *, subscription_arn: str, attribute_name: str, attribute_value: str | None = None
) -> Result:
    topic, subscription = find_subscription(call, subscription_arn)
    settings = _read_attribute(topic, subscription, attribute_name, attribute_value)
    replay = settings.replay_policy
    work = partial(_set_attributes, call, subscription_arn, attribute_name, attribute_value)
    return with_archive(call, topic, None if replay == subscription.settings.replay_policy else replay, work)


def _read_attribute(
    topic: Topic, subscription: Subscription, name: str, value: str | None
) -> SubscriptionSettings:
    ends = Ends(topic.arn, subscription.endpoint, subscription.protocol)
    return read_settings({name: value or ""}, subscription.settings, ends)


def _set_attributes(call: Call, subscription_arn: str, name: str, value: str | None) -> dict[str, Any]:
    topic, subscription = find_subscription(call, subscription_arn)
    settings = _read_attribute(topic, subscription, name, value)
    replays = settings.replay_policy != subscription.settings.replay_policy
    if replays:
        topic.archive.check(settings.replay_policy, call.now)
    topic.configure_subscription(subscription, settings)
    if replays:
        carry(topic.replay(subscription, call.now), call.engine, call.now)
    return {}
