"""The kinds of sources: how their records name themselves, and which of their fields are encoded.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-source.html
"""

from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from pocketbus.emulator.arn import Arn
from pocketbus.rules import json_text

ADDED_BY_THE_POLLER = frozenset(
    {
        *("awsRegion", "eventSource", "eventSourceARN", "eventSourceKey", "eventVersion", "eventID"),
        "invokeIdentityArn",
    }
)
"""What filters do not see.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-filtering.html
"""

_SELF_MANAGED_KAFKA = "smk://"
Read = Callable[[str], object]


def _as_it_is(text: str) -> str:
    return text


def _from_base64(text: str) -> str:
    try:
        return b64decode(text, validate=True).decode()
    except ValueError:  # no base64, or not of a text
        return text


class SourceKind(Struct, frozen=True):
    """`name` is what records call their source, `identifier` the member by which failures name a record.

    `encoded` are the members that may hold JSON as a text, with what makes that text of them.
    """

    name: str
    identifier: str
    encoded: Mapping[str, Callable[[str], str]]

    def decoded(self, event: object, read: Read = json_text.decode) -> object:
        """Return an event with its encoded members as the objects and lists that they stand for, or as texts."""
        if not isinstance(event, dict):
            return event
        members = {
            name: _object_or_text(decode(event[name]), read)
            for name, decode in self.encoded.items()
            if isinstance(event.get(name), str)
        }
        return event | members if members else event


def _object_or_text(text: str, read: Read) -> object:
    try:
        value = read(text)
    except ValueError:
        return text
    return value if isinstance(value, dict | list) else text


_BASE64_DATA = {"data": _from_base64}
_KAFKA = {"key": _from_base64, "value": _from_base64}

_KINDS: Mapping[str, SourceKind] = {
    "sqs": SourceKind("aws:sqs", "messageId", {"body": _as_it_is}),
    "kinesis": SourceKind("aws:kinesis", "eventID", _BASE64_DATA),
    "dynamodb": SourceKind("aws:dynamodb", "eventID", {}),
    "kafka": SourceKind("aws:kafka", "eventID", _KAFKA),
    "mq": SourceKind("aws:mq", "messageID", _BASE64_DATA),
}
_SELF_MANAGED = SourceKind("SelfManagedKafka", "eventID", _KAFKA)


def kind_of(source: str) -> SourceKind | None:
    """Return the kind of a source by its ARN or URL, if pipes read from such ones."""
    if source.startswith(_SELF_MANAGED_KAFKA):
        return _SELF_MANAGED
    arn = Arn.parse(source)
    return None if arn is None else _KINDS.get(arn.service)


def completed(record: Mapping[str, Any], source: str, record_id: str) -> dict[str, Any]:
    """Return a record that a test feeds with what every record of its source has."""
    kind = kind_of(source)
    arn = Arn.parse(source)
    region = {} if arn is None else {"awsRegion": arn.region, "eventSourceARN": source}
    named = {} if kind is None else {kind.identifier: record_id, "eventSource": kind.name}
    return {**named, **region, **record}
