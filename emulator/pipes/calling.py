"""How a pipe reaches its enrichment and its target: functions, operations, API destinations, log groups, the outbox."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

from msgspec import field

from pocketbus.emulator.buses.api_invocation import ApiDestinations
from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.api_calls import ApiCall, ApiCalls, call_delivery
from pocketbus.emulator.deliveries.delivery import Delivery, Ending
from pocketbus.emulator.deliveries.failures import TargetThrottled
from pocketbus.emulator.deliveries.http_answer import HttpAnswer, verdict
from pocketbus.emulator.deliveries.log_group import LogEvent, LogGroups
from pocketbus.emulator.deliveries.outbox import Captured
from pocketbus.emulator.deliveries.pace import Pace
from pocketbus.emulator.deliveries.request_template import InstantPath, filled
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.functions.asynchronous import AsynchronousInvocations
from pocketbus.emulator.functions.invocation import Invocation, Result
from pocketbus.emulator.message import Text
from pocketbus.emulator.pipes.events import Events, StageFailed
from pocketbus.emulator.pipes.pipe_settings import Grouping, Stage, Way
from pocketbus.emulator.shards.errands import carried
from pocketbus.emulator.time.duration import instant_of
from pocketbus.rules import json_text
from pocketbus.rules.jsonpath import MISSING
from pocketbus.rules.pipe_template import dynamic

_ANSWER_BYTES = 6 * 1024 * 1024
_IN_MILLISECONDS = 1e11


class PipeDelivery(Delivery, kw_only=True, eq=False):
    """One event on its way to an API destination, with the parameters of HTTP that go with it."""

    parameters: Mapping[str, Any] = field(default_factory=dict)


class Answer(NamedTuple):
    """What came of giving events to a stage: what it said, None where nothing did, and the events that it refused."""

    said: str | None = None
    refused: Mapping[int, str] = {}


class Calling:
    """Gives the events of one execution to a stage. `views` are what dynamic parameters see of each event."""

    def __init__(self, pipe_arn: str, execution_id: str, core: Core) -> None:
        self._pipe_arn = pipe_arn
        self._execution_id = execution_id
        self._core = core

    async def call(self, stage: Stage, events: Events, views: list[object]) -> Answer:
        """Raise EngineError if the stage fails with all of them."""
        match stage.way:
            case Way.FUNCTION:
                return Answer(await self._invoke(stage, events))
            case Way.API_DESTINATION:
                return await self._ask(stage, events, views)
            case Way.API if self._core.is_elsewhere(stage.arn):
                return await self._have_called(stage, events, views)
        return self._core.door.once(partial(self._call_at_once, stage, events, views))

    def _call_at_once(self, stage: Stage, events: Events, views: list[object]) -> Answer:
        if stage.way is Way.EVENT_TO_FUNCTION:
            return self._hand_over(stage, events)
        if stage.grouping is Grouping.EACH:
            return self._each(stage, events, views)
        self._call_once(stage, events, views)
        return Answer()

    # Functions

    async def _invoke(self, stage: Stage, events: Events) -> str:
        core = self._core
        invocation = core.door.once(partial(self._invocation, stage, events))
        result = await core.functions.run(invocation)
        core.door.once(partial(self._say_returned, stage, invocation, result))
        if result.error:
            raise StageFailed(str(result))
        return result.payload.decode("utf-8", "replace")

    def _say_returned(self, stage: Stage, invocation: Invocation, result: Result) -> None:
        self._record("failed" if result.error else "succeeded", stage, invocation.request_id, str(result))

    def _hand_over(self, stage: Stage, events: Events) -> Answer:
        invocation = self._invocation(stage, events)
        self._core.component(AsynchronousInvocations).invoke(invocation, self._core.clock.now())
        return Answer()

    def _invocation(self, stage: Stage, events: Events) -> Invocation:
        invocation = self._core.functions.invocation(stage.arn, events.payload.encode())
        why = f"by {self._pipe_arn}, in a batch of {len(events.events)}"
        for subject in self._subjects(events):
            self._record("invoked", stage, subject, why, invocation.request_id)
        return invocation

    def _subjects(self, events: Events) -> list[str]:
        return list(dict.fromkeys(event.message_id or self._execution_id for event in events.events))

    # HTTP

    async def _ask(self, stage: Stage, events: Events, views: list[object]) -> Answer:
        destinations, once = self._core.component(ApiDestinations), self._core.door.once
        said = ""
        for number, (event, view) in enumerate(zip(events.events, views, strict=True), 1):
            once(lambda: self._keep_pace(destinations.pace(stage.arn)))
            delivery = PipeDelivery(
                source=self._pipe_arn,
                target=stage.arn,
                content=Text(event.text),
                subject=event.message_id or self._execution_id,
                parameters={"HttpParameters": resolved(stage.parameters, view)},
            )
            # Of all but the last, nobody asks what they said.
            most = _ANSWER_BYTES if number == len(events.events) else 0
            answer = await destinations.answer_to(delivery, most)
            once(partial(self._judge, stage, answer, delivery.subject))
            said = answer.body.decode("utf-8", "replace")
        return Answer(said)

    def _keep_pace(self, pace: Pace) -> None:
        now = self._core.clock.now()
        if not pace.is_free(now):
            raise TargetThrottled("the API destination takes no more invocations in this second")
        pace.reserve(now)

    def _judge(self, stage: Stage, answer: HttpAnswer, subject: str) -> None:
        try:
            self._record("delivered", stage, subject, verdict(answer))
        except EngineError as error:
            raise StageFailed(error.message) from error

    # Operations and log groups

    def _each(self, stage: Stage, events: Events, views: list[object]) -> Answer:
        give = {Way.API: self._call, Way.LOG_GROUP: self._log, Way.CAPTURED: self._capture}[stage.way]
        refused = {}
        for number, (event, view) in enumerate(zip(events.events, views, strict=True)):
            subject = event.message_id or self._execution_id
            try:
                give(stage, event.text, view, subject)
            except EngineError as error:
                refused[number] = error.message
                self._record("attempted", stage, subject, f"attempt 1: {error.message}")
        return Answer(refused=refused)

    def _call(self, stage: Stage, text: str, view: object, subject: str) -> None:
        self._make(self._call_of(stage, _request(stage, text, view), subject))

    def _make(self, call: ApiCall) -> None:
        self._core.component(ApiCalls).call(call, self._core.clock.now())

    def _call_of(self, stage: Stage, request: Any, subject: str) -> ApiCall:
        return ApiCall(stage.service, stage.action, self._pipe_arn, stage.arn, subject, request)

    async def _have_called(self, stage: Stage, events: Events, views: list[object]) -> Answer:
        """Have the same calls made in the shard of the target's account, and hear how they ended."""
        if stage.grouping is not Grouping.EACH:
            call = self._call_of(stage, _whole_request(stage, events, views), self._subjects(events)[0])
            (error,) = await carried(self._core, [partial(_told_of, call)])
            if error is not None:
                raise error
            return Answer()
        calls = [
            self._call_of(stage, _request(stage, event.text, view), event.message_id or self._execution_id)
            for event, view in zip(events.events, views, strict=True)
        ]
        errors = await carried(self._core, [partial(_told_of, call) for call in calls])
        return Answer(refused={number: error.message for number, error in enumerate(errors) if error})

    def _call_once(self, stage: Stage, events: Events, views: list[object]) -> None:
        """Make one request of all events."""
        first, *others = self._subjects(events)
        self._make(self._call_of(stage, _whole_request(stage, events, views), first))
        for subject in others:
            self._record("captured", stage, subject, "in one request with others")

    def _log(self, stage: Stage, text: str, view: object, subject: str) -> None:
        now = self._core.clock.now()
        groups = self._core.component(LogGroups)
        at = _instant(stage.timestamp, view) if stage.timestamp else None
        groups.write(groups.of(stage.arn), LogEvent(now, int(1000 * (now if at is None else at)), text))
        self._record("delivered", stage, subject, f"by {self._pipe_arn}")

    def _capture(self, stage: Stage, text: str, view: object, subject: str) -> None:
        why = f"{stage.service} is not emulated"
        now = self._core.clock.now()
        self._record("captured", stage, subject, why)
        self._core.outbox.capture(
            Captured(
                now, stage.service, self._pipe_arn, stage.arn, text, resolved(stage.parameters, view), why
            )
        )

    def _record(self, verb: str, stage: Stage, subject: str, why: str, became: str = "") -> None:
        self._core.trace.record(self._core.clock.now(), verb, stage.arn, subject, why, became)


