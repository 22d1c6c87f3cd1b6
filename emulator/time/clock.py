"""The one source of the time: the system's clock, or an instant set by hand. Nothing else reads a clock."""

import math
import time
from typing import NamedTuple


def system_time() -> float:
    """Tell the system's time, wherever an emulator's clock stands."""
    return time.time()


class Standing(NamedTuple):
    """Where a clock stands: at an instant if it is frozen, else so many seconds ahead of the system's."""

    frozen_at: float | None
    ahead_seconds: float


class Clock:
    """Tells the time in epoch seconds; frozen, it stands still until it is moved."""

    def __init__(self, frozen_at: float | None = None) -> None:
        self._frozen_at = frozen_at
        self._ahead_seconds = 0.0
        self._system_time = time.time

    @property
    def frozen(self) -> bool:
        return self._frozen_at is not None

    def now(self) -> float:
        if self._frozen_at is not None:
            return self._frozen_at
        return self._system_time() + self._ahead_seconds

    def set(self, at: float) -> None:
        """Move to the instant `at`; a running clock runs on from there."""
        if self._frozen_at is None:
            self._ahead_seconds = at - self._system_time()
        else:
            self._frozen_at = at

    def freeze(self) -> None:
        self._frozen_at = self.now()

    def thaw(self) -> None:
        """Run on from the instant at which the clock stands."""
        if self._frozen_at is not None:
            at, self._frozen_at = self._frozen_at, None
            self.set(at)

    def follow_the_system(self) -> None:
        """Run on with the system's time, as at the beginning."""
        self._frozen_at = None
        self._ahead_seconds = 0.0

    # For a journal: within one input no time passes, and in a replay it is the time that it was.

    def hold(self, system_at: float | None = None) -> float:
        """Take the system's time for what it is now, or was then, until it is let go of; return it."""
        at = time.time() if system_at is None else system_at
        self._system_time = lambda: at
        return at

    def hold_both(self) -> tuple[float, float]:
        """Hold the system's time as it is now; return it, and the emulator's."""
        at = time.time()
        self._system_time = lambda: at
        frozen_at = self._frozen_at
        return at, at + self._ahead_seconds if frozen_at is None else frozen_at

    def hold_at(self, at: float) -> None:
        """Take the system's time for what it is when a running clock shows this instant, to the last bit."""
        system_at = at - self._ahead_seconds
        for near in (math.nextafter(system_at, 0), math.nextafter(system_at, math.inf), system_at):
            self.hold(near)
            if self.now() == at:
                return

    def let_go(self) -> None:
        """Let the system's time pass."""
        self._system_time = time.time

    @property
    def standing(self) -> Standing:
        return Standing(self._frozen_at, self._ahead_seconds)

    def stand(self, standing: Standing) -> None:
        """Stand where another one stood."""
        self._frozen_at, self._ahead_seconds = standing


stopwatch = time.perf_counter
"""Reads seconds of no epoch, for how long something took in the real world."""
