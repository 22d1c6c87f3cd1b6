"""The engine's agenda: callbacks by instant, fired by the event loop or by a clock moved by hand."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

from pocketbus.emulator.door import ADVANCE, Door
from pocketbus.emulator.time.clock import Clock
from pocketbus.emulator.time.deadlines import Deadline, Deadlines

Callback = Callable[[float], None]
Timer = Deadline[Callback]


def _not_yet(_now: float) -> None:
    raise RuntimeError("a timer of a state that was kept has not been set again")


KEPT: Final[Callback] = _not_yet
"""Stands for the callback of such a timer until it is set again."""


class KeptTimers:
    """Timers of a state that was kept, set again one by one before all of them take their place at once."""

    def __init__(self) -> None:
        self.deadlines: Deadlines[Callback] = Deadlines()
        self.whole = False
        """Whether what was under way is part of the state."""

    def call_again(self, kept: Timer, callback: Callback) -> Timer:
        """Set a timer in its old place among those of its instant; where all is told, one may be over."""
        if self.whole and kept.item is None:
            return kept
        return self.deadlines.add(kept.at, callback, kept.order)


class Timers:
    """Fires each callback once, with the instant it fires at, in order of due time.

    Attached to an event loop, one loop timer sleeps until the first deadline. While the clock is frozen nothing
    fires by itself: `advance_to` does.
    """

    def __init__(self, clock: Clock, door: Door) -> None:
        self._clock = clock
        self._door = door
        self._deadlines: Deadlines[Callback] = Deadlines()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at: float | None = None

    def __len__(self) -> int:
        """Count what is still to fire."""
        return len(self._deadlines)

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.rearm()

    def detach(self) -> None:
        self._disarm()
        self._loop = None

    def now(self) -> float:
        return self._clock.now()

    def call_at(self, at: float, callback: Callback) -> Timer:
        return self._add(at, callback)

    def call_once_at(self, at: float, callback: Callback) -> Timer:
        """Do the same within a course: taken up elsewhere, that finds its timer in the place that it had."""
        timer = self._door.once(partial(self.call_at, at, callback))
        return timer if timer.item is callback else self.call_again(timer, callback)

    def call_again(self, kept: Timer, callback: Callback) -> Timer:
        """Set a timer of a state that was kept in its old place among those of its instant, unless it was over."""
        if kept.item is None:
            return kept
        timer = self._deadlines.add(kept.at, callback, kept.order)
        self.rearm()
        return timer

    def take(self, kept: "KeptTimers") -> None:
        """Let timers of a state that was kept fire too."""
        self._deadlines.take(kept.deadlines)
        self.rearm()

    def _add(self, at: float, callback: Callback) -> Timer:
        timer = self._deadlines.add(at, callback)
        if self._alarm_at is None or at < self._alarm_at:
            self.rearm()
        return timer

    def cancel(self, timer: Timer) -> None:
        self._deadlines.cancel(timer)

    def clear(self) -> None:
        self._deadlines.clear()
        self._disarm()

    @property
    def next_at(self) -> float | None:
        return self._deadlines.next_at

    def advance_to(self, at: float) -> None:
        """Move the clock to `at`, firing every deadline on the way at its own instant."""
        with self._door.entry(ADVANCE, at):
            while (due_at := self._deadlines.next_at) is not None and due_at <= at:
                self._clock.set(max(due_at, self._clock.now()))
                self._fire_due(due_at)
            self._clock.set(at)
        self.rearm()

    def rearm(self) -> None:
        """Sleep until the first deadline; to be called when the clock was frozen, thawed or set."""
        self._disarm()
        due_at = self._deadlines.next_at
        if self._loop is None or self._clock.frozen or due_at is None:
            return
        self._alarm_at = due_at
        self._alarm = self._loop.call_later(max(0.0, due_at - self._clock.now()), self.ring)

    def ring(self) -> None:
        """Fire what is due."""
        due_at = self._deadlines.next_at
        if due_at is not None and due_at <= self._clock.now():
            with self._door.entry("ring"):
                self._fire_due(self._clock.now())
        self.rearm()

    def _fire_due(self, now: float) -> None:
        while (callback := self._deadlines.pop_due(now)) is not None:
            callback(now)

    def _disarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._alarm_at = None
