"""What the connections of one server share: the application, the date, their bounds, their end."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from email.utils import formatdate
from functools import partial
from typing import Any, Protocol

from starlette.types import ASGIApp, Receive, Scope, Send

from pocketbus.apis.call import Headers
from pocketbus.apis.http.limits import Limits
from pocketbus.apis.http.message import STATUS_LINES
from pocketbus.apis.remembered import Remembered

_log = logging.getLogger("pocketbus")
_access_log = logging.getLogger("pocketbus.access")


class Application(Protocol):
    """An ASGI application that may answer at once whoever has a whole request in hand."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...

    def answer(self, scope: Scope, headers: Headers, receive: Receive, body: bytes) -> ASGIApp:
        """Return what answers a request whose body is here: an Answer where it is carried out already.

        `headers` are the scope's by name.
        """
        ...


def _start_of(date: bytes, kind: tuple[int, bytes]) -> bytes:
    """Return how answers of a status and content type begin, up to the length of the content."""
    status, content_type = kind
    return b"%b%bcontent-type: %b\r\ncontent-length: " % (STATUS_LINES[status], date, content_type)


class Member(Protocol):
    """A connection, as its server sees it."""

    def look(self, seconds: float) -> None:
        """Hear that so many seconds have gone since the last look."""

    def end(self) -> None:
        """Close as soon as what has arrived is answered."""

    def abort(self) -> None: ...

    def carry_out(self) -> None:
        """Carry out what has come."""

    def flush(self) -> None: ...


class Site:
    """The application, the bounds, and the connections and tasks that are open."""

    def __init__(
        self,
        app: Application,
        now: Callable[[], float],
        limits: Limits | None = None,
        *,
        access_log: bool = False,
        before_writing: Callable[[], None] | None = None,
    ) -> None:
        """`now` is the time in the Date header of an answer, none of which leaves but after `before_writing`."""
        self.app = app
        self.limits = limits or Limits()
        self.access_log = access_log
        self.ending = False
        self.before_writing = before_writing
        self._now = now
        self._members: set[Member] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._gone = asyncio.Event()
        self._reading: list[Member] = []
        self._writing: list[Member] = []
        self._turns = False
        self._set_date()

    def _set_date(self) -> None:
        self.date = date = f"date: {formatdate(self._now(), usegmt=True)}\r\n".encode()
        self.starts = Remembered(partial(_start_of, date), 2)

    def join(self, member: Member) -> None:
        self._members.add(member)
        if self.ending:
            member.end()

    def leave(self, member: Member) -> None:
        self._members.discard(member)
        self._gone.set()

    def will_carry_out(self, member: Member) -> None:
        """Have it carry out what has come, and be flushed, at the end of this turn of the event loop, with all others.

        What one request needs is then at hand for the next: that of the network for all, then that of the application.
        """
        if not self._turns:
            self._await_end_of_turn()
        self._reading.append(member)

    def will_write(self, member: Member) -> None:
        """Have it flushed then."""
        if not self._turns:
            self._await_end_of_turn()
        self._writing.append(member)

    def _await_end_of_turn(self) -> None:
        self._turns = True
        asyncio.get_running_loop().call_soon(self._end_turn)

    def _end_turn(self) -> None:
        reading, self._reading = self._reading, []
        for member in reading:
            try:
                member.carry_out()
            except Exception:  # noqa: BLE001 - a defect ends one connection
                _log.exception("a connection failed")
                member.abort()
        writing, self._writing = self._writing, []
        self._turns = False
        for member in reading:
            member.flush()
        for member in writing:
            member.flush()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._gone.set()

    async def look_after(self) -> None:
        """Keep the date and the times of the connections, until cancelled."""
        seconds = self.limits.look_seconds
        while True:
            await asyncio.sleep(seconds)
            self._set_date()
            for member in tuple(self._members):
                member.look(seconds)

    async def close(self) -> None:
        """Close every connection once it is answered."""
        self.ending = True
        for member in tuple(self._members):
            member.end()
        while self._members or self._tasks:
            self._gone.clear()
            await self._gone.wait()

    async def drop(self) -> None:
        """End what is still open, answered or not."""
        for member in tuple(self._members):
            member.abort()
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks)

    def log(self, scope: Scope, status: int) -> None:
        if self.access_log:
            target, query = scope["raw_path"].decode("ascii"), scope["query_string"].decode("ascii")
            _access_log.info(
                '%s - "%s %s HTTP/%s" %d',
                ":".join(map(str, scope["client"] or ())),
                scope["method"],
                f"{target}?{query}" if query else target,
                scope["http_version"],
                status,
            )
