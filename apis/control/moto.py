"""The paths of moto's server."""

from itertools import islice
from typing import Any

from msgspec import to_builtins
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from pocketbus.apis.control.parameters import parameters_of
from pocketbus.apis.control.paths import MOST_ITEMS, as_json
from pocketbus.apis.control.prefixes import MOTO
from pocketbus.apis.control.resetting import reset_all
from pocketbus.apis.control.startup import Startup
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.ids import Ids
from pocketbus.emulator.inspection.lists import LISTS

_ANY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
_KINDS = {
    "sqs": {"Queue": "queues"},
    "sns": {"Topic": "topics", "Subscription": "subscriptions"},
    "events": {"EventBus": "buses", "Rule": "rules", "Archive": "archives"},
}
_LARGEST_SEED = 10**18


def moto_routes(engine: Engine, startup: Startup) -> list[Route]:
    async def reset(request: Request) -> Response:
        await reset_all(engine, startup, request)
        return JSONResponse({"status": "ok"})

    async def data(_request: Request) -> Response:
        return as_json(_data(engine))

    async def dashboard(_request: Request) -> Response:
        return HTMLResponse(_dashboard(engine))

    async def seed(request: Request) -> Response:
        """Begin the choices anew, from a number."""
        number = (await parameters_of(request, ("a",))).number("a", 0, _LARGEST_SEED)
        with engine.door.entry("seed", number):
            engine.ids.restore(Ids(number).state())
        return Response()

    return [
        Route(f"{MOTO}reset", reset, methods=["POST"]),
        Route(f"{MOTO}reset", _refuse_method, methods=_ANY_METHOD),
        Route(f"{MOTO}reset-auth", _no_effect, methods=["POST"]),
        Route(f"{MOTO}data.json", data),
        Route(MOTO, dashboard),
        Route(f"{MOTO}seed", seed, methods=["POST"]),
        Route(f"{MOTO}config", _no_settings),
        Route(f"{MOTO}config", _no_settings, methods=["POST"]),
    ]


async def _refuse_method(_request: Request) -> Response:
    return JSONResponse({"error": "Only POST resets the state."}, status_code=400)


async def _no_effect(_request: Request) -> Response:
    """Answer without a change: no request is refused for want of authorization."""
    return JSONResponse({"status": "ok"})


async def _no_settings(request: Request) -> Response:
    """Answer that there are none of moto's settings, whatever is set."""
    return JSONResponse({}, 201 if request.method == "POST" else 200)


def _data(engine: Engine) -> dict[str, Any]:
    now = engine.clock.now()
    return {
        service: {
            kind: [to_builtins(one.show()) for one in islice(LISTS[noun](engine, now), MOST_ITEMS)]
            for kind, noun in kinds.items()
        }
        for service, kinds in _KINDS.items()
    }


def _dashboard(engine: Engine) -> str:
    now = engine.clock.now()
    nouns = [noun for kinds in _KINDS.values() for noun in kinds.values()]
    rows = "".join(
        f'<tr><td><a href="/_pocketbus/{noun}">{noun}</a></td>'
        f"<td>{sum(1 for _ in LISTS[noun](engine, now))}</td></tr>"
        for noun in nouns
    )
    return f"<!doctype html><title>pocketbus</title><h1>pocketbus</h1><table>{rows}</table>"
