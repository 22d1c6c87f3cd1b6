"""The 5-minute window in which a FIFO queue or topic recognises what it has taken already."""

from collections import deque
from collections.abc import Hashable
from typing import Generic, TypeVar

from pocketbus.emulator.limits import DEDUPLICATION_SECONDS

T = TypeVar("T")


class DeduplicationWindow(Generic[T]):
    """What was accepted under each key within the window. Instants never run backwards, so the oldest come first."""

    def __init__(self) -> None:
        self._accepted: dict[Hashable, T] = {}
        self._ages: deque[tuple[float, Hashable, T]] = deque()

    def find(self, key: Hashable, now: float) -> T | None:
        while self._ages and self._ages[0][0] <= now - DEDUPLICATION_SECONDS:
            _, aged, accepted = self._ages.popleft()
            if self._accepted.get(aged) is accepted:
                del self._accepted[aged]
        return self._accepted.get(key)

    def remember(self, key: Hashable, accepted: T, now: float) -> None:
        """Keep what was accepted; under a key that is known already it takes the place of what was."""
        self._accepted[key] = accepted
        self._ages.append((now, key, accepted))

    def clear(self) -> None:
        self._accepted.clear()
        self._ages.clear()
