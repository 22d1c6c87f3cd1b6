"""The state: reset, exported, imported, whole or in part; and snapshots of it by name."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pocketbus.apis.control.parameters import Parameters, json_object
from pocketbus.apis.control.paths import Path, as_json
from pocketbus.apis.endpoint import read_body
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.state.document import (
    Part,
    export_state,
    import_state,
    reset_state,
    restore_snapshot,
    save_snapshot,
)
from pocketbus.emulator.state.snapshots import MOST_BYTES

_PART = ("account", "region", "service")
_NAMED = ("name", "account")
_PATH = "/_pocketbus/state"


async def export(engine: Engine, parameters: Parameters) -> Response:
    return as_json(export_state(engine, _part(parameters)))


async def reset(engine: Engine, parameters: Parameters) -> dict[str, str]:
    reset_state(engine, _part(parameters))
    return {"status": "ok"}


async def snapshots(engine: Engine, _parameters: Parameters) -> dict[str, Any]:
    shown = [
        {"name": one.name, "account": one.account, "taken_at": one.taken_at, "size": len(one.document)}
        for one in engine.snapshots
    ]
    return {"snapshots": shown}


async def save(engine: Engine, parameters: Parameters) -> dict[str, str]:
    save_snapshot(engine, parameters.required("name"), _part(parameters))
    return {"status": "ok"}


async def restore(engine: Engine, parameters: Parameters) -> dict[str, str]:
    restore_snapshot(engine, parameters.required("name"), parameters.account())
    return {"status": "ok"}


async def delete(engine: Engine, parameters: Parameters) -> dict[str, str]:
    engine.snapshots.delete(parameters.required("name"), parameters.account())
    return {"status": "ok"}


def _part(parameters: Parameters) -> Part:
    return Part(parameters.account(), parameters.region(), parameters.text("service"))


def state_routes(engine: Engine) -> list[Route]:
    async def take(request: Request) -> Response:
        """Import the document that the body is."""
        body = await read_body(dict(request.scope["headers"]), request.receive, MOST_BYTES)
        import_state(engine, json_object(body))
        return as_json({"status": "ok"})

    return [Route(_PATH, take, methods=["PUT"]), *(path.route(engine) for path in _PATHS)]


_PATHS = (
    Path(_PATH, ("GET",), _PART, export),
    Path(f"{_PATH}/reset", ("POST",), _PART, reset),
    Path("/_pocketbus/reset", ("POST",), _PART, reset),
    Path(f"{_PATH}/snapshots", ("GET",), (), snapshots),
    Path(f"{_PATH}/snapshots", ("DELETE",), _NAMED, delete),
    Path(f"{_PATH}/snapshots/save", ("POST",), ("name", *_PART), save),
    Path(f"{_PATH}/snapshots/restore", ("POST",), _NAMED, restore),
)
