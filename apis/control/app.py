"""The control paths: what AWS does not have. Each noun has a file of its own; here they are put together."""

from collections.abc import Iterable, Mapping

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from pocketbus.apis.control import bounds, clock, explain, faults, look, messages, passed, rates
from pocketbus.apis.control.elasticmq import elasticmq_routes
from pocketbus.apis.control.health import health_routes
from pocketbus.apis.control.localstack import LocalStack
from pocketbus.apis.control.moto import moto_routes
from pocketbus.apis.control.neighbours import neighbour_routes, not_here
from pocketbus.apis.control.paths import ERRORS
from pocketbus.apis.control.pipes import pipe_routes
from pocketbus.apis.control.resources import resource_routes
from pocketbus.apis.control.runtime import runtime_routes
from pocketbus.apis.control.sns import sns_routes
from pocketbus.apis.control.sqs import sqs_routes
from pocketbus.apis.control.startup import Startup
from pocketbus.apis.control.state import state_routes
from pocketbus.apis.control.trace import trace_routes
from pocketbus.apis.control.wait import wait_routes
from pocketbus.emulator.engine import Engine

_NOUNS = (bounds, clock, explain, faults, look, messages, passed, rates)


def create_control(
    engine: Engine,
    services: Iterable[str],
    startup: Startup | None = None,
    mounted: Mapping[str, ASGIApp] | None = None,
) -> ASGIApp:
    """Put the paths together; what is `mounted` answers all below its own.

    `startup` tells how far the server has come, by default that it is ready.
    """
    startup = startup or Startup()
    served = tuple(services)
    routes = [
        *health_routes(engine, startup, served),
        *LocalStack(engine, startup, served).routes(),
        *(path.route(engine) for noun in _NOUNS for path in noun.PATHS),
        *resource_routes(engine),
        *state_routes(engine, startup),
        *runtime_routes(engine),
        *pipe_routes(engine),
        *trace_routes(engine),
        *wait_routes(engine),
        *sqs_routes(engine),
        *sns_routes(engine),
        *moto_routes(engine, startup),
        *elasticmq_routes(engine),
        *neighbour_routes(engine, startup),
    ]
    app = Starlette(routes=routes, exception_handlers=ERRORS)
    app.router.default = not_here
    return with_mounted(app, mounted) if mounted else app


def with_mounted(app: ASGIApp, mounted: Mapping[str, ASGIApp]) -> ASGIApp:
    """Let each of the `mounted` answer its path and all below it, and the app everything else."""

    async def choose(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        found = (one for prefix, one in mounted.items() if path == prefix or path.startswith(f"{prefix}/"))
        await next(found, app)(scope, receive, send)

    return choose
