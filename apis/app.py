"""The whole server as one ASGI application: the AWS endpoint, and beside it the control paths."""

from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send

from pocketbus.apis.calls_from_within import serve_from_within
from pocketbus.apis.control.app import create_control, is_control
from pocketbus.apis.dispatch import Dispatch
from pocketbus.apis.endpoint import Endpoint
from pocketbus.apis.faults import BATCHES
from pocketbus.apis.service import Service
from pocketbus.apis.services import SERVICES
from pocketbus.emulator.engine import Engine


class App:
    """Serves one engine. What has a request in hand may ask for its `answer`, and is spared ASGI's messages."""

    def __init__(self, engine: Engine, endpoint: Endpoint, control: ASGIApp) -> None:
        self._engine = engine
        self._endpoint = endpoint
        self._control = control

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http" if is_control(scope["path"]):
                await self._control(scope, receive, send)
            case "http":
                await self._endpoint(scope, receive, send)
            case "lifespan":
                await _live(self._engine, receive, send)
            case "websocket":
                await send({"type": "websocket.close"})

    def answer(self, scope: Scope, receive: Receive, body: bytes) -> ASGIApp:
        """Return what answers a request whose body is here: an Answer where it is carried out already."""
        path = scope["path"]
        if path != "/" and is_control(path):
            return self._control
        return self._endpoint.answer(scope, receive, body)


def create_app(
    engine: Engine,
    services: Iterable[Service] = SERVICES,
    default_base_url: str = "http://localhost:4566",
) -> App:
    """Bind the services to their models and the engine; raise ValueError where they do not fit.

    The engine learns which operations there are, for faults to strike at and for itself to call. `default_base_url`
    is what answers name where a client sends no usable Host.
    """
    served = tuple(services)
    for service in served:
        operations = service.model.operations.keys()
        engine.faults.know(service.name, operations, operations & BATCHES)
        serve_from_within(engine, service, default_base_url)
    endpoint = Endpoint(engine, Dispatch(served), default_base_url)
    control = create_control(engine, [service.name for service in served])

    return App(engine, endpoint, control)


async def _live(engine: Engine, receive: Receive, send: Send) -> None:
    """Run the engine from the server's start-up to its shut-down."""
    await receive()
    async with engine:
        await send({"type": "lifespan.startup.complete"})
        await receive()
    await send({"type": "lifespan.shutdown.complete"})
