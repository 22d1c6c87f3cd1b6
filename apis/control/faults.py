"""Trouble on purpose over HTTP: faults made, listed and taken away, and consumers that crash."""

from typing import Any

from pocketbus.apis.control.parameters import ParameterError, Parameters
from pocketbus.apis.control.paths import Path
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.find import find
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.trouble.effects import DETAILS, KINDS
from pocketbus.emulator.trouble.faults import PRESETS, Fault, make_preset, view
from pocketbus.emulator.trouble.incident import WHERE, Where

_MOST_COUNT = 10**9
_MOST_SEED = 2**63


async def read(engine: Engine, _parameters: Parameters) -> dict[str, Any]:
    now = engine.clock.now()
    return {"faults": [view(fault, now) for fault in engine.faults]}


async def make(engine: Engine, parameters: Parameters) -> dict[str, Any]:
    """Make the fault of a kind, or those of a preset, and answer with them."""
    named = {name: parameters.text(name) for name in ("service", "operation", "resource")}
    where = Where(**named, account=parameters.account(), region=parameters.region())
    if "preset" in parameters:
        _refuse_beside_preset(parameters)
        made = make_preset(engine.faults, parameters.required("preset"), where)
    else:
        made = [_make(engine, parameters, where)]
    now = engine.clock.now()
    return {"faults": [view(fault, now) for fault in made]}


def _make(engine: Engine, parameters: Parameters, where: Where) -> Fault:
    kind = parameters.text("kind")
    if not kind:
        kinds, presets = ", ".join(KINDS), ", ".join(PRESETS)
        raise ParameterError(f"Give the kind of fault ({kinds}) or a preset ({presets}).")
    probability = parameters.real("probability")
    return engine.faults.add(
        kind,
        where,
        {name: _detail(parameters, name) for name in DETAILS if name in parameters},
        probability=1.0 if probability is None else probability,
        count=parameters.number("count", 0, _MOST_COUNT, least=1) or None,
        seconds=parameters.seconds("seconds"),
        seed=parameters.number("seed", 0, _MOST_SEED) if "seed" in parameters else None,
    )


def _detail(parameters: Parameters, name: str) -> Any:
    if name == "delay":
        return parameters.seconds(name)
    return parameters.number(name, 0, 999) if name == "status" else parameters.text(name)


def _refuse_beside_preset(parameters: Parameters) -> None:
    for name in ("kind", *_LIMITS, *DETAILS):
        if name in parameters:
            raise ParameterError(f"A preset has no {name}; it has {', '.join(WHERE)}.")


async def clear(engine: Engine, parameters: Parameters) -> dict[str, Any]:
    """Take away the fault of a number, those of an account, or all."""
    number = parameters.number("number", 0, _MOST_COUNT, least=1) or None
    return {"cleared": engine.faults.clear(number, parameters.account())}


async def crash(engine: Engine, parameters: Parameters) -> dict[str, Any]:
    """Return a queue's messages in flight to it, as when their consumers had crashed."""
    name = parameters.required("queue")
    queue = find(engine, Queue, name, parameters.account(), parameters.region())
    await queue.settled()
    returned = queue.begin_return(engine.clock.now())
    await queue.settled()
    return {"returned": returned}


_LIMITS = ("probability", "count", "seconds", "seed")
PATHS = (
    Path("/_pocketbus/faults", ("GET",), (), read),
    Path("/_pocketbus/faults", ("POST",), ("kind", "preset", *WHERE, *_LIMITS, *DETAILS), make),
    Path("/_pocketbus/faults", ("DELETE",), ("number", "account"), clear),
    Path("/_pocketbus/faults/crash", ("POST",), ("queue", "account", "region"), crash),
)
