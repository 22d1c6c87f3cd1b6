"""The log: append only, positions that never repeat, the oldest let go when their time or the room is over.

Custom event buses, archives of classic ones and those of FIFO topics are logs; their classes tell what they hold.
"""

import asyncio
import logging
from bisect import bisect_right
from collections.abc import AsyncIterator, Iterator
from heapq import heappop, heappush
from math import inf, nextafter
from operator import attrgetter
from typing import Any, ClassVar, Generic, TypeVar

from pocketbus.emulator.core import Core
from pocketbus.emulator.logs.chunk import CHUNK_BYTES, CHUNK_ITEMS, INDEX_BYTES, OVERHEAD_BYTES, Chunk, Place
from pocketbus.emulator.logs.room import Reader
from pocketbus.emulator.logs.store import Store, UnreadableError
from pocketbus.emulator.releases import Container
from pocketbus.emulator.state.text import dumps, loads

T = TypeVar("T")

_log = logging.getLogger("pocketbus")
_first = attrgetter("first")


class Log(Generic[T]):
    """Items in chunks, so that any position and any instant is found at once; the first chunk may be gone in part.

    Where a chunk ends follows from positions and sizes alone: a log that was brought back is cut as it was.
    """

    timed: ClassVar = False
    """Whether it can be gone through in the order of the times that items tell of themselves."""
    plain_rows: ClassVar = True
    """Its rows are of JSON's own types: what it holds is told by value, whoever else holds it."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._room = core.log_room
        self._chunks: list[Chunk[T]] = []
        self.first = 1
        """The position of the earliest item that is still here."""
        self.end = 1
        """The position that the next item gets."""
        self.latest_at = 0.0
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

    def read(self, written: list[Any], position: int, at: float) -> T:
        """Make an item of what was written."""
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
        if self._room.store is None or not self._core.door.replaying:
            raise TypeError("only a snapshot of a journal can refer to chunks")
        chunk: Chunk[T] = Chunk.of_reference(told)
        if not chunk.first <= self.end < chunk.end or (self._chunks and chunk.first != self.end):
            raise ValueError("a chunk is not where the one before it ends")
        self._chunks.append(chunk)
        self.bytes += chunk.size_between(self.end, chunk.end)
        self.end = chunk.end

    # Reading

    def __len__(self) -> int:
        return self.end - self.first

    def __iter__(self) -> Iterator[T]:
        return self.since(self.first)

    def since(self, position: int) -> Iterator[T]:
        """Yield the items from a position on, or from the earliest one."""
        position = max(position, self.first)
        while position < self.end:
            chunk = self._chunk_of(position)
            items = self._items_of(chunk)
            while self.first <= position < chunk.end:
                yield self._item(chunk, items, position)
                position += 1
            position = max(position, self.first)

    def __getitem__(self, position: int) -> T:
        """Return an item that is here. Raise IndexError for one that is not."""
        chunk = self._chunk_of(position)
        return self._item(chunk, self._items_of(chunk), position)

    def at(self, position: int) -> float:
        """Return the instant at which an item came. Raise IndexError."""
        chunk = self._chunk_of(position)
        return chunk.ats[position - chunk.first]

    @property
    def first_at(self) -> float:
        """The instant of the earliest item that is still here; there has to be one."""
        chunk = self._chunks[0]
        return chunk.ats[self.first - chunk.first]

    def _chunk_of(self, position: int) -> Chunk[T]:
        if not self.first <= position < self.end:
            raise IndexError(position)
        last = self._chunks[-1]
        if position >= last.first:
            return last
        return self._chunks[bisect_right(self._chunks, position, key=_first) - 1]

    def span(self, position: int, most: int) -> range:
        """Return so many positions from one on, or as many as can be read at once."""
        if position >= self.end:
            return range(0)
        return range(position, min(position + most, self._chunk_of(position).end))

    def position_at(self, instant: float) -> int:
        """Return the position of the first item that came at an instant or later, or the end."""
        if not len(self) or instant <= self.first_at:
            return self.first
        if instant > self.latest_at:
            return self.end
        chunks = self._chunks
        # The last chunk that begins before the instant, or the one behind it, has the item.
        number = bisect_right(chunks, False, key=lambda chunk: chunk.ats[0] >= instant) - 1
        return max(self.first, chunks[max(number, 0)].position_at(instant))

    def position_behind(self, instant: float) -> int:
        """Return the position of the first item that came after an instant, or the end."""
        return self.position_at(nextafter(instant, inf))

    def by_time(self, behind: Place, before: float, end: int) -> Iterator[Place]:
        """Yield the places behind one, before a time and a position, in the order of the times.

        What comes meanwhile is behind that position; what goes meanwhile is still among them.
        """
        chunks = [
            chunk
            for chunk in self._chunks
            if chunk.first < end and chunk.earliest_time < before and chunk.latest_time >= behind.time
        ]
        chunks.sort(key=_earliest_place, reverse=True)
        heads: list[tuple[Place, Iterator[Place]]] = []
        while chunks or heads:
            while chunks and (not heads or _earliest_place(chunks[-1]) < heads[0][0]):
                _push_next(heads, chunks.pop().by_time(behind, before))
            if heads:
                place, places = heappop(heads)
                _push_next(heads, places)
                if place.position < end:
                    yield place

    # What is outside of memory

    def _item(self, chunk: Chunk[T], items: list[T | bytes], position: int) -> T:
        """Return one, made of what was written of it if nobody has asked for it yet."""
        number = position - chunk.first
        item = items[number]
        if isinstance(item, bytes):
            item = items[number] = self.read(loads(item)[1:], position, chunk.ats[number])
        return item

    def _items_of(self, chunk: Chunk[T]) -> list[T | bytes]:
        if chunk.items is not None:
            return chunk.items
        items = self._lines_of(chunk)
        if self._room.is_open(chunk):
            chunk.items = items
        return items

    def _lines_of(self, chunk: Chunk[T]) -> list[T | bytes]:
        """Read a chunk from outside of memory. Raise UnreadableError."""
        if self._room.store is None:
            raise UnreadableError(f"There is nowhere to read the chunk {chunk.name} from.")
        return [*self._room.store.get(chunk.name).split(b"\n")]

    def ready(self, position: int, reader: Reader) -> bool:
        """Tell whether what is at a position can be read at once; if not, it is brought, and the reader hears of it."""
        chunk = self._chunk_of(position)
        if not chunk.sealed or self._room.is_open(chunk):
            return True
        if not self._core.door.kept:
            self._room.open(chunk)
            return True
        readers = self._room.wanted.setdefault((self, chunk.first), [])
        if not readers:
            self._core.tasks.start(self._open_chunk, position)
        if reader not in readers:
            readers.append(reader)
        return False

    async def _open_chunk(self, position: int) -> None:
        """Let a chunk be open once it was brought, and those go on who wait for it."""
        trouble = await self._core.door.outside(self._bring(position))
        if position < self.first:
            self._room.wake_all()
            return
        chunk = self._chunk_of(position)
        readers = self._room.wanted.pop((self, chunk.first), [])
        if not trouble:
            self._room.open(chunk)
        for reader in readers:
            if trouble:
                reader.miss(trouble)
            else:
                reader.wake()

    async def _bring(self, position: int) -> str:
        """Read a chunk beside everything else, and say why it cannot be, if so."""
        try:
            chunk = self._chunk_of(position)
            chunk.items = await asyncio.to_thread(self._lines_of, chunk)
        except (UnreadableError, LookupError) as error:
            _log.error("%s", error)
            return str(error)
        return ""

    def is_outside(self, first: int, end: int) -> bool:
        """Tell whether something between two positions cannot be read at once."""
        return any(chunk.sealed and not self._room.is_open(chunk) for chunk in self._between(first, end))

    async def bring(self, first: int, end: int) -> str:
        """Have what is between two positions where it can be read at once, and say why it cannot be, if so."""
        store = self._room.store
        try:
            for chunk in self._between(first, end):
                if chunk.items is None and store is not None:
                    await asyncio.to_thread(store.bring, chunk.name)
        except (UnreadableError, OSError) as error:
            _log.error("%s", error)
            return str(error)
        return ""

    def _between(self, first: int, end: int) -> list[Chunk[T]]:
        return [chunk for chunk in self._chunks if chunk.first < end and chunk.end > first]

    async def look(self, position: int) -> AsyncIterator[T]:
        """Yield the items from a position on, as `since` does, to somebody of whom the log knows nothing.

        What is outside of memory is read beside everything else. Raise UnreadableError.
        """
        position = max(position, self.first)
        while position < self.end:
            chunk = self._chunk_of(position)
            items = chunk.items
            if items is None:
                items = await asyncio.to_thread(self._lines_of, chunk)
            while self.first <= position < chunk.end:
                item = items[position - chunk.first]
                at = chunk.ats[position - chunk.first]
                yield self.read(loads(item)[1:], position, at) if isinstance(item, bytes) else item
                position += 1
            position = max(position, self.first)

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


def _earliest_place(chunk: Chunk[Any]) -> Place:
    """Return a place before which the chunk has none: it is looked through when it comes to that."""
    return Place(chunk.earliest_time, chunk.first)


def _memory(chunk: Chunk[Any], count: int, size: int) -> int:
    """Return the bytes that some of a chunk's items take in memory."""
    return count * INDEX_BYTES if chunk.sealed else size + count * OVERHEAD_BYTES


def _push_next(heads: list[tuple[Place, Iterator[Place]]], places: Iterator[Place]) -> None:
    place = next(places, None)
    if place is not None:
        heappush(heads, (place, places))


def check_texts(*values: Any) -> None:
    """Raise TypeError where something that was written as a text is none."""
    for value in values:
        if not isinstance(value, str):
            raise TypeError(f"{value!r} is no text")
