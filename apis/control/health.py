"""Health, the certificate of HTTPS, and reset under the names that scripts for other emulators use."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pocketbus.emulator.engine import Engine
from pocketbus.emulator.version import VERSION

Answering = Callable[[Request], Awaitable[Response]]

HEALTH = "/health"
PREFIXES = ("/_localstack/", "/moto-api/")
_ANY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def health_routes(engine: Engine, services: Iterable[str]) -> list[Route]:
    running = dict.fromkeys(services, "running")
    health = {"status": "ok", "version": VERSION, "services": running}
    localstack_health = {"services": running, "edition": "community", "version": VERSION}
    return [
        Route("/_pocketbus/certificate.pem", _certificate(engine)),
        Route("/_pocketbus/health", _answering(health)),
        Route(HEALTH, _answering({"status": "ok"})),
        Route("/_localstack/health", _answering(localstack_health)),
        Route("/_localstack/state/reset", _resetting(engine, "OK"), methods=["POST"]),
        Route("/moto-api/reset", _resetting(engine, "ok"), methods=["POST"]),
        Route("/moto-api/reset", _refuse_method, methods=_ANY_METHOD),
    ]


def _answering(content: dict[str, Any]) -> Answering:
    async def answer(_request: Request) -> Response:
        return JSONResponse(content)

    return answer


def _certificate(engine: Engine) -> Answering:
    async def answer(_request: Request) -> Response:
        certificate = engine.config.certificate
        if certificate is None:
            return JSONResponse({"error": "There is no certificate: start with --tls self-signed."}, 404)
        return Response(certificate, media_type="application/x-pem-file")

    return answer


def _resetting(engine: Engine, status: str) -> Answering:
    async def reset(_request: Request) -> Response:
        engine.reset()
        return JSONResponse({"status": status})

    return reset


async def _refuse_method(_request: Request) -> Response:
    return JSONResponse({"error": "Only POST resets the state."}, status_code=400)
