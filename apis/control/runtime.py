"""Lambda's Runtime API for each function, where its workers ask for invocations; and the code that was uploaded.

A runtime interface client comes here with AWS_LAMBDA_RUNTIME_API=HOST:PORT/_pocketbus/functions/NAME, where a
function of another account or region is named by its ARN. `pocketbus lambda run` does it for clients that take no path.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pocketbus.apis.codec.errors import RequestEntityTooLarge
from pocketbus.apis.control.paths import as_json, while_connected
from pocketbus.apis.endpoint import read_body
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.functions.functions import Function
from pocketbus.emulator.functions.invocation import LONGEST_SECONDS, UNHANDLED, Invocation, Result, failure
from pocketbus.emulator.time.clock import system_time

WORKER = "pocketbus-worker"
"""The header by which `pocketbus lambda run` names the process that it started."""

TIMEOUT = "pocketbus-timeout"
"""The header that says `off` where somebody stands in a debugger."""

_FUNCTION = "/_pocketbus/functions/{function}"
_RUNTIME = f"{_FUNCTION}/2018-06-01/runtime"
_RESPONSE_BYTES = 6 * 1024 * 1024 + 100
_ACCEPTED = {"status": "OK"}

Answer = Callable[[Engine, Request, Function], Awaitable[Response]]


async def _next(engine: Engine, request: Request, function: Function) -> Response:
    timed = request.headers.get(TIMEOUT) != "off"
    worker = request.headers.get(WORKER, "")
    if not function.attached.present:
        _note(engine, "attached", function, worker, "a worker asks for invocations")
    invocation = await while_connected(request, function.attached.next(worker, timed=timed))
    if invocation is None:
        return _error(503, "Unavailable", "The worker has been told to leave.")
    seconds = invocation.timeout_seconds if timed else LONGEST_SECONDS
    return Response(
        invocation.payload,
        headers=_headers(invocation, system_time() + seconds),
        media_type="application/json",
    )


def _headers(invocation: Invocation, deadline_at: float) -> dict[str, str]:
    """The deadline is by the worker's own clock, which the emulator's may be far from."""
    headers = {
        "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
        "Lambda-Runtime-Deadline-Ms": str(int(1000 * deadline_at)),
        "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
    }
    if invocation.client_context is not None:
        headers["Lambda-Runtime-Client-Context"] = invocation.client_context
    return headers


async def _respond(_engine: Engine, request: Request, function: Function) -> Response:
    try:
        result = Result(await _body(request))
    except RequestEntityTooLarge:
        message = f"Response payload size exceeded maximum allowed payload size ({_RESPONSE_BYTES} bytes)."
        function.attached.answer(_request_id(request), failure("Function.ResponseSizeTooLarge", message))
        return _error(413, "RequestEntityTooLarge", message)
    return _answered(request, function, result)


async def _fail(_engine: Engine, request: Request, function: Function) -> Response:
    return _answered(request, function, Result(await _body(request), UNHANDLED))


async def _fail_to_begin(engine: Engine, request: Request, function: Function) -> Response:
    """Tell of a worker that could not load the function. What waits goes on waiting for one that can."""
    said = str(Result(await _body(request), UNHANDLED))
    _note(engine, "failed", function, request.headers.get(WORKER, ""), said)
    return as_json(_ACCEPTED, 202)


async def _leave(engine: Engine, request: Request, function: Function) -> Response:
    worker, reason = request.path_params["worker"], request.query_params.get("reason", "Runtime exited")
    was_present = function.attached.present
    function.attached.leave(worker, reason)
    if was_present and not function.attached.present:
        _note(engine, "detached", function, worker, reason)
    return as_json(_ACCEPTED)


def _note(engine: Engine, verb: str, function: Function, worker: str, why: str) -> None:
    engine.trace.record(engine.clock.now(), verb, function.arn, worker, why)


async def _code(engine: Engine, _request: Request, function: Function) -> Response:
    deployed = engine.functions.deployed(function.arn)
    zip_file = None if deployed is None else deployed.latest.code.zip_file
    if zip_file is None:
        raise HTTPException(404, f"No code of {function.arn} was uploaded here.")
    return Response(zip_file, media_type="application/zip")


def _answered(request: Request, function: Function, result: Result) -> Response:
    request_id = _request_id(request)
    if not function.attached.answer(request_id, result):
        return _error(400, "InvalidRequestID", f"There is no invocation {request_id} under way.")
    return as_json(_ACCEPTED, 202)


def _error(status: int, kind: str, message: str) -> Response:
    return as_json({"errorType": kind, "errorMessage": message}, status)


def _request_id(request: Request) -> str:
    return str(request.path_params["request_id"])


async def _body(request: Request) -> bytes:
    return await read_body(dict(request.scope["headers"]), request.receive, _RESPONSE_BYTES)


def runtime_routes(engine: Engine) -> list[Route]:
    return [
        _route(engine, f"{_RUNTIME}/invocation/next", "GET", _next),
        _route(engine, f"{_RUNTIME}/invocation/{{request_id}}/response", "POST", _respond),
        _route(engine, f"{_RUNTIME}/invocation/{{request_id}}/error", "POST", _fail),
        _route(engine, f"{_RUNTIME}/init/error", "POST", _fail_to_begin),
        _route(engine, f"{_FUNCTION}/workers/{{worker}}", "DELETE", _leave),
        _route(engine, f"{_FUNCTION}/code", "GET", _code),
    ]


def _route(engine: Engine, path: str, method: str, answer: Answer) -> Route:
    async def endpoint(request: Request) -> Response:
        function = engine.functions.at(_arn(engine, request.path_params["function"]))
        return await answer(engine, request, function)

    route = Route(path, endpoint)
    route.methods = {method}
    return route


def _arn(engine: Engine, name: str) -> str:
    arn = Arn.parse(name)
    if arn is None:
        arn = Arn.of("lambda", engine.config.region, engine.config.account, f"function:{name}")
    if arn.service != "lambda" or arn.kind != "function" or arn.resource.count(":") != 1:
        raise HTTPException(404, f"{name} is neither the name nor the ARN of a function.")
    return str(arn)
