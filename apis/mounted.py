"""An application that is made when somebody first asks it for something: what it needs is not loaded before."""

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send


class Mounted:
    """Stands for an application until then, and passes everything on to it."""

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._make = make
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is None:
            self._app = self._make()
        await self._app(scope, receive, send)
