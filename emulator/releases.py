"""What is deleted at a stroke and let go of little by little, so that nobody waits while memory is freed.

Whoever deletes much takes it out of sight in one assignment, and leaves the containers that held it here. Without a
running event loop nobody waits, and they go at once.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from pocketbus.emulator.memory import give_back
from pocketbus.emulator.time.deadlines import Deadline
from pocketbus.emulator.turns import SLICE_SECONDS

Container = deque[Any] | list[Any] | dict[Any, Any]

_BETWEEN_LOOKS = 100
"""Items let go of between two looks at the time."""
_TRIM_SECONDS = 0.5
"""After the last release, the C library is asked to give back to the system what it holds free."""


class Releases:
    """Empties containers in slices, in turns with everything else."""

    def __init__(self) -> None:
        self._waiting: deque[Iterator[None]] = deque()
        self._trimming: asyncio.TimerHandle | None = None

    def add(self, containers: Iterable[Container]) -> None:
        """Let go of all that is in the containers, which nobody else uses any more."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            for _ in _emptied(containers):
                pass
            return
        self._waiting.append(_emptied(containers))
        if len(self._waiting) == 1:
            loop.call_soon(self._release, loop)

    def _release(self, loop: asyncio.AbstractEventLoop) -> None:
        until = loop.time() + SLICE_SECONDS
        while self._waiting:
            if next(self._waiting[0], self) is self:
                self._waiting.popleft()
            if loop.time() >= until:
                break
        if self._waiting:
            loop.call_soon(self._release, loop)
        elif self._trimming is None:
            self._trimming = loop.call_later(_TRIM_SECONDS, self._trim)

    def _trim(self) -> None:
        self._trimming = None
        give_back()


def remains_of(resources: deque[Any]) -> Iterator[Container]:
    """Yield what holds something in resources that were deleted; of most there is nothing but themselves."""
    while resources:
        yield from getattr(resources.popleft(), "remains", tuple)()


def _emptied(containers: Iterable[Container]) -> Iterator[None]:
    """Take everything out, some at each step; a deadline lets go of what it was for: the two hold one another."""
    for container in containers:
        pop = container.popitem if isinstance(container, dict) else container.pop
        while container:
            for _ in range(min(_BETWEEN_LOOKS, len(container))):
                item = pop()
                if type(item) is Deadline:
                    item.item = None
            item = None
            yield
