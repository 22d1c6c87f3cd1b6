"""The statistics of ElasticMQ: how many messages a queue of the server's own account and region holds."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pocketbus.apis.control.parameters import Parameters, parameters_of
from pocketbus.apis.control.prefixes import STATISTICS
from pocketbus.apis.sqs.attributes import write_attributes
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.message import State
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.scope import Scope

_PLACE = ("account", "region")


def elasticmq_routes(engine: Engine) -> list[Route]:
    async def all_queues(request: Request) -> Response:
        scope = _scope(engine, await parameters_of(request, _PLACE))
        return JSONResponse([_counted(queue, engine.clock.now()) for queue in scope.sqs.queues.values()])

    async def one_queue(request: Request) -> Response:
        scope = _scope(engine, await parameters_of(request, _PLACE))
        queue = scope.sqs.queues.get(request.path_params["name"])
        if queue is None:
            return JSONResponse({"error": f"There is no queue {request.path_params['name']}."}, 404)
        queue.advance(engine.clock.now())
        return JSONResponse({"name": queue.name, "attributes": write_attributes(queue, ["All"])})

    return [Route(STATISTICS, all_queues), Route(f"{STATISTICS}/{{name}}", one_queue)]


def _scope(engine: Engine, parameters: Parameters) -> Scope:
    account, region = (parameters.text(name) for name in _PLACE)
    return engine.scope(account or engine.config.account, region or engine.config.region)


def _counted(queue: Queue, now: float) -> dict[str, Any]:
    queue.advance(now)
    return {
        "name": queue.name,
        "statistics": {
            "approximateNumberOfVisibleMessages": queue.count(State.READY),
            "approximateNumberOfInvisibleMessages": queue.count(State.IN_FLIGHT),
            "approximateNumberOfMessagesDelayed": queue.count(State.DELAYED),
        },
    }
