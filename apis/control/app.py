"""The control paths: what AWS does not have. Each noun has a file of its own; here they are put together."""

from collections.abc import Iterable

from starlette.applications import Starlette
from starlette.types import ASGIApp

from pocketbus.apis.control import clock, explain, faults, look
from pocketbus.apis.control.health import HEALTH, health_routes
from pocketbus.apis.control.health import PREFIXES as HEALTH_PREFIXES
from pocketbus.apis.control.origin import guarded
from pocketbus.apis.control.paths import ERRORS
from pocketbus.apis.control.runtime import runtime_routes
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
_PUBLIC = frozenset({HEALTH, CERTIFICATE_PATH, f"/{CERTIFICATE_NAME}"})


def is_control(path: str) -> bool:
    """Tell the control paths from those of AWS; a queue's URL starts with an account, not with these."""
    return path == HEALTH or path.startswith(_PREFIXES)


def create_control(engine: Engine, services: Iterable[str]) -> ASGIApp:
    routes = [
        *health_routes(engine, services),
        *(path.route(engine) for path in (*clock.PATHS, *explain.PATHS, *faults.PATHS, *look.PATHS)),
        *state_routes(engine),
        *runtime_routes(engine),
        *trace_routes(engine),
        *wait_routes(engine),
        *sqs_routes(engine),
        *sns_routes(engine),
    ]
    app = Starlette(routes=routes, exception_handlers=ERRORS)
    return guarded(app, engine.config.control_hosts, _PUBLIC)
