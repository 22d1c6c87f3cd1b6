"""A queue's messages by the instant they were sent: what its retention period looks at."""

import heapq
from collections.abc import Collection

from pocketbus.emulator.message import HELD, Message, State
from pocketbus.emulator.queues.sent_order import SentOrder


class Ages(SentOrder):
    """All that a queue holds, whatever its state."""

    __slots__ = ()

    stays: Collection[State] = HELD

    def add(self, message: Message) -> None:
        """Take in a message that is new here: its number is higher than those of all before it."""
        line = self.line
        if not line or line[-1].sent_at <= message.sent_at:
            line.append(message)
        else:
            heapq.heappush(self.latecomers, message)

    def pop_sent_by(self, instant: float) -> Message | None:
        """Take out the oldest message if it was sent at `instant` or before."""
        head = self.head
        return self.pop() if head is not None and head.sent_at <= instant else None

    @property
    def oldest_sent_at(self) -> float | None:
        head = self.head
        return None if head is None else head.sent_at
