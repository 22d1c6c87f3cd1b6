"""Items in the order in which they came, held in batches: of a great many, those whose time is over go at a stroke."""

from bisect import bisect_left, insort_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from heapq import heapify, heappop, heapreplace
from typing import Generic, TypeVar

from pocketbus.emulator.releases import Container

T = TypeVar("T")

BATCH = 1000


class _Batch(Generic[T]):
    """Some items that came one after another, and the same in order of their own time."""

    __slots__ = ("in_order", "items", "latest_at", "size")

    def __init__(self) -> None:
        self.items: deque[T] = deque()
        self.in_order: list[T] = []
        self.latest_at = float("-inf")
        self.size = 0


class Batches(Generic[T]):
    """`kept_at` tells when an item came, `at` the item's own time, if it has another, and `size` its bytes."""

    def __init__(
        self,
        *,
        kept_at: Callable[[T], float],
        at: Callable[[T], float] | None = None,
        size: Callable[[T], int] = lambda _item: 0,
    ) -> None:
        self._kept_at = kept_at
        self._at = at or kept_at
        self._size = size
        self._batches: deque[_Batch[T]] = deque()
        self._count = 0
        self.size = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[T]:
        return (item for batch in self._batches for item in batch.items)

    def append(self, item: T) -> None:
        if not self._batches or len(self._batches[-1].items) == BATCH:
            self._batches.append(_Batch())
        batch = self._batches[-1]
        batch.items.append(item)
        insort_right(batch.in_order, item, key=self._at)
        batch.latest_at = max(batch.latest_at, self._kept_at(item))
        self._add(batch, 1, self._size(item))

    def pop_until(self, kept_at: float) -> list[Container]:
        """Take out the first items, as long as they came before an instant or at it; return what holds many of them."""
        gone: list[Container] = []
        while self._batches and self._batches[0].latest_at <= kept_at:
            batch = self._batches.popleft()
            self._count -= len(batch.items)
            self.size -= batch.size
            gone += (batch.items, batch.in_order)
        if self._batches:
            self._pop_single(self._batches[0], kept_at)
        return gone

    def _pop_single(self, batch: _Batch[T], kept_at: float) -> None:
        while self._kept_at(batch.items[0]) <= kept_at:
            item = batch.items.popleft()
            # Of those of one time the first to come is the first here too.
            del batch.in_order[bisect_left(batch.in_order, self._at(item), key=self._at)]
            self._add(batch, -1, -self._size(item))

    def _add(self, batch: _Batch[T], count: int, size: int) -> None:
        self._count += count
        self.size += size
        batch.size += size

    def between(self, start_at: float, end_at: float) -> Iterator[list[T]]:
        """Yield the items of a time from `start_at` on and before `end_at`: some lists, each in order of their time."""
        for batch in self._batches:
            first, last = (bisect_left(batch.in_order, at, key=self._at) for at in (start_at, end_at))
            if first < last:
                yield batch.in_order[first:last]

    def containers(self) -> Iterator[Container]:
        """Yield what holds the items, to be let go of."""
        for batch in self._batches:
            yield batch.items
            yield batch.in_order


class InOrder(Generic[T]):
    """Items of some lists, each in order of time, taken one by one in that order; those of one time list by list."""

    def __init__(self, lists: Iterable[list[T]], at: Callable[[T], float]) -> None:
        self._at = at
        self._next = [(at(items[0]), number, 0, items) for number, items in enumerate(lists) if items]
        """For each list that has not come to its end: when its next item is due, its number, and the item's place."""
        heapify(self._next)

    def __bool__(self) -> bool:
        return bool(self._next)

    @property
    def next_at(self) -> float:
        """The time of the next item."""
        return self._next[0][0]

    def pop(self) -> T:
        return _pop(self._next, self._at)

    def append(self, item: T) -> None:
        """Take one more, which is none the earlier for coming last; all are then of one list."""
        if self._next:
            self._next[0][3].append(item)
        else:
            self._next.append((self._at(item), 0, 0, [item]))

    def __iter__(self) -> Iterator[T]:
        """Yield all that is still here."""
        left = self._next.copy()
        while left:
            yield _pop(left, self._at)

    def containers(self) -> Iterator[Container]:
        """Yield what holds the items, to be let go of."""
        yield from [items for *_, items in self._next]
        yield self._next


def _pop(heap: list[tuple[float, int, int, list[T]]], at: Callable[[T], float]) -> T:
    _, number, place, items = heap[0]
    if place + 1 < len(items):
        heapreplace(heap, (at(items[place + 1]), number, place + 1, items))
    else:
        heappop(heap)
    return items[place]
