"""The URLs to which providers of webhooks send their events, and the secrets that a test needs to stand for one."""

from base64 import b64encode
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pocketbus.apis.call import DisconnectedError
from pocketbus.apis.codec.errors import RequestEntityTooLarge
from pocketbus.apis.control.parameters import Parameters
from pocketbus.apis.control.paths import Path
from pocketbus.apis.endpoint import read_body
from pocketbus.emulator.custombuses.bus import CustomBus
from pocketbus.emulator.custombuses.event import BYTES
from pocketbus.emulator.custombuses.source import Source
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import InvalidStateException
from pocketbus.emulator.inspection.logs import find_webhook, webhooks
from pocketbus.emulator.limits import PUT_EVENTS_BYTES
from pocketbus.rules.event import decode

PREFIX: Final = "/_pocketbus/webhooks/"


def webhook_routes(engine: Engine) -> list[Route]:
    async def receive(request: Request) -> Response:
        source = _source(engine, request.path_params["identifier"])
        if source is None or source.revoked:
            return _refusal(404, "There is no such webhook.")
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            body = await read_body(dict(request.scope["headers"]), request.receive, PUT_EVENTS_BYTES)
        except RequestEntityTooLarge as error:
            return _refusal(413, error.message)
        except DisconnectedError:
            return Response(status_code=499)
        if not source.admits(headers, body, engine.clock.now()):
            return _refusal(401, "The request does not prove that it is the provider's own.")
        return _take(engine, source, headers, body)

    return [Route(f"{PREFIX}{{identifier}}", receive, methods=["POST"])]


def _take(engine: Engine, source: Source, headers: dict[str, str], body: bytes) -> Response:
    now = engine.clock.now()
    bus = engine.resources.get(source.bus_arn)
    if not isinstance(bus, CustomBus):
        return _refusal(503, "The event bus does not exist any more.")
    try:
        bus.check(now, "UPDATING")
    except InvalidStateException as error:
        return _refusal(503, error.message)
    kind, text = _content(headers, body)
    put = bus.receive(
        text,
        kind,
        source.metadata(headers),
        owner=source.owner,
        once=source.settings.content_based,
        now=now,
    )
    return JSONResponse({"eventId": put.event_id})


def _content(headers: dict[str, str], body: bytes) -> tuple[str, str]:
    """Return the type and the text of a request: JSON where it says that it is, and is it; else bytes in base64."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    text = _json_text(body) if kind == "application/json" or kind.endswith("+json") else None
    return (BYTES, b64encode(body).decode("ascii")) if text is None else (kind, text)


def _json_text(body: bytes) -> str | None:
    try:
        text = body.decode()
        decode(text)
    except ValueError:
        return None
    return text


def _refusal(status: int, why: str) -> Response:
    return JSONResponse({"message": why}, status)


def _source(engine: Engine, identifier: str) -> Source | None:
    return next((one for one in webhooks(engine) if one.arn.endswith(f"/{identifier}")), None)


async def secret(engine: Engine, parameters: Parameters) -> dict[str, Any]:
    """Answer with the secret of a webhook's ARN, as Secrets Manager would."""
    arn = parameters.required("source")
    source, credential = find_webhook(engine, arn)
    return {"secret_arn": credential.arn, "secret": credential.secret, "url": source.url}


PATHS = (Path("/_pocketbus/webhook-secret", ("GET",), ("source",), secret),)
