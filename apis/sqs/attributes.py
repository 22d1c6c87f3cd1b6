"""Queue attributes as one table: each name with its field, its reading, its writing and where it applies."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from pocketbus.apis.sqs.redrive_policies import (
    read_redrive_allow_policy,
    read_redrive_policy,
    write_redrive_allow_policy,
    write_redrive_policy,
)
from pocketbus.emulator.errors import InvalidAttributeName, InvalidAttributeValue
from pocketbus.emulator.message import State
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.rules.json_text import load

_WHOLE_NUMBER = re.compile(r"\d{1,10}\Z")


class SettableAttribute(Struct, frozen=True):
    """An attribute a client can set: the settings field, how its text is read and written."""

    field: str
    read: Callable[[str], Any]
    write: Callable[[Any], str]
    fifo_only: bool = False
    needs_key: bool = False
    """Whether AWS names it only of a queue that has a KMS key."""

    def shown(self, settings: QueueSettings) -> bool:
        has_key = settings.kms_master_key_id is not None
        return (settings.fifo or not self.fifo_only) and (has_key or not self.needs_key)


def read_settings(attributes: Mapping[str, str], current: QueueSettings) -> QueueSettings:
    """Return the settings with the attributes applied; raise AWS's errors for what does not fit."""
    changes: dict[str, Any] = {}
    for name, text in attributes.items():
        attribute = _SETTABLE.get(name)
        if attribute is None:
            raise _unknown(name)
        if attribute.fifo_only and not current.fifo:
            raise _fifo_only(name)
        changes[attribute.field] = _read(name, attribute, text)
    if changes.get("fifo", current.fifo) != current.fifo:
        raise InvalidAttributeValue(
            "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported."
        )
    return _consistent(replace(current, **changes), changes)


def _consistent(settings: QueueSettings, changes: Mapping[str, Any]) -> QueueSettings:
    if changes.get("kms_master_key_id") and changes.get("sqs_managed_sse_enabled"):
        raise InvalidAttributeName(
            "You can use one type of server-side encryption (SSE) at one time. "
            "You can either enable KMS SSE or SQS SSE."
        )
    if (
        settings.fifo_throughput_limit == "perMessageGroupId"
        and settings.deduplication_scope != "messageGroup"
    ):
        raise InvalidAttributeValue(
            "Invalid value for the parameter FifoThroughputLimit. "
            "Reason: perMessageGroupId is allowed only when DeduplicationScope is messageGroup."
        )
    if changes.get("kms_master_key_id"):
        return replace(settings, sqs_managed_sse_enabled=False)
    if changes.get("sqs_managed_sse_enabled"):
        return replace(settings, kms_master_key_id=None)
    return settings


def differing_attribute(settings: QueueSettings, other: QueueSettings) -> str | None:
    """Name the first attribute in which two queues' settings differ."""
    return next(
        (
            name
            for name, attribute in _SETTABLE.items()
            if getattr(settings, attribute.field) != getattr(other, attribute.field)
        ),
        None,
    )


def write_attributes(queue: Queue, names: list[str]) -> dict[str, str]:
    """Return the named attributes of a queue that have a value; `All` names them all."""
    for name in names:
        if name not in _SETTABLE and name not in _COMPUTED and name != "All":
            raise _unknown(name)
    wanted = [*_COMPUTED, *_SETTABLE] if "All" in names else names
    written = ((name, _write(queue, name)) for name in wanted)
    return {name: text for name, text in written if text is not None}


def _write(queue: Queue, name: str) -> str | None:
    computed = _COMPUTED.get(name)
    if computed is not None:
        return computed(queue)
    attribute = _SETTABLE[name]
    value = getattr(queue.settings, attribute.field)
    if value is None or not attribute.shown(queue.settings):
        return None
    return attribute.write(value)


def _read(name: str, attribute: SettableAttribute, text: str) -> Any:
    try:
        return attribute.read(text)
    except ValueError as error:
        raise InvalidAttributeValue(f"Invalid value for the parameter {name}.") from error


