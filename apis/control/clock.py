"""The clock: read, frozen, thawed, set, advanced."""

from collections.abc import Awaitable
from itertools import islice
from typing import Any

from pocketbus.apis.control.parameters import ParameterError, Parameters
from pocketbus.apis.control.paths import MOST_ITEMS, Path
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.time.duration import iso


async def read(engine: Engine, _parameters: Parameters) -> dict[str, Any]:
    return _clock(engine)


async def freeze(engine: Engine, parameters: Parameters) -> dict[str, Any]:
    """Stop the clock, at once or at an instant that it is moved to."""
    at = parameters.instant("at")
    engine.freeze()
    return _clock(engine) if at is None else await _moved(engine, engine.elapse_to(at))


async def thaw(engine: Engine, _parameters: Parameters) -> dict[str, Any]:
    engine.thaw()
    return _clock(engine)


async def set_to(engine: Engine, parameters: Parameters) -> dict[str, Any]:
    at = parameters.instant("at")
    if at is None:
        raise ParameterError("The parameter at is required: epoch seconds, or an instant in ISO 8601.")
    return await _moved(engine, engine.elapse_to(at))


async def advance(engine: Engine, parameters: Parameters) -> dict[str, Any]:
    seconds = parameters.seconds("by")
    if seconds is None:
        raise ParameterError("The parameter by is required: seconds, or a duration in ISO 8601.")
    try:
        return await _moved(engine, engine.elapse(seconds))
    except ValueError as error:
        raise ParameterError(str(error)) from error


async def advance_to_next(engine: Engine, _parameters: Parameters) -> dict[str, Any]:
    """Move on to the next deadline; where there is none, the clock stays."""
    return await _moved(engine, engine.elapse_to_next())


async def _moved(engine: Engine, move: Awaitable[int]) -> dict[str, Any]:
    """Move the clock, and tell with it what happened on the way; the trace has what exceeds the answer."""
    before = await move
    fired = engine.trace.last - before
    records = [record._asdict() for record in islice(engine.trace.after(before), MOST_ITEMS)]
    return _clock(engine) | {"fired": records, "fired_count": fired}


def _clock(engine: Engine) -> dict[str, Any]:
    now = engine.clock.now()
    return {"now": now, "time": iso(now), "frozen": engine.clock.frozen, "next_at": engine.next_at}


PATHS = (
    Path("/_pocketbus/clock", ("GET",), (), read),
    Path("/_pocketbus/clock/freeze", ("POST",), ("at",), freeze),
    Path("/_pocketbus/clock/thaw", ("POST",), (), thaw),
    Path("/_pocketbus/clock/set", ("POST",), ("at",), set_to),
    Path("/_pocketbus/clock/advance", ("POST",), ("by",), advance),
    Path("/_pocketbus/clock/next", ("POST",), (), advance_to_next),
)
