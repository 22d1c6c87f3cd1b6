"""The control paths of the journal: its inputs, and the way back. Another process replays, so that nobody waits."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.responses import StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pocketbus.apis.control.parameters import ParameterError, Parameters
from pocketbus.apis.control.paths import ERRORS, Seats
from pocketbus.apis.control.paths import Path as ControlPath
from pocketbus.apis.control.state import NO_JOURNAL
from pocketbus.apis.control.trace import STREAMS
from pocketbus.emulator.door import Branch, Past
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.state.document import import_lines
from pocketbus.emulator.state.text import dumps, lines_in, loads
from pocketbus.emulator.turns import in_slices
from pocketbus.journal.following import Following, Gap
from pocketbus.journal.journal import Journal
from pocketbus.journal.step import Selection, Step

JOURNAL, REWIND = "/_pocketbus/journal", "/_pocketbus/rewind"
_SELECTING = ("account", "resource", "message", "since", "after", "to")
_REPLAYS = 4
_MOST = 2**53
_CLOCK = b'"clock":'


class ReplayError(EngineError):
    """The journal cannot be replayed; the text says why."""


def journal_app(engine: Engine) -> ASGIApp:
    """Answer below both paths."""
    seats, streams = Seats(_REPLAYS, "replays"), Seats(STREAMS, "streams")

    async def read(engine: Engine, parameters: Parameters) -> StreamingResponse:
        """Write the inputs that are selected, each a line of JSON with what it has brought about.

        Who follows them gets those that came before, too, if it says from where on.
        """
        journal = _journal(engine)
        selection = _selection(parameters)
        options = [f"--{name}={text}" for name in _SELECTING if (text := parameters.text(name)) is not None]
        if not parameters.flag("follow"):
            lines = await begun(replayed(engine, seats, "--json", *options))
            return StreamingResponse(lines, media_type=_LINES, headers=_FRESH)
        if parameters.text("to") is not None:
            raise ParameterError("Whoever follows the journal follows it without an end: leave to out.")
        earlier = None
        if selection.since is not None or selection.after is not None:
            earlier = await begun(replayed(engine, seats, "--json", f"--to={journal.position}", *options))
        return _Followed(journal, streams, selection, earlier)

    async def rewind(engine: Engine, parameters: Parameters) -> dict[str, Any]:
        """Go back to an instant; what came after it stays in the journal, before the input that goes back."""
        to = parameters.required("to")
        chunks = [chunk async for chunk in replayed(engine, seats, "--export", f"--to={to}")]
        branch = Branch(_journal(engine).position, engine.clock.now(), to)
        clock = _clock_of(chunks)
        await engine.elapse_to(clock["now"])
        await in_slices(import_lines(engine, lines_in(chunks)))
        if not clock["frozen"]:
            engine.thaw()
        engine.door.branch_off(branch)
        return {"status": "ok", "now": engine.clock.now(), "before": branch.before}

    async def status(engine: Engine, _parameters: Parameters) -> dict[str, Any]:
        """Tell where the journal is and how far it has come: inputs, bytes, the place of its newest snapshot."""
        journal = _journal(engine)
        return {
            "folder": str(journal.directory.path),
            "position": journal.position,
            "bytes": journal.directory.size(),
            "snapshot": journal.directory.newest_snapshot(),
        }

    async def branches(engine: Engine, _parameters: Parameters) -> dict[str, Any]:
        """Tell what was left when somebody went back, the latest first: `before` is where to go back to for it."""
        _journal(engine)
        return {"branches": [branch._asdict() for branch in reversed(engine.door.branches)]}

    paths = (
        ControlPath(JOURNAL, ("GET",), (*_SELECTING, "follow"), read),
        ControlPath(f"{JOURNAL}/status", ("GET",), (), status),
        ControlPath(f"{JOURNAL}/branches", ("GET",), (), branches),
        ControlPath(REWIND, ("POST",), ("to",), rewind),
    )
    return Starlette(routes=[path.route(engine) for path in paths], exception_handlers=ERRORS)


_LINES: Final = "application/x-ndjson"
_FRESH: Final = {"cache-control": "no-store"}


def _selection(parameters: Parameters) -> Selection:
    after = parameters.text("after")
    return Selection(
        parameters.text("account"),
        parameters.text("resource"),
        parameters.text("message"),
        parameters.instant("since"),
        None if after is None else parameters.number("after", 0, _MOST),
    )


class _Followed(StreamingResponse):
    """Writes what came in earlier, then what comes in; an empty line is a sign of life.

    One that is not read costs nothing once its connection is full: what it misses is told as `lost`.
    """

    def __init__(
        self, journal: Journal, seats: Seats, selection: Selection, earlier: AsyncIterator[bytes] | None
    ) -> None:
        seats.take()
        journal.following.begin()
        lines = _followed(journal.following, selection, journal.position, earlier)
        super().__init__(lines, media_type=_LINES, headers=_FRESH)
        self._following, self._seats = journal.following, seats

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._following.end()
            self._seats.leave()


async def _followed(
    following: Following, selection: Selection, position: int, earlier: AsyncIterator[bytes] | None
) -> AsyncIterator[bytes]:
    yield b"\n"
    if earlier is not None:
        async for chunk in earlier:
            yield chunk
    async for steps in following.steps(position):
        wanted = [step for step in steps if isinstance(step, Gap) or selection.wants(step)]
        if wanted or not steps:
            yield b"".join(map(_line, wanted)) or b"\n"


def _line(step: Step | Gap) -> bytes:
    told = {"lost": [step.first, step.last]} if isinstance(step, Gap) else step.as_data()
    return dumps(told) + b"\n"


def _journal(engine: Engine) -> Journal:
    journal = engine.door.journal
    if not isinstance(journal, Journal):
        raise ParameterError(NO_JOURNAL)
    return journal


def past_of(engine: Engine) -> Past:
    """Return what writes the state at an instant, or behind the input of a number."""
    seats = Seats(_REPLAYS, "replays")

    async def past(at: str) -> AsyncIterator[bytes]:
        return await begun(replayed(engine, seats, "--export", f"--to={at}"))

    return past


async def begun(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Wait for the first chunk, so that what stands in the way is told before anything is answered."""
    first = await anext(chunks, b"")

    async def all_of_them() -> AsyncIterator[bytes]:
        yield first
        async for chunk in chunks:
            yield chunk

    return all_of_them()


async def replayed(engine: Engine, seats: Seats, *options: str) -> AsyncIterator[bytes]:
    """Yield what a replay of the journal prints. Raise ReplayError."""
    journal = _journal(engine)
    journal.flush()
    seats.take()
    command = (sys.executable, "-m", "pocketbus", "replay", str(journal.directory.path), *options)
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=Path("/")
    )
    try:
        if process.stdout is None or process.stderr is None:
            raise RuntimeError("a process was started without pipes")
        while chunk := await process.stdout.read(256 * 1024):
            yield chunk
        said = (await process.stderr.read()).decode(errors="replace").strip()
        if await process.wait():
            raise ReplayError(said.removeprefix("pocketbus replay: "))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        seats.leave()


def _clock_of(chunks: list[bytes]) -> dict[str, Any]:
    line = next(line for line in lines_in(chunks) if line.startswith(_CLOCK))
    clock: dict[str, Any] = loads(line.removeprefix(_CLOCK).rstrip(b","))
    return clock
