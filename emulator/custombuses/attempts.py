"""An attempt to bring a batch to its target: event by event to what is here, or all of it in one call."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from pocketbus.emulator.core import Core
from pocketbus.emulator.custombuses.batch import Batch, BatchDelivery
from pocketbus.emulator.custombuses.event import ENVELOPE, LogEvent
from pocketbus.emulator.custombuses.expressions import Expressions
from pocketbus.emulator.custombuses.failures import (
    INPUT_TRANSFORMATION_FAILURE,
    DeliveryFailed,
    failure,
)
from pocketbus.emulator.custombuses.passed import Passed
from pocketbus.emulator.custombuses.payload import (
    as_json,
    computed_payload,
    document_of,
    expression_in,
    expressions_in,
    filled,
    needs_evaluation,
    plain_payload,
    written,
)
from pocketbus.emulator.custombuses.subscriber_settings import Way
from pocketbus.emulator.deliveries.api_calls import ApiCalls
from pocketbus.emulator.deliveries.carrying import carry
from pocketbus.emulator.deliveries.courier import Outcome
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.failures import TargetMissing
from pocketbus.emulator.deliveries.outbox import Captured
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.functions.asynchronous import AsynchronousInvocations
from pocketbus.emulator.functions.invocation import FunctionFailed
from pocketbus.emulator.message import Text
from pocketbus.rules import json_text

_AT_ONCE: Final = frozenset({Way.RESOURCE, Way.CALL, Way.BATCH_CALL, Way.ELSEWHERE, Way.CLASSIC_BUS})
_FAILURES_MEMBER: Final = "batchItemFailures"


class Post(Protocol):
    """Makes the request of an API destination, and says how it went."""

    async def __call__(self, delivery: Delivery) -> str: ...


class EventDelivery(Delivery, kw_only=True, eq=False):
    """One event on its way to a resource that is here; `event` is what the bus of an ARN has, `metadata` are for
    another bus.
    """

    event: LogEvent
    bus_arn: str
    metadata: Mapping[str, str]
    content_based: bool


class Payload(Struct, frozen=True):
    """What a target gets of one event, and what the expressions in its parameters have come to."""

    event: LogEvent
    text: Text
    computed: Mapping[str, Any] = field(default_factory=dict)


Send = Callable[[BatchDelivery, Payload], str]
"""Brings one event to its target and says how."""


class Attempts:
    """How each kind of target is reached."""

    def __init__(
        self,
        core: Core,
        api_calls: ApiCalls,
        invocations: AsynchronousInvocations,
        expressions: Expressions,
        post: Post,
    ) -> None:
        self._core = core
        self._api_calls = api_calls
        self._invocations = invocations
        self._expressions = expressions
        self._post = post
        self.passed = Passed()

    def are_at_once(self, batch: Batch) -> bool:
        """Tell whether nothing has to be waited for."""
        return batch.settings.target.way in _AT_ONCE and not needs_evaluation(batch.settings)

    def now(self, delivery: BatchDelivery) -> str:
        """Deliver what remains of a batch. Raise DeliveryFailed, with the batch told what did not get there."""
        return self._deliver(delivery, _plain(delivery.batch))

    async def later(self, delivery: Delivery) -> str:
        """Do the same, after what has to be waited for."""
        if not isinstance(delivery, BatchDelivery):
            raise TypeError(f"{delivery!r} comes from no subscriber")
        batch = delivery.batch
        try:
            payloads = await self._payloads(batch) if needs_evaluation(batch.settings) else _plain(batch)
            match batch.settings.target.way:
                case Way.FUNCTION:
                    return await self._invoke(delivery, payloads)
                case Way.DESTINATION:
                    return await self._request(delivery, payloads)
            return self._deliver(delivery, payloads)
        except EngineError as error:
            raise failure(error, delivery.target) from error

    # Payloads

    async def _payloads(self, batch: Batch) -> list[Payload]:
        """Compute what each event comes to; of a call that takes all of them, its parameters see all."""
        settings, events = batch.settings, batch.remaining
        given = [settings.target.group_id, settings.target.deduplication_id, settings.target.request]
        parameters = list(expressions_in([*given, settings.target.parameters]))
        documents = [document_of(event, batch.delivery_type) for event in events]
        payloads = []
        whole = await self._values(parameters, documents) if settings.target.whole else None
        for event, document in zip(events, documents, strict=True):
            asked = ([] if settings.expression is None else [settings.expression]) + (
                parameters if whole is None else []
            )
            values = await self._values(asked, document) if asked else []
            text = _text(event, batch) if settings.expression is None else _computed(values.pop(0))
            computed = dict(zip(parameters, whole if whole is not None else values, strict=True))
            _check(computed, free=settings.target.request)
            payloads.append(Payload(event, text, computed))
        return payloads

    async def _values(self, expressions: Sequence[str], events: Any) -> list[Any]:
        if not expressions:
            return []
        seed = self._core.door.once(partial(self._core.ids.bits, 64))
        texts = [expression_in(one) for one in expressions]
        return await self._expressions.evaluate(texts, events, self._core.clock.now(), seed)

    # Event by event, and calls

    def _deliver(self, delivery: BatchDelivery, payloads: Sequence[Payload]) -> str:
        way = delivery.batch.settings.target.way
        if way is Way.BATCH_CALL:
            text = Text(_batch_text(delivery.batch, payloads))
            return self._call(delivery, replace(payloads[0], text=text))
        if way is Way.ELSEWHERE:
            return self._capture(delivery, payloads)
        sends: Mapping[Way, Send] = {
            Way.RESOURCE: self._accept,
            Way.CALL: self._call,
            Way.CLASSIC_BUS: self._put,
        }
        return self._one_by_one(delivery, payloads, sends[way])

    def _one_by_one(self, delivery: BatchDelivery, payloads: Sequence[Payload], send: Send) -> str:
        """Deliver each event; one that fails keeps those of its group back."""
        batch = delivery.batch
        done: list[LogEvent] = []
        failed: list[LogEvent] = []
        held: list[LogEvent] = []
        stuck: set[object] = set()
        errors: list[EngineError] = []
        text = ""
        for payload in payloads:
            event = payload.event
            if batch.in_order and event.group in stuck:
                held.append(event)
                continue
            try:
                text = send(delivery, payload)
            except EngineError as error:
                errors.append(error)
                failed.append(event)
                stuck |= set() if event.group is None else {event.group}
            else:
                done.append(event)
        if not errors:
            return text
        batch.failed, batch.held = failed, held
        batch.done(done)
        raise failure(errors[0], delivery.target)

    def _accept(self, delivery: BatchDelivery, payload: Payload) -> str:
        target, event, computed = delivery.batch.settings.target, payload.event, payload.computed
        resource = self._core.resources.get(target.arn)
        if resource is None:
            raise TargetMissing
        now = self._core.clock.now()
        caused = resource.accept(
            EventDelivery(
                source=delivery.source,
                target=target.arn,
                content=payload.text,
                subject=event.event_id,
                group_id=filled(target.group_id, "", computed),
                deduplication_id=filled(target.deduplication_id, "", computed),
                event=event,
                bus_arn=delivery.bus_arn,
                metadata=event.metadata if target.request is None else filled(target.request, "", computed),
                content_based=target.content_based,
            ),
            now,
        )
        carry(caused or (), self._core, now)
        return ""

    def _call(self, delivery: BatchDelivery, payload: Payload) -> str:
        """Call the operation of a target; what is not served here is captured."""
        target = delivery.batch.settings.target
        request = filled(target.request, payload.text.body, payload.computed)
        if not isinstance(request, dict):
            request = _object(request)
        operation = self._api_calls.operation(target.service, target.action)
        if operation is None:
            why = f"{target.service}:{target.action} is not emulated"
            self._out(delivery, written(request), {"action": target.action}, why, payload.event)
            return why
        outcome: Outcome = operation.perform(delivery.source, request)
        self._tell(delivery, payload.event, outcome)
        return outcome.text

    def _put(self, delivery: BatchDelivery, payload: Payload) -> str:
        """Put an event on a classic bus: an envelope as the event that it is, anything else as the detail of one."""
        event, target = payload.event, delivery.batch.settings.target
        operation = self._api_calls.operation("eventbridge", "putEvents")
        if operation is None:
            raise TargetMissing
        if target.arn in event.via:
            now, why = self._core.clock.now(), "it comes from there"
            self._core.trace.record(now, "dropped", target.arn, event.event_id, why)
            return why
        entry: dict[str, Any] = {
            "Source": delivery.bus_arn.split("/")[1],
            "DetailType": event.content_type,
            "Detail": written({"data": event.value()}) if not _is_object(event) else event.content.body,
        }
        if event.content_type == ENVELOPE:
            envelope = event.value()
            entry = {
                "Source": envelope["source"],
                "DetailType": envelope["detail-type"],
                "Detail": written(envelope["detail"]),
                "Resources": envelope.get("resources", []),
            }
        request = {"Entries": [{**entry, "EventBusName": target.arn}]}
        outcome = self.passed.send(
            (*event.via, delivery.bus_arn), partial(operation.perform, delivery.source, request)
        )
        self._tell(delivery, event, outcome)
        return outcome.text

    def _tell(self, delivery: BatchDelivery, event: LogEvent, outcome: Outcome) -> None:
        """Let the story of an event go on with what the call has made."""
        now = self._core.clock.now()
        self._core.trace.record(
            now, "delivered", delivery.target, event.event_id, delivery.source, outcome.became
        )

    def _capture(self, delivery: BatchDelivery, payloads: Sequence[Payload]) -> str:
        target = delivery.batch.settings.target
        why = f"{target.service} is not emulated"
        details = filled(target.parameters or {}, "", payloads[0].computed)
        self._out(delivery, _batch_text(delivery.batch, payloads), details, why, payloads[0].event)
        return why

    def _out(
        self, delivery: BatchDelivery, payload: str, details: Mapping[str, Any], why: str, event: LogEvent
    ) -> None:
        now = self._core.clock.now()
        service = delivery.batch.settings.target.service
        self._core.trace.record(now, "captured", delivery.target, event.event_id, why)
        self._core.outbox.capture(
            Captured(now, service, delivery.source, delivery.target, payload, details, why)
        )

    # Functions and API destinations

    async def _invoke(self, delivery: BatchDelivery, payloads: Sequence[Payload]) -> str:
        batch, target = delivery.batch, delivery.batch.settings.target
        door, functions = self._core.door, self._core.functions
        qualifier = filled(target.request, "", payloads[0].computed).get("Qualifier")
        arn = target.arn if qualifier is None else f"{target.arn}:{qualifier}"
        body = _batch_text(batch, payloads)
        now = self._core.clock.now()
        if not door.once(lambda: functions.workers(arn) is not None):
            self._invocations.capture(delivery.source, arn, body, delivery.subject, now)
            return "captured"
        invocation = door.once(partial(functions.invocation, arn, body.encode("utf-8", "surrogatepass")))
        if target.asynchronous:
            self._invocations.invoke(invocation, now)
            return "invoked"
        result = await functions.invoke(invocation)
        if result.error:
            raise FunctionFailed(result)
        self._take_failures(batch, result.payload)
        return str(result)

    def _take_failures(self, batch: Batch, answer: bytes) -> None:
        """Have only those of a batch delivered again that the function names: by event id or sequence number."""
        try:
            named = json_text.read(answer)[_FAILURES_MEMBER]
            identifiers = {str(one["itemIdentifier"]) for one in named}
        except (ValueError, KeyError, TypeError):
            return
        events = batch.remaining
        failed = [one for one in events if {one.event_id, one.sequence_number} & identifiers]
        if not failed:
            return
        batch.failed, batch.held = failed, []
        batch.done([one for one in events if one not in failed])
        raise DeliveryFailed("PARTIAL_BATCH_FAILURE", f"{len(failed)} of {len(events)} events failed.")

    async def _request(self, delivery: BatchDelivery, payloads: Sequence[Payload]) -> str:
        content = Text(_batch_text(delivery.batch, payloads))
        parameters = filled(delivery.parameters, "", payloads[0].computed)
        return await self._post(replace(delivery, content=content, parameters=parameters))


def _plain(batch: Batch) -> list[Payload]:
    return [Payload(event, _text(event, batch)) for event in batch.remaining]


def _text(event: LogEvent, batch: Batch) -> Text:
    return plain_payload(event, batch.settings.transformer, batch.delivery_type)


def _computed(value: Any) -> Text:
    """Raise DeliveryFailed where an expression has come to nothing."""
    if value is None:
        raise DeliveryFailed(
            INPUT_TRANSFORMATION_FAILURE, "The expression of the transformer returned nothing."
        )
    return Text(computed_payload(value))


def _check(computed: Mapping[str, Any], free: Any) -> None:
    """Raise DeliveryFailed where a parameter is neither a text nor nothing; a request as a whole may be an object."""
    for expression, value in computed.items():
        if value is not None and not isinstance(value, str) and expression != free:
            raise DeliveryFailed(INPUT_TRANSFORMATION_FAILURE, f"{expression} must return a string.")


def _batch_text(batch: Batch, payloads: Sequence[Payload]) -> str:
    """Write all payloads as a list; of a subscriber whose batches have one event, that alone."""
    transformer = batch.settings.transformer
    texts = [as_json(one.event, one.text.body, transformer) for one in payloads]
    return texts[0] if batch.settings.batch_size == 1 else f"[{','.join(texts)}]"


def _is_object(event: LogEvent) -> bool:
    return event.is_json and event.content.body.lstrip().startswith("{")


def _object(text: Any) -> Any:
    """Read what an expression has made of a whole request. Raise DeliveryFailed."""
    try:
        value = json_text.read(text)
    except (ValueError, TypeError):
        value = None
    if not isinstance(value, dict):
        raise DeliveryFailed(INPUT_TRANSFORMATION_FAILURE, "Input did not come to a JSON object.")
    return value
