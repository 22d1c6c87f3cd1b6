"""The messages that one invocation is about."""

import json
import math
from typing import Any

from pocketbus.emulator.queues.queue import Queue, Received
from pocketbus.emulator.time.tasks import Task
from pocketbus.emulator.time.timers import Timer

BATCH_BYTES = 6 * 1024 * 1024
"""https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html"""


class Batch:
    """Gathered message by message for one function, then handled as a whole. While it waits to be tried `again`, a
    timer is set. At the instant `hidden_until`, the queue has the first of the messages back.
    """

    def __init__(self, queue: Queue, function_arn: str, *, reports_failures: bool) -> None:
        self.queue = queue
        self.function_arn = function_arn
        self.reports_failures = reports_failures
        self.received: list[Received] = []
        self.hidden_until = math.inf
        self.failures = 0
        self.task: Task | None = None
        self.again: Timer | None = None
        self._records: list[str] = []
        self._size = 0

    def add(self, received: Received, record: dict[str, Any]) -> bool:
        """Take a message; False: there is no room for it."""
        written = json.dumps(record, separators=(",", ":"))
        if self.received and self._size + len(written) > BATCH_BYTES:
            return False
        self.received.append(received)
        self._records.append(written)
        self._size += len(written) + 1
        deadline = received.message.deadline
        if deadline is not None:
            self.hidden_until = min(self.hidden_until, deadline.at)
        return True

    @property
    def event(self) -> bytes:
        """What the function gets."""
        return f'{{"Records":[{",".join(self._records)}]}}'.encode()

    @property
    def message_ids(self) -> list[str]:
        return [one.message.message_id for one in self.received]

    def __len__(self) -> int:
        return len(self.received)
