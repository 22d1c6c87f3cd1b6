"""A custom event bus: its log, and the subscribers and event sources on it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any, Final, NamedTuple

from msgspec import Struct

from pocketbus.emulator.arn import Arn
from pocketbus.emulator.core import Core
from pocketbus.emulator.custombuses.attempts import EventDelivery
from pocketbus.emulator.custombuses.event import ENVELOPE, LogEvent
from pocketbus.emulator.custombuses.log import EventLog
from pocketbus.emulator.custombuses.passed import Passed
from pocketbus.emulator.custombuses.pump import pump_of
from pocketbus.emulator.custombuses.resource_policy import ResourcePolicy, effects
from pocketbus.emulator.custombuses.source import Source
from pocketbus.emulator.custombuses.subscriber import Subscriber
from pocketbus.emulator.custombuses.subscriber_settings import Start, SubscriberSettings
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.failures import TargetMissing
from pocketbus.emulator.errors import AccessDeniedException, InvalidStateException, LoopDetected
from pocketbus.emulator.limits import PASSING_SECONDS
from pocketbus.emulator.message import Text
from pocketbus.emulator.queues.dedup import DeduplicationWindow
from pocketbus.emulator.releases import Container
from pocketbus.rules import json_text
from pocketbus.rules.index import Index

CREATING, ACTIVE, UPDATING, DELETING = "CREATING", "ACTIVE", "UPDATING", "DELETING"
PUBLISHED, DEDUPLICATED = "PUBLISHED", "DEDUPLICATED"

_DAY_SECONDS: Final = 86_400
_OF_THE_MOMENT: Final = frozenset({"_index", "_unfiltered", "_filed"})


class BusSettings(Struct, frozen=True):
    """What a bus's owner sets; the key is stored and has no effect here."""

    description: str | None = None
    kms_key_identifier: str | None = None
    retention_days: int = 1


class Put(NamedTuple):
    """What became of an event: its id and sequence number, those of the first one if it is a duplicate."""

    event_id: str
    sequence_number: str
    code: str