def _request(stage: Stage, text: str, view: object) -> Any:
    """Return the request for one event."""
    return filled(resolved(stage.request, view), text, _value(text))


def _whole_request(stage: Stage, events: Events, views: list[object]) -> Any:
    """Return the request for all events: each an element of a list, or all as one array."""
    if stage.grouping is Grouping.ARRAY:
        payload = events.payload
        return filled(stage.request, payload, _value(payload))
    parts = zip(events.events, views, strict=True)
    listed = [_request(stage, event.text, view) for event, view in parts]
    return {**resolved(stage.whole, views[0]), stage.listed_as: listed}


def _told_of(call: ApiCall, told: Ending) -> Delivery:
    return call_delivery(call, on_end=told)


def resolved(parameters: Any, view: object) -> Any:
    """Return parameters with each that is a path as what it selects; one that selects nothing is left out."""
    return _without_missing(parameters, dynamic(view))


def _without_missing(parameters: Any, resolve: Callable[[str], object]) -> Any:
    match parameters:
        case str():
            return resolve(parameters)
        case InstantPath(path):
            return _seconds(resolve(path))
        case Mapping():
            return dict(
                _present((name, _without_missing(part, resolve)) for name, part in parameters.items())
            )
        case list() | tuple():
            return [part for one in parameters if (part := _without_missing(one, resolve)) is not MISSING]
    return parameters


def _instant(path: str, view: object) -> float | None:
    return _seconds(dynamic(view)(path))


def _seconds(said: object) -> float | None:
    """Read an instant: a number of seconds or of milliseconds, or ISO 8601; None: it is none."""
    try:
        at = instant_of(said) if isinstance(said, str) else None
    except ValueError:
        return None
    return at / 1000 if at is not None and at >= _IN_MILLISECONDS else at


def _present(parts: Iterable[tuple[str, Any]]) -> Iterable[tuple[str, Any]]:
    return (part for part in parts if part[1] is not MISSING)


def _value(text: str) -> Any:
    try:
        return json_text.load(text)
    except ValueError:
        return text
