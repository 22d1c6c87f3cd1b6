"""A queue's messages by the instant they were sent: what its retention period looks at."""

import heapq
from collections import deque
from collections.abc import Iterator
from itertools import chain

from pocketbus.emulator.message import GONE, Message
from pocketbus.emulator.releases import Container

_SLACK = 64


class Ages:
    """Oldest first. New messages line up in O(1); one taken over with its age goes to a heap in O(log n).

    A message that is GONE leaves when it is the oldest, or together with the others when they outnumber the rest.
    """

    def __init__(self) -> None:
        self._line: deque[Message] = deque()
        self._latecomers: list[Message] = []

    def add(self, message: Message) -> None:
        if not self._line or self._line[-1].sent_at <= message.sent_at:
            self._line.append(message)
        else:
            heapq.heappush(self._latecomers, message)

    def may_have(self, sent_by: float) -> bool:
        """Tell in two comparisons when nothing is that old; a message that is GONE may still count."""
        line, latecomers = self._line, self._latecomers
        return bool(line and line[0].sent_at <= sent_by) or bool(
            latecomers and latecomers[0].sent_at <= sent_by
        )

    def pop_sent_by(self, instant: float) -> Message | None:
        """Take out the oldest message if it was sent at `instant` or before."""
        line, latecomers = self._line, self._latecomers
        self._drop_gone_heads()
        if latecomers and latecomers[0].sent_at <= instant and not (line and line[0] < latecomers[0]):
            return heapq.heappop(latecomers)
        if line and line[0].sent_at <= instant:
            return line.popleft()
        return None

    @property
    def oldest_sent_at(self) -> float | None:
        self._drop_gone_heads()
        heads = [messages[0].sent_at for messages in (self._line, self._latecomers) if messages]
        return min(heads, default=None)

    def containers(self) -> Iterator[Container]:
        yield self._line
        yield self._latecomers

    def _drop_gone_heads(self) -> None:
        line, latecomers = self._line, self._latecomers
        while line and line[0].state is GONE:
            line.popleft()
        while latecomers and latecomers[0].state is GONE:
            heapq.heappop(latecomers)

    def shrink(self, live: int) -> None:
        """Forget those GONE once there are more of them than of the `live` ones."""
        if len(self._line) + len(self._latecomers) > 2 * live + _SLACK:
            self._line = deque(kept for kept in self._line if kept.state is not GONE)
            self._latecomers = [kept for kept in self._latecomers if kept.state is not GONE]
            heapq.heapify(self._latecomers)

    def __iter__(self) -> Iterator[Message]:
        """Yield the messages that are not GONE, those taken over with their age last."""
        everything = chain(self._line, sorted(self._latecomers))
        return (message for message in everything if message.state is not GONE)
