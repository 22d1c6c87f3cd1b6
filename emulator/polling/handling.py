"""What becomes of a mapping's batches: invoked, settled with the queue, tried again where nobody was reached."""

from collections.abc import Callable

from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.failures import TransientFailure
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.functions.invocation import Result
from pocketbus.emulator.polling.batch import Batch
from pocketbus.emulator.polling.sqs_event import BadReportError, reported
from pocketbus.emulator.queues.queue import Queue, Received
from pocketbus.emulator.trouble.incident import Incident

_LONGEST_DELAY_SECONDS = 60


class Handling:
    """The batches of one mapping that are under way; `left` hears when there is room for another one."""

    def __init__(self, mapping_arn: str, core: Core, left: Callable[[], None]) -> None:
        self._mapping_arn = mapping_arn
        self._core = core
        self._left = left
        self._under_way: dict[Batch, None] = {}
        self._most = self._allowed = 1

    def __len__(self) -> int:
        return len(self._under_way)

    def limit(self, most: int) -> None:
        """Have at most so many invocations under way."""
        self._most = self._allowed = most

    @property
    def room(self) -> int:
        """Count the invocations that the mapping could begin."""
        return self._allowed - len(self._under_way)

    def begin(self, batch: Batch, now: float) -> None:
        """Have the function handle a batch."""
        self._under_way[batch] = None
        self._core.functions.at(batch.function_arn).enter(batch)
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

    def delete(self, queue: Queue, one: Received, now: float) -> None:
        """Delete a message that is done with."""
        try:
            queue.delete(one.receipt_handle, now)
        except EngineError as error:  # it took too long: the message is no longer in flight by this receive
            self._core.trace.record(now, "undeleted", queue.arn, one.message.message_id, error.message)

    def _start(self, batch: Batch, now: float) -> None:
        batch.again = None
        batch.task = self._core.tasks.start(self._invoke(batch, now))
        batch.task.add_done_callback(lambda _task: self._leave(batch))

    def _leave(self, batch: Batch) -> None:
        """Make room, unless the batch is tried again."""
        if batch.again is None:
            self._under_way.pop(batch, None)
            self._core.functions.at(batch.function_arn).leave(batch)
            self._left()

    async def _invoke(self, batch: Batch, now: float) -> None:
        functions, trace, function_arn = self._core.functions, self._core.trace, batch.function_arn
        try:
            self._let_faults_strike(function_arn)
            invocation = functions.invocation(function_arn, batch.event)
            why = f"by {self._mapping_arn}, in a batch of {len(batch)}"
            for message_id in batch.message_ids:
                trace.record(now, "invoked", function_arn, message_id, why, invocation.request_id)
            result = await functions.run(invocation)
        except EngineError as error:
            self._not_reached(batch, error, self._core.clock.now())
        else:
            now = self._core.clock.now()
            verb = "failed" if result.error else "succeeded"
            trace.record(now, verb, function_arn, invocation.request_id, str(result))
            self._settle(batch, result, now)

    def _let_faults_strike(self, function_arn: str) -> None:
        faults = self._core.faults
        if faults.active:
            _, _, _, region, account, _, uuid = self._mapping_arn.split(":")
            places = (function_arn, self._mapping_arn)
            faults.of_delivery(Incident("lambda", "a delivery", places, account, region, uuid))

    def _not_reached(self, batch: Batch, error: EngineError, now: float) -> None:
        """Try the batch again while its messages are hidden; after that the queue has them back."""
        delay = min(2.0**batch.failures, _LONGEST_DELAY_SECONDS)
        batch.failures += 1
        again = isinstance(error, TransientFailure) and now + delay < batch.hidden_until
        rest = f"tried again after {delay:g} seconds" if again else "its messages return to the queue"
        for message_id in batch.message_ids:
            why = f"attempt {batch.failures}: {error.message}; {rest}"
            self._core.trace.record(now, "attempted", batch.function_arn, message_id, why)
        self._slow_down()
        if again:
            batch.again = self._core.timers.call_at(now + delay, lambda at: self._start(batch, at))

    def _settle(self, batch: Batch, result: Result, now: float) -> None:
        """Delete what was handled; the rest returns when its visibility timeout is over."""
        failed = self._failed(batch, result, now)
        if not failed:
            self._allowed = min(self._most, self._allowed + 1)
        elif not batch.reports_failures:
            self._slow_down()
        for one in batch.received:
            if one.message.message_id not in failed:
                self.delete(batch.queue, one, now)

    def _failed(self, batch: Batch, result: Result, now: float) -> set[str]:
        """Return the messages that were not handled."""
        message_ids = set(batch.message_ids)
        if result.error:
            return message_ids
        if not batch.reports_failures:
            return set()
        why = "the function has reported it"
        try:
            failed = reported(result.payload, message_ids)
        except BadReportError as error:
            failed, why = message_ids, f"the whole batch: {error}"
        for message_id in batch.message_ids:
            if message_id in failed:
                self._core.trace.record(now, "failed", batch.function_arn, message_id, why)
        return failed

    def _slow_down(self) -> None:
        """Invoke less at a time after an error, as AWS does with its pollers; each success makes up for one."""
        self._allowed = max(1, self._allowed // 2)
