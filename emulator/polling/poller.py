"""A poller: one more consumer of a queue, which has what it receives handled in batches.

Nothing is polled: the queue hands over as it does to a long poll, who becomes free asks for more.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
"""

from collections import deque
from typing import Any

from pocketbus.emulator.core import Core
from pocketbus.emulator.errors import OverLimit
from pocketbus.emulator.limits import RECEIVE_MESSAGES
from pocketbus.emulator.polling.batch import QueueBatch
from pocketbus.emulator.polling.consumer import Consumer
from pocketbus.emulator.polling.handling import Handling
from pocketbus.emulator.polling.sqs_event import record_of
from pocketbus.emulator.queues.queue import Queue, Received, ReceiveRequest
from pocketbus.emulator.queues.waiting import Standing
from pocketbus.emulator.time.alarm import Alarm

POLLERS = 5
"""How many batches there are at a time where nothing is said of it. AWS goes up from there."""


class Poller:
    """Receives from the queue of an ARN, if and when there is one, for a consumer while it is started."""

    def __init__(self, queue_arn: str, core: Core) -> None:
        self._queue_arn = queue_arn
        self._core = core
        self._consumer: Consumer | None = None
        self._pumping = self._turn_ends = False
        self._waiting: Standing[ReceiveRequest, Received] | None = None
        self._gathering: QueueBatch | None = None
        self._ready: deque[QueueBatch] = deque()
        self._handling = Handling(core, self._pump)
        self._window = Alarm(core.timers, self.end_window)
        self._said = ""

    def start(self, consumer: Consumer) -> None:
        """Begin to receive."""
        self._handling.limit(consumer.concurrency)
        if self._consumer is None:
            self._consumer = consumer
            consumer.listen(self._pump)
            self._core.watch(self._queue_arn, self._pump)
            self._pump()

    def stop(self, now: float) -> None:
        """Receive no more. What was gathered is handled, what is under way goes on."""
        consumer = self._consumer
        if consumer is not None:
            self._stop_waiting()
            self._flush()
            while self._ready:
                self._handling.begin(self._ready.popleft(), consumer, now)
            self._consumer = None
            consumer.unlisten(self._pump)
            self._core.unwatch(self._queue_arn, self._pump)

    def close(self) -> None:
        """Let go of everything at once; what was received returns to its queue."""
        self._gathering = None
        self._ready.clear()
        self.stop(self._core.clock.now())
        self._handling.close()

    def end_window(self, _now: float) -> None:
        """Have handled what was gathered, as when its window is over."""
        self._flush()
        self._pump()

    @property
    def under_way(self) -> int:
        """Count the batches under way."""
        return len(self._handling)

    # Receiving

    def _room(self, consumer: Consumer) -> float:
        """Count the batches that could begin now."""
        return min(self._handling.room, consumer.room) - len(self._ready)

    def _pump(self) -> None:
        """Receive for as long as there are messages and somebody to handle them."""
        if self._pumping or self._consumer is None:
            return
        self._pumping = True
        try:
            self._receive(self._consumer, self._core.clock.now())
        finally:
            self._pumping = False

    def _receive(self, consumer: Consumer, now: float) -> None:
        self._stop_waiting()
        queue = self._core.resources.get(self._queue_arn)
        if not isinstance(queue, Queue):
            return
        self._begin_ready(consumer, now)
        while self._room(consumer) > 0:
            request = self._request(consumer)
            received = self._received(queue, request, now)
            if not received:
                self._waiting = queue.stand_in_line(request, self._served)
                break
            self._take(consumer, queue, received, now)
            self._begin_ready(consumer, now)
        self._say_what_is_missing(consumer, queue, now)

    def _received(self, queue: Queue, request: ReceiveRequest, now: float) -> list[Received]:
        if not queue.settle(now):  # whoever stands in line is served when that is done
            self._core.tasks.start_apart(queue.settled)
            return []
        try:
            return queue.receive(request, now)
        except OverLimit:
            return []

    def _request(self, consumer: Consumer) -> ReceiveRequest:
        gathered = 0 if self._gathering is None else len(self._gathering)
        return ReceiveRequest(min(RECEIVE_MESSAGES, consumer.batch_size - gathered))

    def _served(self, received: list[Received]) -> None:
        """Hear that the queue has something or, of nothing, that it is gone."""
        self._waiting = None
        queue = self._core.resources.get(self._queue_arn)
        if received and isinstance(queue, Queue) and self._consumer is not None:
            self._take(self._consumer, queue, received, self._core.clock.now())
            self._pump()

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.leave()
            self._waiting = None

    def _say_what_is_missing(self, consumer: Consumer, queue: Queue, now: float) -> None:
        """Tell once why nothing is received."""
        said = consumer.missing
        if said and said != self._said:
            self._core.trace.record(now, "waiting", consumer.arn, consumer.subject, f"{queue.name}: {said}")
        self._said = said

    # Batches

    def _take(self, consumer: Consumer, queue: Queue, received: list[Received], now: float) -> None:
        """Gather what was received; without a window, what comes in one turn of the event loop is a batch."""
        window_seconds = consumer.window_seconds
        for one in received:
            record = record_of(one, queue, with_empty_digest=window_seconds > 0)
            objection = consumer.objection(record)
            if objection is None:
                self._gather(consumer, queue, one, record, now)
            else:
                message_id = one.message.message_id
                self._core.trace.record(now, "filtered", consumer.arn, message_id, str(objection))
                self._handling.delete(queue, message_id, one.receipt_handle, now)
        if self._gathering is not None and not window_seconds and not self._turn_ends:
            self._turn_ends = True
            self._core.tasks.start(self._end_of_turn)

    def _gather(
        self, consumer: Consumer, queue: Queue, one: Received, record: dict[str, Any], now: float
    ) -> None:
        if self._gathering is None or not self._gathering.take(one, record):
            self._flush()
            self._gathering = QueueBatch(queue)
            self._gathering.take(one, record)
            if consumer.window_seconds:
                self._window.set(now + consumer.window_seconds)
        if len(self._gathering) == consumer.batch_size:
            self._flush()

    async def _end_of_turn(self) -> None:
        self._turn_ends = False
        self.end_window(self._core.clock.now())

    def _flush(self) -> None:
        """Let what has been gathered be handled as soon as there is room."""
        self._window.set(None)
        if self._gathering is not None:
            self._ready.append(self._gathering)
            self._gathering = None

    def _begin_ready(self, consumer: Consumer, now: float) -> None:
        while self._ready and self._room(consumer) + len(self._ready) > 0:
            batch = self._ready.popleft()
            if now < batch.hidden_until:
                self._handling.begin(batch, consumer, now)
