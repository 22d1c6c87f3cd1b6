"""Operations as inputs: what changes the state is told to the journal before it is carried out, and can be repeated."""

from collections.abc import Coroutine, Mapping
from types import CoroutineType
from typing import Any, Final, TypeVar

from pocketbus.apis.call import Call
from pocketbus.apis.codec.validate import Params
from pocketbus.apis.service import Route
from pocketbus.emulator.door import Place

READING: Final = ("Check", "Describe", "Get", "List", "Test")
"""How the names of operations begin that change nothing, whatever they draw for their answers."""

READERS: Final = frozenset({"sts"})
"""The services all of whose operations change nothing: who somebody is, is in what they carry."""

TROUBLED, TRACE_HEADER = "troubled", "trace_header"
"""The circumstances of a call that make a difference: that faults may strike at it, and the header that it had."""

_NONE: Final[Mapping[str, Any]] = {}
T = TypeVar("T")


def is_reader(service: str, operation: str) -> bool:
    """Tell whether an operation changes nothing, so that no journal has to know of it."""
    return operation.startswith(READING) or service in READERS


def perform(route: Route, call: Call, params: Params) -> Any:
    """Carry an operation out; return the result or, where it has to be waited for, a coroutine of it."""
    door = call.engine.door
    if not door.notes or is_reader(route.service, route.operation.name):
        return route.perform(call, params)
    circumstances = _circumstances(call)
    kept = (params, circumstances) if circumstances else (params,)
    with door.entry(_name(route), *kept, place=_place(call)):
        call.now = call.engine.clock.now()
        call.scope.begin_if_untouched(call.now)
        result = route.perform(call, params)
        return waiting(call, result) if type(result) is CoroutineType else result


def in_steps(
    route: Route, call: Call, params: Params, work: Coroutine[Any, Any, T]
) -> Coroutine[Any, Any, T]:
    """Return work that carries an operation out, with each of its steps as an input where a journal is kept."""
    if not call.engine.door.notes:
        return work
    circumstances = {TROUBLED: True, **_circumstances(call)}
    with call.engine.door.entry(_name(route), params, circumstances, place=_place(call)):
        call.now = call.engine.clock.now()
        call.scope.begin_if_untouched(call.now)
        return waiting(call, work)


def waiting(call: Call, work: Coroutine[Any, Any, T]) -> Coroutine[Any, Any, T]:
    """Make a course of work that an operation has left to be done."""
    door = call.engine.door
    if not door.kept:
        return work
    course = door.course(work)
    course.on_live = call.resume
    return course.carry()


def _name(route: Route) -> str:
    return f"{route.service}.{route.operation.name}"


def _place(call: Call) -> Place:
    return Place(call.scope.account, call.scope.region, call.base_url, call.signed)


def _circumstances(call: Call) -> Mapping[str, Any]:
    """Return what else of a call can make a difference to the state."""
    return _NONE if call.trace_header is None else {TRACE_HEADER: call.trace_header}
