"""Topic attributes: those with an effect as one table of fields, those without as one of checks, and the computed."""

import json
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from pocketbus.apis.sns.archive_policies import read_archive_policy
from pocketbus.apis.sns.delivery_policy import effective_policy, read_topic_policy
from pocketbus.apis.sns.invalid import invalid
from pocketbus.apis.sns.readers import one_of, read_flag, read_object, whole_number, write_flag
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.limits import TOPIC_MESSAGE_BYTES_LARGEST
from pocketbus.emulator.topics.publication import timestamp
from pocketbus.emulator.topics.topic import Topic
from pocketbus.emulator.topics.topic_settings import TopicSettings

IN_MAP = "Attributes Reason: "
"""What SNS puts before a rejection when the attribute came in a map."""

_DISPLAY_NAME_LENGTH = 100
POLICY_ACTIONS = (
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
)


class SettableAttribute(Struct, frozen=True):
    """An attribute with an effect: the settings field, how its text is read and written."""

    field: str
    read: Callable[[str], Any]
    write: Callable[[Any], str]
    fifo_only: bool = False


def read_settings(attributes: Mapping[str, str], current: TopicSettings, prefix: str = "") -> TopicSettings:
    """Return the settings with the attributes applied; `prefix` begins each rejection."""
    for name in attributes:
        if name not in _SETTABLE and name not in _KEPT:
            raise invalid(f"{prefix}Unknown attribute {name}" if prefix else "AttributeName")
    try:
        return _applied(attributes, current)
    except ValueError as error:
        raise invalid(f"{prefix}{error}") from None


def _applied(attributes: Mapping[str, str], current: TopicSettings) -> TopicSettings:
    changes: dict[str, Any] = {}
    kept = dict(current.kept)
    for name, text in attributes.items():
        attribute = _SETTABLE.get(name)
        if attribute is not None:
            changes[attribute.field] = _read(name, attribute, text, fifo=current.fifo)
        else:
            _KEPT[name](text)
            kept[name] = text
    return replace(current, **changes, kept={name: text for name, text in kept.items() if text})


def write_attributes(topic: Topic, now: float) -> dict[str, str]:
    attributes = {name: write(topic) for name, write in _COMPUTED.items()}
    beginning_at = topic.archive.beginning_at(now)
    if beginning_at is not None:
        attributes["BeginningArchiveTime"] = timestamp(beginning_at)
    for name, attribute in _SETTABLE.items():
        value = getattr(topic.settings, attribute.field)
        if value is not None and (topic.settings.fifo or not attribute.fifo_only):
            attributes[name] = attribute.write(value)
    return {**attributes, **topic.settings.kept}


def _read(name: str, attribute: SettableAttribute, text: str, *, fifo: bool) -> Any:
    if attribute.fifo_only and not fifo and text != "false":
        raise ValueError(f"{_FIFO_ONLY_NOUNS[name]} can only be set for FIFO topics")
    try:
        return attribute.read(text)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _named(name: str, check: Callable[[str], Any]) -> Callable[[str], None]:
    def checked(text: str) -> None:
        try:
            if text:
                check(text)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None

    return checked


def _check_display_name(text: str) -> None:
    if len(text) > _DISPLAY_NAME_LENGTH:
        raise ValueError(f"must be at most {_DISPLAY_NAME_LENGTH} characters long")


def _check_policy(text: str) -> None:
    try:
        read_object(text)
    except ValueError:
        raise ValueError("Policy Error: null") from None


def _check_role(text: str) -> None:
    if Arn.parse(text) is None:
        raise ValueError("must be the ARN of a role")


_SETTABLE: dict[str, SettableAttribute] = {
    "FifoTopic": SettableAttribute("fifo", read_flag, write_flag, fifo_only=True),
    "ContentBasedDeduplication": SettableAttribute(
        "content_based_deduplication", read_flag, write_flag, fifo_only=True
    ),
    "FifoThroughputScope": SettableAttribute(
        "fifo_throughput_scope", one_of("Topic", "MessageGroup"), str, fifo_only=True
    ),
    "ArchivePolicy": SettableAttribute(
        "archive_policy", read_archive_policy, attrgetter("text"), fifo_only=True
    ),
    "MaximumMessageSize": SettableAttribute(
        "maximum_message_size", whole_number(1024, TOPIC_MESSAGE_BYTES_LARGEST), str
    ),
    "DeliveryPolicy": SettableAttribute(
        "delivery_policy", read_topic_policy, lambda policy: str(policy.text)
    ),
    "SignatureVersion": SettableAttribute("signature_version", one_of("1", "2"), str),
}
_FIFO_ONLY_NOUNS = {
    "ArchivePolicy": "ArchivePolicy",
    "FifoTopic": "FifoTopic",
    "ContentBasedDeduplication": "Content-based deduplication",
    "FifoThroughputScope": "FifoThroughputScope",
}

_FEEDBACK_CHECKS = {
    "SuccessFeedbackRoleArn": _check_role,
    "FailureFeedbackRoleArn": _check_role,
    "SuccessFeedbackSampleRate": whole_number(0, 100),
}
_KEPT: dict[str, Callable[[str], None]] = {
    "DisplayName": _named("DisplayName", _check_display_name),
    "Policy": _check_policy,
    "TracingConfig": _named("TracingConfig", one_of("PassThrough", "Active")),
    "KmsMasterKeyId": lambda _text: None,
} | {
    endpoint + suffix: _named(endpoint + suffix, check)
    for endpoint in ("HTTP", "Firehose", "Lambda", "Application", "SQS")
    for suffix, check in _FEEDBACK_CHECKS.items()
}

SETTABLE_NAMES = (*_SETTABLE, *_KEPT)


def policy_of(topic: Topic) -> str:
    """Write the policy as it was set, else that of a new topic: its owner's account may do all."""
    if "Policy" in topic.settings.kept:
        return topic.settings.kept["Policy"]
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{action}" for action in POLICY_ACTIONS],
        "Resource": topic.arn,
        "Condition": {"StringEquals": {"AWS:SourceOwner": topic.owner}},
    }
    policy = {"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]}
    return json.dumps(policy, separators=(",", ":"))


def _effective_delivery_policy(topic: Topic) -> str:
    return json.dumps(effective_policy(topic.settings.delivery_policy), separators=(",", ":"))


_COMPUTED: dict[str, Callable[[Topic], str]] = {
    "Policy": policy_of,
    "Owner": lambda topic: topic.owner,
    "SubscriptionsPending": lambda topic: str(topic.audience.pending),
    "TopicArn": lambda topic: topic.arn,
    "EffectiveDeliveryPolicy": _effective_delivery_policy,
    "SubscriptionsConfirmed": lambda topic: str(len(topic.audience) - topic.audience.pending),
    "DisplayName": lambda _topic: "",
    "SubscriptionsDeleted": lambda topic: str(topic.deleted_subscriptions),
}
