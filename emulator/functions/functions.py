"""Functions: names with workers. Whoever invokes one does it here; retries and dead letters are the invoker's own."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from pocketbus.emulator.component import Component
from pocketbus.emulator.deliveries.failures import TargetThrottled
from pocketbus.emulator.deliveries.http_client import HttpClient
from pocketbus.emulator.door import Door
from pocketbus.emulator.functions.attached import Attached
from pocketbus.emulator.functions.deployed import DeployedFunction
from pocketbus.emulator.functions.invocation import (
    LATEST,
    LONGEST_SECONDS,
    Invocation,
    NoWorkers,
    Result,
    name_of,
    qualifier_of,
    unqualified,
)
from pocketbus.emulator.functions.workers import AtUrl, Handler, InProcess, Workers, gone
from pocketbus.emulator.ids import Ids
from pocketbus.emulator.time.tasks import Tasks
from pocketbus.emulator.time.timers import Timers

EVERY_FUNCTION: Final = ""
"""The name under which the URL for all functions without one of their own is given."""

_MOST = 10_000
"""How many functions are remembered that have nothing to do."""

Listener = Callable[[], None]


class Function:
    """One function by its ARN, without a version: who is attached, what is under way, and who waits for room."""

    def __init__(self, arn: str, door: Door, timers: Timers, tasks: Tasks) -> None:
        self.arn = arn
        self.attached = Attached(arn, door, timers, tasks, self.tell)
        self.under_way: dict[object, None] = {}
        self.listeners: dict[Listener, None] = {}

    @property
    def busy(self) -> bool:
        return bool(self.under_way or self.listeners or self.attached.present)

    def enter(self, invocation: object) -> None:
        """Count something as under way, before it is."""
        self.under_way[invocation] = None
        self.tell()

    def leave(self, invocation: object) -> None:
        self.under_way.pop(invocation, None)
        self.tell()

    def tell(self) -> None:
        """Say that there may be more or less room."""
        for listener in list(self.listeners):
            listener()


class Functions(Component):
    """Every function that has something to do with anything; workers are looked for in the order of their nearness.

    Processes that attached come first, then callables (`handlers`, by name or ARN), then URLs (`urls`, by name).
    """

    def __init__(
        self,
        door: Door,
        timers: Timers,
        tasks: Tasks,
        ids: Ids,
        http: HttpClient,
        urls: Mapping[str, str],
    ) -> None:
        self._door = door
        self._timers = timers
        self._tasks = tasks
        self._ids = ids
        self._http = http
        self._urls = urls
        self._functions: dict[str, Function] = {}
        self._handlers: dict[str, Handler] = {}
        self.deployed: Callable[[str], DeployedFunction | None] = lambda _arn: None
        """Finds what CreateFunction made, by an ARN."""

    def handle(self, name: str, handler: Handler) -> None:
        """Let a callable run the functions of a name, or the one of an ARN."""
        with self._door.entry("callable", name):
            self._handlers[name] = handler
            for function in list(self._functions.values()):
                function.tell()

    def forget_handlers(self) -> None:
        """Let no callable run anything any more."""
        with self._door.entry("no callables"):
            self._handlers.clear()

    def at(self, arn: str) -> Function:
        """Return the function of an ARN, whatever its version."""
        arn = unqualified(arn)
        function = self._functions.get(arn)
        if function is None:
            if len(self._functions) >= _MOST:
                self._functions = {name: one for name, one in self._functions.items() if one.busy}
            function = self._functions[arn] = Function(arn, self._door, self._timers, self._tasks)
        return function

    def workers(self, arn: str) -> Workers | None:
        """Return what runs a function, if something does."""
        arn, name = unqualified(arn), name_of(arn)
        function = self._functions.get(arn)
        if function is not None and function.attached.present:
            return function.attached
        handler = self._handlers.get(arn) or self._handlers.get(name)
        if handler is not None:
            return InProcess(handler, self._timers, self._door)
        url = self._urls.get(name) or self._urls.get(EVERY_FUNCTION)
        return None if url is None else AtUrl(url, name, self._http)

    def known(self, arn: str) -> bool:
        """Tell whether there is such a function: one that was created, or that something runs."""
        return self.deployed(arn) is not None or self.workers(arn) is not None

    def room(self, arn: str) -> int:
        """Count the invocations that could begin at once."""
        workers = self.workers(arn)
        if workers is None:
            return 0
        deployed = self.deployed(arn)
        most = workers.capacity if deployed is None else deployed.at_most(workers.capacity)
        return most - len(self.at(arn).under_way)

    def invocation(
        self, arn: str, payload: bytes, client_context: str | None = None, request_id: str | None = None
    ) -> Invocation:
        """Make an invocation of the version that an ARN means. Raise ResourceNotFoundException for one it lacks."""
        deployed = self.deployed(arn)
        version, timeout = LATEST, float(LONGEST_SECONDS)
        if deployed is not None:
            version = deployed.version_of(qualifier_of(arn), self._ids.random.random)
            timeout = deployed.settings(version).timeout_seconds
        return Invocation(arn, request_id or self._ids.uuid(), payload, version, timeout, client_context)

    async def invoke(self, invocation: Invocation) -> Result:
        """Have an invocation run. Raise NoWorkers; TransientFailure or TargetRefused where it was not reached."""
        function = self.at(invocation.function_arn)
        self._door.once(partial(self._enter, invocation, function))
        try:
            return await self.run(invocation)
        finally:
            function.leave(invocation)

    def _enter(self, invocation: Invocation, function: Function) -> None:
        deployed = self.deployed(invocation.function_arn)
        if deployed is not None and deployed.at_most(len(function.under_way) + 1) <= len(function.under_way):
            raise TargetThrottled("Rate Exceeded.")
        function.enter(invocation)

    async def run(self, invocation: Invocation) -> Result:
        """Do the same for who has entered it at its function already."""
        workers = self._door.once(partial(self.workers, invocation.function_arn))
        if workers is None:
            raise NoWorkers(invocation.name)
        return await workers.run(invocation)

    def clear(self) -> None:
        """Break off what is under way; workers stay."""
        for function in self._functions.values():
            function.under_way.clear()
            function.listeners.clear()
            function.attached.clear()

    def standing(self) -> Any:
        """Tell the functions that have something to do, and the names of callables."""
        busy = {arn: function for arn, function in self._functions.items() if function.busy}
        return {"functions": busy, "handlers": list(self._handlers)}

    def stand(self, kept: Mapping[str, Any]) -> None:
        self._functions = kept["functions"]
        self._handlers = dict.fromkeys(kept["handlers"], gone)

    def __iter__(self) -> Iterator[Function]:
        return iter(list(self._functions.values()))
