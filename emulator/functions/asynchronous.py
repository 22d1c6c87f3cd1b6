"""Asynchronous invocations: taken at once, tried again by Lambda's own rules, their ends told to destinations.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from functools import partial

from msgspec import Struct, field

from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.courier import Courier
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.gateway import Gateway
from pocketbus.emulator.deliveries.outbox import Captured
from pocketbus.emulator.deliveries.retry_policy import Exhausted
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.functions.deployed import DeployedFunction, EventInvokeConfig
from pocketbus.emulator.functions.destinations import Destinations, Ended
from pocketbus.emulator.functions.invocation import (
    LATEST,
    FunctionFailed,
    Invocation,
    NoWorkers,
    Result,
    qualifier_of,
)
from pocketbus.emulator.message import Content, Text

RETRIES = 2
EVENT_AGE_SECONDS = 6 * 3600
RETRIES_EXHAUSTED = Exhausted("RetriesExhausted")
EVENT_AGE_EXCEEDED = Exhausted("EventAgeExceeded")

_LONGEST_DELAY_SECONDS = 300
_DEFAULT = EventInvokeConfig(0.0)


class Progress(Struct):
    """How often the function was invoked so far, and what it returned last."""

    invoked: int = 0
    result: Result | None = None


class EventInvocation(Delivery, kw_only=True, eq=False):
    """One event on its way to a function."""

    invocation: Invocation
    config: EventInvokeConfig = _DEFAULT
    progress: Progress = field(default_factory=Progress)

    def delay_after(
        self,
        error: EngineError,
        failures: int,
        age_seconds: float,
        chance: float,  # noqa: ARG002
    ) -> float | Exhausted:
        """A function that fails is tried again after one minute and two; one that is not reached, for hours."""
        if isinstance(error, FunctionFailed):
            retries = self.config.maximum_retry_attempts
            if self.progress.invoked > (RETRIES if retries is None else retries):
                return RETRIES_EXHAUSTED
            delay = 60.0 * self.progress.invoked
        else:
            delay = min(2.0 ** (failures - 1), _LONGEST_DELAY_SECONDS)
        most = self.config.maximum_event_age_seconds or EVENT_AGE_SECONDS
        return delay if age_seconds + delay <= most else EVENT_AGE_EXCEEDED


class AsynchronousInvocations(Gateway):
    """What topics, rules, schedules, destinations and Invoke with the type Event hand to functions."""

    serves = ("lambda",)

    def __init__(self, core: Core, courier: Courier, destinations: Destinations) -> None:
        self._core = core
        self._courier = courier
        self._destinations = destinations

    def accept(self, delivery: Delivery, now: float) -> tuple[Delivery, ...] | None:
        """Invoke the function a first time; it is not reached: the sender's rules count, it fails: Lambda's own."""
        functions = self._core.functions
        if functions.workers(delivery.target) is None:
            self.capture(delivery.source, delivery.target, delivery.content.body, delivery.subject, now)
            return ()
        payload = delivery.content.body.encode("utf-8", "surrogatepass")
        event = self._event(
            functions.invocation(delivery.target, payload),
            delivery.source,
            delivery.subject,
            delivery.content,
        )
        self._courier.send(delivery, partial(self._begin, event), now)
        return None

    def invoke(self, invocation: Invocation, now: float) -> None:
        """Take an event of which nobody is told what becomes. Raise CourierOverloaded."""
        arn, subject = invocation.function_arn, invocation.request_id
        body = invocation.payload.decode("utf-8", "surrogatepass")
        if self._core.functions.workers(arn) is None:
            self.capture(arn, arn, body, subject, now)
        else:
            event = self._event(invocation, arn, subject, Text(body))
            self._courier.send(event, partial(self._attempt, event), now)

    def capture(self, source: str, arn: str, payload: str, subject: str, now: float) -> None:
        """Keep in the outbox what nothing runs."""
        why = NoWorkers(arn.split(":")[6]).message
        self._core.trace.record(now, "captured", arn, subject, why)
        self._core.outbox.capture(Captured(now, "lambda", source, arn, payload, {}, why))

    def _event(self, invocation: Invocation, source: str, subject: str, content: Content) -> EventInvocation:
        deployed = self._core.functions.deployed(invocation.function_arn)
        config = _DEFAULT if deployed is None else _config(deployed, qualifier_of(invocation.function_arn))
        return EventInvocation(
            source=source,
            target=invocation.function_arn,
            content=content,
            subject=subject,
            invocation=invocation,
            config=config,
            on_end=self._end,
        )

    async def _begin(self, event: EventInvocation, _delivery: Delivery) -> str:
        """Make the first attempt for another delivery, which is settled when the function was reached."""
        now = self._core.door.once(self._core.clock.now)
        try:
            said = await self._attempt(event, event)
        except FunctionFailed as error:
            return error.message + self._courier.try_again(
                event, partial(self._attempt, event), error, self._core.clock.now()
            )
        self._end(event, None, now)
        return said

    async def _attempt(self, event: EventInvocation, _delivery: Delivery) -> str:
        result = await self._core.functions.invoke(event.invocation)
        event.progress.invoked += 1
        event.progress.result = result
        if result.error:
            raise FunctionFailed(result)
        return str(result)

    def _end(self, delivery: Delivery, error: EngineError | None, now: float) -> None:
        if not isinstance(delivery, EventInvocation):
            raise TypeError(f"{delivery!r} is no event for a function")
        ended = Ended(delivery.invocation, delivery.progress.invoked, delivery.progress.result, error)
        config = delivery.config
        destination = config.on_success if error is None else config.on_failure
        if destination is not None:
            self._destinations.tell(destination, ended, now)
        deployed = self._core.functions.deployed(delivery.target)
        if error is not None and deployed is not None:
            letters = deployed.settings(delivery.invocation.version).dead_letter_target
            if letters is not None:
                self._destinations.dead_letter(letters, ended, now)


def _config(deployed: DeployedFunction, qualifier: str | None) -> EventInvokeConfig:
    return deployed.invoke_configs.get(qualifier or LATEST, _DEFAULT)
