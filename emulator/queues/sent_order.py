"""Messages in the order in which they were sent: what waits in a standard queue, and what grows old in any."""

import heapq
from collections import deque
from collections.abc import Collection, Iterator

from pocketbus.emulator.message import READY, Message, State
from pocketbus.emulator.releases import Container

_SLACK = 64


class SentOrder:
    """Oldest first. A message sent last lines up in O(1); one that returns or was taken over goes to a heap, O(log n).

    One that has left drops out when it comes to the head, or with all others when they outnumber the rest behind it.
    """

    __slots__ = ("latecomers", "line")

    stays: Collection[State] = (READY,)
    """The states of the messages that stand here; any other has left."""

    def __init__(self) -> None:
        self.line: deque[Message] = deque()
        self.latecomers: list[Message] = []

    def add(self, message: Message) -> None:
        line = self.line
        # Spelled out: a call of __lt__ takes longer than all the rest.
        if not line or ((last := line[-1]).sequence < message.sequence and last.sent_at <= message.sent_at):
            line.append(message)
        else:
            heapq.heappush(self.latecomers, message)

    @property
    def head(self) -> Message | None:
        """The oldest message."""
        line, latecomers = self.line, self.latecomers
        stays = self.stays
        while line and line[0].state not in stays:
            line.popleft()
        while latecomers and latecomers[0].state not in stays:
            heapq.heappop(latecomers)
        if latecomers and (not line or latecomers[0] < line[0]):
            return latecomers[0]
        return line[0] if line else None

    def pop(self) -> Message:
        """Take out the oldest message; there must be one."""
        line = self.line
        if not self.latecomers:
            while (message := line.popleft()).state not in self.stays:
                pass
            return message
        oldest = self.head
        return line.popleft() if line and line[0] is oldest else heapq.heappop(self.latecomers)

    def shrink(self, live: int) -> None:
        """Forget some that have left from the head; all, once there are more of them than of the `live` ones.

        What leaves in the order in which it came, be it a million messages, so goes a few at a time.
        """
        line = self.line
        gone = len(line) + len(self.latecomers) - live
        if gone <= _SLACK:
            return
        stays = self.stays
        if line and line[0].state not in stays:
            line.popleft()
            if line and line[0].state not in stays:
                line.popleft()
        elif gone > live + _SLACK:
            self.line = deque(kept for kept in line if kept.state in stays)
            self.latecomers = [kept for kept in self.latecomers if kept.state in stays]
            heapq.heapify(self.latecomers)

    def containers(self) -> Iterator[Container]:
        """Yield what holds the messages."""
        yield self.line
        yield self.latecomers

    def __iter__(self) -> Iterator[Message]:
        """Yield the messages, oldest first."""
        line, latecomers = self.line, self.latecomers
        everything = heapq.merge(line, sorted(latecomers)) if latecomers else line
        return (message for message in everything if message.state in self.stays)
