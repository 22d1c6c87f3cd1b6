"""A queue's messages by the instant they were sent: what its retention period looks at."""

from pocketbus.emulator.message import GONE, Message
from pocketbus.emulator.queues.sent_order import SentOrder


class Ages(SentOrder):
    """All that a queue holds, whatever its state."""

    __slots__ = ()

    def left(self, message: Message) -> bool:
        return message.state is GONE

    def may_have(self, sent_by: float) -> bool:
        """Tell in two comparisons when nothing is that old; a message that is GONE may still count."""
        line, latecomers = self._line, self._latecomers
        if line and line[0].sent_at <= sent_by:
            return True
        return bool(latecomers) and latecomers[0].sent_at <= sent_by

    def pop_sent_by(self, instant: float) -> Message | None:
        """Take out the oldest message if it was sent at `instant` or before."""
        head = self.head
        return self.pop() if head is not None and head.sent_at <= instant else None

    @property
    def oldest_sent_at(self) -> float | None:
        head = self.head
        return None if head is None else head.sent_at
