"""The control paths: what AWS does not have. Each noun has a file of its own; here they are put together."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from pocketbus.apis.control import (
    bounds,
    clock,
    explain,
    faults,
    logs,
    look,
    messages,
    passed,
    rates,
    webhooks,
)
from pocketbus.apis.control.elasticmq import STATISTICS, elasticmq_routes
from pocketbus.apis.control.health import HEALTH, health_routes
from pocketbus.apis.control.localstack import PREFIXES as LOCALSTACK_PREFIXES
from pocketbus.apis.control.localstack import LocalStack
from pocketbus.apis.control.moto import PREFIX as MOTO_PREFIX
from pocketbus.apis.control.moto import moto_routes
from pocketbus.apis.control.neighbours import PREFIXES as NEIGHBOURS_PREFIXES
from pocketbus.apis.control.neighbours import neighbour_routes, not_here
from pocketbus.apis.control.paths import ERRORS
from pocketbus.apis.control.resources import resource_routes
from pocketbus.apis.control.runtime import runtime_routes
from pocketbus.apis.control.sns import PATHS as SNS_PATHS
from pocketbus.apis.control.sns import sns_routes
from pocketbus.apis.control.sqs import PREFIX as SQS_PREFIX
from pocketbus.apis.control.sqs import sqs_routes
from pocketbus.apis.control.startup import Startup
from pocketbus.apis.control.state import state_routes
from pocketbus.apis.control.trace import trace_routes
from pocketbus.apis.control.wait import wait_routes
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.topics.signing import CERTIFICATE_NAME, CERTIFICATE_PATH

_PREFIXES = (
    "/_pocketbus/",
    *LOCALSTACK_PREFIXES,
    MOTO_PREFIX,
    *NEIGHBOURS_PREFIXES,
    *SNS_PATHS,
    SQS_PREFIX,
    STATISTICS,
)
PUBLIC = frozenset({HEALTH, CERTIFICATE_PATH, f"/{CERTIFICATE_NAME}"})
"""What is for everybody, web pages included."""
_NOUNS = (bounds, clock, explain, faults, logs, look, messages, passed, rates, webhooks)


NOTHING_MOUNTED: Mapping[str, ASGIApp] = MappingProxyType({})
METRICS = "/metrics"


def is_control(path: str) -> bool:
    """Tell the control paths from those of AWS; a queue's URL starts with an account, not with these."""
    return path in (HEALTH, METRICS) or path.startswith(_PREFIXES)


def create_control(
    engine: Engine,
    services: Iterable[str],
    startup: Startup | None = None,
    mounted: Mapping[str, ASGIApp] = NOTHING_MOUNTED,
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
        *trace_routes(engine),
        *wait_routes(engine),
        *webhooks.webhook_routes(engine),
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
