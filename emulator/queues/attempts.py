"""The receives of a FIFO queue that can be repeated: the same ReceiveRequestAttemptId within five minutes.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-receiverequestattemptid-request-parameter.html
"""

from collections.abc import Iterator
from typing import Generic, TypeVar

from pocketbus.emulator.message import Message
from pocketbus.emulator.queues.dedup import DeduplicationWindow
from pocketbus.emulator.releases import Container
from pocketbus.emulator.time.deadlines import Deadline

R = TypeVar("R", bound=tuple[Message, str])


class Attempts(Generic[R]):
    """What each attempt received, for as long as none of its messages was deleted, hidden anew or returned.

    Every change of a message in flight gives it another deadline or none: the deadline tells whether it changed.
    """

    def __init__(self) -> None:
        self._attempts: DeduplicationWindow[list[tuple[R, Deadline[Message] | None]]] = DeduplicationWindow()

    def find(self, attempt_id: str, now: float) -> list[R]:
        """Return what the attempt received; nothing if it is unknown, too long ago or no longer as it was."""
        attempt = self._attempts.find(attempt_id, now) or []
        if all(received[0].deadline is deadline is not None for received, deadline in attempt):
            return [received for received, _ in attempt]
        return []

    def rows(self) -> Iterator[tuple[str, float, list[R]]]:
        """Yield what can still be repeated: the attempt's id, its instant and what it received."""
        for at, attempt_id, attempt in self._attempts.rows():
            if all(received[0].deadline is deadline is not None for received, deadline in attempt):
                yield attempt_id, at, [received for received, _ in attempt]

    def containers(self) -> Iterator[Container]:
        return self._attempts.containers()

    def remember(self, attempt_id: str, received: list[R], now: float) -> None:
        """Keep what was just received, with the deadlines that the messages have now."""
        self._attempts.remember(attempt_id, [(item, item[0].deadline) for item in received], now)
