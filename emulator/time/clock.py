"""The one source of the time: the system's clock, or an instant set by hand. Nothing else reads a clock."""

import time


def system_time() -> float:
    """Tell the system's time, wherever an emulator's clock stands."""
    return time.time()


class Clock:
    """Tells the time in epoch seconds; frozen, it stands still until it is moved."""

    def __init__(self, frozen_at: float | None = None) -> None:
        self._frozen_at = frozen_at
        self._ahead_seconds = 0.0

    @property
    def frozen(self) -> bool:
        return self._frozen_at is not None

    def now(self) -> float:
        if self._frozen_at is not None:
            return self._frozen_at
        return time.time() + self._ahead_seconds

    def set(self, at: float) -> None:
        """Move to the instant `at`; a running clock runs on from there."""
        if self._frozen_at is None:
            self._ahead_seconds = at - time.time()
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


stopwatch = time.perf_counter
"""Reads seconds of no epoch, for how long something took in the real world."""
