"""A heap of instants with lazy cancellation: what timers and queues share."""

import heapq
from collections.abc import Iterator
from typing import Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")

_SLACK = 64


class Deadline(Struct, Generic[T], eq=False):
    """One item due at one instant; `item` is None once it was cancelled or is done."""

    at: float
    order: int
    item: T | None

    def __lt__(self, other: "Deadline[T]") -> bool:
        return self.at < other.at or (self.at == other.at and self.order < other.order)


class Deadlines(Generic[T]):
    """Items by the instant they are due, in order of addition at equal instants. All verbs are O(log n).

    Cancelled deadlines stay in the heap until they outnumber the live ones, then leave together: amortised O(1).
    """

    def __init__(self) -> None:
        self.heap: list[Deadline[T]] = []
        """The first may be a cancelled one: for those who only ask whether nothing is due."""
        self._live = 0
        self._added = 0

    def __len__(self) -> int:
        return self._live

    def __iter__(self) -> Iterator[T]:
        """Yield the items that are due some time, in no order."""
        return (deadline.item for deadline in self.heap if deadline.item is not None)

    @property
    def next_at(self) -> float | None:
        self._drop_cancelled_heads()
        return self.heap[0].at if self.heap else None

    def add(self, at: float, item: T, order: int | None = None) -> Deadline[T]:
        """Add an item behind those of the same instant, or with the order that it had among them before."""
        self._added += 1
        self._live += 1
        deadline = Deadline(at, self._added if order is None else order, item)
        heap = self.heap
        if not heap or heap[(len(heap) - 1) >> 1].at < at:
            heap.append(deadline)  # heappush comes to that, as the one above is due earlier
        else:
            heapq.heappush(heap, deadline)
        return deadline

    def restore(self, at: float, item: T, order: int) -> Deadline[T]:
        """Add an item with the order it had, without counting it as another one."""
        deadline = self.add(at, item, order)
        self._added -= 1
        return deadline

    def take(self, others: "Deadlines[T]") -> None:
        """Have those of another heap too, which is used no more: O(n log n) of the smaller of the two."""
        self._added += others._added  # noqa: SLF001 - of the same class
        self._live += others._live  # noqa: SLF001
        smaller, larger = sorted((self.heap, others.heap), key=len)
        for deadline in smaller:
            heapq.heappush(larger, deadline)
        self.heap = larger

    @property
    def added(self) -> int:
        """How many were added so far: the order of the latest."""
        return self._added

    def begin_at(self, added: int) -> None:
        """Go on counting from where a kept state stood."""
        self._added = added

    def cancel(self, deadline: Deadline[T]) -> None:
        """Forget a deadline; one that is done or cancelled already is left alone."""
        if deadline.item is None:
            return
        deadline.item = None
        self._live -= 1
        if len(self.heap) > 2 * self._live + _SLACK:
            self.heap = [kept for kept in self.heap if kept.item is not None]
            heapq.heapify(self.heap)

    def pop_due(self, now: float) -> T | None:
        """Take the earliest item due at `now` or before, or None."""
        self._drop_cancelled_heads()
        if not self.heap or self.heap[0].at > now:
            return None
        deadline = heapq.heappop(self.heap)
        item, deadline.item = deadline.item, None
        self._live -= 1
        return item

    def containers(self) -> Iterator[list[Deadline[T]]]:
        """Yield what holds the deadlines, for those who let go of them all."""
        yield self.heap

    def soonest(self) -> Iterator[Deadline[T]]:
        """Yield the deadlines, the earliest first: O(k log k) for the first k. Nothing may change meanwhile."""
        heap = self.heap
        frontier = [(heap[0], 0)] if heap else []
        while frontier:
            deadline, at = heapq.heappop(frontier)
            if deadline.item is not None:
                yield deadline
            for child in (2 * at + 1, 2 * at + 2):
                if child < len(heap):
                    heapq.heappush(frontier, (heap[child], child))

    def clear(self) -> None:
        for deadline in self.heap:
            deadline.item = None
        self.heap.clear()
        self._live = 0

    def _drop_cancelled_heads(self) -> None:
        while self.heap and self.heap[0].item is None:
            heapq.heappop(self.heap)
