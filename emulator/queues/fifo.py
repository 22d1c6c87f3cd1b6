"""The ready messages of a FIFO queue: strict order in a group, and groups take turns.

A group gives its ready messages up to the first one that is still in flight.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
"""

import heapq
import math
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from pocketbus.emulator.message import READY, Message
from pocketbus.emulator.releases import Container

_SLACK = 64


class Group:
    """One message group: its ready messages by sequence, those it has in flight, and when it is its turn.

    New messages line up; those that return go to a heap. One that has expired is dropped when it comes to the head.
    `offered` tells whether the group stands among those that can be drawn from, under its present turn.
    """

    __slots__ = ("_drawn", "_in_flight", "line", "name", "offered", "returned", "turn")

    def __init__(self, name: str, turn: int) -> None:
        self.name = name
        self.turn = turn
        self.offered = False
        self.line: deque[Message] = deque()
        self.returned: list[tuple[int, Message]] = []
        self._in_flight: set[int] = set()
        self._drawn: list[int] = []
        """The heap of what was drawn; the lowest number blocks what comes after it until it is settled."""

    @property
    def idle(self) -> bool:
        return not self._in_flight and self._oldest is None

    @property
    def ready(self) -> bool:
        """Whether there is something to hand out, which what is in flight does not block."""
        message = self._oldest
        return message is not None and message.sequence < self._barrier

    @property
    def _oldest(self) -> Message | None:
        line, returned = self.line, self.returned
        while line and line[0].state is not READY:
            line.popleft()
        while returned and returned[0][1].state is not READY:
            heapq.heappop(returned)
        if returned and (not line or returned[0][0] < line[0].sequence):
            return returned[0][1]
        return line[0] if line else None

    @property
    def _barrier(self) -> float:
        """The number of the first message in flight."""
        drawn = self._drawn
        while drawn and drawn[0] not in self._in_flight:
            heapq.heappop(drawn)
        return drawn[0] if drawn else math.inf

    def add(self, message: Message) -> None:
        if not self.line or self.line[-1].sequence < message.sequence:
            self.line.append(message)
        else:
            heapq.heappush(self.returned, (message.sequence, message))

    def draw(self) -> Iterator[Message]:
        """Take out the messages up to the first in flight; each is in flight itself until it is settled."""
        barrier = self._barrier
        while (message := self._oldest) is not None and message.sequence < barrier:
            if self.line and self.line[0] is message:
                self.line.popleft()
            else:
                heapq.heappop(self.returned)
            self.claim(message)
            yield message

    def claim(self, message: Message) -> None:
        """Let a message be in flight until it is settled."""
        self._in_flight.add(message.sequence)
        heapq.heappush(self._drawn, message.sequence)

    def settle(self, message: Message) -> None:
        self._in_flight.discard(message.sequence)


class FifoOrder:
    """Chooses the group that was served longest ago among those that have something to give. All verbs are O(log n)."""

    def __init__(self) -> None:
        self._groups: dict[str, Group] = {}
        self._turns = 0
        self._offered: list[tuple[int, Group]] = []

    def add(self, message: Message) -> None:
        """Take a message that has become ready, for the first time or again."""
        group_id = message.group_id or ""
        group = self._groups.get(group_id)
        if group is None:
            group = self._groups[group_id] = Group(group_id, self._next_turn())
        message.group_id = group.name  # one string a group, not one a message
        group.add(message)
        self._offer(group)

    def draw(self) -> Iterator[Message]:
        """Hand out ready messages: as many as there are of one group, in order, then of the next one.

        Each counts as in flight until it is settled. A group that was served goes behind those that were not.
        """
        while (group := self._next()) is not None:
            group.turn = self._next_turn()
            yield from group.draw()

    def settle(self, message: Message) -> None:
        """Count a drawn message as no longer in flight: what comes after it can be handed out."""
        group = self._groups[message.group_id or ""]
        group.settle(message)
        self._after_leaving(group)

    def discard(self, message: Message) -> None:
        """Let go of a ready message that has expired."""
        self._after_leaving(self._groups[message.group_id or ""])

    def containers(self) -> Iterator[Container]:
        """Yield all that holds messages."""
        for group in self._groups.values():
            yield group.line
            yield group.returned
        yield self._offered
        yield self._groups

    # A state that is kept: the groups first, then the messages

    def kept(self) -> dict[str, Any]:
        """Tell how many turns there were."""
        return {"turns": self._turns}

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Go on from there."""
        self._turns = kept["turns"]

    def groups(self) -> Iterator[list[Any]]:
        """Yield a row for each group."""
        return ([group.name, group.turn] for group in self._groups.values())

    def take_group(self, row: list[Any]) -> None:
        """Know a group again; its messages follow."""
        name, turn = row
        self._groups[name] = Group(name, turn)

    def line_up(self, message: Message) -> None:
        """Take a ready message again."""
        self.add(message)

    def claim(self, message: Message) -> None:
        """Know that a message is in flight."""
        group = self._groups[message.group_id or ""]
        message.group_id = group.name
        group.claim(message)

    # Turns

    def _next_turn(self) -> int:
        self._turns += 1
        return self._turns

    def _next(self) -> Group | None:
        while self._offered:
            turn, group = heapq.heappop(self._offered)
            if group.turn == turn:
                group.offered = False
                if group.ready:
                    return group
        return None

    def _after_leaving(self, group: Group) -> None:
        if group.idle:
            del self._groups[group.name]
            group.turn = 0
        else:
            self._offer(group)

    def _offer(self, group: Group) -> None:
        """File a group that has something to give under its turn; an entry of a group that is gone is skipped."""
        if group.offered or not group.ready:
            return
        group.offered = True
        heapq.heappush(self._offered, (group.turn, group))
        if len(self._offered) > 2 * len(self._groups) + _SLACK:
            self._offered = [entry for entry in self._offered if entry[0] == entry[1].turn]
            heapq.heapify(self._offered)
