"""What deliveries to another shard bring, in JSON's own types: what several of them share is written once."""

from collections.abc import Callable, Mapping
from datetime import MAXYEAR, UTC, datetime
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, convert

from pocketbus.emulator.buses.bus_event import BusEvent
from pocketbus.emulator.message import NO_ATTRIBUTES, Attribute, Content, Text
from pocketbus.emulator.topics.envelope import Envelope
from pocketbus.emulator.topics.publication import Notification, Publication
from pocketbus.emulator.topics.subscription import Subscription, SubscriptionSettings

_TEXT, _EVENT, _ENVELOPE, _NOTIFICATION, _SUBSCRIPTION = (
    "text",
    "event",
    "envelope",
    "notification",
    "subscription",
)
_LAST_AT: Final = datetime(MAXYEAR, 1, 1, tzinfo=UTC).timestamp()
_FIELDS: Final[Mapping[str, Any]] = {
    _TEXT: tuple[str, dict[str, tuple[str, Any]], str | None],
    _EVENT: tuple[str, str | None],
    _ENVELOPE: tuple[int, int],
    _NOTIFICATION: tuple[
        list[Any],
        str,
        str,
        str | None,
        Annotated[float, Meta(ge=0, lt=_LAST_AT)],
        Literal["1", "2"],
        str | None,
        bool,
    ],
    _SUBSCRIPTION: tuple[str, str, str, str, str],
}
"""What stands behind the kind of a part."""


class Packed:
    """Writes contents; each is the number of its place in `parts`, which refer to earlier ones."""

    def __init__(self) -> None:
        self.parts: list[Any] = []
        self.size = 0
        """Their bytes, about."""
        self._places: dict[int, int] = {}
        self._met: list[object] = []
        """Kept alive, so that no other object gets the identity of one."""

    def put(self, content: Content) -> int:
        return self._once(content, self._written)

    def _once(self, part: Any, write: Callable[[Any], list[Any]]) -> int:
        place = self._places.get(id(part))
        if place is None:
            written = write(part)
            place = self._places[id(part)] = len(self.parts)
            self.parts.append(written)
            self._met.append(part)
        return place

    def _written(self, content: Content) -> list[Any]:
        if isinstance(content, Envelope):
            notification, subscription = content.parts
            return [
                _ENVELOPE,
                self._once(notification, self._notification),
                self._once(subscription, self._subscription),
            ]
        self.size += content.size
        if isinstance(content, BusEvent):
            return [_EVENT, content.body, content.trace_header]
        attributes = {name: list(attribute) for name, attribute in content.attributes.items()}
        return [_TEXT, content.body, attributes, content.trace_header]

    def _notification(self, notification: Notification) -> list[Any]:
        self.size += notification.publication.size
        return [_NOTIFICATION, *notification.written(), notification.replayed]

    def _subscription(self, subscription: Subscription) -> list[Any]:
        """Write what the envelope tells of a subscription."""
        self.size += len(subscription.arn) + len(subscription.endpoint)
        return [
            _SUBSCRIPTION,
            subscription.arn,
            subscription.protocol,
            subscription.endpoint,
            subscription.owner,
            subscription.base_url,
        ]


class Unpacked:
    """The contents of `parts`, each made once; those of others than `Packed` has written raise errors."""

    def __init__(self, parts: list[Any]) -> None:
        self._parts = parts
        self._made: dict[int, Any] = {}

    def content(self, place: int) -> Content:
        found: Content = self._get(place, Text, Envelope)
        return found

    def event_at(self, place: int) -> BusEvent:
        found: BusEvent = self._get(place, BusEvent)
        return found

    def _get(self, place: int, *wanted: type) -> Any:
        if place not in self._made:
            kind, *fields = self._parts[place]
            self._made[place] = _READERS[kind](self, *convert(fields, _FIELDS[kind]))
        found = self._made[place]
        if not isinstance(found, wanted):
            raise TypeError(f"the part {place} is {found!r}")
        return found

    def text(self, body: str, attributes: dict[str, tuple[str, Any]], trace_header: str | None) -> Text:
        read = {name: _attribute(*attribute) for name, attribute in attributes.items()}
        return Text(body, read or NO_ATTRIBUTES, trace_header)

    def event(self, body: str, trace_header: str | None) -> BusEvent:
        return BusEvent.of(body, trace_header)

    def envelope(self, notification: int, subscription: int) -> Envelope:
        return Envelope.of(self._get(notification, Notification), self._get(subscription, Subscription))

    def notification(self, publication: list[Any], *fields: Any) -> Notification:
        *told, replayed = fields
        notification = Notification(Publication.of(publication), *told)
        return notification.again() if replayed else notification

    def subscription(self, arn: str, protocol: str, endpoint: str, owner: str, base_url: str) -> Subscription:
        return Subscription(arn, protocol, endpoint, owner, SubscriptionSettings(), base_url)


def _attribute(data_type: str, value: Any) -> Attribute:
    if not isinstance(value, str | bytes):
        raise TypeError(f"{value!r} is no value of an attribute")
    return Attribute(data_type, value)


_READERS: Final[Mapping[str, Callable[..., Any]]] = {
    _TEXT: Unpacked.text,
    _EVENT: Unpacked.event,
    _ENVELOPE: Unpacked.envelope,
    _NOTIFICATION: Unpacked.notification,
    _SUBSCRIPTION: Unpacked.subscription,
}
