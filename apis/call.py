"""All that an operation may know of the request it answers."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import unquote_to_bytes

from msgspec import Struct
from starlette.types import Receive

from pocketbus.emulator.engine import Engine
from pocketbus.emulator.scope import Scope
from pocketbus.emulator.trouble.incident import Incident

T = TypeVar("T")

Headers = Mapping[bytes, bytes]
NO_HEADERS: Final[Headers] = {}

Result = dict[str, Any] | Coroutine[Any, Any, dict[str, Any]]
"""What an operation returns: its result or, where that has to be waited for, a coroutine of it."""


def after(rest: Coroutine[Any, Any, None] | None, result: Callable[[], dict[str, Any]]) -> Result:
    """Return the result, after the rest of the work if some is left."""
    return result() if rest is None else _after(rest, result)


async def _after(rest: Coroutine[Any, Any, None], result: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    await rest
    return result()


class DisconnectedError(Exception):
    """The client went away; nobody waits for an answer."""


class Call(Struct, eq=False):
    """One request: whose it is, the instant it counts at, and the client at its other end.

    `now` is read once, `base_url` is the scheme and host that the client addressed, without a trailing slash. `signed`
    tells whether the request names credentials; no signature is checked. `incident` is what faults may strike at, if
    there are any.
    """

    engine: Engine
    scope: Scope
    now: float
    request_id: str
    base_url: str
    path: str
    _receive: Receive
    signed: bool = True
    _headers: Headers = NO_HEADERS
    _query_string: bytes = b""
    incident: Incident | None = None

    @property
    def trace_header(self) -> str | None:
        """The X-Amzn-Trace-Id that the request came with, for the messages that have none of their own."""
        header = self._headers.get(b"x-amzn-trace-id")
        return header.decode("latin-1") if header else None

    @property
    def session_token(self) -> str | None:
        """The X-Amz-Security-Token of temporary credentials, of the headers or of a presigned URL."""
        token = self._headers.get(b"x-amz-security-token")
        if token is None and self._query_string:
            _, _, rest = self._query_string.partition(b"X-Amz-Security-Token=")
            token = unquote_to_bytes(rest.partition(b"&")[0])
        return token.decode("latin-1") if token else None

    def check_entry(self) -> None:
        """Raise the error by which a fault keeps this entry of a batch from being carried out, if one does."""
        if self.incident is not None:
            self.engine.faults.of_entry(self.incident)

    async def while_connected(self, awaitable: Awaitable[T]) -> T:
        """Await for as long as the client stays.

        When it goes away, the awaitable sees CancelledError and the caller DisconnectedError. The watcher cancels
        by itself, with no turn of the event loop in between: what is handed to the awaitable after that is lost
        to nobody.
        """
        door = self.engine.door
        if door.stepping is None:
            return await self._watching(awaitable)
        course = door.stepping
        course.for_a_client = True
        try:
            # The client of a replay leaves when its journal says so.
            return await (awaitable if door.replaying else self._watching(awaitable))
        finally:
            course.for_a_client = False

    async def _watching(self, awaitable: Awaitable[T]) -> T:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("an operation runs in a task")
        departure = _Departure(task)
        watcher = asyncio.ensure_future(departure.watch(self._receive))
        try:
            return await awaitable
        except asyncio.CancelledError:
            if departure.seen and task.cancelling() == 1:
                raise DisconnectedError from None
            raise
        finally:
            watcher.cancel()
            if departure.seen:
                task.uncancel()


class _Departure:
    """Whether a client was seen to leave; if it was, the task that serves it is cancelled."""

    __slots__ = ("_task", "seen")

    def __init__(self, task: asyncio.Task[Any]) -> None:
        self._task = task
        self.seen = False

    async def watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.seen = True
        self._task.cancel()
