"""The memory that all logs of one engine share, and which of their chunks outside of it are open."""

from typing import Any, Final, Protocol

from pocketbus.emulator.component import Component
from pocketbus.emulator.latest import Held
from pocketbus.emulator.logs.chunk import Chunk
from pocketbus.emulator.logs.store import Store

LOG_BYTES: Final = 1024 * 1024 * 1024
"""How much the items of all logs, and what tells where those outside of memory are, may take together."""
OPEN_BYTES: Final = 16 * 1024 * 1024
"""How much of what is outside of memory may be in it, too, because somebody goes through it."""


class Reader(Protocol):
    """Somebody who goes through a log."""

    def wake(self) -> None:
        """Go on soon."""
        ...

    def miss(self, why: str) -> None:
        """Hear that what it wants to read cannot be read."""
        ...


class LogRoom(Component):
    """Counts what the logs hold; which of them is full is none of its business.

    Without a `store` all of it is in memory. With one, full chunks are sealed: they go there, and those that are read
    are open for a while, the latest of them. Which are open follows from what came in, like everything else that
    decides when somebody gets on.
    """

    def __init__(self, most_bytes: int = LOG_BYTES) -> None:
        self.most_bytes = most_bytes
        self.items = 0
        self.bytes = 0
        self.dropped = 0
        self.store: Store | None = None
        self.takes_references = False
        """Whether a state that is read may refer to what is in the store: one that comes from outside may not."""
        self.open_bytes = OPEN_BYTES
        self.wanted: dict[tuple[Any, int], list[Reader]] = {}
        """Who waits for what is being opened: a chunk of a log, by its first position."""
        self._opened: dict[Chunk[Any], None] = {}
        self._opened_bytes = 0

    def add(self, items: int, size: int) -> None:
        """Count so many items, of so many bytes, in; or out."""
        self.items += items
        self.bytes += size

    def is_open(self, chunk: Chunk[Any]) -> bool:
        """Tell whether a sealed chunk can be read at once."""
        return chunk in self._opened

    def open(self, chunk: Chunk[Any]) -> None:
        """Let a sealed chunk be open; those that were opened before all others may be so no longer."""
        self._opened[chunk] = None
        self._opened_bytes += chunk.bytes
        while self._opened_bytes > self.open_bytes and len(self._opened) > 1:
            self.shut(next(iter(self._opened)))

    def shut(self, chunk: Chunk[Any]) -> None:
        """Let a chunk be open no longer, if it was."""
        if chunk in self._opened:
            del self._opened[chunk]
            self._opened_bytes -= chunk.bytes
            chunk.let_go()

    def wake_all(self) -> None:
        """Let everybody look again who waits."""
        wanted, self.wanted = self.wanted, {}
        for readers in wanted.values():
            for reader in readers:
                reader.wake()

    def rest(self) -> None:
        """Let no chunk be open."""
        for chunk in list(self._opened):
            self.shut(chunk)

    def standing(self) -> Any:
        """Tell who waits."""
        return [[log, first, readers] for (log, first), readers in self.wanted.items()] or None

    def stand(self, kept: Any) -> None:
        self.wanted = {(log, first): readers for log, first, readers in kept}

    def clear(self) -> None:
        """Count from nothing: the logs are gone."""
        self.items = self.bytes = 0
        self.wanted.clear()
        self.rest()

    def held(self) -> Held:
        return Held(self.items, self.bytes, self.items, self.most_bytes, self.dropped)