class CustomBus:
    """One bus; a change of its state is over, and a deleted bus gone, after PASSING_SECONDS."""

    def __init__(self, arn: Arn, settings: BusSettings, core: Core, now: float) -> None:
        self.arn = str(arn)
        self.name = arn.resource.split("/")[1]
        self.owner = arn.account
        self.settings = settings
        self.log = EventLog(core)
        self.policies: dict[str, ResourcePolicy] = {}
        self.tags: dict[str, str] = {}
        self.subscribers: dict[str, Subscriber] = {}
        """All on this bus, by ARN; their owners' scopes have them too."""
        self.sources: dict[str, Source] = {}
        self.created_at = now
        self.modified_at = now
        self._passing = CREATING
        self._settled_at = now + PASSING_SECONDS
        self._core = core
        self._deduplication: DeduplicationWindow[Put] = DeduplicationWindow()
        self._open()

    def _open(self) -> None:
        self._index: Index[str] = Index()
        self._unfiltered: dict[str, None] = {}
        self._filed: dict[str, None] = {}
        """Both kinds, in the order in which they were filed."""

    def __getstate__(self) -> dict[str, Any]:
        """Tell all but the index, which follows from the subscribers."""
        return {name: part for name, part in vars(self).items() if name not in _OF_THE_MOMENT}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._open()

    def standing(self) -> Any:
        """Tell where its subscribers stand."""
        if not self.subscribers:
            return None
        return {
            "subscribers": [[one, one.standing()] for one in self.subscribers.values()],
            "filed": list(self._filed),
        }

    def stand(self, kept: Mapping[str, Any]) -> None:
        for subscriber, standing in kept["subscribers"]:
            subscriber.stand(standing)
        for arn in kept["filed"]:
            self.file(self.subscribers[arn])

    # Its life

    def state(self, now: float) -> str:
        """Return what the bus is at an instant."""
        return self._passing if now < self._settled_at else ACTIVE

    def settle(self, now: float) -> None:
        """Let a change of its state be over."""
        with self._core.door.entry("settle bus", self.arn, now):
            self._settled_at = min(self._settled_at, now)

    def gone(self, now: float) -> bool:
        return self._passing == DELETING and now >= self._settled_at

    def check(self, now: float, *others: str) -> None:
        """Raise InvalidStateException unless the bus is active, or in another of some states."""
        state = self.state(now)
        if self._passing == DELETING or state not in (ACTIVE, *others):
            state = DELETING if self._passing == DELETING else state
            raise InvalidStateException(f"Event bus {self.name} is in state {state}.")

    def configure(self, settings: BusSettings, now: float) -> None:
        """Replace the settings; only a change of the key passes through a state of its own."""
        if settings.kms_key_identifier != self.settings.kms_key_identifier:
            self._passing, self._settled_at = UPDATING, now + PASSING_SECONDS
        self.settings = settings
        self.modified_at = now
        self.advance(now)

    def delete(self, now: float) -> None:
        """Begin to be deleted."""
        self._passing, self._settled_at = DELETING, now + PASSING_SECONDS
        self.modified_at = now
        for subscriber in self.subscribers.values():
            subscriber.close()

    def retained_since(self, now: float) -> float:
        """Return the earliest instant of which events are still here."""
        self.advance(now)
        since = max(self.created_at, now - self.settings.retention_days * _DAY_SECONDS)
        if len(self.log) and self.log.first > 1:
            since = max(since, min(self.log.first_at, now))
        return since

    def advance(self, now: float) -> None:
        """Let go of the events whose retention is over."""
        oldest_at = now - self.settings.retention_days * _DAY_SECONDS
        if not len(self.log) or self.log.first_at >= oldest_at:
            return
        with self._core.door.entry("retain", self.arn, now):
            gone = self.log.forget_before(oldest_at)
            if gone:
                self._core.releases.add(gone)

    # Who may do what

    def authorize(self, account: str, action: str) -> None:
        """Raise AccessDeniedException unless the account owns the bus, or its policies admit the action."""
        said = effects(self.policies, account, action, self.arn)
        if said != {"Allow"} and (account != self.owner or "Deny" in said):
            raise AccessDeniedException(
                f"Account {account} is not authorized to perform: {action} on resource: {self.arn}"
            )

    # Subscribers

    def subscribe(
        self, arn: str, settings: SubscriberSettings, now: float, *, ordering: str, start: Start, state: str
    ) -> Subscriber:
        self.advance(now)
        subscriber = Subscriber(
            arn, self, settings, self._core, now, ordering=ordering, start=start, state=state
        )
        self.subscribers[arn] = subscriber
        subscriber.resume()
        return subscriber

    def unsubscribe(self, subscriber: Subscriber) -> None:
        subscriber.close()
        del self.subscribers[subscriber.arn]

    def file(self, subscriber: Subscriber) -> None:
        """Have the index find what matches for a live subscriber, and for no other."""
        arn = subscriber.arn
        self._index.remove(arn)
        self._unfiltered.pop(arn, None)
        self._filed.pop(arn, None)
        if subscriber.live and not subscriber.revoked:
            self._filed[arn] = None
            pattern = subscriber.settings.filters.pattern()
            if pattern is None:
                self._unfiltered[arn] = None
            else:
                self._index.add(arn, pattern)

    # Events

    def put(self, event: LogEvent, unique_id: str | None, now: float) -> tuple[Put, list[Subscriber]]:
        """Take an event, once only under a `unique_id` of its group within the window; tell who is to have it."""
        self.advance(now)
        key = (event.group_id or "", unique_id or "")
        if unique_id is not None and (first := self._deduplication.find(key, now)) is not None:
            self._core.trace.record(
                now, "deduplicated", self.arn, first.event_id, "published again within five minutes"
            )
            return first._replace(code=DEDUPLICATED), []
        self.log.add(event, now)
        self._make_room(now)
        put = Put(event.event_id, event.sequence_number, PUBLISHED)
        if unique_id is not None:
            self._deduplication.remember(key, put, now)
        self._core.recent.keep(event.event_id, self.arn, event, event.size)
        self._core.trace.record(now, "accepted", self.arn, event.event_id)
        matching = self._matching(event)
        for subscriber in matching:
            self._core.trace.record(now, "matched", subscriber.arn, event.event_id)
            subscriber.offer(event)
        if not matching:
            self._core.trace.record(now, "unmatched", self.arn, event.event_id, "matched no live subscriber")
        return put, matching

    def receive(
        self, text: str, content_type: str, metadata: Mapping[str, str], *, owner: str, once: bool, now: float
    ) -> Put:
        """Take what a webhook's provider has sent; what has the same content is taken `once` within the window."""
        with self._core.door.entry("receive", self.arn, text, content_type, dict(metadata), owner, once, now):
            event = LogEvent(self._core.ids.uuid(), owner, Text(text), content_type, metadata=dict(metadata))
            put, matching = self.put(event, digest_of(event) if once else None, now)
            pump = pump_of(self._core)
            rest = pump.serve(matching)
            if rest is not None:
                self._core.tasks.start(pump.go_on, rest)
            return put

    def _make_room(self, now: float) -> None:
        gone = self.log.make_room()
        if gone:
            why = f"{gone} events gave way: the logs hold no more"
            self._core.trace.record(now, "dropped", self.arn, self.name, why)

    def _matching(self, event: LogEvent) -> list[Subscriber]:
        found = list(self._unfiltered)
        if len(self._index):
            found += self._index.matching(event.matchable())
        subscribers = [self.subscribers[arn] for arn in found]
        if event.is_json:
            return subscribers
        return [one for one in subscribers if not one.settings.filters.looks_at_data]

    def accept(self, delivery: Delivery, now: float) -> Iterable[Delivery]:
        """Take what a subscriber of another bus or a rule of a classic one delivers. Raise LoopDetected."""
        if self.gone(now):
            raise TargetMissing
        self.check(now, UPDATING)
        passed = pump_of(self._core).passed
        event = forwarded(delivery, self._core.ids.uuid(), self.owner, passed)
        if self.arn in event.via:
            raise LoopDetected
        sender = Arn.parse(delivery.source)
        if sender is not None:
            self.authorize(sender.account, "events:PutRawEvents")
        content_based = isinstance(delivery, EventDelivery) and delivery.content_based
        unique_id = delivery.deduplication_id or (digest_of(event) if content_based else None)
        put, matching = self.put(event, unique_id, now)
        self._core.trace.record(now, "delivered", self.arn, delivery.subject, delivery.source, put.event_id)
        pump = pump_of(self._core)
        for subscriber in matching:
            pump.wake(subscriber)
        return ()

    def close(self) -> None:
        """Nobody waits at a bus."""

    def remains(self) -> Iterator[Container]:
        """Yield what holds much, once the bus was deleted."""
        yield from self.log.let_go()
        yield from self._deduplication.containers()


