"""Operations carried out anew, as a journal has kept them."""

from collections.abc import Coroutine, Iterable, Mapping
from types import CoroutineType
from typing import Any, Final

from starlette.types import Message

from pocketbus.apis import faults
from pocketbus.apis.call import NO_HEADERS, Call, Headers
from pocketbus.apis.codec.validate import Params
from pocketbus.apis.service import Route, Service
from pocketbus.apis.services import SERVICES
from pocketbus.apis.taking import TRACE_HEADER, TROUBLED, repeatable, waiting
from pocketbus.emulator.door import Place
from pocketbus.emulator.engine import Engine

_NO_REQUEST: Final = "00000000-0000-4000-a000-000000000000"
_NO_CIRCUMSTANCES: Final[Mapping[str, Any]] = {}


class Repeating:
    """Repeats operations on an engine; `knows` tells which names are those of operations."""

    def __init__(self, engine: Engine, services: Iterable[Service] = SERVICES) -> None:
        self._engine = engine
        self._services = {service.name: service for service in services}
        self._routes: dict[str, Route] = {}

    def knows(self, name: str) -> bool:
        service, _, operation = name.partition(".")
        return service in self._services and operation in self._services[service].model.operations

    def __call__(
        self, name: str, place: Place, params: Params, circumstances: Mapping[str, Any] = _NO_CIRCUMSTANCES
    ) -> None:
        """Carry an operation out; raise what it raised before."""
        if circumstances.get(TROUBLED):
            call, work = self._troubled(name, place, params, circumstances)
            repeatable(call, work, name, place, params, circumstances).close()
            return
        call = self._call(place, circumstances)
        result = self._route(name).perform(call, params)
        if type(result) is CoroutineType:
            waiting(call, result).close()  # it is carried by what was kept of its steps

    def work(
        self, name: str, place: Place, params: Params, circumstances: Mapping[str, Any]
    ) -> Coroutine[Any, Any, Any]:
        """Return what carries an operation out, as far as faults let it."""
        return self._troubled(name, place, params, circumstances)[1]

    def _troubled(
        self, name: str, place: Place, params: Params, circumstances: Mapping[str, Any]
    ) -> tuple[Call, Coroutine[Any, Any, Any]]:
        call = self._call(place, circumstances)
        return call, faults.perform_in_steps(self._route(name), call, params)

    def _call(self, place: Place, circumstances: Mapping[str, Any]) -> Call:
        engine = self._engine
        scope = engine.scope(place.account, place.region)
        return Call(
            engine,
            scope,
            engine.clock.now(),
            _NO_REQUEST,
            place.base_url,
            "/",
            _nobody,
            place.signed,
            _headers(circumstances),
        )

    def _route(self, name: str) -> Route:
        route = self._routes.get(name)
        if route is None:
            service, _, operation = name.partition(".")
            found = self._services[service]
            codec = found.json or found.query or found.rest or found.cbor
            if codec is None:
                raise LookupError(f"{service} has no protocol")
            route = self._routes[name] = Route(found, found.model.operations[operation], codec)
        return route


def _headers(circumstances: Mapping[str, Any]) -> Headers:
    header = circumstances.get(TRACE_HEADER)
    return NO_HEADERS if header is None else {b"x-amzn-trace-id": header.encode("latin-1")}


async def _nobody() -> Message:
    """Stand for `receive` where no client is connected that could leave."""
    raise AssertionError("nobody is connected")
