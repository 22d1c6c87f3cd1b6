"""Why: every rule of a bus asked about an event, every subscription of a topic about a message."""

import asyncio
from collections.abc import Iterator
from typing import Any

from pocketbus.apis.control.parameters import ParameterError, Parameters
from pocketbus.apis.control.paths import ITEMS, MOST_ITEMS, Path
from pocketbus.emulator.buses.bus import DEFAULT_BUS, Bus
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.explanation import (
    Verdict,
    explain_event,
    explain_passed,
    explain_publication,
)
from pocketbus.emulator.inspection.find import find
from pocketbus.emulator.inspection.sample import SampleError, sample_event, sample_publication
from pocketbus.emulator.topics.topic import Topic

_SLICE = 50
"""Verdicts between two turns of the event loop."""
_MOST_AFTER = 10**9


async def explain(engine: Engine, parameters: Parameters) -> dict[str, Any]:
    """Answer with `limit` verdicts after the first `after`; `next` is what to give as `after` for more."""
    after = parameters.number("after", 0, _MOST_AFTER)
    limit = parameters.number("limit", ITEMS, MOST_ITEMS, least=1)
    wanted = parameters.flag("matches") if "matches" in parameters else None
    page: list[Verdict] = []
    for count, verdict in enumerate(_verdicts(engine, parameters), 1):
        if count > after and wanted in (None, verdict.matches):
            page.append(verdict)
        if len(page) == limit:
            return {"verdicts": [one._asdict() for one in page], "next": count}
        if count % _SLICE == 0:
            await asyncio.sleep(0)
    return {"verdicts": [one._asdict() for one in page], "next": None}


def _verdicts(engine: Engine, parameters: Parameters) -> Iterator[Verdict]:
    named = [name for name in ("event", "message", "subject") if name in parameters]
    if len(named) != 1:
        raise ParameterError("Give one of event (with bus), message (with topic) and subject.")
    if "subject" in parameters:
        return explain_passed(engine, parameters.required("subject"))
    return _of_event(engine, parameters) if "event" in parameters else _of_message(engine, parameters)


def _of_event(engine: Engine, parameters: Parameters) -> Iterator[Verdict]:
    name = parameters.text("bus") or DEFAULT_BUS
    bus = find(engine, Bus, name, parameters.account(), parameters.region())
    try:
        event = sample_event(parameters.value("event"), bus, engine.clock.now())
    except SampleError as error:
        raise ParameterError(str(error)) from error
    return explain_event(bus, event)


def _of_message(engine: Engine, parameters: Parameters) -> Iterator[Verdict]:
    name = parameters.required("topic")
    topic = find(engine, Topic, name, parameters.account(), parameters.region())
    try:
        publication = sample_publication(parameters.required("message"), parameters.value("attributes"))
    except SampleError as error:
        raise ParameterError(str(error)) from error
    return explain_publication(topic, publication)


PATHS = (
    Path(
        "/_pocketbus/explain",
        ("GET", "POST"),
        (
            *("event", "bus", "message", "topic", "attributes", "subject"),
            *("matches", "account", "region", "limit", "after"),
        ),
        explain,
    ),
)
