"""What a clock moved by hand passes on its way beside the timers: the deadlines of the messages in the queues."""

import heapq
import math
from collections.abc import Iterator

from pocketbus.emulator.core import Core
from pocketbus.emulator.queues.queue import Queue

_Entry = tuple[float, int, Queue]


class Agenda:
    """The queues by their next deadline. Those that something else has changed since are found by the trace."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._heap: list[_Entry] = []
        self._as_of = -1

    @property
    def next_at(self) -> float | None:
        """The earliest instant at which time alone changes a queue."""
        if self._core.trace.last != self._as_of:
            self._as_of = self._core.trace.last
            self._heap = list(self._entries())
            heapq.heapify(self._heap)
        return self._heap[0][0] if self._heap else None

    async def advance(self, now: float) -> None:
        """Let every queue move what is due, in slices where it is much."""
        while (due_at := self.next_at) is not None and due_at <= now:
            _, order, queue = self._heap[0]
            if not queue.settle(now):
                await queue.settled()
                self._as_of = -1  # others had their turn
                continue
            if not queue.waiting:
                # Nothing but this queue has changed: who waits might have been given a message, or it a dead letter.
                self._as_of = self._core.trace.last
            self._move(order, queue, now)

    def _move(self, order: int, queue: Queue, now: float) -> None:
        next_at = queue.next_at
        if next_at is None:
            heapq.heappop(self._heap)
        else:
            # Sums of floats may still lie at `now` after it was dealt with; time goes on all the same.
            heapq.heapreplace(self._heap, (max(next_at, math.nextafter(now, math.inf)), order, queue))

    def _entries(self) -> Iterator[_Entry]:
        for order, resource in enumerate(self._core.resources.values()):
            if isinstance(resource, Queue) and (next_at := resource.next_at) is not None:
                yield next_at, order, resource
