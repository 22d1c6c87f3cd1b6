"""What is sent: the immutable Content that all copies of a message share, and a queue's small record of one copy."""

from base64 import b64encode
from collections.abc import Mapping
from enum import IntEnum
from typing import Any, NamedTuple, Protocol

from pocketbus.emulator.digests import md5_of_attributes, md5_of_body
from pocketbus.emulator.time.deadlines import Deadline


class Attribute(NamedTuple):
    """A message attribute: `data_type` is String, Number or Binary, perhaps with a custom label after a dot."""

    data_type: str
    value: str | bytes


Attributes = Mapping[str, Attribute]
NO_ATTRIBUTES: Attributes = {}


class Content(Protocol):
    """What a receiver sees of a message, however many queues hold a copy."""

    @property
    def body(self) -> str: ...
    @property
    def attributes(self) -> Attributes: ...
    @property
    def md5_of_body(self) -> str: ...
    @property
    def md5_of_attributes(self) -> str | None: ...
    @property
    def trace_header(self) -> str | None: ...
    @property
    def size(self) -> int:
        """Count the bytes of the body and of the attributes' names, types and values."""
        ...


class Text:
    """Content as it was sent, its digests taken once: that of the body when somebody first asks for it."""

    __slots__ = ("_md5_of_body", "attributes", "body", "md5_of_attributes", "size", "trace_header")

    def __init__(
        self, body: str, attributes: Attributes = NO_ATTRIBUTES, trace_header: str | None = None
    ) -> None:
        self.body = body
        self.attributes = attributes
        self.trace_header = trace_header
        self._md5_of_body: str | None = None
        self.md5_of_attributes = md5_of_attributes(attributes) if attributes else None
        self.size = len(body) if body.isascii() else size_of(body)
        if attributes:
            self.size += size_of_attributes(attributes)

    @property
    def md5_of_body(self) -> str:
        if self._md5_of_body is None:
            self._md5_of_body = md5_of_body(self.body.encode("utf-8", "surrogatepass"))
        return self._md5_of_body

    def __getstate__(self) -> dict[str, Any]:
        """Tell what was sent; the rest follows from it."""
        return {"body": self.body, "attributes": self.attributes, "trace_header": self.trace_header}

    def __setstate__(self, state: dict[str, Any]) -> None:
        Text.__init__(self, **state)


def size_of(text: str) -> int:
    """Count the bytes of a text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def size_of_attributes(attributes: Attributes) -> int:
    """Count the bytes of names, types and values."""
    return sum(
        len(part) if isinstance(part, bytes) else size_of(part)
        for name, attribute in attributes.items()
        for part in (name, *attribute)
    )


def plain_attributes(attributes: Attributes) -> dict[str, dict[str, str]]:
    """Write attributes for a reader of JSON: a value of bytes in base64."""
    return {
        name: {
            "data_type": data_type,
            "value": b64encode(value).decode("ascii") if isinstance(value, bytes) else value,
        }
        for name, (data_type, value) in attributes.items()
    }


class State(IntEnum):
    """A message is in exactly one of these; GONE covers deleted, expired and moved away."""

    READY = 0
    DELAYED = 1
    IN_FLIGHT = 2
    GONE = 3


# Names of their own for the verbs of queues: to take a member off its class costs more than to call a function.
READY, DELAYED, IN_FLIGHT, GONE = State

HELD = (READY, DELAYED, IN_FLIGHT)
"""The states of the messages that a queue has."""


class Message:
    """One queue's record of a message.

    `sequence` counts up in its queue, `nonce` tells its latest receive from earlier ones, `deadline` is when it ceases
    to be delayed or in flight. Of its receives, `receives_elsewhere` were in queues that it was dead-lettered from.
    A fault makes no further copy of one that is `duplicated` already, or of the copy. Instants are epoch seconds.
    """

    __slots__ = (
        "content",
        "dead_letter_source",
        "deadline",
        "deduplication_id",
        "duplicated",
        "first_received_at",
        "group_id",
        "message_id",
        "nonce",
        "receive_count",
        "received_at",
        "receives_elsewhere",
        "sender_id",
        "sent_at",
        "sequence",
        "state",
    )

    def __init__(
        self,
        content: Content,
        message_id: str,
        sequence: int,
        sent_at: float,
        sender_id: str,
        group_id: str | None = None,
        deduplication_id: str | None = None,
    ) -> None:
        self.content = content
        self.message_id = message_id
        self.sequence = sequence
        self.sent_at = sent_at
        self.sender_id = sender_id
        self.group_id = group_id
        self.deduplication_id = deduplication_id
        self.state = GONE
        self.receive_count = self.receives_elsewhere = 0
        self.nonce = 0
        self.duplicated = False
        self.first_received_at: float | None = None
        self.received_at: float | None = None
        self.dead_letter_source: str | None = None
        self.deadline: Deadline[Message] | None = None

    def copy(self, sequence: int, sent_at: float) -> "Message":
        """Return the record that another queue takes over: same content, same id, same receives so far."""
        copy = Message(
            self.content,
            self.message_id,
            sequence,
            sent_at,
            self.sender_id,
            self.group_id,
            self.deduplication_id,
        )
        copy.receive_count = copy.receives_elsewhere = self.receive_count
        copy.first_received_at = self.first_received_at
        return copy

    def duplicate(self, sequence: int) -> "Message":
        """Return a second record of the message for its own queue, not received yet."""
        self.duplicated = True
        copy = self.copy(sequence, self.sent_at)
        copy.receive_count = copy.receives_elsewhere = 0
        copy.first_received_at = None
        copy.dead_letter_source = self.dead_letter_source
        copy.duplicated = True
        return copy

    def __lt__(self, other: "Message") -> bool:
        """Order by age: by the instant of sending, and at one instant by number."""
        return self.sent_at < other.sent_at or (
            self.sent_at == other.sent_at and self.sequence < other.sequence
        )
