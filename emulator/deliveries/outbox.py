"""The outbox: what left for a world that is not emulated, kept where a test can read it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from pocketbus.emulator.component import Component
from pocketbus.emulator.latest import Held, Latest, size_of

OUTBOX_BYTES: Final = 64 * 1024 * 1024


class Captured(Struct, frozen=True):
    """One thing that left: `source` and `target` as their service names them, `details` as they were configured."""

    at: float
    service: str
    source: str
    target: str
    payload: str
    details: Mapping[str, Any]
    why: str

    @property
    def size(self) -> int:
        """The bytes that it takes."""
        return size_of((self.source, self.target, self.payload, self.details))


class Outbox(Component):
    """Keeps the latest, oldest first: as many as `limit` and as `most_bytes` allow."""

    kept_as = "outbox"
    keeps = Captured

    def __init__(self, limit: int, most_bytes: int = OUTBOX_BYTES) -> None:
        self._captured: Latest[Captured] = Latest(limit, most_bytes, lambda captured: captured.size)

    def capture(self, captured: Captured) -> None:
        self._captured.append(captured)

    def discard(self, places: Collection[int]) -> None:
        """Forget those at some places, of which the oldest has the first, 0."""
        unwanted = set(places)
        self._captured.keep([one for place, one in enumerate(self._captured) if place not in unwanted])

    def kept(self) -> list[Captured]:
        return list(self._captured)

    def keep(self, kept: Iterable[Captured]) -> None:
        """Hold what `kept` told, and nothing else."""
        self._captured.keep(kept)

    def clear(self) -> None:
        self._captured.clear()

    def held(self) -> Held:
        return self._captured.held()

    def __iter__(self) -> Iterator[Captured]:
        return iter(self._captured)

    def __len__(self) -> int:
        return len(self._captured)
