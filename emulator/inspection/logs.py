"""Custom event buses as they are looked at: how far each subscriber is, what is in a log, what it comes to by key."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Hashable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from msgspec import Struct, to_builtins

from pocketbus.emulator.custombuses.bus import CustomBus
from pocketbus.emulator.custombuses.event import LogEvent
from pocketbus.emulator.custombuses.payload import document_of
from pocketbus.emulator.custombuses.source import Credential, Source
from pocketbus.emulator.custombuses.subscriber import Subscriber
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import ResourceNotFoundError

_SLICE: Final = 200
"""Events looked at between two turns of the event loop."""


class CustomBusView(Struct, frozen=True):
    """A bus; `first` and `end` are the positions of its earliest event and of the next one."""

    arn: str
    name: str
    state: str
    events: int
    first: int
    end: int
    retention_days: int
    subscribers: int
    tags: Mapping[str, str]


class SubscriberView(Struct, frozen=True):
    """A subscriber; `position` is that of the first event it is not done with, `lag` how many there are from there on,
    `age_seconds` how old the first is, `waiting` how many it has let through and not delivered.
    """

    arn: str
    name: str
    bus: str
    target: str
    ordering: str
    state: str
    revoked: bool
    replaying: bool
    position: int
    lag: int
    age_seconds: float
    waiting: int
    filters: Mapping[str, str]
    dead_letter_target: str | None


class EventView(Struct, frozen=True):
    """An event of a log; what is no JSON is in base64. `key` is what it was compacted by."""

    arn: str
    position: int
    event_id: str
    at: float
    content_type: str
    group_id: str | None
    deduplication_id: str | None
    metadata: Mapping[str, str]
    data: Any
    key: str | None = None


def custom_bus_view(bus: CustomBus, now: float) -> CustomBusView:
    bus.advance(now)
    return CustomBusView(
        bus.arn,
        bus.name,
        bus.state(now),
        len(bus.log),
        bus.log.first,
        bus.log.end,
        bus.settings.retention_days,
        len(bus.subscribers),
        bus.tags,
    )


def subscriber_view(subscriber: Subscriber, now: float) -> SubscriberView:
    oldest_at = subscriber.oldest_at
    settings = subscriber.settings
    return SubscriberView(
        subscriber.arn,
        subscriber.name,
        subscriber.bus_arn,
        settings.target.arn,
        subscriber.ordering,
        subscriber.state,
        subscriber.revoked,
        subscriber.replaying,
        subscriber.position,
        subscriber.lag,
        0.0 if oldest_at is None else max(0.0, now - oldest_at),
        subscriber.waiting,
        dict(settings.filters.texts),
        settings.dead_letter_target,
    )


def _buses(engine: Engine) -> list[CustomBus]:
    return [one for one in list(engine.resources.values()) if isinstance(one, CustomBus)]


def find_custom_bus(engine: Engine, name: str, account: str | None, region: str | None) -> CustomBus:
    """Find a bus by its ARN, or by its name in an account and a region. Raise ResourceNotFoundError."""
    if name.startswith("arn:"):
        bus = engine.resources.get(name)
    else:
        scope = engine.existing(account or engine.config.account, region or engine.config.region)
        bus = None if scope is None else scope.custom.buses_at(engine.clock.now()).get(name)
    if not isinstance(bus, CustomBus):
        raise ResourceNotFoundError(f"There is no custom event bus {name}.")
    bus.advance(engine.clock.now())
    return bus


def find_subscriber(engine: Engine, name: str, account: str | None, region: str | None) -> Subscriber:
    """Find a subscriber by its ARN, or by its name in an account and a region. Raise ResourceNotFoundError."""
    own = account or engine.config.account, region or engine.config.region
    for bus in _buses(engine):
        for subscriber in bus.subscribers.values():
            place = tuple(subscriber.arn.split(":")[4:2:-1])
            if subscriber.arn == name or (subscriber.name == name and place == own):
                return subscriber
    raise ResourceNotFoundError(f"There is no subscriber {name}.")


def webhooks(engine: Engine) -> Iterator[Source]:
    """Yield the event sources that are webhooks."""
    for scope in engine.scopes:
        yield from (source for source in scope.custom.sources.values() if source.url)


def find_webhook(engine: Engine, arn: str) -> tuple[Source, Credential]:
    """Find a webhook by its ARN, with its credential. Raise ResourceNotFoundError."""
    for source in webhooks(engine):
        if source.arn == arn and source.credential is not None:
            return source, source.credential
    raise ResourceNotFoundError(f"There is no webhook {arn}.")


async def events(bus: CustomBus, since: int = 0) -> AsyncIterator[EventView]:
    """Yield the events of a log from a position on. Raise UnreadableError."""
    async for event in bus.log.look(since):
        yield _view(bus, event)


async def compacted(bus: CustomBus, key: str) -> AsyncIterator[EventView]:
    """Yield the newest event of each key, oldest first, in turns with everybody else. Raise UnreadableError.

    `key` is a path such as `Data.detail.order` or `Metadata.tenant`; events that have nothing there do not count.
    """
    newest: dict[str, LogEvent] = {}
    count = 0
    async for event in bus.log.look(0):
        found = _at(event, key.split("."))
        if found is not None:
            newest.pop(found, None)
            newest[found] = event
        count += 1
        if count % _SLICE == 0:
            await asyncio.sleep(0)
    for found, event in newest.items():
        yield _view(bus, event, found)


def _at(event: LogEvent, path: list[str]) -> str | None:
    value: Any = document_of(event, "LIVE")
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if value is None:
        return None
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _view(bus: CustomBus, event: LogEvent, key: str | None = None) -> EventView:
    return EventView(
        bus.arn,
        event.position,
        event.event_id,
        event.at,
        event.content_type,
        event.group_id,
        event.deduplication_id,
        event.metadata,
        event.value(),
        key,
    )


class CaughtUpSource:
    """A subscriber, while it has nothing more to do."""

    next_at: float | None = None

    def __init__(self, engine: Engine, subscriber: Subscriber) -> None:
        self._engine = engine
        self._subscriber = subscriber

    def begin(self) -> bool:
        return True

    def end(self) -> None:
        """Nothing was begun."""

    async def settled(self) -> None:
        """Nothing is due."""

    def changed(self) -> Iterator[tuple[Hashable, Callable[[], dict[str, Any]] | None]]:
        subscriber = self._subscriber
        if not subscriber.lag:
            yield subscriber.arn, partial(self._shown, subscriber)

    def _shown(self, subscriber: Subscriber) -> dict[str, Any]:
        shown: dict[str, Any] = to_builtins(subscriber_view(subscriber, self._engine.clock.now()))
        return shown


def position_of(bus: CustomBus, at: float | None, position: int | None) -> int:
    """Return where a cursor is to go: to a position, else to the first event of an instant or later."""
    if position is not None:
        return position
    return bus.log.first if at is None else bus.log.position_at(at)


async def page(found: AsyncIterator[EventView], limit: int) -> tuple[list[EventView], int | None]:
    """Return so many events, and the position of the one behind them."""
    taken = []
    async for one in found:
        taken.append(one)
        if len(taken) > limit:
            break
    return taken[:limit], taken[limit].position if len(taken) > limit else None
