"""Subscription attributes: how each is read into the settings, and how all are written."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from pocketbus.apis.sns.delivery_policy import check_subscription_policy
from pocketbus.apis.sns.invalid import invalid
from pocketbus.apis.sns.readers import read_flag, read_object, write_flag
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.errors import NotEmulated
from pocketbus.emulator.subscription import RedrivePolicy, Subscription, SubscriptionSettings
from pocketbus.rules.filter_policy import FilterPolicy, compile_filter_policy
from pocketbus.rules.rejection import InvalidPattern

_SCOPES = ("MessageBody", "MessageAttributes")
_NOT_EMULATED = {
    "ReplayPolicy": "The replay of a topic's archive",
    "SubscriptionRoleArn": "Delivery to Firehose, which this attribute is for,",
}


class Ends(NamedTuple):
    """The ARNs between which a subscription stands."""

    topic_arn: str
    endpoint: str

    @property
    def fifo(self) -> bool:
        return self.topic_arn.endswith(".fifo") and self.endpoint.endswith(".fifo")


def read_settings(
    attributes: Mapping[str, str], current: SubscriptionSettings, ends: Ends, prefix: str = ""
) -> SubscriptionSettings:
    """Return the settings with the attributes applied; `prefix` begins each rejection."""
    for name in attributes:
        if name in _NOT_EMULATED:
            raise NotEmulated(f"{_NOT_EMULATED[name]} is not emulated.")
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


def _read_scope(text: str, _ends: Ends) -> str:
    if text not in _SCOPES:
        raise ValueError(f"Invalid value [{text}]. Please use either {' or '.join(_SCOPES)}")
    return text


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


def _read_delivery_policy(text: str, _ends: Ends) -> str | None:
    check_subscription_policy(text)
    return text or None


_READERS: dict[str, tuple[str, Callable[[str, Ends], Any]]] = {
    "RawMessageDelivery": ("raw_message_delivery", lambda text, _ends: read_flag(text)),
    "FilterPolicyScope": ("filter_policy_scope", _read_scope),
    "FilterPolicy": ("filter_policy", lambda text, _ends: text),
    "RedrivePolicy": ("redrive_policy", _read_redrive_policy),
    "DeliveryPolicy": ("delivery_policy", _read_delivery_policy),
}


def write_attributes(subscription: Subscription) -> dict[str, str]:
    settings = subscription.settings
    partition = subscription.topic_arn.split(":")[1]
    attributes = {
        "SubscriptionPrincipal": f"arn:{partition}:iam::{subscription.owner}:root",
        "Owner": subscription.owner,
        "RawMessageDelivery": write_flag(settings.raw_message_delivery),
        "TopicArn": subscription.topic_arn,
        "Endpoint": subscription.endpoint,
        "Protocol": subscription.protocol,
        "PendingConfirmation": "false",
        "ConfirmationWasAuthenticated": "true",
        "SubscriptionArn": subscription.arn,
    }
    if settings.filter_policy is not None:
        attributes |= {
            "FilterPolicy": settings.filter_policy.text,
            "FilterPolicyScope": settings.filter_policy_scope,
        }
    if settings.redrive_policy is not None:
        attributes["RedrivePolicy"] = settings.redrive_policy.text
    if settings.delivery_policy is not None:
        attributes["DeliveryPolicy"] = settings.delivery_policy
    return attributes
