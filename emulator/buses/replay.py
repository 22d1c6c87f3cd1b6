"""A replay: events of an archive sent to its bus again, minute by minute of their own time, on the emulator's clock."""

from collections import deque
from collections.abc import Collection, Iterator
from typing import Any

from msgspec import Struct

from pocketbus.emulator.buses.archive import Archive, Archived
from pocketbus.emulator.buses.bus import Bus
from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.carrying import carry
from pocketbus.emulator.errors import IllegalStatusException
from pocketbus.emulator.limits import PASSING_SECONDS, REPLAY_KEPT_SECONDS
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
    """One replay; it holds the events from its start, so that it does not depend on the archive any more."""

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
        self._pending = deque(archive.between(settings.start_at, settings.end_at, now))
        self._core = core
        self._timer: Timer | None = core.timers.call_at(now + PASSING_SECONDS, self._step)

    def __getstate__(self) -> dict[str, Any]:
        """Tell what the rows do not."""
        return {name: part for name, part in vars(self).items() if name != "_pending"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._pending = deque()

    def rows(self) -> Iterator[list[Any]]:
        """Yield the events that are still to be sent, for a state to be kept."""
        return map(list, self._pending)

    def take(self, row: list[Any]) -> None:
        """Have again what a row tells."""
        self._pending.append(Archived(*row))

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
        self._pending.clear()
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
        elif not self._pending:
            self._end(COMPLETED, None, now)
        else:
            self.state = RUNNING
            self._replay_next(now)
            self._timer = self._core.timers.call_at(now + STEP_SECONDS, self._step)

    def _replay_next(self, now: float) -> None:
        only = self.settings.rule_names
        for archived in self._next():
            event = archived.event.replayed(self.name)
            carry(self.bus.replay(event, only, now), self._core, now)
            self.last_replayed_at = archived.event_at

    def _next(self) -> list[Archived]:
        """Take the next events, of one minute at most."""
        minute = self._pending[0].event_at // _MINUTE_SECONDS
        taken: list[Archived] = []
        while (
            self._pending
            and len(taken) < STEP_EVENTS
            and self._pending[0].event_at // _MINUTE_SECONDS == minute
        ):
            taken.append(self._pending.popleft())
        return taken

    def _end(self, state: str, reason: str | None, now: float) -> None:
        self.state = state
        self.reason = reason
        self.ended_at = now
        self._timer = None
