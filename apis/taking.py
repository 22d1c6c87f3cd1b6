"""Operations as inputs: what changes the state is told to the journal before it is carried out, and can be repeated."""

from collections.abc import Coroutine, Mapping
from functools import lru_cache
from types import CoroutineType
from typing import Any, TypeVar

from pocketbus.apis.call import Call
from pocketbus.apis.codec.validate import Params
from pocketbus.apis.service import Route
from pocketbus.emulator.door import Place

TROUBLED, TRACE_HEADER = "troubled", "trace_header"
"""The circumstances of a call that make a difference: that faults may strike at it, and the header that it had."""

T = TypeVar("T")


def perform(route: Route, call: Call, params: Params) -> Any:
    """Carry an operation out; return the result or, where it has to be waited for, a coroutine of it."""
    door = call.engine.door
    name = route.noted_as
    if name is None or door.inside or door.journal is None:
        return route.perform(call, params)
    header = call.trace_header
    given = (params,) if header is None else (params, {TRACE_HEADER: header})
    call.now = door.enter(name, given, _place(call))
    try:
        call.scope.begin_if_untouched(call.now)
        result = route.perform(call, params)
        if type(result) is CoroutineType:
            result = waiting(call, result)
    except BaseException as raised:
        door.leave(type(raised))
        raise
    door.leave(None)
    return result


def in_steps(
    route: Route, call: Call, params: Params, work: Coroutine[Any, Any, T]
) -> Coroutine[Any, Any, T]:
    """Return work that carries an operation out, with each of its steps as an input where a journal is kept."""
    if not call.engine.door.notes:
        return work
    circumstances = {TROUBLED: True}
    for known in _circumstances(call):
        circumstances |= known
    # Where faults may strike, a reader makes a difference, too: it is counted by them.
    name, place = f"{route.service}.{route.operation.name}", _place(call)
    with call.engine.door.entry(name, params, circumstances, place=place):
        call.now = call.engine.clock.now()
        call.scope.begin_if_untouched(call.now)
        return repeatable(call, work, name, place, params, circumstances)


def repeatable(
    call: Call,
    work: Coroutine[Any, Any, T],
    name: str,
    place: Place,
    params: Params,
    circumstances: Mapping[str, Any],
) -> Coroutine[Any, Any, T]:
    """Make a course of work that carries a whole operation out."""
    door = call.engine.door
    course = door.course_of(work)
    course.work, course.args = door.operation, (name, place, params, circumstances)
    return course.carry()


def waiting(call: Call, work: Coroutine[Any, Any, T]) -> Coroutine[Any, Any, T]:
    """Make a course of work that an operation has left to be done."""
    door = call.engine.door
    if not door.kept:
        return work
    return door.course_of(work).carry()


def _place(call: Call) -> Place:
    scope = call.scope
    return _known_place(scope.account, scope.region, call.base_url, call.signed)


@lru_cache(maxsize=1024)
def _known_place(account: str, region: str, base_url: str, signed: bool) -> Place:
    return Place(account, region, base_url, signed)


def _circumstances(call: Call) -> tuple[Mapping[str, Any], ...]:
    """Return what else of a call can make a difference to the state, if anything."""
    header = call.trace_header
    return () if header is None else ({TRACE_HEADER: header},)
