"""The outbox: what left for a world that is not emulated, kept where a test can read it."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pocketbus.emulator.component import Component


@dataclass(frozen=True, slots=True)
class Captured:
    """One thing that left: `source` and `target` as their service names them, `details` as they were configured."""

    at: float
    service: str
    source: str
    target: str
    payload: str
    details: Mapping[str, Any]
    why: str


class Outbox(Component):
    """Keeps the latest `limit`, oldest first."""

    kept_as = "outbox"
    keeps = Captured

    def __init__(self, limit: int) -> None:
        self._captured: deque[Captured] = deque(maxlen=limit)

    def capture(self, captured: Captured) -> None:
        self._captured.append(captured)

    def discard(self, unwanted: Callable[[Captured], bool]) -> None:
        """Forget some."""
        kept = [captured for captured in self._captured if not unwanted(captured)]
        self._captured.clear()
        self._captured.extend(kept)

    def kept(self) -> list[Captured]:
        return list(self._captured)

    def keep(self, kept: Iterable[Captured]) -> None:
        """Hold what `kept` told, and nothing else."""
        self._captured.clear()
        self._captured.extend(kept)

    def clear(self) -> None:
        self._captured.clear()

    def __iter__(self) -> Iterator[Captured]:
        return iter(self._captured)

    def __len__(self) -> int:
        return len(self._captured)
