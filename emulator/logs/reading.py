"""How a log is read: by position, by instant, by the times that items tell, in memory and outside of it."""

import asyncio
import logging
from bisect import bisect_right
from collections.abc import AsyncIterator, Iterator
from heapq import heappop, heappush
from math import inf, nextafter
from operator import attrgetter
from typing import Any, Generic, TypeVar

from pocketbus.emulator.core import Core
from pocketbus.emulator.logs.chunk import Chunk, Place
from pocketbus.emulator.logs.room import Reader
from pocketbus.emulator.logs.store import UnreadableError
from pocketbus.emulator.state.text import loads

T = TypeVar("T")

_log = logging.getLogger("pocketbus")
_first = attrgetter("first")


class Readable(Generic[T]):
    """Items in chunks, so that any position and any instant is found at once; the first chunk may be gone in part."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._room = core.log_room
        self._chunks: list[Chunk[T]] = []
        self.first = 1
        """The position of the earliest item that is still here."""
        self.end = 1
        """The position that the next item gets."""
        self.latest_at = 0.0

    def read(self, written: list[Any], position: int, at: float) -> T:
        """Make an item of what was written."""
        raise NotImplementedError

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


def _earliest_place(chunk: Chunk[Any]) -> Place:
    """Return a place before which the chunk has none: it is looked through when it comes to that."""
    return Place(chunk.earliest_time, chunk.first)


def _push_next(heads: list[tuple[Place, Iterator[Place]]], places: Iterator[Place]) -> None:
    place = next(places, None)
    if place is not None:
        heappush(heads, (place, places))
