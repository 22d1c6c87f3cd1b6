"""Pipes: create, update, start, stop, delete."""

from typing import Any

from msgspec.structs import replace

from pocketbus.apis.call import Call
from pocketbus.apis.pipes.find import conflict, find_pipe
from pocketbus.apis.pipes.listing import write_states
from pocketbus.apis.pipes.service import pipes
from pocketbus.apis.pipes.settings import laid_over, read_settings
from pocketbus.emulator.errors import ConflictException
from pocketbus.emulator.pipes.pipe import RUNNING, STARTING, STOPPED, STOPPING, UPDATING, Pipe

Wire = dict[str, Any]

_STARTABLE = frozenset({STOPPED, "START_FAILED", "UPDATE_FAILED"})
_STOPPABLE = frozenset({RUNNING, "START_FAILED", "UPDATE_FAILED"})
_UPDATABLE = frozenset({RUNNING, STOPPED, "START_FAILED", "UPDATE_FAILED"})


@pipes.operation
def create_pipe(
    call: Call, *, name: str, source: str, tags: dict[str, str] | None = None, **given: Any
) -> Wire:
    """Make a pipe; whether its queue is there shows when the clock has moved. Raise ConflictException."""
    if name in call.scope.pipes.pipes_at(call.now):
        raise conflict(name, f"Pipe {name} already exists.")
    settings = read_settings(call, name, source, laid_over({}, given))
    return write_states(call.scope.pipes.create(name, source, settings, tags or {}, call.now), call.now)


@pipes.operation
def update_pipe(call: Call, *, name: str, **given: Any) -> Wire:
    """Change what is given. Raise ConflictException while an earlier change is under way."""
    pipe = _in(_UPDATABLE, call, name)
    settings = read_settings(call, name, pipe.source, laid_over(pipe.settings.given, given))
    pipe.configure(settings, UPDATING, call.now)
    return write_states(pipe, call.now)


@pipes.operation
def start_pipe(call: Call, *, name: str) -> Wire:
    return _turn(_in(_STARTABLE, call, name), call, RUNNING, STARTING)


@pipes.operation
def stop_pipe(call: Call, *, name: str) -> Wire:
    return _turn(_in(_STOPPABLE, call, name), call, STOPPED, STOPPING)


@pipes.operation
def delete_pipe(call: Call, *, name: str) -> Wire:
    pipe = find_pipe(call, name)
    if pipe.in_transition(call.now):
        raise _conflict(pipe, call)
    pipe.delete(call.now)
    return write_states(pipe, call.now)


def _in(states: frozenset[str], call: Call, name: str) -> Pipe:
    """Return the pipe of a name, which has to be in one of some states. Raise ConflictException."""
    pipe = find_pipe(call, name)
    if pipe.state(call.now) not in states:
        raise _conflict(pipe, call)
    return pipe


def _conflict(pipe: Pipe, call: Call) -> ConflictException:
    return conflict(pipe.name, f"Pipe {pipe.name} is in the state {pipe.state(call.now)}.")


def _turn(pipe: Pipe, call: Call, desired: str, change: str) -> Wire:
    given = {**pipe.settings.given, "DesiredState": desired}
    pipe.configure(replace(pipe.settings, given=given, running=desired == RUNNING), change, call.now)
    return write_states(pipe, call.now)
