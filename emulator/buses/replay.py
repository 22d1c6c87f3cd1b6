"""A replay: events of an archive sent to its bus again, minute by minute of their own time, on the emulator's clock."""

from collections.abc import Collection, Iterator
from typing import Any

from msgspec import Struct

from pocketbus.emulator.buses.archive import Archive, ArchiveLog
from pocketbus.emulator.buses.bus import Bus
from pocketbus.emulator.buses.bus_event import BusEvent
from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.carrying import carry
from pocketbus.emulator.errors import IllegalStatusException
from pocketbus.emulator.limits import PASSING_SECONDS, REPLAY_KEPT_SECONDS
from pocketbus.emulator.logs.chunk import Place
from pocketbus.emulator.time.timers import KeptTimers, Timer

STARTING, RUNNING, COMPLETED = "STARTING", "RUNNING", "COMPLETED"
CANCELLING, CANCELLED, FAILED = "CANCELLING", "CANCELLED", "FAILED"
UNFINISHED = frozenset({STARTING, RUNNING, CANCELLING})

_MINUTE_SECONDS = 60
STEP_SECONDS = 0.01
STEP_EVENTS = 500
"""A step's share of a full minute, so that a long replay leaves room for other work."""


class ReplaySettings(Struct, frozen=True):
    """What a replay was started with: the window of event times, and the rules it is for, None: all."""

    start_at: float
    end_at: float
    filter_arns: tuple[str, ...] | None = None
    description: str | None = None

    @property
    def rule_names(self) -> Collection[str] | None:
        if self.filter_arns is None:
            return None
        return {arn.rpartition("/")[2] for arn in self.filter_arns}


class Replay:
    """One replay: a place in the log of its archive, which stays until the replay is over."""

    def __init__(self, arn: str, archive: Archive, settings: ReplaySettings, core: Core, now: float) -> None:
        self.arn = arn
        self.name = arn.rpartition("/")[2]
        self.archive_arn = archive.arn
        self.bus: Bus = archive.bus
        self.settings = settings
        self.state = STARTING
        self.reason: str | None = None
        self.started_at = now
        self.ended_at: float | None = None
        self.last_replayed_at: float | None = None
        self._log: ArchiveLog | None = archive.log
        self._log.hold()
        self._end_position = archive.log.end
        self._behind = Place(settings.start_at, 0)
        self._core = core
        self._timer: Timer | None = core.timers.call_at(now + PASSING_SECONDS, self._step)
        self._open()

    def _open(self) -> None:
        self._places: Iterator[Place] | None = None
        self._next: Place | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Tell all but what leads from place to place."""
        return {name: part for name, part in vars(self).items() if name not in ("_places", "_next")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._open()

    @property
    def unfinished(self) -> bool:
        return self.state in UNFINISHED

    def forgotten(self, now: float) -> bool:
        """Tell whether the replay ended so long ago that EventBridge does not know of it any more."""
        return self.ended_at is not None and now >= self.ended_at + REPLAY_KEPT_SECONDS

    def cancel(self, now: float) -> None:
        """Stop at once; raise IllegalStatusException if there is nothing to stop."""
        if self.state not in {STARTING, RUNNING}:
            raise IllegalStatusException(f"Replay {self.name} is not in a valid state for this operation.")
        self.state = CANCELLING
        self._let_go()
        self.close()
        self._timer = self._core.timers.call_at(now + PASSING_SECONDS, self._step)

    def close(self) -> None:
        """Let go of the timer; to be called when the replay goes with all it had."""
        if self._timer is not None:
            self._core.timers.cancel(self._timer)

    def set_timers_again(self, timers: KeptTimers) -> None:
        """Set the timer again that a state was kept with."""
        if self._timer is not None:
            self._timer = timers.call_again(self._timer, self._step)

    def _step(self, now: float) -> None:
        if self.state == CANCELLING:
            self._end(CANCELLED, "The replay was cancelled by its owner.", now)
        elif self._core.resources.get(self.bus.arn) is not self.bus:
            self._end(FAILED, "The event bus of the replay does not exist any more.", now)
        elif self._look() is None:
            self._end(COMPLETED, None, now)
        else:
            self.state = RUNNING
            self._replay_next(now)
            self._timer = self._core.timers.call_at(now + STEP_SECONDS, self._step)

    def _replay_next(self, now: float) -> None:
        only = self.settings.rule_names
        for archived in self._take():
            carry(self.bus.replay(archived.replayed(self.name), only, now), self._core, now)

    def _look(self) -> Place | None:
        """Return where the next event is, if there is one."""
        log = self._log
        if log is None:
            return None
        if self._places is None:
            self._places = log.by_time(self._behind, self.settings.end_at, self._end_position)
        while self._next is None or self._next.position < log.first:
            self._next = next(self._places, None)
            if self._next is None:
                return None
        return self._next

    def _take(self) -> Iterator[BusEvent]:
        """Yield the next events, of one minute at most."""
        place, log = self._look(), self._log
        minute = None if place is None else place.time // _MINUTE_SECONDS
        taken = 0
        while log is not None and place is not None and taken < STEP_EVENTS:
            if place.time // _MINUTE_SECONDS != minute or not log.ready(place.position, self):
                return
            event = log[place.position]
            self._behind, self._next = place, None
            self.last_replayed_at = place.time
            taken += 1
            yield event
            place = self._look()

    def wake(self) -> None:
        """The next step looks again."""

    def miss(self, why: str) -> None:
        """Hear that the archive cannot be read."""
        if self.unfinished:
            self.close()
            self._end(FAILED, why, self._core.clock.now())

    def _let_go(self) -> None:
        """Need the events no longer."""
        if self._log is not None:
            self._core.releases.add(self._log.let_go())
            self._log = None
            self._open()

    def _end(self, state: str, reason: str | None, now: float) -> None:
        self.state = state
        self.reason = reason
        self.ended_at = now
        self._timer = None
        self._let_go()
