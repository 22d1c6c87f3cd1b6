"""What a source that is not emulated would give a pipe: fed by a test."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pocketbus.apis.control.parameters import ParameterError, parameters_of
from pocketbus.apis.control.paths import as_json
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.consumers import find_pipe
from pocketbus.emulator.pipes.pipe import DELETING

_MOST = 10_000


def pipe_routes(engine: Engine) -> list[Route]:
    async def feed(request: Request) -> Response:
        given = await parameters_of(request, ("records", "account", "region"))
        pipe = find_pipe(engine, request.path_params["name"], given.account(), given.region())
        if pipe.polls:
            raise ParameterError(f"The source of {pipe.name} is a queue: send the messages there.")
        if pipe.state(engine.clock.now()) == DELETING:
            raise HTTPException(409, f"The pipe {pipe.name} is being deleted.")
        return as_json({"records": pipe.feed(_records(given.value("records")), engine.clock.now())})

    route = Route("/_pocketbus/pipes/{name:path}/records", feed)
    route.methods = {"POST"}
    return [route]


def _records(given: Any) -> list[dict[str, Any]]:
    if not isinstance(given, list) or not all(isinstance(record, dict) for record in given):
        raise ParameterError("Give records, a list of objects as the source would give them.")
    if len(given) > _MOST:
        raise ParameterError(f"No more than {_MOST} records can be fed at a time.")
    return given
