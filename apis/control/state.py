"""The state: reset, exported, imported, whole or in part; and snapshots of it by name."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from pocketbus.apis.control.parameters import ParameterError, Parameters
from pocketbus.apis.control.paths import Path, as_json
from pocketbus.apis.control.resetting import reset as reset_part
from pocketbus.apis.control.startup import Startup
from pocketbus.apis.endpoint import read_chunks
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.state.document import (
    Part,
    cut,
    import_lines,
    keep_snapshot,
    restoring,
)
from pocketbus.emulator.state.snapshots import MOST_BYTES
from pocketbus.emulator.state.text import lines_in
from pocketbus.emulator.turns import in_slices

NO_JOURNAL: Final = (
    "The server keeps no journal in a folder, where the past could be looked up: start it with --data DIR. "
    "A cluster (--journal) has none."
)
_PART = ("account", "region", "service")
_NAMED = ("name", "account")
_PATH = "/_pocketbus/state"


async def export(engine: Engine, parameters: Parameters) -> Response:
    """Write the state as it is or, of a server with a journal, as it was at an instant."""
    part, at = _part(parameters), parameters.text("at")
    if at is not None:
        if not part.whole:
            raise ParameterError(
                "The state of an instant is that of all: leave account, region and service out."
            )
        if engine.door.past is None:
            raise ParameterError(NO_JOURNAL)
        return StreamingResponse(await engine.door.past(at), media_type="application/json")
    return StreamingResponse(cut(engine, part), media_type="application/json")


async def snapshots(engine: Engine, _parameters: Parameters) -> dict[str, Any]:
    shown = [
        {"name": one.name, "account": one.account, "taken_at": one.taken_at, "size": one.size}
        for one in engine.snapshots
    ]
    return {"snapshots": shown}


async def save(engine: Engine, parameters: Parameters) -> dict[str, str]:
    name, part, taken_at = parameters.required("name"), _part(parameters), engine.clock.now()
    chunks = [chunk async for chunk in cut(engine, part)]
    keep_snapshot(engine, name, part, chunks, taken_at)
    return {"status": "ok"}


async def restore(engine: Engine, parameters: Parameters) -> dict[str, str]:
    await in_slices(restoring(engine, parameters.required("name"), parameters.account()))
    return {"status": "ok"}


async def delete(engine: Engine, parameters: Parameters) -> dict[str, str]:
    engine.snapshots.delete(parameters.required("name"), parameters.account())
    return {"status": "ok"}


def _part(parameters: Parameters) -> Part:
    return Part(parameters.account(), parameters.region(), parameters.text("service"))


def state_routes(engine: Engine, startup: Startup) -> list[Route]:
    async def reset(engine: Engine, parameters: Parameters) -> dict[str, str]:
        await reset_part(engine, startup, parameters, _part(parameters))
        return {"status": "ok"}

    async def take(request: Request) -> Response:
        """Import the document that the body is."""
        chunks = await read_chunks(dict(request.scope["headers"]), request.receive, MOST_BYTES)
        await in_slices(import_lines(engine, lines_in(chunks)))
        return as_json({"status": "ok"})

    resets = (
        Path(path, ("POST",), (*_PART, "init"), reset) for path in (f"{_PATH}/reset", "/_pocketbus/reset")
    )
    return [Route(_PATH, take, methods=["PUT"]), *(path.route(engine) for path in (*_PATHS, *resets))]


_PATHS = (
    Path(_PATH, ("GET",), (*_PART, "at"), export),
    Path(f"{_PATH}/snapshots", ("GET",), (), snapshots),
    Path(f"{_PATH}/snapshots", ("DELETE",), _NAMED, delete),
    Path(f"{_PATH}/snapshots/save", ("POST",), ("name", *_PART), save),
    Path(f"{_PATH}/snapshots/restore", ("POST",), _NAMED, restore),
)
