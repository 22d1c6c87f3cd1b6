"""The control paths: what AWS does not have. Each noun has a file of its own; here they are put together."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from pocketbus.apis.control import bounds, clock, explain, faults, look, messages, passed, rates
from pocketbus.apis.control.health import HEALTH, health_routes
from pocketbus.apis.control.health import PREFIXES as HEALTH_PREFIXES
from pocketbus.apis.control.origin import guarded
from pocketbus.apis.control.paths import ERRORS
from pocketbus.apis.control.sns import PATHS as SNS_PATHS
from pocketbus.apis.control.sns import sns_routes
from pocketbus.apis.control.sqs import PREFIX as SQS_PREFIX
from pocketbus.apis.control.sqs import sqs_routes
from pocketbus.apis.control.state import state_routes
from pocketbus.apis.control.trace import trace_routes
from pocketbus.apis.control.wait import wait_routes
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.topics.signing import CERTIFICATE_NAME, CERTIFICATE_PATH

_PREFIXES = ("/_pocketbus/", *HEALTH_PREFIXES, *SNS_PATHS, SQS_PREFIX)
_NOUNS = (bounds, clock, explain, faults, look, messages, passed, rates)
_PUBLIC = frozenset({HEALTH, CERTIFICATE_PATH, f"/{CERTIFICATE_NAME}"})


NOTHING_MOUNTED: Mapping[str, ASGIApp] = MappingProxyType({})
METRICS = "/metrics"


def is_control(path: str) -> bool:
    """Tell the control paths from those of AWS; a queue's URL starts with an account, not with these."""
    return path in (HEALTH, METRICS) or path.startswith(_PREFIXES)


def create_control(
    engine: Engine, services: Iterable[str], mounted: Mapping[str, ASGIApp] = NOTHING_MOUNTED
) -> ASGIApp:
    """Put the paths together; what is `mounted` answers all below its own."""
    routes = [
        *health_routes(engine, services),
        *(path.route(engine) for noun in _NOUNS for path in noun.PATHS),
        *state_routes(engine),
        *trace_routes(engine),
        *wait_routes(engine),
        *sqs_routes(engine),
        *sns_routes(engine),
    ]
    app = with_mounted(Starlette(routes=routes, exception_handlers=ERRORS), mounted)
    return guarded(app, engine.config.control_hosts, _PUBLIC)


def with_mounted(app: ASGIApp, mounted: Mapping[str, ASGIApp]) -> ASGIApp:
    """Let each of the `mounted` answer its path and all below it, and the app everything else."""

    async def choose(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        found = (one for prefix, one in mounted.items() if path == prefix or path.startswith(f"{prefix}/"))
        await next(found, app)(scope, receive, send)

    return choose
