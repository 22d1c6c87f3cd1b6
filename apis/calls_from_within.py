"""Operations that the engine calls by itself, as a client would: for Scheduler's targets."""

import asyncio
from collections.abc import Coroutine, MutableMapping, Sequence
from types import CoroutineType
from typing import Any

from pocketbus.apis import faults
from pocketbus.apis.call import Call
from pocketbus.apis.codec import json, scalars
from pocketbus.apis.codec.errors import NotImplemented as NotImplementedHere
from pocketbus.apis.codec.json import JsonCodec
from pocketbus.apis.codec.validate import Params
from pocketbus.apis.model import Operation, Shape
from pocketbus.apis.service import Route, Service
from pocketbus.apis.settling import perform_at_once
from pocketbus.emulator.deliveries.api_calls import ApiOperation, CallFailed, CallFailure, CallRefused
from pocketbus.emulator.deliveries.courier import Outcome
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.trouble.effects import Cut, Error, Throttle

_TOO_MANY_REQUESTS = 429
_SHOWN = 200


def serve_from_within(engine: Engine, service: Service, base_url: str) -> None:
    """Tell the engine which operations of a service it may call."""
    by_action = {
        name[:1].lower() + name[1:]: operation for name, operation in service.model.operations.items()
    }
    compiled: dict[str, ApiOperation] = {}

    def find(action: str) -> ApiOperation | None:
        if action in by_action and action not in compiled:
            operation = by_action[action]
            needed = tuple(member.name for member in operation.input.members if member.required)
            compiled[action] = ApiOperation(needed, CallFromWithin(engine, service, operation, base_url))
        return compiled.get(action)

    engine.api_calls.serve(service.model.sdk_name, find)


class CallFromWithin:
    """One operation, compiled when it is called first. Its request has the input's members in JSON."""

    def __init__(self, engine: Engine, service: Service, operation: Operation, base_url: str) -> None:
        self._engine = engine
        self._service = service
        self._operation = operation
        self._base_url = base_url
        self._route: Route | None = None
        self._blobs = _blobs_of(operation.input)
        self._entries = {
            member.name: _blobs_of(member.shape.item)
            for member in operation.input.members
            if member.shape.item is not None
        }

    def __call__(self, caller: str, request: Any) -> Outcome:
        """Carry the operation out in the account and region of the caller's ARN. Raise CallFailure."""
        engine = self._engine
        call = Call(
            engine,
            engine.scope_of(caller),
            engine.clock.now(),
            engine.ids.request_id(),
            self._base_url,
            "/",
            _receive_nothing,
        )
        try:
            result = self._perform(call, request)
        except CallFailure:
            raise
        except EngineError as error:
            raise self._failure(error) from error
        _refuse_failed_entries(result)
        return Outcome(json.render(result or {}).decode()[:_SHOWN], _became(result))

    def _perform(self, call: Call, request: Any) -> Any:
        route = self._route
        if route is None:
            route = self._route = Route(self._service, self._operation, JsonCodec(self._service.model))
        params = route.decode(json.render(self._encoded(request)))
        route.validate(params)
        cut_after = self._engine.faults.active and _strike(route, call, params)
        result = perform_at_once(route, call, params)
        if type(result) is CoroutineType:
            result = _finished(result)
        if cut_after:
            raise _cut()
        return result

    def _encoded(self, request: Any) -> Any:
        """Universal targets give blobs as the texts that they are."""
        if not isinstance(request, dict):
            return request
        entries = {
            name: [_with_blobs(entry, blobs) for entry in request[name]]
            for name, blobs in self._entries.items()
            if blobs and isinstance(request.get(name), list)
        }
        return _with_blobs(request, self._blobs) | entries

    def _failure(self, error: EngineError) -> CallFailure:
        shape = self._service.errors.of(error)
        may_pass = shape.status >= 500 or shape.status == _TOO_MANY_REQUESTS or "Throttl" in shape.code
        lasting = isinstance(error, NotImplementedHere)
        kind = CallFailed if may_pass and not lasting else CallRefused
        return kind(shape.code, error.message)


def _blobs_of(shape: Shape) -> list[str]:
    return [member.name for member in shape.members if member.shape.type == "blob"]


def _with_blobs(value: Any, names: Sequence[str]) -> Any:
    """Write the blobs of a structure, which are given as texts, as JSON has them."""
    if not isinstance(value, dict):
        return value
    texts = {name: value[name] for name in names if isinstance(value.get(name), str)}
    return value | {name: scalars.to_base64(text.encode()) for name, text in texts.items()}


async def _receive_nothing() -> MutableMapping[str, Any]:
    """Stand for a client that stays."""
    await asyncio.Event().wait()
    raise AssertionError


def _strike(route: Route, call: Call, params: Params) -> bool:
    """Let faults strike, as far as they mean something here, and tell whether the answer is to get lost."""
    cut_after = False
    call.incident = incident = faults.incident_of(route, call, params)
    for effect in call.engine.faults.of_request(incident):
        match effect:
            case Error() | Throttle():
                raise effect.error(route.service)
            case Cut("before"):
                raise _cut()
            case Cut():
                cut_after = True
    return cut_after


def _cut() -> CallFailed:
    return CallFailed("RequestTimeout", "The connection ended without an answer.")


def _finished(result: Coroutine[Any, Any, Any]) -> Any:
    """Run what would let others have their turn to its end at once; nothing that is called here waits for more."""
    try:
        while result.send(None) is None:
            pass
    except StopIteration as end:
        return end.value
    result.close()
    raise CallRefused("UnsupportedOperation", "The operation waits for something and cannot be called so.")


def _refuse_failed_entries(result: Any) -> None:
    """Take the failure of an entry for that of the call; Scheduler's own calls have only one."""
    if result and result.get("FailedEntryCount"):
        failed = next(entry for entry in result["Entries"] if "ErrorCode" in entry)
        raise CallRefused(failed["ErrorCode"], failed.get("ErrorMessage", ""))


def _became(result: Any) -> str:
    """Return the id of the message or event that the call has made, if it has."""
    if not result:
        return ""
    first = (result.get("Entries") or [{}])[0]
    return str(result.get("MessageId") or first.get("EventId") or "")
