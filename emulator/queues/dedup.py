"""The 5-minute window in which a FIFO queue or topic recognises what it has taken already."""

from collections import deque
from collections.abc import Hashable, Iterator
from hashlib import sha256
from typing import Any, Generic, TypeVar

from pocketbus.emulator.errors import InvalidParameterValueException, MissingRequiredParameterException
from pocketbus.emulator.limits import DEDUPLICATION_SECONDS
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.emulator.releases import Container

NO_DEDUPLICATION_ID = (
    "The queue should either have ContentBasedDeduplication enabled or "
    "MessageDeduplicationId provided explicitly"
)

T = TypeVar("T")


class DeduplicationWindow(Generic[T]):
    """What was accepted under each key within the window, the oldest first.

    A clock that goes back leaves windows that begin later: what was accepted then is forgotten, its key is free.
    """

    def __init__(self) -> None:
        self._accepted: dict[Hashable, T] = {}
        # Instant, key and what was accepted in turns: a tuple of the three would cost a FIFO message 64 bytes more.
        self._ages: deque[Any] = deque()

    def find(self, key: Hashable, now: float) -> T | None:
        self._forget_aged(now)
        return self._accepted.get(key)

    def holds(self, now: float) -> bool:
        """Tell whether anything was accepted within the window."""
        self._forget_aged(now)
        return bool(self._accepted)

    def _forget_aged(self, now: float) -> None:
        while self._ages and self._ages[0] <= now - DEDUPLICATION_SECONDS:
            _, aged, accepted = (self._ages.popleft() for _ in range(3))
            self._forget(aged, accepted)
        while self._ages and self._ages[-3] > now:
            accepted, aged, _ = (self._ages.pop() for _ in range(3))
            self._forget(aged, accepted)

    def _forget(self, key: Hashable, accepted: T) -> None:
        if self._accepted.get(key) == accepted:
            del self._accepted[key]

    def remember(self, key: Hashable, accepted: T, now: float) -> None:
        """Keep what was accepted; under a key that is known already it takes the place of what was."""
        self._accepted[key] = accepted
        self._ages += (now, key, accepted)

    def __getstate__(self) -> dict[str, Any]:
        """Tell nothing: the rows say it all."""
        return {}

    def __setstate__(self, state: dict[str, Any]) -> None:
        DeduplicationWindow.__init__(self)

    def rows(self) -> Iterator[list[Any]]:
        """Yield what is known, each with its instant, for a state to be kept."""
        ages = iter(self._ages)
        for at, key, accepted in zip(ages, ages, ages, strict=True):
            if self._accepted.get(key) is accepted:
                yield [at, key, accepted]

    def take(self, row: list[Any]) -> None:
        """Know again what a row tells."""
        at, key, accepted = row
        self.remember(key, accepted, at)

    def containers(self) -> Iterator[Container]:
        """Yield what holds all that is known, for those who let go of it."""
        yield self._accepted
        yield self._ages


def deduplication_id(body: str, given: str | None, group_id: str | None, settings: QueueSettings) -> str:
    """Return the id under which a FIFO queue takes a message: the sender's own, else the digest of the body."""
    if group_id is None:
        raise MissingRequiredParameterException("The request must contain the parameter MessageGroupId.")
    if given is not None:
        return given
    if not settings.content_based_deduplication:
        raise InvalidParameterValueException(NO_DEDUPLICATION_ID)
    return sha256(body.encode("utf-8", "surrogatepass")).hexdigest()
