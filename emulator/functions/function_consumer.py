"""A function as the consumer of a queue: the state of one event source mapping."""

from functools import partial
from typing import Any

from pocketbus.emulator.core import Core
from pocketbus.emulator.functions.invocation import Invocation, Result
from pocketbus.emulator.functions.mapping_settings import MappingSettings
from pocketbus.emulator.polling.batch import Batch
from pocketbus.emulator.polling.consumer import Consumer, Handled
from pocketbus.emulator.polling.poller import POLLERS
from pocketbus.emulator.polling.sqs_event import BadReportError, reported
from pocketbus.emulator.trouble.incident import Incident


class FunctionConsumer(Consumer):
    """Invokes the function with each batch."""

    def __init__(self, arn: str, uuid: str, settings: MappingSettings, core: Core) -> None:
        super().__init__(arn, uuid, settings.function_arn, core)
        self.batch_size = settings.batch_size
        self.window_seconds = settings.window_seconds
        self.concurrency = settings.maximum_concurrency or POLLERS
        self.filters = settings.filters
        self.function_arns = (settings.function_arn,)
        self._reports_failures = settings.reports_failures
        self._settings = settings

    def __getstate__(self) -> dict[str, Any]:
        """Tell what it was made of."""
        return {"arn": self.arn, "uuid": self.subject, "settings": self._settings, "core": self.core}

    def __setstate__(self, state: dict[str, Any]) -> None:
        FunctionConsumer.__init__(self, **state)

    async def handle(self, batch: Batch, now: float) -> Handled:
        functions, trace = self.core.functions, self.core.trace
        invocation = self.core.door.once(partial(self._invocation, batch, now))
        result = await functions.run(invocation)
        now = self.core.clock.now()
        verb = "failed" if result.error else "succeeded"
        trace.record(now, verb, self.target, invocation.request_id, str(result))
        return Handled(self._failed(batch, result, now), slow_down=not self._reports_failures)

    def _invocation(self, batch: Batch, now: float) -> Invocation:
        self._let_faults_strike()
        payload = f'{{"Records":{batch.array}}}'.encode()
        invocation = self.core.functions.invocation(self.target, payload)
        why = f"by {self.arn}, in a batch of {len(batch)}"
        for message_id in batch.message_ids:
            self.core.trace.record(now, "invoked", self.target, message_id, why, invocation.request_id)
        return invocation

    def _let_faults_strike(self) -> None:
        faults = self.core.faults
        if faults.active:
            _, _, _, region, account, _ = self.arn.split(":", 5)
            places = (self.target, self.arn)
            faults.of_delivery(Incident("lambda", "a delivery", places, account, region, self.subject))

    def _failed(self, batch: Batch, result: Result, now: float) -> set[str]:
        """Return the messages that were not handled."""
        message_ids = set(batch.message_ids)
        if result.error:
            return message_ids
        if not self._reports_failures:
            return set()
        why = "the function has reported it"
        try:
            failed = reported(result.payload, message_ids)
        except BadReportError as error:
            failed, why = message_ids, f"the whole batch: {error}"
        for message_id in batch.message_ids:
            if message_id in failed:
                self.core.trace.record(now, "failed", self.target, message_id, why)
        return failed
