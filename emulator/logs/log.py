"""The log: append only, positions that never repeat, the oldest let go when their time or the room is over.

Custom event buses, archives of classic ones and those of FIFO topics are logs; their classes tell what they hold.
"""

import logging
from collections.abc import Iterator
from typing import Any, ClassVar, TypeVar

from pocketbus.emulator.core import Core
from pocketbus.emulator.logs.chunk import CHUNK_BYTES, CHUNK_ITEMS, INDEX_BYTES, OVERHEAD_BYTES, Chunk
from pocketbus.emulator.logs.reading import Readable
from pocketbus.emulator.logs.store import Store
from pocketbus.emulator.releases import Container
from pocketbus.emulator.state.text import dumps, loads

T = TypeVar("T")

_log = logging.getLogger("pocketbus")


class Log(Readable[T]):
    """Items that come one after the other, and go in that order.

    Where a chunk ends follows from positions and sizes alone: a log that was brought back is cut as it was.
    """

    timed: ClassVar = False
    """Whether it can be gone through in the order of the times that items tell of themselves."""
    plain_rows: ClassVar = True
    """Its rows are of JSON's own types: what it holds is told by value, whoever else holds it."""

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self.bytes = 0
        """The sizes of all that is here, together."""
        self._gone_bytes = 0
        self._keepers = 1
        self._counted = True
        self._open: Chunk[T] | None = None
        """The last chunk, until it is full."""
        self._full_at = 0

    # What is kept of an item

    def size(self, item: T) -> int:
        """Return the bytes of an item's content."""
        raise NotImplementedError

    def time(self, item: T) -> float:
        """Return the time that an item tells of itself; to be told by those that are `timed`."""
        raise NotImplementedError

    def write(self, item: T) -> list[Any]:
        """Write an item in JSON's own types."""
        raise NotImplementedError

    # As a part of the state

    def __getstate__(self) -> dict[str, Any]:
        """Tell what the rows do not."""
        return {
            "first": self.first,
            "latest_at": self.latest_at,
            "_gone_bytes": self._gone_bytes,
            "_keepers": self._keepers,
            "_core": self._core,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        Log.__init__(self, state["_core"])
        for name, part in state.items():
            setattr(self, name, part)
        self.end = self.first
        self._counted = False

    def rows(self) -> Iterator[list[Any]]:
        """Yield the items, for a state to be kept."""
        for chunk in list(self._chunks):
            yield from self._rows_of(chunk)

    def references(self) -> Iterator[list[Any] | dict[str, Any]]:
        """Yield the same with what tells of a chunk in the place of one that is outside of memory."""
        for chunk in list(self._chunks):
            if chunk.name:
                yield chunk.reference()
            else:
                yield from self._rows_of(chunk)

    def _rows_of(self, chunk: Chunk[T]) -> Iterator[list[Any]]:
        begin = max(self.first - chunk.first, 0)
        for at, item in zip(chunk.ats[begin:], self._items_of(chunk)[begin:], strict=True):
            yield loads(item) if isinstance(item, bytes) else [at, *self.write(item)]

    def take(self, row: list[Any] | dict[str, Any]) -> None:
        """Have again what a row tells."""
        if isinstance(row, dict):
            self._take_chunk(row)
            return
        at, *written = row
        self._put(self.read(written, self.end, float(at)), float(at))

    def _take_chunk(self, told: dict[str, Any]) -> None:
        may_refer = self._core.door.replaying or self._room.takes_references
        if self._room.store is None or not may_refer:
            raise TypeError("only a snapshot of a journal can refer to chunks")
        chunk: Chunk[T] = Chunk.of_reference(told)
        if not chunk.first <= self.end < chunk.end or (self._chunks and chunk.first != self.end):
            raise ValueError("a chunk is not where the one before it ends")
        self._chunks.append(chunk)
        self.bytes += chunk.size_between(self.end, chunk.end)
        self.end = chunk.end

    # Coming and going

    def append(self, item: T, now: float) -> None:
        """Take an item at the instant `now`, or at that of the one before it if the clock has gone back."""
        self.latest_at = max(self.latest_at, now)
        self._put(item, self.latest_at)

    def _put(self, item: T, at: float) -> None:
        chunk = self._open or self._begin_chunk()
        size = self.size(item)
        chunk.items.append(item)  # type: ignore[union-attr]
        chunk.ats.append(at)
        chunk.sizes.append(size)
        chunk.bytes += size
        if self.timed:
            chunk.take_time(self.time(item))
        position = self.end
        self.end = position + 1
        self.bytes += size
        if self._counted:
            self._room.items += 1
            self._room.bytes += size + OVERHEAD_BYTES
        if not position % CHUNK_ITEMS or self._gone_bytes + self.bytes >= self._full_at:
            self._open = None
            if self._room.store is not None:
                self._seal(chunk, self._room.store)

    def _begin_chunk(self) -> Chunk[T]:
        chunk: Chunk[T] = Chunk(self.end)
        self._open = chunk
        self._chunks.append(chunk)
        self._full_at = ((self._gone_bytes + self.bytes) // CHUNK_BYTES + 1) * CHUNK_BYTES
        return chunk

    def _seal(self, chunk: Chunk[T], store: Store) -> None:
        """Bring a chunk that is full out of memory; it is open at first."""
        chunk.forget_before(self.first)
        content = b"\n".join(map(dumps, self._rows_of(chunk)))
        if self._counted:
            self._room.add(0, len(chunk.ats) * (INDEX_BYTES - OVERHEAD_BYTES) - chunk.bytes)
        chunk.sealed = True
        try:
            chunk.name = store.put(content)
        except OSError as error:
            _log.error("a part of a log stays in memory, since it cannot be written: %s", error)
        if self._counted:
            self._room.open(chunk)
        else:
            chunk.let_go()

    def forget_before(self, instant: float) -> list[Container]:
        """Let go of what came before an instant; return what holds it, for who empties it little by little."""
        return self.forget_to(self.position_at(instant))

    def forget_to(self, position: int) -> list[Container]:
        """Do the same with what is before a position."""
        position = min(max(position, self.first), self.end)
        gone: list[Container] = []
        while self._chunks and self.first < position:
            chunk = self._chunks[0]
            stop = min(position, chunk.end)
            count, size = stop - self.first, chunk.size_between(self.first, stop)
            self.first = stop
            self.bytes -= size
            self._gone_bytes += size
            if self._counted:
                self._room.add(-count, -_memory(chunk, count, size))
            if stop == chunk.end:
                gone += self._drop_first()
        return gone

    def _drop_first(self) -> list[Container]:
        chunk = self._chunks.pop(0)
        items = chunk.items
        self._room.shut(chunk)
        if chunk is self._open:
            self._open = None
        return [] if items is None else [items]

    def make_room(self) -> int:
        """Let go of the oldest until all logs together fit; tell how many went."""
        gone = 0
        room = self._room
        if room.bytes <= room.most_bytes:
            return 0
        while self._counted and room.bytes > room.most_bytes and len(self) > 1:
            self.forget_to(self.first + 1)
            gone += 1
        room.dropped += gone
        return gone

    # Its life

    def open(self) -> None:
        """Count among what all logs hold, as a new one does."""
        self._count(1)

    def close(self) -> None:
        """Count no longer; to be called when its owner is deleted."""
        self._count(-1)

    def _count(self, sign: int) -> None:
        if self._counted != (sign > 0):
            self._counted = sign > 0
            for chunk in self._chunks:
                begin = max(self.first, chunk.first)
                size = _memory(chunk, chunk.end - begin, chunk.size_between(begin, chunk.end))
                self._room.add(sign * (chunk.end - begin), sign * size)

    def hold(self) -> None:
        """Stay when others let go of it."""
        self._keepers += 1

    def let_go(self) -> list[Container]:
        """Let go of everything, which counts no longer, if nobody else needs it; return what holds it."""
        self._keepers -= 1
        if self._keepers > 0:
            return []
        self._counted = False
        return self.forget_to(self.end)


def _memory(chunk: Chunk[Any], count: int, size: int) -> int:
    """Return the bytes that some of a chunk's items take in memory."""
    return count * INDEX_BYTES if chunk.sealed else size + count * OVERHEAD_BYTES


def check_texts(*values: Any) -> None:
    """Raise TypeError where something that was written as a text is none."""
    for value in values:
        if not isinstance(value, str):
            raise TypeError(f"{value!r} is no text")
