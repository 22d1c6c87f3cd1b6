"""The ready messages of a FIFO queue: strict order in a group, a group locked while it has a message in flight.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
"""

import heapq
from collections.abc import Iterator

from pocketbus.emulator.message import Message, State

_SLACK = 64


class Group:
    """One message group: its ready messages by sequence, and how many it has in flight."""

    __slots__ = ("in_flight", "ready")

    def __init__(self) -> None:
        self.ready: list[tuple[int, Message]] = []
        self.in_flight = 0

    @property
    def head(self) -> int | None:
        """The sequence of the next message; those that expired on the way are dropped."""
        while self.ready and self.ready[0][1].state is not State.READY:
            heapq.heappop(self.ready)
        return self.ready[0][0] if self.ready else None


class FifoOrder:
    """Chooses among the unlocked groups the one whose head is oldest. All verbs are O(log n)."""

    def __init__(self) -> None:
        self._groups: dict[str, Group] = {}
        self._unlocked: list[tuple[int, str]] = []

    def add(self, message: Message) -> None:
        """Take a message that has become ready, for the first time or again."""
        group_id = message.group_id or ""
        group = self._groups.get(group_id)
        if group is None:
            group = self._groups[group_id] = Group()
        heapq.heappush(group.ready, (message.sequence, message))
        if group.ready[0][1] is message:
            self._offer(group_id, group)

    def draw(self) -> Iterator[Message]:
        """Hand out ready messages: as many as there are of one group, in order, then of the next unlocked one.

        Each counts as in flight until it is settled, so that its group is locked for later draws.
        """
        while (group := self._next()) is not None:
            while group.head is not None:
                group.in_flight += 1
                yield heapq.heappop(group.ready)[1]

    def settle(self, message: Message) -> None:
        """Count a drawn message as no longer in flight; the last one unlocks its group."""
        group_id = message.group_id or ""
        group = self._groups[group_id]
        group.in_flight -= 1
        self._after_leaving(group_id, group)

    def discard(self, message: Message) -> None:
        """Let go of a ready message that has expired."""
        group_id = message.group_id or ""
        self._after_leaving(group_id, self._groups[group_id])

    def __iter__(self) -> Iterator[Message]:
        """Yield the ready messages, group by group, each group in order."""
        for group in self._groups.values():
            yield from (message for _, message in sorted(group.ready) if message.state is State.READY)

    def _next(self) -> Group | None:
        while self._unlocked:
            head, group_id = heapq.heappop(self._unlocked)
            group = self._groups.get(group_id)
            if group is not None and not group.in_flight and group.head == head:
                return group
        return None

    def _after_leaving(self, group_id: str, group: Group) -> None:
        if group.head is None and not group.in_flight:
            del self._groups[group_id]
        else:
            self._offer(group_id, group)

    def _offer(self, group_id: str, group: Group) -> None:
        """File an unlocked group under its head; an older entry no longer matches and is skipped."""
        head = group.head
        if head is None or group.in_flight:
            return
        heapq.heappush(self._unlocked, (head, group_id))
        if len(self._unlocked) > 2 * len(self._groups) + _SLACK:
            self._unlocked = [
                (kept.head, name)
                for name, kept in self._groups.items()
                if kept.head is not None and not kept.in_flight
            ]
            heapq.heapify(self._unlocked)
