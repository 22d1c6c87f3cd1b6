"""Health, under the names that scripts for other emulators use: 503 until the server is seeded; HTTPS's certificate."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pocketbus.apis.control.prefixes import HEALTH
from pocketbus.apis.control.startup import Startup
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.version import VERSION

Answering = Callable[[Request], Awaitable[Response]]


def health_routes(engine: Engine, startup: Startup, services: Iterable[str]) -> list[Route]:
    running = dict.fromkeys(services, "running")
    health = _answering(startup, {"status": "ok", "version": VERSION, "services": running})
    short = _answering(startup, {"status": "ok"})
    return [
        Route("/_pocketbus/certificate.pem", _certificate(engine)),
        Route("/_pocketbus/health", health),
        Route("/_ministack/health", health),
        Route("/_ministack/ready", short),
        Route("/_fakecloud/health", health),
        Route(HEALTH, short),
    ]


def status_of(startup: Startup) -> int:
    return 200 if startup.ready else 503


def _answering(startup: Startup, content: Mapping[str, Any]) -> Answering:
    async def answer(_request: Request) -> Response:
        if startup.ready:
            return JSONResponse(content)
        return JSONResponse({**content, "status": "starting"}, status_of(startup))

    return answer


def _certificate(engine: Engine) -> Answering:
    async def answer(_request: Request) -> Response:
        certificate = engine.config.certificate
        if certificate is None:
            return JSONResponse({"error": "There is no certificate: start with --tls self-signed."}, 404)
        return Response(certificate, media_type="application/x-pem-file")

    return answer