def forwarded(delivery: Delivery, event_id: str, owner: str, passed: Passed) -> LogEvent:
    """Make an event of what another bus has delivered: one of a classic bus is an envelope.

    What was put on a classic bus here has `passed` others before.
    """
    sender = Arn.parse(delivery.source)
    account = owner if sender is None else sender.account
    content = delivery.content
    text = content if type(content) is Text else Text(content.body, trace_header=content.trace_header)
    if isinstance(delivery, EventDelivery):
        first = delivery.event
        same = text is first.content
        return LogEvent(
            event_id,
            account,
            text,
            first.content_type if same else "application/json",
            group_id=delivery.group_id,
            deduplication_id=delivery.deduplication_id,
            metadata=delivery.metadata,
            source=first.source if same else None,
            detail_type=first.detail_type if same else None,
            via=(*first.via, delivery.bus_arn),
        )
    source, detail_type = envelope_of(text.body)
    return LogEvent(
        event_id,
        account,
        text,
        ENVELOPE if source is not None else "application/json",
        source=source,
        detail_type=detail_type,
        via=(*passed.buses(delivery.subject), *_classic_bus_of(sender)),
    )


def _classic_bus_of(rule: Arn | None) -> tuple[str, ...]:
    """Return the ARN of the bus that a rule's ARN names."""
    if rule is None or not rule.resource.startswith("rule/"):
        return ()
    bus_name = rule.resource.removeprefix("rule/").rpartition("/")[0] or "default"
    return (str(rule._replace(resource=f"event-bus/{bus_name}")),)


def digest_of(event: LogEvent) -> str:
    """Return that by which the content of an event is told from others; of an envelope, id and time do not count."""
    if event.content_type != ENVELOPE:
        return sha256(event.data).hexdigest()
    counted = {name: part for name, part in event.value().items() if name not in ("id", "time")}
    return sha256(json.dumps(counted).encode()).hexdigest()


def envelope_of(body: str) -> tuple[str | None, str | None]:
    """Return the source and the detail type of an envelope; None for what is none."""
    try:
        value = json_text.read(body)
    except ValueError:
        return None, None
    if not isinstance(value, dict) or not {"source", "detail-type", "detail"} <= value.keys():
        return None, None
    return str(value["source"]), str(value["detail-type"])
