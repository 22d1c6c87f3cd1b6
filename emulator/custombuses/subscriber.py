"""A subscriber: a cursor in its bus's log, with what it lets through, where that goes and how.

A live one has seen the log to its end: its bus tells it what matches, found for all subscribers by one index. One
that is behind goes through the log by itself. What it has let through and not delivered is held by position only.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final, Protocol

from pocketbus.emulator.core import Core
from pocketbus.emulator.custombuses.batch import Batch, BatchDelivery
from pocketbus.emulator.custombuses.event import LIVE, REPLAY, LogEvent
from pocketbus.emulator.custombuses.log import EventLog
from pocketbus.emulator.custombuses.outstanding import Outstanding
from pocketbus.emulator.custombuses.pump import pump_of
from pocketbus.emulator.custombuses.subscriber_settings import (
    FIFO,
    RUNNING,
    STOPPED,
    Start,
    SubscriberSettings,
)
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.failures import CourierOverloaded
from pocketbus.emulator.errors import EngineError, InvalidInputException
from pocketbus.emulator.time.timers import Timer

READ_AHEAD: Final = 10_000
"""So many events may be let through and not delivered; then a subscriber reads no further."""
_READ_AT_ONCE: Final = 25
_MOST_BATCHES: Final = 100
"""How many batches are under way at a time, those that wait to be tried again included."""
_OVERLOADED_SECONDS: Final = 1.0
_UNREADABLE_SECONDS: Final = 60.0


class BusOf(Protocol):
    """What a subscriber needs of its bus."""

    @property
    def arn(self) -> str: ...
    @property
    def log(self) -> EventLog: ...

    def advance(self, now: float) -> None:
        """Let go of the events whose retention is over."""
        ...

    def file(self, subscriber: "Subscriber") -> None:
        """Have the index find what matches for a live one, and for no other."""
        ...

    def unsubscribe(self, subscriber: "Subscriber") -> None:
        """Know it no more."""
        ...


class Subscriber:
    """One subscriber; `settings` are replaced as a whole. `revoked` is for good."""

    __slots__ = (
        "_batches",
        "_bus",
        "_core",
        "_live",
        "_next",
        "_outstanding",
        "_replay_until",
        "_timer",
        "arn",
        "awake",
        "created_at",
        "filter_changes",
        "modified_at",
        "ordering",
        "revoked",
        "settings",
        "start",
        "state",
        "tags",
    )

    def __init__(
        self,
        arn: str,
        bus: BusOf,
        settings: SubscriberSettings,
        core: Core,
        now: float,
        *,
        ordering: str,
        start: Start,
        state: str = RUNNING,
    ) -> None:
        self.arn = arn
        self.settings = settings
        self.ordering = ordering
        self.start = start
        self.state = state
        self.revoked = False
        self.tags: dict[str, str] | None = None
        self.created_at = self.modified_at = now
        self.filter_changes: tuple[float, ...] = ()
        self._bus = bus
        self._core = core
        self._replay_until = 0 if start.position == "LATEST" else bus.log.end
        self._next = bus.log.end if start.position == "LATEST" else bus.log.position_at(start.start_at or 0.0)
        self._open()

    def _open(self) -> None:
        self.awake = False
        self._live = False
        self._outstanding: Outstanding | None = None
        self._batches = 0
        self._timer: Timer | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Tell where it is: all from there on is delivered again, as far as it was not."""
        kept = {name: getattr(self, name) for name in _KEPT}
        return kept | {"_next": self.position}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, part in state.items():
            setattr(self, name, part)
        self._open()

    def resume(self) -> None:
        """Go on where the state was kept."""
        self._begin()

    def standing(self) -> dict[str, Any]:
        """Tell how far it has read, and what is on its way."""
        return {name: getattr(self, name) for name in _MOMENTARY}

    def stand(self, kept: Mapping[str, Any]) -> None:
        for name, part in kept.items():
            setattr(self, name, part)
        if self._timer is not None:
            self._timer = self._core.timers.call_again(self._timer, self._ring)

    @property
    def name(self) -> str:
        return self.arn.split("/")[1]

    # Where it is

    @property
    def running(self) -> bool:
        return self.state == RUNNING and not self.revoked

    @property
    def replaying(self) -> bool:
        """Tell whether events go out that were there before it, or before it was set back."""
        return self.position < self._replay_until

    @property
    def position(self) -> int:
        """The position of the first event that it is not done with."""
        log = self._bus.log
        end: int = log.end if self._live else self._next
        position: int = min((end, *(self._outstanding or ())))
        return max(position, log.first)

    @property
    def lag(self) -> int:
        """How many events its log has from its position on."""
        return self._bus.log.end - self.position

    @property
    def oldest_at(self) -> float | None:
        """When the first event came that it is not done with."""
        position = self.position
        return self._bus.log.at(position) if position < self._bus.log.end else None

    @property
    def waiting(self) -> int:
        """How many events it has let through and not delivered."""
        return 0 if self._outstanding is None else len(self._outstanding)

    @property
    def bus_arn(self) -> str:
        return self._bus.arn

    # What its owner does

    def configure(self, settings: SubscriberSettings, now: float) -> None:
        """Replace the settings. What was let through before stays so, what is under way ends by the old ones."""
        self.settings = settings
        self.modified_at = now
        self._bus.file(self)
        self.wake()

    def stop(self, now: float) -> None:
        """Deliver nothing more; what is under way ends, what comes meanwhile is kept by the log."""
        self._leave_the_end()
        self.state = STOPPED
        self.modified_at = now
        self._set_timer(None)

    def start_again(self, now: float, *, at_latest: bool = False) -> None:
        """Go on from where it was stopped, or from the end of the log. Raise InvalidInputException."""
        self._bus.advance(now)
        if at_latest:
            if self.replaying:
                raise InvalidInputException(
                    "ResumePosition LATEST is not valid for a subscriber that replays."
                )
            self._go_to(self._bus.log.end)
        self.state = RUNNING
        self.modified_at = now
        self._begin()

    def rewind(self, position: int) -> None:
        """Go on from any position in the log: what was delivered from there on is delivered again."""
        with self._core.door.entry("rewind", self._bus.arn, self.arn, position):
            self._bus.advance(self._core.clock.now())
            log = self._bus.log
            self._replay_until = log.end
            self._go_to(min(max(position, log.first), log.end))
            self.wake()

    def revoke(self, now: float) -> None:
        self._leave_the_end()
        self.revoked = True
        self.modified_at = now
        self._set_timer(None)

    def leave(self) -> None:
        """Leave its bus for good."""
        self._bus.unsubscribe(self)

    def close(self) -> None:
        """Deliver nothing more; to be called when it is deleted."""
        self.revoked = True
        self._leave_the_end()
        self._go_to(self._bus.log.end)
        self._set_timer(None)

    def _go_to(self, position: int) -> None:
        self._leave_the_end()
        if self._outstanding is not None:
            self._outstanding.forget()
        self._next = position

    def _begin(self) -> None:
        if self.running:
            end_at = self.start.end_at
            if end_at is not None and end_at > self._core.clock.now():
                self._set_timer(end_at)
            self.wake()

    def wake(self) -> None:
        """Have a turn soon."""
        pump_of(self._core).wake(self)

    def miss(self, why: str) -> None:
        """Hear that the log cannot be read where it is; it may be tried again later."""
        now = self._core.clock.now()
        self._core.trace.record(now, "waiting", self.arn, self.name, why)
        self._set_timer(now + _UNREADABLE_SECONDS)

    # Reading

    def offer(self, event: LogEvent) -> None:
        """Hear of an event at the end of the log that it lets through."""
        if not self._admits_instant(event):
            return
        if self._holds_enough:
            self._leave_the_end(event.position)
        else:
            self._let_through(event.position)

    @property
    def _holds_enough(self) -> bool:
        return self.waiting >= READ_AHEAD

    def _let_through(self, position: int) -> None:
        if self._outstanding is None:
            self._outstanding = Outstanding(in_order=self.ordering == FIFO)
        self._outstanding.add(position)

    def _leave_the_end(self, position: int | None = None) -> None:
        if self._live:
            self._next = self._bus.log.end if position is None else position
            self._live = False
            self._bus.file(self)

    @property
    def live(self) -> bool:
        return self._live

    def _admits_instant(self, event: LogEvent) -> bool:
        return self.start.end_at is None or event.at <= self.start.end_at

    def _read(self) -> bool:
        """Go on through the log, and tell whether there is more of it."""
        log = self._bus.log
        if self._live or self._holds_enough:
            return False
        if self._next < log.first:
            self._miss(log.first)
        if self._next < log.end and not log.ready(self._next, self):
            return False
        admits = self.settings.filters.admits()
        for position in log.span(self._next, _READ_AT_ONCE):
            event = log[position]
            if not self._admits_instant(event):
                self._next = log.end
                break
            self._next = position + 1
            if admits(event, self._delivery_type(position)):
                self._core.trace.record(self._core.clock.now(), "matched", self.arn, event.event_id)
                self._let_through(position)
        if self._next < log.end:
            return True
        self._live = True
        self._bus.file(self)
        return False

    def _miss(self, first: int) -> None:
        why = f"{first - self._next} events were gone before it came to them"
        self._core.trace.record(self._core.clock.now(), "dropped", self.arn, self.name, why)
        self._next = first

    def _delivery_type(self, position: int) -> str:
        return REPLAY if position < self._replay_until else LIVE

    # Delivering

    def step(self, now: float) -> bool:
        """Read a little and send a batch; tell whether there is more to do at once."""
        if not self.running:
            return False
        more = self._read()
        sent = self._batches < _MOST_BATCHES and self._send_next(now)
        if not (more or sent):
            self._end_if_done(now)
        return more or sent

    def _send_next(self, now: float) -> bool:
        outstanding = self._outstanding
        if outstanding is None or not outstanding.waiting or self._waits_for_more(outstanding, now):
            return False
        settings = self.settings
        log = self._bus.log
        events = outstanding.take(
            log,
            settings.batch_size,
            settings.target.most_bytes,
            partial(self._parts, outstanding),
            partial(log.ready, reader=self),
        )
        if events is None:
            return False
        if not events:
            return bool(outstanding.waiting)
        batch = Batch(
            settings,
            events,
            self._delivery_type(events[0].position),
            self._delivered,
            in_order=self.ordering == FIFO,
        )
        self._batches += 1
        try:
            pump_of(self._core).accept(self._delivery(batch), now)
        except CourierOverloaded:
            self._batches -= 1
            self._done_with(batch.remaining, again=batch.remaining)
            self._set_timer(now + _OVERLOADED_SECONDS)
            return False
        return True

    def _waits_for_more(self, outstanding: Outstanding, now: float) -> bool:
        """Tell whether a batch that is not full yet may wait for more, and set the timer for its end."""
        log, window = self._bus.log, self.settings.batch_window_seconds
        if not window or len(outstanding.waiting) >= self.settings.batch_size:
            return False
        oldest = next((one for one in outstanding.waiting if one >= log.first), None)
        closes_at = now if oldest is None else log.at(oldest) + window
        if closes_at <= now:
            return False
        self._set_timer(closes_at)
        return True

    def _parts(self, outstanding: Outstanding, first: LogEvent, event: LogEvent) -> bool:
        """Tell whether two events may not be in one call: its failure would hold up another group."""
        if not self.settings.target.whole:
            return False
        return self._delivery_type(event.position) != self._delivery_type(
            first.position
        ) or outstanding.group_of(event) != outstanding.group_of(first)

    def _done_with(self, events: Sequence[LogEvent], again: Sequence[LogEvent] = ()) -> None:
        """Forget events that were on their way, and have some of them wait `again`."""
        outstanding = self._outstanding
        if outstanding is not None:
            outstanding.done_with(events)
            outstanding.give_back(again)
            if not len(outstanding):
                self._outstanding = None

    def _delivery(self, batch: Batch) -> BatchDelivery:
        first, target = batch.failed[0], self.settings.target
        return BatchDelivery(
            source=self.arn,
            target=target.arn,
            content=first.content,
            subject=first.event_id,
            dead_letter_target=self.settings.dead_letter_target,
            retry_policy=self.settings.retry_policy,
            on_end=self._ended,
            batch=batch,
            bus_arn=self._bus.arn,
            parameters={} if target.parameters is None else {"HttpParameters": target.parameters},
        )

    def _delivered(self, events: Sequence[LogEvent]) -> None:
        """Hear that events of a batch have arrived, while others are still under way."""
        self._done_with(events)
        self.wake()

    def _ended(self, delivery: Delivery, error: EngineError | None, now: float) -> None:  # noqa: ARG002 - either way
        """Hear that a batch was delivered or given up; what was kept back within it is still to be sent."""
        if isinstance(delivery, BatchDelivery):
            batch = delivery.batch
            self._batches -= 1
            self._done_with(batch.remaining, again=() if self.revoked else batch.held)
            self.wake()

    # The end of a replay, and time

    def _end_if_done(self, now: float) -> None:
        end_at = self.start.end_at
        if end_at is not None and now >= end_at and not self.waiting and self._live:
            self.stop(now)

    def _set_timer(self, at: float | None) -> None:
        if self._timer is not None:
            if at is not None and self._timer.at <= at:
                return
            self._core.timers.cancel(self._timer)
            self._timer = None
        if at is not None:
            self._timer = self._core.timers.call_at(at, self._ring)

    def _ring(self, now: float) -> None:
        self._timer = None
        end_at = self.start.end_at
        if end_at is not None and end_at > now:
            self._set_timer(end_at)
        self.wake()


_MOMENTARY: Final = ("awake", "_live", "_outstanding", "_batches", "_timer", "_next")
_KEPT: Final = tuple(name for name in Subscriber.__slots__ if name not in _MOMENTARY)
