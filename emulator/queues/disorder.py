"""What faults do to a standard queue, which promises no order and no single delivery: reorder and duplicate."""

from collections import deque
from collections.abc import Iterator

from pocketbus.emulator.core import Core
from pocketbus.emulator.message import READY, Message
from pocketbus.emulator.queues.holdings import Holdings
from pocketbus.emulator.queues.receipts import Received
from pocketbus.emulator.trouble.incident import Incident


class Disorder:
    """The faults that strike at the receives of one queue."""

    def __init__(self, arn: str, held: Holdings, core: Core) -> None:
        self._arn = arn
        self._held = held
        self._faults = core.faults

    def draw(self, passed_over: deque[Message]) -> Iterator[Message]:
        """Draw the ready messages, last those whose turn a fault takes away: they are in `passed_over` till then."""
        to_pass_over: int | None = None
        for message in self._held.draw():
            if to_pass_over is None:
                ready = self._held.count(READY)
                to_pass_over = self._faults.displacement(self._incident(message), ready)
            if to_pass_over:
                to_pass_over -= 1
                passed_over.append(message)
            else:
                to_pass_over = None
                yield message
        while passed_over:
            yield passed_over.popleft()

    def doubled(self, received: list[Received]) -> Iterator[Message]:
        """Yield those of which a fault hands out a copy to the next receiver."""
        for message, _ in received:
            if not message.duplicated and self._faults.duplicates(self._incident(message)):
                yield message

    def _incident(self, message: Message) -> Incident:
        _, _, service, region, account, _ = self._arn.split(":", 5)
        return Incident(service, "a receive", (self._arn,), account, region, message.message_id)
