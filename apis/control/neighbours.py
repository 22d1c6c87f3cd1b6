"""Paths of further emulators: to reset, to fire a rule; and for what is not here, where to find the like of it."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from pocketbus.apis.control.parameters import ParameterError, parameters_of
from pocketbus.apis.control.resetting import reset, reset_all
from pocketbus.apis.control.startup import Startup
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.buses.bus import DEFAULT_BUS, Bus
from pocketbus.emulator.buses.rule import Rule
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import ResourceNotFoundError
from pocketbus.emulator.inspection.find import find
from pocketbus.emulator.state.document import Part
from pocketbus.emulator.topics.signing import certificate

_INSTEAD = {
    "/_fauxqs/": "GET /_pocketbus/queues and /_pocketbus/messages?queue=NAME show what there is",
    "/_ministack/": "GET /_pocketbus/messages?queue=NAME shows messages, the settings are the command's options",
    "/_fakecloud/": "GET /_pocketbus/messages, /_pocketbus/trace and /_pocketbus/outbox show what happened",
    "/_robotocore/": "/_pocketbus/state, /_pocketbus/faults and /_pocketbus/trace do the like",
    "/_aws/": "GET /_pocketbus/outbox and /_pocketbus/messages?queue=NAME show what left and what waits",
    "/moto-api/": "GET /_pocketbus/trace tells what happened",
    "/_localstack/": "GET /_pocketbus/health, /_pocketbus/queues and /_pocketbus/state say the like",
}
Answering = Callable[[Request], Awaitable[Response]]


def neighbour_routes(engine: Engine, startup: Startup) -> list[Route]:
    return [
        *_resets(engine, startup),
        *_firing(engine),
        Route("/SimpleNotificationService/{name}.pem", _certificate),
    ]


def _resets(engine: Engine, startup: Startup) -> list[Route]:
    def resetting(name: str) -> Answering:
        async def answer(request: Request) -> Response:
            await reset_all(engine, startup, request)
            return JSONResponse({name: "ok"})

        return answer

    async def reset_service(request: Request) -> Response:
        part = Part(service=request.path_params["service"])
        await reset(engine, startup, await parameters_of(request, ("init",)), part)
        return JSONResponse({"status": "ok"})

    return [
        Route("/_ministack/reset", resetting("reset"), methods=["POST"]),
        Route("/_fakecloud/reset", resetting("status"), methods=["POST"]),
        Route("/_fakecloud/reset/{service}", reset_service, methods=["POST"]),
        Route("/_robotocore/state/reset", resetting("status"), methods=["POST"]),
    ]


def _firing(engine: Engine) -> list[Route]:
    def fired(bus: Bus, name: str) -> Response:
        rule = bus.rules.get(name)
        if rule is None:
            raise ResourceNotFoundError(f"There is no rule {name} on the bus {bus.name}.")
        return _fire(engine, bus, rule)

    async def by_arn(request: Request) -> Response:
        arn = request.path_params["arn"]
        bus, _, name = arn.partition(":rule/")[2].rpartition("/")
        parsed = Arn.parse(arn)
        if parsed is None:
            raise ResourceNotFoundError(f"{arn} is no ARN of a rule.")
        return fired(find(engine, Bus, bus or DEFAULT_BUS, parsed.account, parsed.region), name)

    async def by_name(request: Request) -> Response:
        parameters = await parameters_of(request, ("busName", "ruleName"))
        bus = find(engine, Bus, parameters.text("busName") or DEFAULT_BUS)
        return fired(bus, parameters.required("ruleName"))

    return [
        Route("/_aws/events/rules/{arn:path}/trigger", by_arn),
        Route("/_fakecloud/events/fire-rule", by_name, methods=["POST"]),
    ]


def _fire(engine: Engine, bus: Bus, rule: Rule) -> Response:
    if rule.settings.schedule is None:
        raise ParameterError(f"The rule {rule.name} has no schedule that could fire.")
    now = engine.clock.now()
    with engine.door.entry("fire rule", bus.arn, rule.name, now):
        rule.fire(now, now)
    return JSONResponse({"status": "ok"})


async def _certificate(_request: Request) -> Response:
    return Response(certificate(), media_type="application/x-pem-file")


async def not_here(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a control path that there is not, with what does the like."""
    path = scope["path"]
    hints = (hint for prefix, hint in _INSTEAD.items() if path.startswith(prefix))
    error = f"{path} is not here; {next(hints, 'docs/COMPAT.md lists what is')}."
    await JSONResponse({"error": error}, 404)(scope, receive, send)
