"""A part of a log: items that came one after the other, and of each the instant and the size."""

import sys
import zlib
from array import array
from base64 import b64decode, b64encode
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from math import inf
from typing import Any, Final, Generic, NamedTuple, TypeVar

T = TypeVar("T")

CHUNK_ITEMS: Final = 1024
CHUNK_BYTES: Final = 1024 * 1024
"""A chunk ends with the item that makes its log so many items, or bytes, or a multiple of that, longer."""
OVERHEAD_BYTES: Final = 500
"""About what an item takes in memory beside its content."""
INDEX_BYTES: Final = 20
"""What tells of one that is outside of memory."""


class Place(NamedTuple):
    """Where an item is in the order of the times that items tell of themselves."""

    time: float
    position: int


class Chunk(Generic[T]):
    """Items from the position `first` on; `times` are those that they tell of themselves, where a log asks for them."""

    __slots__ = (
        "ats",
        "bytes",
        "earliest_time",
        "first",
        "items",
        "latest_time",
        "name",
        "sealed",
        "sizes",
        "times",
    )

    def __init__(self, first: int) -> None:
        self.first = first
        self.items: list[T | bytes] | None = []
        """What it holds, each as it is or as it was written; None: that is outside of memory."""
        self.sealed = False
        """Whether it is full, and has a place outside of memory."""
        self.name = ""
        """By which it is found there; without one it could not be brought there, and is kept."""
        self.ats = array("d")
        self.sizes = array("I")
        self.times = array("d")
        self.bytes = 0
        self.earliest_time, self.latest_time = inf, -inf

    @property
    def end(self) -> int:
        return self.first + len(self.ats)

    def take_time(self, time: float) -> None:
        """Take the time that the latest item tells of itself."""
        self.times.append(time)
        self.earliest_time = min(self.earliest_time, time)
        self.latest_time = max(self.latest_time, time)

    def let_go(self) -> None:
        """Have nothing in memory that is outside of it, too."""
        if self.name:
            self.items = None

    def forget_before(self, position: int) -> None:
        """Begin with a position."""
        gone = position - self.first
        if gone <= 0:
            return
        self.bytes -= sum(self.sizes[:gone])
        for part in (self.ats, self.sizes, self.times, self.items or []):
            del part[:gone]
        self.first = position
        self.earliest_time = min(self.times, default=inf)
        self.latest_time = max(self.times, default=-inf)

    def reference(self) -> dict[str, Any]:
        """Return what tells of it, where it is outside of memory, for JSON."""
        packed = b"".join(_little_endian(part).tobytes() for part in (self.ats, self.sizes, self.times))
        return {
            "chunk": self.name,
            "first": self.first,
            "count": len(self.ats),
            "timed": len(self.times) > 0,
            "index": b64encode(zlib.compress(packed, 1)).decode("ascii"),
        }

    @classmethod
    def of_reference(cls, told: Mapping[str, Any]) -> "Chunk[T]":
        """Raise LookupError, TypeError or ValueError for what was not written here."""
        chunk: Chunk[T] = cls(int(told["first"]))
        packed = zlib.decompress(b64decode(told["index"]))
        count = int(told["count"])
        begin = 0
        for part in (chunk.ats, chunk.sizes, *((chunk.times,) if told["timed"] else ())):
            end = begin + count * part.itemsize
            read = array(part.typecode, packed[begin:end])
            part.extend(_little_endian(read))
            begin = end
        if begin != len(packed) or not count:
            raise ValueError("an index has another length than it says")
        chunk.bytes = sum(chunk.sizes)
        chunk.earliest_time = min(chunk.times, default=inf)
        chunk.latest_time = max(chunk.times, default=-inf)
        chunk.items, chunk.sealed, chunk.name = None, True, str(told["chunk"])
        return chunk

    def size_between(self, first: int, end: int) -> int:
        """Return the bytes of those of its items that lie between two positions."""
        begin, stop = max(first, self.first), min(end, self.end)
        if begin == self.first and stop == self.end:
            return self.bytes
        return sum(self.sizes[begin - self.first : max(stop, begin) - self.first])

    def position_at(self, instant: float) -> int:
        """Return the position of its first item of an instant or later."""
        return self.first + bisect_left(self.ats, instant)

    def by_time(self, behind: Place, before: float) -> Iterator[Place]:
        """Yield the places behind one and before a time, in order."""
        times = self.times
        order: Iterable[int] = range(len(times))
        if any(times[number] < times[number - 1] for number in range(1, len(times))):
            order = sorted(order, key=times.__getitem__)
        for number in order:
            place = Place(times[number], self.first + number)
            if place.time >= before:
                return
            if place > behind:
                yield place


def _little_endian(part: "array[Any]") -> "array[Any]":
    """Turn the bytes of numbers around where this machine has them the other way."""
    if sys.byteorder == "big":
        part = part[:]
        part.byteswap()
    return part
