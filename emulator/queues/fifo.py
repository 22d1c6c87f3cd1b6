"""The ready messages of a FIFO queue: strict order in a group, a group locked while it has a message in flight.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
"""

import heapq
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from pocketbus.emulator.message import READY, Message
from pocketbus.emulator.releases import Container

_SLACK = 64


class Group:
    """One message group: its ready messages by sequence, and how many it has in flight.

    New messages line up; those that return go to a heap. One that has expired is dropped when it comes to the head.
    """

    __slots__ = ("in_flight", "line", "name", "returned")

    def __init__(self, name: str) -> None:
        self.name = name
        self.line: deque[Message] = deque()
        self.returned: list[tuple[int, Message]] = []
        self.in_flight = 0

    @property
    def head(self) -> Message | None:
        """The next message."""
        line, returned = self.line, self.returned
        while line and line[0].state is not READY:
            line.popleft()
        while returned and returned[0][1].state is not READY:
            heapq.heappop(returned)
        if returned and (not line or returned[0][0] < line[0].sequence):
            return returned[0][1]
        return line[0] if line else None

    def add(self, message: Message) -> None:
        if not self.line or self.line[-1].sequence < message.sequence:
            self.line.append(message)
        else:
            heapq.heappush(self.returned, (message.sequence, message))

    def pop_head(self) -> None:
        """Take out the message that `head` has just shown."""
        if self.returned and (not self.line or self.returned[0][0] < self.line[0].sequence):
            heapq.heappop(self.returned)
        else:
            self.line.popleft()


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
            group = self._groups[group_id] = Group(group_id)
        message.group_id = group.name  # one string a group, not one a message
        group.add(message)
        if group.head is message:
            self._offer(group_id, group)

    def draw(self) -> Iterator[Message]:
        """Hand out ready messages: as many as there are of one group, in order, then of the next unlocked one.

        Each counts as in flight until it is settled, so that its group is locked for later draws.
        """
        while (group := self._next()) is not None:
            while (message := group.head) is not None:
                group.pop_head()
                group.in_flight += 1
                yield message

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

    def containers(self) -> Iterator[Container]:
        """Yield all that holds messages."""
        for group in self._groups.values():
            yield group.line
            yield group.returned
        yield self._unlocked
        yield self._groups

    # A state that is kept: the groups follow from the messages

    def kept(self) -> dict[str, Any]:
        """Tell nothing."""
        return {}

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Expect the messages."""

    def tenants(self) -> Iterator[list[Any]]:
        """Yield nothing."""
        return iter(())

    def take_tenant(self, row: list[Any]) -> None:
        """Refuse what only a standard queue has."""
        raise ValueError(row)

    def line_up(self, message: Message) -> None:
        """Take a ready message again."""
        self.add(message)

    def claim(self, message: Message) -> None:
        """Know that a message is in flight, and its group locked."""
        group = self._groups.setdefault(message.group_id or "", Group(message.group_id or ""))
        message.group_id = group.name
        group.in_flight += 1

    def lines(self, length: int) -> Iterator[list[Any]]:  # noqa: ARG002 - the sequences are the order
        """Yield nothing."""
        return iter(())

    def take_line(self, row: list[Any]) -> None:
        """Refuse what only a standard queue has."""
        raise ValueError(row)

    def _next(self) -> Group | None:
        while self._unlocked:
            head, group_id = heapq.heappop(self._unlocked)
            group = self._groups.get(group_id)
            if group is None or group.in_flight:
                continue
            message = group.head
            if message is not None and message.sequence == head:
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
        heapq.heappush(self._unlocked, (head.sequence, group_id))
        if len(self._unlocked) > 2 * len(self._groups) + _SLACK:
            self._unlocked = [
                (message.sequence, name)
                for name, kept in self._groups.items()
                if not kept.in_flight and (message := kept.head) is not None
            ]
            heapq.heapify(self._unlocked)
