"""The operations, called in this process as a client of some account and region would call them."""

from collections.abc import Iterator, Mapping
from typing import Any

from starlette.types import Message

from pocketbus.apis.call import Call
from pocketbus.apis.service import Route, Service
from pocketbus.apis.settling import perform_at_once
from pocketbus.emulator.engine import Engine

_NO_REQUEST = "00000000-0000-4000-a000-000000000000"
"""The id of what no client asked for: to seed what is there already takes nothing from the source of ids."""


class Operations:
    """What a client of one account in one region can do; errors are the engine's, in AWS's words."""

    def __init__(
        self, engine: Engine, account: str, region: str, base_url: str = "http://localhost:4566"
    ) -> None:
        self.engine = engine
        self.scope = engine.scope(account, region)
        self._base_url = base_url
        self._routes: dict[tuple[str, str], Route] = {}

    def __call__(self, service: Service, operation: str, **parameters: Any) -> dict[str, Any]:
        """Perform an operation that has nothing to wait for. Raise EngineError."""
        route = self._route(service, operation)
        route.validate(parameters)
        now = self.engine.clock.now()
        call = Call(self.engine, self.scope, now, _NO_REQUEST, self._base_url, "/", _nobody)
        return perform_at_once(route, call, parameters) or {}

    def pages(
        self, service: Service, operation: str, member: str, **parameters: Any
    ) -> Iterator[Mapping[str, Any]]:
        """Yield the items of a listing, page after page."""
        while True:
            page = self(service, operation, **parameters)
            yield from page.get(member) or ()
            if not page.get("NextToken"):
                return
            parameters["NextToken"] = page["NextToken"]

    def _route(self, service: Service, operation: str) -> Route:
        key = (service.name, operation)
        codec = service.json or service.query or service.rest or service.cbor
        if key not in self._routes and codec is not None:
            self._routes[key] = Route(service, service.model.operations[operation], codec)
        return self._routes[key]


async def _nobody() -> Message:
    """Stand for `receive` where no client is connected that could leave."""
    raise AssertionError("nobody is connected")
