"""Why: every rule of a bus asked about an event, every subscription of a topic about a message, every mapping and
pipe of a queue too, and a schedule about an instant.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

from pocketbus.apis.control.parameters import ParameterError, Parameters
from pocketbus.apis.control.paths import ITEMS, MOST_ITEMS, Path
from pocketbus.emulator.buses.bus import DEFAULT_BUS, Bus
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.consumers import (
    explain_consumers,
    explain_record,
    explain_schedule,
    find_pipe,
)
from pocketbus.emulator.inspection.explanation import (
    Verdict,
    explain_event,
    explain_passed,
    explain_publication,
)
from pocketbus.emulator.inspection.find import find
from pocketbus.emulator.inspection.sample import (
    SampleError,
    sample_event,
    sample_json,
    sample_publication,
    sample_record,
)
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.schedules.scheduler_scope import DEFAULT_GROUP
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


_WAYS = ("event", "message", "record", "schedule", "subject")


def _verdicts(engine: Engine, parameters: Parameters) -> Iterator[Verdict]:
    named = [name for name in _WAYS if name in parameters]
    if len(named) != 1:
        raise ParameterError(
            "Give one of event (with bus), message (with topic or queue), record (with pipe), "
            "schedule (with group) and subject."
        )
    match named[0]:
        case "subject":
            return explain_passed(engine, parameters.required("subject"))
        case "event":
            return _of_event(engine, parameters)
        case "record":
            return iter((_of_record(engine, parameters),))
        case "schedule":
            return iter((_of_schedule(engine, parameters),))
    return _of_message(engine, parameters)


def _of_record(engine: Engine, parameters: Parameters) -> Verdict:
    name = parameters.required("pipe")
    pipe = find_pipe(engine, name, parameters.account(), parameters.region())
    try:
        record = sample_json(parameters.value("record"))
    except SampleError as error:
        raise ParameterError(str(error)) from error
    return explain_record(pipe, record, engine.clock.now())


def _of_schedule(engine: Engine, parameters: Parameters) -> Verdict:
    at = parameters.instant("at") if "at" in parameters else None
    name, group = parameters.required("schedule"), parameters.text("group") or DEFAULT_GROUP
    return explain_schedule(engine, name, group, at, (parameters.account(), parameters.region()))


def _of_event(engine: Engine, parameters: Parameters) -> Iterator[Verdict]:
    name = parameters.text("bus") or DEFAULT_BUS
    bus = find(engine, Bus, name, parameters.account(), parameters.region())
    try:
        event = sample_event(parameters.value("event"), bus, engine.clock.now())
    except SampleError as error:
        raise ParameterError(str(error)) from error
    return explain_event(bus, event)


def _of_message(engine: Engine, parameters: Parameters) -> Iterator[Verdict]:
    if "queue" in parameters:
        return _of_queue(engine, parameters)
    name = parameters.required("topic")
    topic = find(engine, Topic, name, parameters.account(), parameters.region())
    try:
        publication = sample_publication(parameters.required("message"), parameters.value("attributes"))
    except SampleError as error:
        raise ParameterError(str(error)) from error
    return explain_publication(topic, publication)


def _of_queue(engine: Engine, parameters: Parameters) -> Iterator[Verdict]:
    queue = find(engine, Queue, parameters.required("queue"), parameters.account(), parameters.region())
    try:
        record = sample_record(parameters.required("message"), parameters.value("attributes"))
    except SampleError as error:
        raise ParameterError(str(error)) from error
    return explain_consumers(engine, queue, record)


PATHS = (
    Path(
        "/_pocketbus/explain",
        ("GET", "POST"),
        (
            *("event", "bus", "message", "topic", "queue", "attributes", "subject"),
            *("record", "pipe", "schedule", "group", "at"),
            *("matches", "account", "region", "limit", "after"),
        ),
        explain,
    ),
)
