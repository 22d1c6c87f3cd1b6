"""How much happened lately, slice by slice, counted in the trace."""

import asyncio
from typing import Any

from pocketbus.apis.control.parameters import Parameters
from pocketbus.apis.control.paths import Path
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.rates import Rates

_SECONDS = 600.0
_MOST_SECONDS = 86_400.0
_SLICE = 2000
"""Steps between two turns of the event loop."""
_VERBS = ("sent", "received", "deleted", "dead-lettered", "expired")


async def read(engine: Engine, parameters: Parameters) -> dict[str, Any]:
    """Answer with 60 slices of the last `seconds` of the emulator's time, at a resource or everywhere."""
    seconds = parameters.seconds("seconds", _MOST_SECONDS) or _SECONDS
    rates = Rates(_VERBS, engine.clock.now(), seconds, parameters.text("resource"))
    steps = engine.trace.steps()
    for start in range(0, len(steps), _SLICE):
        rates.add(steps[start : start + _SLICE])
        await asyncio.sleep(0)
    return {"seconds": seconds, "slices": [one._asdict() for one in rates.slices()]}


PATHS = (Path("/_pocketbus/rates", ("GET",), ("resource", "seconds"), read),)
