"""The messages that are handled together."""

import json
from collections.abc import Callable
from typing import Any

from pocketbus.emulator.queues.queue import Queue, Received
from pocketbus.emulator.time.duration import LATEST
from pocketbus.emulator.time.tasks import Task
from pocketbus.emulator.time.timers import KeptTimers, Timer
from pocketbus.rules.json_text import escape_surrogates

BATCH_BYTES = 6 * 1024 * 1024
"""https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html"""


class Batch:
    """Records by the ids of their messages, gathered one by one and handled as a whole."""

    def __init__(self) -> None:
        self.records: dict[str, Any] = {}
        self.texts: list[str] = []
        self._size = 0

    def add(self, message_id: str, record: Any) -> bool:
        """Take a record; False: there is no room for it, or it is here already."""
        text = escape_surrogates(json.dumps(record, ensure_ascii=False, separators=(",", ":")))
        size = len(text.encode()) + 1
        if self.records and (self._size + size > BATCH_BYTES or message_id in self.records):
            return False
        self.records[message_id] = record
        self.texts.append(text)
        self._size += size
        return True

    @property
    def array(self) -> str:
        """The records as a JSON array."""
        return f"[{','.join(self.texts)}]"

    @property
    def message_ids(self) -> list[str]:
        return list(self.records)

    def __len__(self) -> int:
        return len(self.records)


class QueueBatch(Batch):
    """The same of what a queue gave. While it waits to be tried `again`, a timer is set. At the instant
    `hidden_until`, the queue has the first of the messages back.
    """

    def __init__(self, queue: Queue) -> None:
        super().__init__()
        self.queue = queue
        self.receipts: dict[str, str] = {}
        """The handles of its messages, by their ids."""
        self.hidden_until = LATEST
        self.failures = 0
        self.task: Task | None = None
        self.again: Timer | None = None
        self.begin_again: Callable[[QueueBatch, float], None] | None = None
        """What is called when that timer rings."""

    def ring(self, now: float) -> None:
        if self.begin_again is not None:
            self.begin_again(self, now)

    def set_timers_again(self, timers: KeptTimers) -> None:
        if self.again is not None:
            self.again = timers.call_again(self.again, self.ring)

    def take(self, received: Received, record: Any) -> bool:
        """Take a message; False: there is no room for it."""
        if not self.add(received.message.message_id, record):
            return False
        self.receipts[received.message.message_id] = received.receipt_handle
        deadline = received.message.deadline
        if deadline is not None:
            self.hidden_until = min(self.hidden_until, deadline.at)
        return True
