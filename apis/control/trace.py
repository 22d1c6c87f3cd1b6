"""The trace: read page by page, or followed as server-sent events."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from itertools import islice
from typing import Any

from starlette.responses import StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from pocketbus.apis.control.parameters import Parameters
from pocketbus.apis.control.paths import ITEMS, MOST_ITEMS, Path, Seats
from pocketbus.apis.http.limits import HOLD_LITTLE
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.expectation import TraceSource, in_turns, pause_after
from pocketbus.emulator.inspection.explanation import Verdict, explain_each
from pocketbus.emulator.inspection.trace import Selection
from pocketbus.emulator.state.text import dumps

STREAMS = 100
_HEARTBEAT_SECONDS = 15.0
"""Between two signs of life, by which a client that is gone is noticed."""
TOGETHER = 500
"""So many records are written at a time, with all that one look finds of them."""
_SHARED, _SHORT = 64, 256 * 1024
"""So many writings are kept for the other streams, of no more characters each."""
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
    written = Written()

    async def follow(engine: Engine, parameters: Parameters) -> StreamingResponse:
        """Send what is newer than `after`, if it is given, and then what happens, as it happens."""
        after = parameters.number("after", engine.trace.last, _MOST)
        source = TraceSource(engine, selection_of(parameters), parameters.text("subject"), after)
        return _Stream(_events(source, engine, written), seats)

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
        hold_little: Callable[[], None] | None = scope.get("state", {}).get(HOLD_LITTLE)
        if hold_little is not None:
            hold_little()
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._seats.leave()


class Written:
    """Records as streams write them: whoever comes to where another one has been takes what that has written."""

    def __init__(self) -> None:
        self._texts: dict[tuple[Selection, int, int], tuple[str, int]] = {}

    def next_of(self, source: TraceSource) -> str:
        """Write the next records; as streams stop at the same numbers, they come to one another's ways."""
        key = source.shared_as
        if key in self._texts:
            text, source.seen = self._texts[key]
            return text
        text = "".join(
            f"id: {number}\ndata: {dumps(show()).decode()}\n\n"
            for number, show in source.changed(TOGETHER)
            if show is not None
        )
        if key is not None and len(text) <= _SHORT:
            self._texts[key] = text, source.seen
            if len(self._texts) > _SHARED:
                del self._texts[next(iter(self._texts))]
        return text


async def _events(source: TraceSource, engine: Engine, written: Written) -> AsyncGenerator[str, None]:
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
            lost = trace.dropped(source.seen)
            if lost > 0:
                source.seen = trace.last - len(trace)
                yield f"event: lost\ndata: {lost}\n\n"
            began_at = loop.time()
            text = written.next_of(source) if trace.last > source.seen else ""
            spent = loop.time() - began_at
            if text:
                yield text
            await asyncio.sleep(pause_after(spent, trace))
            if trace.last > source.seen:
                continue
            try:
                async with asyncio.timeout(_HEARTBEAT_SECONDS):
                    await trace.news()
            except TimeoutError:
                yield ": still here\n\n"
    finally:
        trace.followers -= 1


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
