"""A part of a log: items that came one after the other, and of each the instant and the size."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from math import inf
from typing import Final, Generic, NamedTuple, TypeVar

T = TypeVar("T")

CHUNK_ITEMS: Final = 1024
CHUNK_BYTES: Final = 1024 * 1024
"""A chunk ends with the item that makes its log so many items, or bytes, or a multiple of that, longer."""
OVERHEAD_BYTES: Final = 500
"""About what an item takes in memory beside its content."""


class Place(NamedTuple):
    """Where an item is in the order of the times that items tell of themselves."""

    time: float
    position: int


class Chunk(Generic[T]):
    """Items from the position `first` on; `times` are those that they tell of themselves, where a log asks for them."""

    __slots__ = ("ats", "bytes", "earliest_time", "first", "items", "latest_time", "sizes", "times")

    def __init__(self, first: int) -> None:
        self.first = first
        self.items: list[T] = []
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
