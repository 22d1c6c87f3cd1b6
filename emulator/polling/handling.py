"""What becomes of a poller's batches: handled, settled with the queue, tried again where nobody was reached."""

from collections.abc import Callable
from functools import partial

from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.failures import TransientFailure
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.polling.batch import QueueBatch
from pocketbus.emulator.polling.consumer import Consumer, Handled
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.time.tasks import Task

_LONGEST_DELAY_SECONDS = 60


class Handling:
    """The batches that are under way, each with who handles it; `left` hears when there is room for another one."""

    def __init__(self, core: Core, left: Callable[[], None]) -> None:
        self._core = core
        self._left = left
        self._under_way: dict[QueueBatch, Consumer] = {}
        self._most = self._allowed = 1

    def __len__(self) -> int:
        return len(self._under_way)

    def limit(self, most: int) -> None:
        """Have at most so many batches under way."""
        self._most = self._allowed = most

    @property
    def room(self) -> int:
        """Count the batches that could begin."""
        return self._allowed - len(self._under_way)

    def begin(self, batch: QueueBatch, consumer: Consumer, now: float) -> None:
        """Have a batch handled; it has a place at each function that takes part."""
        self._under_way[batch] = consumer
        consumer.enter(batch)
        self._start(batch, now)

    def close(self) -> None:
        """Break off whatever is under way; the messages return to their queue."""
        for batch in list(self._under_way):
            if batch.task is not None:
                batch.task.cancel()
            if batch.again is not None:
                self._core.timers.cancel(batch.again)
                batch.again = None
                self._leave(batch)

    def delete(self, queue: Queue, message_id: str, receipt_handle: str, now: float) -> None:
        """Delete a message that is done with."""
        try:
            queue.delete(receipt_handle, now)
        except EngineError as error:  # it took too long: the message is no longer in flight by this receive
            self._core.trace.record(now, "undeleted", queue.arn, message_id, error.message)

    def _start(self, batch: QueueBatch, now: float) -> None:
        batch.again = None
        batch.task = self._core.tasks.start(self._handle, batch, now)
        batch.task.add_done_callback(partial(self._ended, batch))

    def _ended(self, batch: QueueBatch, _task: Task) -> None:
        self._leave(batch)

    def _leave(self, batch: QueueBatch) -> None:
        """Make room, unless the batch is tried again."""
        if batch.again is None and (consumer := self._under_way.pop(batch, None)) is not None:
            consumer.leave(batch)
            self._left()

    async def _handle(self, batch: QueueBatch, now: float) -> None:
        consumer = self._under_way[batch]
        try:
            handled = await consumer.handle(batch, now)
        except EngineError as error:
            self._not_reached(batch, consumer, error, self._core.clock.now())
        else:
            self._settle(batch, handled, self._core.clock.now())

    def _not_reached(self, batch: QueueBatch, consumer: Consumer, error: EngineError, now: float) -> None:
        """Try the batch again while its messages are hidden; after that the queue has them back."""
        delay = min(2.0**batch.failures, _LONGEST_DELAY_SECONDS)
        batch.failures += 1
        again = isinstance(error, TransientFailure) and now + delay < batch.hidden_until
        rest = f"tried again after {delay:g} seconds" if again else "its messages return to the queue"
        for message_id in batch.message_ids:
            why = f"attempt {batch.failures}: {error.message}; {rest}"
            self._core.trace.record(now, "attempted", consumer.target, message_id, why)
        self._slow_down()
        if again:
            batch.begin_again = self._start
            batch.again = self._core.timers.call_at(now + delay, batch.ring)

    def _settle(self, batch: QueueBatch, handled: Handled, now: float) -> None:
        """Delete what was handled; the rest returns when its visibility timeout is over."""
        if not handled.failed:
            self._allowed = min(self._most, self._allowed + 1)
        elif handled.slow_down:
            self._slow_down()
        for message_id, receipt_handle in batch.receipts.items():
            if message_id not in handled.failed:
                self.delete(batch.queue, message_id, receipt_handle, now)

    def _slow_down(self) -> None:
        """Have less handled at a time after an error, as AWS does with its pollers; each success makes up for one."""
        self._allowed = max(1, self._allowed // 2)
