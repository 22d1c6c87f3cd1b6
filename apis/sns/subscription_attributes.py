"""Subscription attributes: how each is read into the settings, and how all are written."""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from msgspec.structs import replace

from pocketbus.apis.sns.archive_policies import read_replay_policy
from pocketbus.apis.sns.delivery_policy import effective_subscription_policy, read_subscription_policy
from pocketbus.apis.sns.endpoints import RAW_PROTOCOLS, WEBHOOK_PROTOCOLS
from pocketbus.apis.sns.invalid import invalid
from pocketbus.apis.sns.readers import read_flag, read_object, write_flag
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.topics.subscription import RedrivePolicy, Subscription, SubscriptionSettings
from pocketbus.emulator.topics.topic import Topic
from pocketbus.rules.filter_policy import FilterPolicy, compile_filter_policy
from pocketbus.rules.rejection import InvalidPattern

_SCOPES = ("MessageBody", "MessageAttributes")
_USER = "pocketbus"
"""Who subscribed, as far as anybody can tell: credentials are not checked and name nobody."""


class Ends(NamedTuple):
    """Between what a subscription stands: the ARN of its topic, and its endpoint of some protocol."""

    topic_arn: str
    endpoint: str
    protocol: str

    @property
    def fifo(self) -> bool:
        return self.topic_arn.endswith(".fifo") and self.endpoint.endswith(".fifo")


def read_settings(
    attributes: Mapping[str, str], current: SubscriptionSettings, ends: Ends, prefix: str = ""
) -> SubscriptionSettings:
    """Return the settings with the attributes applied; `prefix` begins each rejection."""
    for name in attributes:
        if name not in _READERS:
            raise invalid(f"{prefix}Unknown attribute {name}" if prefix else "AttributeName")
    try:
        return _applied(attributes, current, ends)
    except ValueError as error:
        raise invalid(f"{prefix}{error}") from None


def _applied(
    attributes: Mapping[str, str], current: SubscriptionSettings, ends: Ends
) -> SubscriptionSettings:
    changes: dict[str, Any] = {}
    for name, text in attributes.items():
        field, read = _READERS[name]
        changes[field] = _named(name, read, text, ends)
    policy_text = changes.pop("filter_policy", None)
    settings = replace(current, **changes)
    return replace(settings, filter_policy=_filter_policy(policy_text, settings))


def _named(name: str, read: Callable[[str, Ends], Any], text: str, ends: Ends) -> Any:
    try:
        return read(text, ends)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _filter_policy(text: str | None, settings: SubscriptionSettings) -> FilterPolicy | None:
    """Compile the policy for the scope as it now is; an empty object takes the policy away."""
    current = settings.filter_policy
    if text is None:
        text = current.text if current is not None else ""
    scope = settings.filter_policy_scope
    if current is not None and (current.text, current.scope) == (text, scope):
        return current
    if not text or _is_empty_object(text):
        return None
    try:
        return compile_filter_policy(text, scope)
    except InvalidPattern as error:
        raise ValueError(f"FilterPolicy: {error}" if error.of_policy else str(error)) from None


def _is_empty_object(text: str) -> bool:
    stripped = text.strip()
    return stripped[:1] == "{" and stripped[-1:] == "}" and not stripped[1:-1].strip()


def _read_raw(text: str, ends: Ends) -> bool:
    raw = read_flag(text)
    if raw and ends.protocol not in RAW_PROTOCOLS:
        raise ValueError(f"Delivery protocol [{ends.protocol}] does not support raw message delivery.")
    return raw


def _read_scope(text: str, _ends: Ends) -> str:
    if text not in _SCOPES:
        raise ValueError(f"Invalid value [{text}]. Please use either {' or '.join(_SCOPES)}")
    return text


def _read_role(text: str, _ends: Ends) -> str | None:
    arn = Arn.parse(text)
    if text and (arn is None or arn.service != "iam" or not arn.resource.startswith("role/")):
        raise ValueError("must be the ARN of a role")
    return text or None


def _read_redrive_policy(text: str, ends: Ends) -> RedrivePolicy | None:
    policy = read_object(text)
    if not policy:
        return None
    target = policy.get("deadLetterTargetArn")
    arn = Arn.parse(target) if isinstance(target, str) else None
    if not isinstance(target, str) or arn is None or arn.service != "sqs":
        raise ValueError("deadLetterTargetArn is an invalid arn")
    if ends.fifo and not target.endswith(".fifo"):
        raise ValueError("must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.")
    return RedrivePolicy(text, target)


_READERS: dict[str, tuple[str, Callable[[str, Ends], Any]]] = {
    "ReplayPolicy": ("replay_policy", lambda text, _ends: read_replay_policy(text)),
    "RawMessageDelivery": ("raw_message_delivery", _read_raw),
    "FilterPolicyScope": ("filter_policy_scope", _read_scope),
    "FilterPolicy": ("filter_policy", lambda text, _ends: text),
    "RedrivePolicy": ("redrive_policy", _read_redrive_policy),
    "SubscriptionRoleArn": ("role_arn", _read_role),
    "DeliveryPolicy": ("delivery_policy", lambda text, _ends: read_subscription_policy(text)),
}

SETTABLE_NAMES = tuple(_READERS)


def write_attributes(topic: Topic, subscription: Subscription, now: float) -> dict[str, str]:
    settings = subscription.settings
    partition = subscription.topic_arn.split(":")[1]
    attributes = {
        "SubscriptionPrincipal": f"arn:{partition}:iam::{subscription.owner}:user/{_USER}",
        "Owner": subscription.owner,
        "RawMessageDelivery": write_flag(settings.raw_message_delivery),
        "TopicArn": subscription.topic_arn,
        "Endpoint": subscription.endpoint,
        "Protocol": subscription.protocol,
        "PendingConfirmation": write_flag(not subscription.confirmed),
        "ConfirmationWasAuthenticated": write_flag(subscription.authenticated),
        "SubscriptionArn": subscription.arn,
    }
    if settings.filter_policy is not None:
        attributes |= {
            "FilterPolicy": settings.filter_policy.text,
            "FilterPolicyScope": settings.filter_policy_scope,
        }
    if settings.redrive_policy is not None:
        attributes["RedrivePolicy"] = settings.redrive_policy.text
    if settings.replay_policy is not None:
        attributes |= {
            "ReplayPolicy": settings.replay_policy.text,
            "ReplayStatus": settings.replay_policy.status(now),
        }
    if settings.role_arn is not None:
        attributes["SubscriptionRoleArn"] = settings.role_arn
    if settings.delivery_policy is not None:
        attributes["DeliveryPolicy"] = settings.delivery_policy.text
    if subscription.protocol in WEBHOOK_PROTOCOLS:
        policy = effective_subscription_policy(topic.settings.delivery_policy, settings.delivery_policy)
        attributes["EffectiveDeliveryPolicy"] = json.dumps(policy, separators=(",", ":"))
    return attributes
