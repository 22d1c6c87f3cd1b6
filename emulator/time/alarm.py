"""One timer that follows the next of many deadlines."""

from pocketbus.emulator.time.timers import Callback, KeptTimers, Timer, Timers


class Alarm:
    """Rings once at the instant it was last set to."""

    def __init__(self, timers: Timers, ring: Callback) -> None:
        self._timers = timers
        self._ring = ring
        self._timer: Timer | None = None

    def set(self, at: float | None) -> None:
        """Ring at `at`, and no longer at the instant set before; None rings not at all."""
        if self._timer is not None:
            if self._timer.at == at:
                return
            self._timers.cancel(self._timer)
            self._timer = None
        if at is not None:
            self._timer = self._timers.call_at(at, self._fire)

    def standing(self) -> Timer | None:
        """Tell what it is set to."""
        return self._timer

    def stand(self, kept: Timer | None) -> None:
        self._timer = None if kept is None else self._timers.call_again(kept, self._fire)

    def set_timers_again(self, timers: KeptTimers) -> None:
        if self._timer is not None:
            self._timer = timers.call_again(self._timer, self._fire)

    def _fire(self, now: float) -> None:
        self._timer = None
        self._ring(now)
