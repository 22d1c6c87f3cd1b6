"""The trace: read page by page, or followed as server-sent events."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from itertools import islice
from typing import Any

from starlette.responses import StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from pocketbus.apis.control.parameters import Parameters
from pocketbus.apis.control.paths import ITEMS, MOST_ITEMS, Path, Seats
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.expectation import TraceSource, in_turns, pause_after
from pocketbus.emulator.inspection.explanation import Verdict, explain_each
from pocketbus.emulator.inspection.trace import Selection, Trace
from pocketbus.emulator.state.text import dumps

STREAMS = 100
_HEARTBEAT_SECONDS = 15.0
"""Between two signs of life, by which a client that is gone is noticed."""
_EVENTS_TOGETHER = 100
_RENDERED, _SHORT = 1000, 2000
"""So many events are kept as they are written, of no more characters each, for the other streams."""
_PAUSE_SECONDS = 1.0
"""Between two tellings of changes."""
_MOST = 2**53
"""The largest number that every JSON reader keeps exact."""

SELECTING = ("resource", "verb", "since", "until")


def selection_of(parameters: Parameters) -> Selection:
    return Selection(
        parameters.text("resource"),
        parameters.text("verb"),
        parameters.instant("since"),
        parameters.instant("until"),
    )


async def read(engine: Engine, parameters: Parameters) -> dict[str, Any]:
    """Answer with the oldest records that are newer than `after`; `next` is what to give as `after` for more.

    The story of a message or event has with it the rules and subscriptions that did not want it, and why.
    """
    after = parameters.number("after", 0, _MOST)
    limit = parameters.number("limit", ITEMS, MOST_ITEMS, least=1)
    subject = parameters.text("subject")
    source = TraceSource(engine, selection_of(parameters), subject, after)
    page: list[dict[str, Any]] = []
    async for _, show in in_turns(source.changed(), engine.trace):
        if show is not None:
            page.append(show())
        if len(page) > limit:
            break
    answer = {
        "records": page[:limit],
        "next": page[limit - 1]["number"] if len(page) > limit else None,
        "last": engine.trace.last,
    }
    if subject is not None:
        answer["unmatched"] = [verdict._asdict() for verdict in islice(_against(engine, subject), ITEMS)]
    return answer


def _against(engine: Engine, subject: str) -> Iterator[Verdict]:
    """Yield what does not want the message or event, or any that it came from."""
    subjects = {subject, *(record.subject for record in engine.trace.story(subject))}
    asked = islice(explain_each(engine, engine.recent.of(subjects)), MOST_ITEMS)
    return (verdict for verdict in asked if not verdict.matches)


def trace_routes(engine: Engine) -> list[Route]:
    seats = Seats(STREAMS, "streams")
    rendered: dict[int, str] = {}

    async def follow(engine: Engine, parameters: Parameters) -> StreamingResponse:
        """Send what is newer than `after`, if it is given, and then what happens, as it happens."""
        after = parameters.number("after", engine.trace.last, _MOST)
        source = TraceSource(engine, selection_of(parameters), parameters.text("subject"), after)
        return _Stream(_events(source, engine, rendered), seats)

    async def changes(engine: Engine, _parameters: Parameters) -> StreamingResponse:
        """Tell that something happened, once a second at most."""
        return _Stream(_changes(engine), seats)

    paths = (
        Path("/_pocketbus/trace/changes", ("GET",), (), changes),
        Path("/_pocketbus/trace", ("GET",), ("subject", *SELECTING, "after", "limit"), read),
        Path("/_pocketbus/trace/stream", ("GET",), ("subject", *SELECTING, "after"), follow),
    )
    return [path.route(engine) for path in paths]


class _Stream(StreamingResponse):
    """Holds its seat until its client is gone."""

    def __init__(self, events: AsyncIterator[str], seats: Seats) -> None:
        super().__init__(events, media_type="text/event-stream", headers={"cache-control": "no-store"})
        seats.take()
        self._seats = seats

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._seats.leave()


async def _events(source: TraceSource, engine: Engine, rendered: dict[int, str]) -> AsyncGenerator[str, None]:
    """Write each record as an event whose id is its number; a comment is a sign of life.

    All that has happened meanwhile is written together, and the more streams there are, the longer each waits for it:
    so a stream costs others next to nothing, and one that is not read nothing at all once its connection is full.
    """
    trace = engine.trace
    loop = asyncio.get_running_loop()
    yield ": the trace\n\n"
    trace.followers += 1
    try:
        while not trace.closed:
            began_at = loop.time()
            lost = trace.dropped(source.seen)
            if lost > 0:
                yield f"event: lost\ndata: {lost}\n\n"
            async for events in _written(source, engine.trace, rendered):
                yield events
            await asyncio.sleep(pause_after(loop.time() - began_at, trace))
            if trace.last > source.seen:
                continue
            try:
                async with asyncio.timeout(_HEARTBEAT_SECONDS):
                    await trace.news()
            except TimeoutError:
                yield ": still here\n\n"
    finally:
        trace.followers -= 1


async def _written(source: TraceSource, trace: Trace, rendered: dict[int, str]) -> AsyncIterator[str]:
    """Write what is new, many events at a time; what another stream has rendered lately is taken from there."""
    events: list[str] = []
    async for number, show in in_turns(source.changed(), trace):
        if show is not None:
            text = rendered.get(number)
            if text is None:
                text = f"id: {number}\ndata: {dumps(show()).decode()}\n\n"
                _keep(rendered, number, text)
            events.append(text)
        if len(events) == _EVENTS_TOGETHER:
            yield "".join(events)
            events.clear()
    if events:
        yield "".join(events)


def _keep(rendered: dict[int, str], number: int, text: str) -> None:
    if len(rendered) >= _RENDERED:
        rendered.clear()
    if len(text) <= _SHORT:
        rendered[number] = text


async def _changes(engine: Engine) -> AsyncIterator[str]:
    """Write the number of the last record whenever there is another, but not more often than once a second."""
    trace, seen = engine.trace, engine.trace.last
    yield ": changes\n\n"
    while not trace.closed:
        if trace.last != seen:
            seen = trace.last
            yield f"data: {seen}\n\n"
            await asyncio.sleep(_PAUSE_SECONDS)
            continue
        try:
            async with asyncio.timeout(_HEARTBEAT_SECONDS):
                await trace.news()
        except TimeoutError:
            yield ": still here\n\n"
