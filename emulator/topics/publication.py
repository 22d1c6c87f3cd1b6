"""What a publisher hands to a topic, and the notification that the topic makes of it once for all subscribers."""

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from pocketbus.emulator.logs.log import check_texts
from pocketbus.emulator.message import NO_ATTRIBUTES, Attribute, Attributes, Text, size_of, size_of_attributes
from pocketbus.emulator.topics.delivery_policy import DeliveryPolicy
from pocketbus.emulator.topics.signing import sign


class Publication:
    """A message on its way into a topic; `by_protocol` holds other texts for some protocols of subscribers."""

    __slots__ = (
        "attributes",
        "by_protocol",
        "deduplication_id",
        "group_id",
        "message",
        "size",
        "subject",
        "trace_header",
    )

    def __init__(
        self,
        message: str,
        subject: str | None = None,
        by_protocol: Mapping[str, str] | None = None,
        attributes: Attributes = NO_ATTRIBUTES,
        group_id: str | None = None,
        deduplication_id: str | None = None,
        trace_header: str | None = None,
    ) -> None:
        self.message = message
        self.subject = subject
        self.by_protocol = by_protocol
        self.attributes = attributes
        self.group_id = group_id
        self.deduplication_id = deduplication_id
        self.trace_header = trace_header
        self.size = len(message) if message.isascii() else size_of(message)
        if attributes:
            self.size += size_of_attributes(attributes)

    def written(self) -> list[Any]:
        """Write it in JSON's own types; `of` makes it again."""
        return [
            self.message,
            self.subject,
            None if self.by_protocol is None else dict(self.by_protocol),
            {name: [kind, _plain(value)] for name, (kind, value) in self.attributes.items()},
            self.group_id,
            self.deduplication_id,
            self.trace_header,
        ]

    @classmethod
    def of(cls, written: list[Any]) -> "Publication":
        """Raise TypeError or ValueError for what was not written here."""
        message, subject, by_protocol, attributes, group_id, deduplication_id, trace_header = written
        optional = (subject, group_id, deduplication_id, trace_header)
        check_texts(message, *(one for one in optional if one is not None), *(by_protocol or {}).values())
        read = {name: _attribute(*one) for name, one in attributes.items()}
        return cls(
            message,
            subject=subject,
            by_protocol=by_protocol,
            attributes=read or NO_ATTRIBUTES,
            group_id=group_id,
            deduplication_id=deduplication_id,
            trace_header=trace_header,
        )

    def message_for(self, protocol: str) -> str:
        if self.by_protocol is None:
            return self.message
        return self.by_protocol.get(protocol, self.by_protocol["default"])


class Notification(Struct, eq=False, gc=False):
    """An accepted publication, shared by all its subscribers, and what its topic had set for its delivery then.

    Nothing that it refers to leads back to it, so that the collector need not look at it.
    """

    publication: Publication
    topic_arn: str
    message_id: str
    sequence_number: str | None
    published_at: float
    signature_version: str
    certificate_host: str | None = None
    delivery_policy: DeliveryPolicy | None = None
    replayed: bool = False
    _raw: dict[str, Text] | None = None
    _signatures: dict[str, str] | None = None

    def written(self) -> list[Any]:
        """Write one of a FIFO topic, which has no webhooks, in JSON's own types; `of` makes it again."""
        return [
            self.publication.written(),
            self.topic_arn,
            self.message_id,
            self.sequence_number,
            self.published_at,
            self.signature_version,
            self.certificate_host,
        ]

    @classmethod
    def of(cls, written: list[Any]) -> "Notification":
        """Raise TypeError or ValueError for what was not written here."""
        publication, topic_arn, message_id, sequence_number, published_at, version, host = written
        check_texts(topic_arn, message_id, version, sequence_number, *(() if host is None else (host,)))
        return cls(
            Publication.of(publication),
            topic_arn,
            message_id,
            sequence_number,
            float(published_at),
            version,
            host,
        )

    def again(self) -> "Notification":
        """Return the same notification, its content shared, as a replay delivers it."""
        if self._raw is None:
            self._raw = {}
        return replace(self, replayed=True)

    @property
    def ordered(self) -> bool:
        """Tell a FIFO topic's notification, which is numbered and not signed."""
        return self.sequence_number is not None

    def group_for(self, queue_arn: str) -> str | None:
        """Return the group for a queue: a standard one takes those of standard topics, which spread its load fairly."""
        return self.publication.group_id if queue_arn.endswith(".fifo") or not self.ordered else None

    @property
    def timestamp(self) -> str:
        return timestamp(self.published_at)

    def signature(self, protocol: str) -> str:
        """Return what all subscribers of a protocol share: the signature does not cover who unsubscribes where."""
        message = self.publication.message_for(protocol)
        if self._signatures is None:
            self._signatures = {}
        signature = self._signatures.get(message)
        if signature is None:
            signature = self._signatures[message] = sign(self._signed(message), self.signature_version)
        return signature

    def _signed(self, message: str) -> Iterator[tuple[str, str]]:
        yield "Message", message
        yield "MessageId", self.message_id
        if self.publication.subject:
            yield "Subject", self.publication.subject
        yield "Timestamp", self.timestamp
        yield "TopicArn", self.topic_arn
        yield "Type", "Notification"

    def raw(self, protocol: str) -> Text:
        """Return what all subscribers of a protocol with raw delivery share: the message itself, no envelope."""
        if self._raw is None:
            self._raw = {}
        text = self._raw.get(protocol)
        if text is None:
            publication = self.publication
            text = self._raw[protocol] = Text(
                publication.message_for(protocol), publication.attributes, publication.trace_header
            )
        return text


def _plain(value: str | bytes) -> Any:
    return {"bytes": b64encode(value).decode("ascii")} if isinstance(value, bytes) else value


def _attribute(kind: str, written: Any) -> Attribute:
    value = b64decode(written["bytes"], validate=True) if isinstance(written, dict) else written
    check_texts(kind, *(() if isinstance(value, bytes) else (value,)))
    return Attribute(kind, value)


def timestamp(at: float) -> str:
    """Write an instant as AWS does, in milliseconds.

    >>> timestamp(1335919446.655)
    '2012-05-02T00:44:06.655Z'
    """
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
