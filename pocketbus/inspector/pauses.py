"""How long the event loop was busy with one thing while others waited, from the first time that somebody asks."""

import asyncio
from bisect import bisect_left

BOUNDS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_EVERY_SECONDS = 0.05


class Pauses:
    """Asks the loop for a turn 20 times a second, and counts how much too late each one came."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS_SECONDS) + 1)
        self.seconds = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._due_at = 0.0

    def begin(self) -> None:
        """Begin to measure on the running loop; asked again, go on."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._wait(self._loop)

    def _wait(self, loop: asyncio.AbstractEventLoop) -> None:
        self._due_at = loop.time() + _EVERY_SECONDS
        loop.call_at(self._due_at, self._note, loop)

    def _note(self, loop: asyncio.AbstractEventLoop) -> None:
        late = max(0.0, loop.time() - self._due_at)
        self.counts[bisect_left(BOUNDS_SECONDS, late)] += 1
        self.seconds += late
        self._wait(loop)
