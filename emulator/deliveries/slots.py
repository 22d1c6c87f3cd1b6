"""How much goes on at a time: at one target, and in all."""

from asyncio import Semaphore
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager


class Slots:
    """Lets so many through to each target and so many in all; the others wait in order of arrival."""

    def __init__(self, each: int, together: int) -> None:
        self._each = each
        self._together = Semaphore(together)
        self._targets: dict[Hashable, tuple[Semaphore, set[object]]] = {}

    def __len__(self) -> int:
        """Count the targets that something goes on at or waits for."""
        return len(self._targets)

    @asynccontextmanager
    async def of(self, target: Hashable) -> AsyncIterator[None]:
        """Hold one of the target's slots, and only then one of all: who waits for a target holds nobody else up."""
        semaphore, users = self._targets.setdefault(target, (Semaphore(self._each), set()))
        user = object()
        users.add(user)
        try:
            async with semaphore, self._together:
                yield
        finally:
            users.discard(user)
            if not users:
                del self._targets[target]
