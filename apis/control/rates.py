"""How much happened lately, slice by slice, counted in the trace."""

import asyncio
from itertools import islice
from typing import Any

from pocketbus.apis.control.parameters import Parameters
from pocketbus.apis.control.paths import Path
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.rates import Rates
from pocketbus.emulator.inspection.trace import Selection

_SECONDS = 600.0
_MOST_SECONDS = 86_400.0
_SLICE = 2000
"""Records between two turns of the event loop."""
_VERBS = ("sent", "received", "deleted", "dead-lettered", "expired")


async def read(engine: Engine, parameters: Parameters) -> dict[str, Any]:
    """Answer with 60 slices of the last `seconds` of the emulator's time, at a resource or everywhere."""
    seconds = parameters.seconds("seconds", _MOST_SECONDS) or _SECONDS
    selection = Selection(resource=parameters.text("resource"))
    rates = Rates(_VERBS, engine.clock.now(), seconds)
    records = iter(list(engine.trace))
    while part := list(islice(records, _SLICE)):
        rates.add(filter(selection.admits, part))
        await asyncio.sleep(0)
    return {"seconds": seconds, "slices": [one._asdict() for one in rates.slices()]}


PATHS = (Path("/_pocketbus/rates", ("GET",), ("resource", "seconds"), read),)