def _unknown(name: str) -> InvalidAttributeName:
    return InvalidAttributeName(f"Unknown Attribute {name}.")


def _fifo_only(name: str) -> InvalidAttributeName:
    if name in {"DeduplicationScope", "FifoThroughputLimit"}:
        return InvalidAttributeName(f"You can specify the {name} only when FifoQueue is set to true.")
    return _unknown(name)


def _whole_number(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not _WHOLE_NUMBER.match(text) or not least <= int(text) <= most:
            raise ValueError(text)
        return int(text)

    return read


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(text)
        return text

    return read


def _read_flag(text: str) -> bool:
    flag = text.lower()
    if flag not in {"true", "false"}:
        raise ValueError(text)
    return flag == "true"


def _write_flag(flag: bool) -> str:
    return "true" if flag else "false"


def _read_policy(text: str) -> str | None:
    if not text:
        return None
    policy = load(text)
    statements = policy.get("Statement", []) if isinstance(policy, dict) else None
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not all(isinstance(one, dict) for one in statements):
        raise ValueError(text)
    return text


_SETTABLE: dict[str, SettableAttribute] = {
    "VisibilityTimeout": SettableAttribute("visibility_timeout", _whole_number(0, 43_200), str),
    "MaximumMessageSize": SettableAttribute("maximum_message_size", _whole_number(1024, 1_048_576), str),
    "MessageRetentionPeriod": SettableAttribute(
        "message_retention_period", _whole_number(60, 1_209_600), str
    ),
    "DelaySeconds": SettableAttribute("delay_seconds", _whole_number(0, 900), str),
    "ReceiveMessageWaitTimeSeconds": SettableAttribute(
        "receive_message_wait_time_seconds", _whole_number(0, 20), str
    ),
    "Policy": SettableAttribute("policy", _read_policy, str),
    "RedrivePolicy": SettableAttribute("redrive_policy", read_redrive_policy, write_redrive_policy),
    "RedriveAllowPolicy": SettableAttribute(
        "redrive_allow_policy", read_redrive_allow_policy, write_redrive_allow_policy
    ),
    "KmsMasterKeyId": SettableAttribute("kms_master_key_id", lambda text: text or None, str),
    "KmsDataKeyReusePeriodSeconds": SettableAttribute(
        "kms_data_key_reuse_period_seconds", _whole_number(60, 86_400), str, needs_key=True
    ),
    "SqsManagedSseEnabled": SettableAttribute("sqs_managed_sse_enabled", _read_flag, _write_flag),
    "FifoQueue": SettableAttribute("fifo", _read_flag, _write_flag, fifo_only=True),
    "ContentBasedDeduplication": SettableAttribute(
        "content_based_deduplication", _read_flag, _write_flag, fifo_only=True
    ),
    "DeduplicationScope": SettableAttribute(
        "deduplication_scope", _one_of("queue", "messageGroup"), str, fifo_only=True
    ),
    "FifoThroughputLimit": SettableAttribute(
        "fifo_throughput_limit", _one_of("perQueue", "perMessageGroupId"), str, fifo_only=True
    ),
}

_COMPUTED: dict[str, Callable[[Queue], str]] = {
    "QueueArn": lambda queue: queue.arn,
    "ApproximateNumberOfMessages": lambda queue: str(queue.count(State.READY)),
    "ApproximateNumberOfMessagesNotVisible": lambda queue: str(queue.count(State.IN_FLIGHT)),
    "ApproximateNumberOfMessagesDelayed": lambda queue: str(queue.count(State.DELAYED)),
    "CreatedTimestamp": lambda queue: str(int(queue.created_at)),
    "LastModifiedTimestamp": lambda queue: str(int(queue.modified_at)),
}

SETTABLE_NAMES = tuple(_SETTABLE)
QUEUE_ATTRIBUTE_NAMES = frozenset({"All", *_SETTABLE, *_COMPUTED})
