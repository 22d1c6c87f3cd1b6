"""The whole server as one ASGI application: a guard, and behind it the AWS endpoint and the control paths."""

import logging
from collections.abc import Iterable, Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

from pocketbus.apis.call import Headers
from pocketbus.apis.calls_from_within import serve_from_within
from pocketbus.apis.codec.answer import Answer
from pocketbus.apis.codec.errors import AccessDenied
from pocketbus.apis.codec.json import render
from pocketbus.apis.control.prefixes import PUBLIC, is_control
from pocketbus.apis.control.startup import Startup
from pocketbus.apis.cors import is_preflight, preflight, shared
from pocketbus.apis.dispatch import Dispatch
from pocketbus.apis.endpoint import Endpoint
from pocketbus.apis.faults import BATCHES
from pocketbus.apis.guard import Guard
from pocketbus.apis.mounted import Mounted
from pocketbus.apis.requests import Requests
from pocketbus.apis.service import Service
from pocketbus.apis.services import SERVICES
from pocketbus.emulator.engine import Engine

_MOST_TOLD = 100
"""How many refusals the log tells, each once: a page shows its maker no more than that there was one."""

_log = logging.getLogger("pocketbus")


class App:
    """Serves one engine. What has a request in hand may ask for its `answer`, and is spared ASGI's messages."""

    def __init__(self, engine: Engine, endpoint: Endpoint, control: ASGIApp, home: str | None = None) -> None:
        self._engine = engine
        self._guard = Guard(engine.config.allow_origins, engine.config.allow_hosts)
        self._refusals: set[str] = set()
        self._endpoint = endpoint
        self._control = control
        self._home = home

    @property
    def requests(self) -> Requests:
        """The requests of AWS's operations so far."""
        return self._endpoint.requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                room = self._enter(scope, dict(scope["headers"]))
                await room(scope, receive, send)
            case "lifespan":
                await _live(self._engine, receive, send)
            case "websocket":
                await send({"type": "websocket.close"})

    def answer(self, scope: Scope, headers: Headers, receive: Receive, body: bytes) -> ASGIApp:
        """Return what answers a request whose body is here: an Answer where it is carried out already."""
        room = self._enter(scope, headers)
        return self._endpoint.answer(scope, headers, receive, body) if room is self._endpoint else room

    def _enter(self, scope: Scope, headers: Headers) -> ASGIApp:
        """Return what answers a request: a room, whose answer the page that asks may read, or a refusal."""
        path = scope["path"]
        room: ASGIApp = self._endpoint
        if path != "/":
            room = self._control if is_control(path) else room
        elif scope["method"] == "GET" and self._home is not None and is_visit(scope):
            room = self._lead_to(self._home)
        try:
            origin = self._guard.origin_of(scope, headers)
        except AccessDenied as error:
            return room if path in PUBLIC else self._refuse(room, headers, error)
        if origin is None:
            return room
        if is_preflight(scope, headers):
            room = preflight(headers, self._engine.ids.request_id())
        return shared(room, origin)

    def _refuse(self, room: ASGIApp, headers: Headers, error: AccessDenied) -> ASGIApp:
        if error.message not in self._refusals and len(self._refusals) < _MOST_TOLD:
            self._refusals.add(error.message)
            _log.warning("%s", error.message)
        if room is self._control:
            request_id = self._engine.ids.request_id()
            return Answer(403, b"application/json", request_id, render({"error": error.message}))
        return self._endpoint.refuse(headers, error)

    def _lead_to(self, place: str) -> Answer:
        location = ((b"location", place.encode()),)
        return Answer(303, b"text/plain", self._engine.ids.request_id(), b"", location)


def create_app(
    engine: Engine,
    services: Iterable[Service] = SERVICES,
    default_base_url: str = "http://localhost:4566",
    startup: Startup | None = None,
    mounted: Mapping[str, ASGIApp] | None = None,
    home: str | None = None,
) -> App:
    """Bind the services to their models and the engine; raise ValueError where they do not fit.

    The engine learns which operations there are, for faults to strike at and for itself to call. `default_base_url`
    is what answers name where a client sends no usable Host, `startup` what health tells of the server around this.
    What is `mounted`, by its path, is guarded as the control paths are; a browser that asks for `/` is led to `home`.
    """
    served = tuple(services)
    for service in served:
        operations = service.model.operations.keys()
        engine.faults.know(service.name, operations, operations & BATCHES)
        serve_from_within(engine, service, default_base_url)
    endpoint = Endpoint(engine, Dispatch(served), default_base_url)

    def make_control() -> ASGIApp:
        from pocketbus.apis.control.app import create_control  # noqa: PLC0415

        return create_control(engine, [service.name for service in served], startup, mounted)

    control = Mounted(make_control)
    return App(engine, endpoint, control, home)


def is_visit(scope: Scope) -> bool:
    """Tell a browser that was pointed at the server from a client of AWS."""
    return (
        scope["method"] == "GET"
        and scope["path"] == "/"
        and not scope["query_string"]
        and any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])
    )


async def _live(engine: Engine, receive: Receive, send: Send) -> None:
    """Run the engine from the server's start-up to its shut-down."""
    await receive()
    async with engine:
        await send({"type": "lifespan.startup.complete"})
        await receive()
    await send({"type": "lifespan.shutdown.complete"})
