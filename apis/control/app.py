"""The control paths: health and reset, and the same under the names that scripts for other emulators use."""

from collections.abc import Awaitable, Callable, Iterable
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from pocketbus.emulator.engine import Engine

Answering = Callable[[Request], Awaitable[Response]]

_PREFIXES = ("/_pocketbus/", "/_localstack/", "/moto-api/")
_READING = frozenset({"GET", "HEAD"})
_ANY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def is_control(path: str) -> bool:
    """Tell the control paths from those of AWS; a queue's URL starts with an account, not with these."""
    return path == "/health" or path.startswith(_PREFIXES)


def create_control(engine: Engine, services: Iterable[str]) -> ASGIApp:
    running = dict.fromkeys(services, "running")
    release = version("pocketbus")
    health = {"status": "ok", "version": release, "services": running}
    localstack_health = {"services": running, "edition": "community", "version": release}
    routes = [
        Route("/_pocketbus/health", _answering(health)),
        Route("/_pocketbus/reset", _resetting(engine, "ok"), methods=["POST"]),
        Route("/health", _answering({"status": "ok"})),
        Route("/_localstack/health", _answering(localstack_health)),
        Route("/_localstack/state/reset", _resetting(engine, "OK"), methods=["POST"]),
        Route("/moto-api/reset", _resetting(engine, "ok"), methods=["POST"]),
        Route("/moto-api/reset", _refuse_method, methods=_ANY_METHOD),
    ]
    return _same_origin(Starlette(routes=routes))


def _answering(content: dict[str, Any]) -> Answering:
    async def answer(_request: Request) -> Response:
        return JSONResponse(content)

    return answer


def _resetting(engine: Engine, status: str) -> Answering:
    async def reset(_request: Request) -> Response:
        engine.reset()
        return JSONResponse({"status": status})

    return reset


async def _refuse_method(_request: Request) -> Response:
    return JSONResponse({"error": "Only POST resets the state."}, status_code=400)


def _same_origin(app: ASGIApp) -> ASGIApp:
    """Refuse what would change something on behalf of a page that a browser loaded from elsewhere."""

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if scope["method"] in _READING or _is_own_origin(headers.get("origin"), headers.get("host", "")):
            await app(scope, receive, send)
            return
        refusal = JSONResponse({"error": "The request comes from another origin."}, status_code=403)
        await refusal(scope, receive, send)

    return guard


def _is_own_origin(origin: str | None, host: str) -> bool:
    return origin is None or urlsplit(origin).netloc == host
