"""The control paths of the journal: its inputs, and the way back. Another process replays, so that nobody waits."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.responses import StreamingResponse
from starlette.types import ASGIApp

from pocketbus.apis.control.parameters import ParameterError, Parameters
from pocketbus.apis.control.paths import ERRORS, Seats
from pocketbus.apis.control.paths import Path as ControlPath
from pocketbus.emulator.door import Past
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.state.document import import_lines
from pocketbus.emulator.state.text import lines_in, loads
from pocketbus.emulator.turns import in_slices
from pocketbus.journal.journal import Journal

JOURNAL, REWIND = "/_pocketbus/journal", "/_pocketbus/rewind"
_SELECTING = ("account", "resource", "message", "since", "to")
_REPLAYS = 4
_CLOCK = b'"clock":'


class ReplayError(EngineError):
    """The journal cannot be replayed; the text says why."""


def journal_app(engine: Engine) -> ASGIApp:
    """Answer below both paths."""
    seats = Seats(_REPLAYS, "replays")

    async def read(engine: Engine, parameters: Parameters) -> StreamingResponse:
        """Write the inputs that are selected, each a line of JSON with what it has brought about."""
        options = [f"--{name}={text}" for name in _SELECTING if (text := parameters.text(name)) is not None]
        lines = await begun(replayed(engine, seats, "--json", *options))
        return StreamingResponse(lines, media_type="application/x-ndjson")

    async def rewind(engine: Engine, parameters: Parameters) -> dict[str, Any]:
        """Go back to an instant; what came after it stays in the journal, before the input that goes back."""
        to = parameters.required("to")
        chunks = [chunk async for chunk in replayed(engine, seats, "--export", f"--to={to}")]
        before = _journal(engine).position
        clock = _clock_of(chunks)
        await engine.elapse_to(clock["now"])
        await in_slices(import_lines(engine, lines_in(chunks)))
        if not clock["frozen"]:
            engine.thaw()
        return {"status": "ok", "now": engine.clock.now(), "before": before}

    paths = (
        ControlPath(JOURNAL, ("GET",), _SELECTING, read),
        ControlPath(REWIND, ("POST",), ("to",), rewind),
    )
    return Starlette(routes=[path.route(engine) for path in paths], exception_handlers=ERRORS)


def _journal(engine: Engine) -> Journal:
    journal = engine.door.journal
    if not isinstance(journal, Journal):
        raise ParameterError("The server keeps no journal in a folder: start it with --data DIR.")
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
