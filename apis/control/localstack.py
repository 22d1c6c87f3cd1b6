"""The paths of LocalStack that say how it is, which Floci has under a name of its own too."""

import json
import platform
import sys
from collections.abc import Iterable
from copy import deepcopy
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from pocketbus.apis.control.health import status_of
from pocketbus.apis.control.parameters import Parameters, json_object
from pocketbus.apis.control.prefixes import LOCALSTACK
from pocketbus.apis.control.resetting import reset, reset_all
from pocketbus.apis.control.startup import STAGES, Script, Startup
from pocketbus.apis.endpoint import read_body
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.time.duration import iso
from pocketbus.emulator.version import VERSION

_MOST_NOTE_BYTES = 64 * 1024
_EDITION = "community"


class LocalStack:
    """What the paths tell; `notes` are what clients put into the answer on health."""

    def __init__(self, engine: Engine, startup: Startup, services: Iterable[str]) -> None:
        self._engine = engine
        self._startup = startup
        self._services = dict.fromkeys(services, "running")
        self._began_at = engine.clock.now()
        self._notes: dict[str, Any] = {}

    def routes(self) -> list[Route]:
        """Make the routes; each is below every prefix."""
        return [
            Route(prefix + path, endpoint, methods=methods)
            for prefix in LOCALSTACK
            for path, endpoint, methods in (
                ("health", self.health, ["GET"]),
                ("health", self.note, ["PUT"]),
                ("health", self.act, ["POST"]),
                ("info", self.info, ["GET"]),
                ("init", self.init, ["GET"]),
                ("init/{stage}", self.init, ["GET"]),
                ("config", self.config, ["GET", "POST"]),
                ("diagnose", self.diagnose, ["GET"]),
                ("state/reset", self.reset, ["POST"]),
            )
        ]

    async def health(self, _request: Request) -> Response:
        return JSONResponse(self._health(), status_of(self._startup))

    async def note(self, request: Request) -> Response:
        """Put what a client says of itself into the answer on health; colons in a name nest."""
        body = await read_body(dict(request.scope["headers"]), request.receive, _MOST_NOTE_BYTES)
        notes = deepcopy(self._notes)
        for name, value in json_object(body).items():
            _nest(notes, name.split(":"), value)
        if len(json.dumps(notes)) > _MOST_NOTE_BYTES:
            return JSONResponse({"error": f"No more than {_MOST_NOTE_BYTES} bytes are kept here."}, 413)
        self._notes = notes
        return JSONResponse({"status": "OK"})

    async def act(self, request: Request) -> Response:
        """Restart, which is a reset with the seed anew, or kill."""
        body = await read_body(dict(request.scope["headers"]), request.receive)
        match json_object(body).get("action"):
            case "restart":
                await reset(self._engine, self._startup, Parameters({"init": True}, ("init",)))
            case "kill" if self._startup.end is not None:
                self._startup.end()
            case "kill":
                return JSONResponse({"error": "This server ends with the program that it is a part of."}, 400)
            case _:
                return JSONResponse({"error": "The action is restart or kill."}, 400)
        return PlainTextResponse("ok")

    async def info(self, _request: Request) -> Response:
        return JSONResponse(self._info())

    async def init(self, request: Request) -> Response:
        stage = request.path_params.get("stage", "").upper()
        if not stage:
            return JSONResponse(self._init())
        if stage not in STAGES:
            return JSONResponse({"error": f"There is no stage {stage}; there are {', '.join(STAGES)}."}, 404)
        scripts = [_script(one) for one in self._startup.scripts if one.stage == stage]
        return JSONResponse({"completed": self._startup.completed[stage], "scripts": scripts})

    async def config(self, request: Request) -> Response:
        if not self._startup.variables.get("ENABLE_CONFIG_UPDATES"):
            return JSONResponse({"error": "Set ENABLE_CONFIG_UPDATES=1 to see the settings here."}, 404)
        if request.method == "POST":
            error = "Settings are read at the start: set the variable, and start again."
            return JSONResponse({"error": error}, 400)
        return JSONResponse(dict(self._startup.variables))

    async def diagnose(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "version": {"pocketbus": VERSION, "python": sys.version},
                "info": self._info(),
                "health": self._health(),
                "init": self._init(),
                "config": dict(self._startup.variables),
            }
        )

    async def reset(self, request: Request) -> Response:
        await reset_all(self._engine, self._startup, request)
        return JSONResponse({"status": "OK"})

    def _health(self) -> dict[str, Any]:
        return {**self._notes, "services": self._services, "edition": _EDITION, "version": VERSION}

    def _info(self) -> dict[str, Any]:
        now = self._engine.clock.now()
        return {
            "version": VERSION,
            "edition": _EDITION,
            "is_license_activated": False,
            "session_id": f"pocketbus-{self._began_at:.0f}",
            "machine_id": "pocketbus",
            "system": platform.system().lower(),
            "is_docker": Path("/.dockerenv").exists(),
            "server_time_utc": iso(now)[:19],
            "uptime": int(now - self._began_at),
        }

    def _init(self) -> dict[str, Any]:
        return {
            "completed": dict(self._startup.completed),
            "scripts": [_script(one) for one in self._startup.scripts],
        }


def _script(script: Script) -> dict[str, str]:
    return {"stage": script.stage, "name": script.name, "state": script.state}


def _nest(notes: dict[str, Any], names: list[str], value: Any) -> None:
    *above, last = names
    for name in above:
        below = notes.setdefault(name, {})
        notes = below if isinstance(below, dict) else notes
    notes[last] = value
