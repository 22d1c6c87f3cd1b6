"""Messages in the order in which they were sent: what waits in a standard queue, and what grows old in any."""

import heapq
from collections import deque
from collections.abc import Iterator

from pocketbus.emulator.message import READY, Message
from pocketbus.emulator.releases import Container

_SLACK = 64


class SentOrder:
    """Oldest first. A message sent last lines up in O(1); one that returns or was taken over goes to a heap, O(log n).

    One that has `left` drops out when it comes to the head, or together with the others when they outnumber the rest.
    """

    __slots__ = ("_latecomers", "_line")

    def __init__(self) -> None:
        self._line: deque[Message] = deque()
        self._latecomers: list[Message] = []

    def left(self, message: Message) -> bool:
        """Tell whether a message stands here no more."""
        return message.state is not READY

    def add(self, message: Message) -> None:
        line = self._line
        # Spelled out, because each message comes by here twice and a call of __lt__ takes longer than all the rest.
        if not line or (line[-1].sequence < message.sequence and line[-1].sent_at <= message.sent_at):
            line.append(message)
        else:
            heapq.heappush(self._latecomers, message)

    @property
    def head(self) -> Message | None:
        """The oldest message."""
        line, latecomers = self._line, self._latecomers
        while line and self.left(line[0]):
            line.popleft()
        while latecomers and self.left(latecomers[0]):
            heapq.heappop(latecomers)
        if latecomers and (not line or latecomers[0] < line[0]):
            return latecomers[0]
        return line[0] if line else None

    def pop(self) -> Message:
        """Take out the oldest message; there must be one."""
        line = self._line
        if not self._latecomers:
            while self.left(message := line.popleft()):
                pass
            return message
        oldest = self.head
        return line.popleft() if line and line[0] is oldest else heapq.heappop(self._latecomers)

    def shrink(self, live: int) -> None:
        """Forget those that have left once there are more of them than of the `live` ones."""
        if len(self._line) + len(self._latecomers) > 2 * live + _SLACK:
            self._line = deque(kept for kept in self._line if not self.left(kept))
            self._latecomers = [kept for kept in self._latecomers if not self.left(kept)]
            heapq.heapify(self._latecomers)

    def containers(self) -> Iterator[Container]:
        """Yield what holds the messages."""
        yield self._line
        yield self._latecomers

    def __iter__(self) -> Iterator[Message]:
        """Yield the messages, oldest first."""
        line, latecomers = self._line, self._latecomers
        everything = heapq.merge(line, sorted(latecomers)) if latecomers else line
        return (message for message in everything if not self.left(message))
