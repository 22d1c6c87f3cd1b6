"""The whole server as one ASGI application: the AWS endpoint, and beside it the control paths."""

from collections.abc import Iterable, Mapping

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pocketbus.apis.calls_from_within import serve_from_within
from pocketbus.apis.control.app import NOTHING_MOUNTED, create_control, is_control
from pocketbus.apis.dispatch import Dispatch
from pocketbus.apis.endpoint import Endpoint
from pocketbus.apis.faults import BATCHES
from pocketbus.apis.requests import Requests
from pocketbus.apis.service import Service
from pocketbus.apis.services import SERVICES
from pocketbus.emulator.engine import Engine


class App:
    """Serves one engine. What has a request in hand may ask for its `answer`, and is spared ASGI's messages."""

    def __init__(self, engine: Engine, endpoint: Endpoint, control: ASGIApp, home: str | None = None) -> None:
        self._engine = engine
        self._endpoint = endpoint
        self._control = control
        self._home = None if home is None else RedirectResponse(home, 303)

    @property
    def requests(self) -> Requests:
        """The requests of AWS's operations so far."""
        return self._endpoint.requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http" if self._home is not None and is_visit(scope):
                await self._home(scope, receive, send)
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
        if path != "/":
            if is_control(path):
                return self._control
        elif self._home is not None and is_visit(scope):
            return self._home
        return self._endpoint.answer(scope, receive, body)


def create_app(
    engine: Engine,
    services: Iterable[Service] = SERVICES,
    default_base_url: str = "http://localhost:4566",
    mounted: Mapping[str, ASGIApp] = NOTHING_MOUNTED,
    home: str | None = None,
) -> App:
    """Bind the services to their models and the engine; raise ValueError where they do not fit.

    The engine learns which operations there are, for faults to strike at and for itself to call. `default_base_url`
    is what answers name where a client sends no usable Host. What is `mounted`, by its path, is guarded as the control
    paths are; a browser that asks for `/` is led to `home`.
    """
    served = tuple(services)
    for service in served:
        operations = service.model.operations.keys()
        engine.faults.know(service.name, operations, operations & BATCHES)
        serve_from_within(engine, service, default_base_url)
    endpoint = Endpoint(engine, Dispatch(served), default_base_url)
    control = create_control(engine, [service.name for service in served], mounted)
    return App(engine, endpoint, control, home)


def is_visit(scope: Scope) -> bool:
    """Tell a browser that was pointed at the server from a client of AWS."""
    return (
        scope["method"] == "GET"
        and scope["path"] == "/"
        and not scope["query_string"]
        and any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])
    )


async def _live(engine: Engine, receive: Receive, send: Send) -> None:
    """Run the engine from the server's start-up to its shut-down."""
    await receive()
    async with engine:
        await send({"type": "lifespan.startup.complete"})
        await receive()
    await send({"type": "lifespan.shutdown.complete"})
