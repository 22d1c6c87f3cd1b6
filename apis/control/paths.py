"""What the control paths have in common: how one is declared, how it is answered, how its errors are told."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pocketbus.apis.call import DisconnectedError
from pocketbus.apis.codec.errors import RequestEntityTooLarge
from pocketbus.apis.control.parameters import ParameterError, Parameters, parameters_of
from pocketbus.apis.seeds.errors import SeedingError
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import EngineError, ResourceNotFoundError
from pocketbus.emulator.inspection.expression import ExpressionError
from pocketbus.emulator.inspection.trace import SelectionError
from pocketbus.emulator.logs.store import UnreadableError
from pocketbus.emulator.state.document import StateError
from pocketbus.emulator.state.snapshots import SnapshotError
from pocketbus.emulator.trouble.effects import FaultError

Answer = Callable[[Engine, Parameters], Awaitable[Any]]

ITEMS, MOST_ITEMS = 100, 1000
"""How many items one answer holds, if nothing else is asked for, and at most."""


class Path(Struct, frozen=True):
    """One control path: its methods, its parameters by name, and what answers it, with a Response or JSON."""

    path: str
    methods: tuple[str, ...]
    parameters: tuple[str, ...]
    answer: Answer

    def route(self, engine: Engine) -> Route:
        async def endpoint(request: Request) -> Response:
            given = await parameters_of(request, self.parameters)
            content = await while_connected(request, self.answer(engine, given))
            return content if isinstance(content, Response) else as_json(content)

        route = Route(self.path, endpoint)
        # Without HEAD, which Starlette adds to GET: a stream that nobody reads would be open for ever.
        route.methods = set(self.methods)
        return route


def as_json(content: Any, status: int = 200) -> Response:
    """Write JSON in ASCII, which has a place for every text that a message can hold."""
    return Response(json.dumps(content), status, media_type="application/json")


class Seats:
    """A bound on what is open at a time."""

    def __init__(self, limit: int, what: str) -> None:
        self._limit = limit
        self._what = what
        self._taken = 0

    def take(self) -> None:
        """Take one of the seats; answer 429 if there is none."""
        if self._taken >= self._limit:
            raise HTTPException(429, f"No more than {self._limit} {self._what} can be open at a time.")
        self._taken += 1

    def leave(self) -> None:
        self._taken -= 1


async def while_connected(request: Request, answer: Awaitable[Any]) -> Any:
    """Await an answer; it is cancelled when its client goes away. Raise DisconnectedError then."""
    task = asyncio.ensure_future(answer)
    watcher = asyncio.ensure_future(_departure(request))
    try:
        await asyncio.wait((task, watcher), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise DisconnectedError
        return task.result()
    finally:
        for pending in (task, watcher):
            pending.cancel()
        await asyncio.wait((task, watcher))


async def _departure(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _http_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


async def _client_error(_request: Request, error: Exception) -> Response:
    status = next(status for kind, status in _STATUSES.items() if isinstance(error, kind))
    return JSONResponse({"error": error.message if isinstance(error, EngineError) else str(error)}, status)


async def _left(_request: Request, _error: Exception) -> Response:
    """Answer a client that is gone, or that broke its body off, with nginx's status for it."""
    return Response(status_code=499)


_STATUSES: dict[type[Exception], int] = {
    ParameterError: 400,
    ExpressionError: 400,
    SelectionError: 400,
    FaultError: 400,
    ResourceNotFoundError: 404,
    SnapshotError: 400,
    StateError: 400,
    SeedingError: 400,
    RequestEntityTooLarge: 413,
    EngineError: 400,
    UnreadableError: 500,
}

ERRORS: dict[Any, Callable[[Request, Exception], Awaitable[Response]]] = {
    HTTPException: _http_error,
    DisconnectedError: _left,
    **dict.fromkeys(_STATUSES, _client_error),
}
