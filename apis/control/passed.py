"""What passed the buses and topics lately, and what one rule or subscription did not want of it."""

import asyncio
from itertools import islice
from typing import Any

from pocketbus.apis.control.parameters import Parameters
from pocketbus.apis.control.paths import MOST_ITEMS, Path
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.refusals import refusals, written

_ITEMS = 20
_MOST_ASKED = 1000
"""Of what passed lately, so much is asked about at most: the latest."""
_SLICE = 50


async def read(engine: Engine, parameters: Parameters) -> dict[str, Any]:
    """Answer with events and publications, the latest first: all, those of a bus or topic, or those of an id."""
    subject, resource = parameters.text("subject"), parameters.text("resource")
    passed = (
        one
        for one in list(reversed(engine.recent))
        if subject in (None, one.subject) and resource in (None, one.resource)
    )
    limit = parameters.number("limit", _ITEMS, MOST_ITEMS, least=1)
    return {"passed": [written(one) for one in islice(passed, limit)]}


async def refused(engine: Engine, parameters: Parameters) -> dict[str, Any]:
    """Answer with what a rule or subscription (`resource`, an ARN) is against, the latest first, and why."""
    limit = parameters.number("limit", _ITEMS, MOST_ITEMS, least=1)
    found: list[dict[str, Any]] = []
    asked = islice(refusals(engine, parameters.required("resource")), _MOST_ASKED)
    for count, (passed, verdict) in enumerate(asked, 1):
        if verdict is not None:
            found.append({"subject": passed.subject, "why": verdict.why, "path": verdict.path})
        if len(found) == limit:
            break
        if count % _SLICE == 0:
            await asyncio.sleep(0)
    return {"refusals": found}


PATHS = (
    Path("/_pocketbus/passed", ("GET",), ("subject", "resource", "limit"), read),
    Path("/_pocketbus/refusals", ("GET",), ("resource", "limit"), refused),
)
