"""An event of a custom event bus: data stored once, and what publisher and bus say of it."""

from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from pocketbus.emulator.logs.log import check_texts
from pocketbus.emulator.message import Text
from pocketbus.rules import json_text
from pocketbus.rules.event import Event, decode

ENVELOPE: Final = "application/eventbridge+json"
"""The content type of what PutEvents makes."""
BYTES: Final = "application/octet-stream"
LIVE, REPLAY = "LIVE", "REPLAY"

_SEQUENCE_ORIGIN: Final = 10_000_000_000_000_000_000
_SEQUENCE_STEP: Final = 1000
_NO_METADATA: Final[Mapping[str, str]] = {}


class LogEvent:
    """One event. `at` is the instant of its ingestion, `position` its place in the log, 0 before it has one.

    The data of one of bytes is written in base64. `via` are the ARNs of the buses that it passed before this one,
    `account` is the publisher's; `source` and `detail_type` are there of an envelope only.
    """

    __slots__ = (
        "account",
        "at",
        "content",
        "content_type",
        "deduplication_id",
        "detail_type",
        "event_id",
        "group_id",
        "metadata",
        "position",
        "source",
        "via",
    )

    def __init__(
        self,
        event_id: str,
        account: str,
        content: Text,
        content_type: str,
        *,
        group_id: str | None = None,
        deduplication_id: str | None = None,
        metadata: Mapping[str, str] = _NO_METADATA,
        source: str | None = None,
        detail_type: str | None = None,
        via: tuple[str, ...] = (),
    ) -> None:
        self.event_id = event_id
        self.account = account
        self.content = content
        self.content_type = content_type
        self.group_id = group_id
        self.deduplication_id = deduplication_id
        self.metadata = metadata
        self.source = source
        self.detail_type = detail_type
        self.via = via
        self.at = 0.0
        self.position = 0

    @property
    def size(self) -> int:
        """The bytes of its data, and about those of its metadata."""
        return self.content.size + (sum(map(len, self.metadata)) * 2 if self.metadata else 0)

    @property
    def sequence_number(self) -> str:
        """The 20 digits by which a bus numbers its events, growing."""
        return str(_SEQUENCE_ORIGIN + _SEQUENCE_STEP * self.position)

    @property
    def group(self) -> tuple[str, str] | None:
        """What events are in order with: the group of their publisher's account."""
        return None if self.group_id is None else (self.account, self.group_id)

    @property
    def is_json(self) -> bool:
        return self.content_type != BYTES

    @property
    def data(self) -> bytes:
        """The data as it was published."""
        body = self.content.body
        return body.encode("utf-8", "surrogatepass") if self.is_json else b64decode(body)

    def value(self) -> Any:
        """Return the data as JSON's types; of bytes, their text in base64."""
        return json_text.read(self.content.body) if self.is_json else self.content.body

    def system_metadata(self, delivery_type: str = LIVE) -> dict[str, str]:
        """Return what the bus says of it; what has no value is left out."""
        said = {
            "ContentType": self.content_type,
            "EventGroupId": self.group_id,
            "DeduplicationId": self.deduplication_id,
            "aws:EventId": self.event_id,
            "aws:IngestionTime": iso_time(self.at),
            "aws:SequenceNumber": self.sequence_number,
            "aws:DeliveryType": delivery_type,
            "aws:Source": self.source,
            "aws:DetailType": self.detail_type,
        }
        return {name: value for name, value in said.items() if value is not None}

    def matchable(self, delivery_type: str = LIVE) -> Event:
        """Return it as filters see it, by their scopes."""
        scopes = {"Metadata": dict(self.metadata), "SystemMetadata": self.system_metadata(delivery_type)}
        if self.is_json:
            scopes["Data"] = decode(self.content.body)
        return Event.from_value(scopes)

    def written(self) -> list[Any]:
        """Write it in JSON's own types, without its place in the log; `of` makes it again."""
        return [
            self.event_id,
            self.account,
            self.content.body,
            self.content.trace_header,
            self.content_type,
            self.group_id,
            self.deduplication_id,
            dict(self.metadata),
            self.source,
            self.detail_type,
            list(self.via),
        ]

    @classmethod
    def of(cls, written: list[Any]) -> "LogEvent":
        """Raise TypeError or ValueError for what was not written here."""
        (
            event_id,
            account,
            body,
            trace,
            content_type,
            group_id,
            identity,
            metadata,
            source,
            detail_type,
            via,
        ) = written
        check_texts(event_id, account, body, content_type, *metadata, *metadata.values(), *via)
        check_texts(*(one for one in (trace, group_id, identity, source, detail_type) if one is not None))
        return cls(
            event_id,
            account,
            Text(body, trace_header=trace),
            content_type,
            group_id=group_id,
            deduplication_id=identity,
            metadata=metadata or _NO_METADATA,
            source=source,
            detail_type=detail_type,
            via=tuple(via),
        )


def iso_time(at: float) -> str:
    """Write an instant in epoch seconds to the millisecond."""
    moment = datetime.fromtimestamp(round(at * 1000) // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{round(at * 1000) % 1000:03d}Z"
