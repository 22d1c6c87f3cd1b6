"""The HTTP server around one engine: its listening socket, its life, its orderly end."""

import asyncio
import errno
import os
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from functools import partial
from typing import Any, Protocol

from pocketbus.apis.control.startup import Startup
from pocketbus.apis.http.accepting import accept
from pocketbus.apis.http.connection import Connection
from pocketbus.apis.http.limits import Limits
from pocketbus.apis.http.site import Application, Site
from pocketbus.apis.http.tls import Greeter
from pocketbus.apis.requests import Answered
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.time.clock import system_time
from pocketbus.inspector.mount import ON, create_inspected_app

_BACKLOG = 2048

# What is still unfinished after this is dropped; long polls have been answered by then.
_GRACE_SECONDS = 1

_REASONS = {
    errno.EADDRINUSE: "the port is taken; stop what listens there, or choose another with --port or POCKETBUS_PORT",
    errno.EACCES: "the port needs privileges; choose one above 1023 with --port or POCKETBUS_PORT",
    errno.EADDRNOTAVAIL: "this machine has no such address; choose another with --host or POCKETBUS_HOST",
}
_UNKNOWN_HOST = "the host name has no address here; choose another with --host or POCKETBUS_HOST"


class ListenError(Exception):
    """The address cannot be listened on; the text says why and what to do."""


def listen(host: str, port: int) -> socket.socket:
    """Listen on an address, on the IPv4 one if the host has both; port 0 takes a free port. Raise ListenError."""
    try:
        # With the protocol left at 0, asyncio would not set TCP_NODELAY and small answers would wait for an ACK.
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        family, kind, protocol, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
        listener = socket.socket(family, kind, protocol)
    except (socket.gaierror, UnicodeError) as error:
        raise ListenError(_refusal(host, port, _UNKNOWN_HOST)) from error
    try:
        if os.name == "posix":
            # On Windows the option would let two servers share a port.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        reason = _REASONS.get(error.errno or 0, error.strerror or str(error))
        raise ListenError(_refusal(host, port, reason)) from error
    return listener


def _refusal(host: str, port: int, reason: str) -> str:
    return f"cannot listen on {_authority(host, port)}: {reason}"


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def url_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{_authority(host, port)}"


class Node(Application, AbstractAsyncContextManager[Any], Protocol):
    """What is served where it is more than one engine; it lives as long as the server."""

    def release_waiters(self) -> None:
        """Answer every long poll with nothing."""


class Server:
    """Serves an engine; ends within a second of being told to, its long polls answered with nothing."""

    def __init__(
        self,
        engine: Engine | Node,
        *,
        base_url: str,
        ui: str = ON,
        access_log: bool = False,
        on_request: Callable[[Answered], None] | None = None,
        on_ready: Callable[[], None] | None = None,
        limits: Limits | None = None,
        startup: Startup | None = None,
        before_ending: Callable[[], Awaitable[None]] | None = None,
        tls: ssl.SSLContext | None = None,
        before_serving: Callable[[], None] | None = None,
        before_writing: Callable[[], None] | None = None,
    ) -> None:
        """`base_url` is what answers name where a client does not say how it reached the server.

        `startup` tells the control paths how far the server has come; what is done `before_ending` is still served,
        and nothing is before what is done `before_serving`. No answer leaves before what is done `before_writing`.
        `ui` tells what its page may do; `on_request` hears of each request of an operation that was answered. With
        `tls`, HTTPS is served beside HTTP. A node has applications of its own.
        """
        self._engine = engine
        app: Application
        if isinstance(engine, Engine):
            app = inspected = create_inspected_app(engine, base_url, ui, startup)
            inspected.requests.hear = on_request
        else:
            app = engine
        self._site = Site(app, system_time, limits, access_log=access_log, before_writing=before_writing)
        self._on_ready = on_ready
        self._before_serving = before_serving
        self._before_ending = before_ending
        self._connection = partial(Connection, self._site)
        self._greeter = None if tls is None else Greeter(tls, self._connection)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told_to_end = 0
        self._news = asyncio.Event()

    def run(self, *listeners: socket.socket) -> None:
        """Serve on an event loop of its own, the fastest there is."""
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(self.serve(*listeners))

    async def serve(self, *listeners: socket.socket) -> None:
        """Serve until told to end; the listeners are closed then. Signals are the program's business."""
        self._loop = asyncio.get_running_loop()
        if self._before_serving is not None:
            self._before_serving()
        async with self._engine:
            looking = self._loop.create_task(self._site.look_after())
            accepting = [self._accepting(self._loop, listener) for listener in listeners]
            if self._on_ready is not None:
                self._on_ready()
            await self._told(1)
            if self._before_ending is not None:
                await self._before_ending()
            for task in accepting:
                await _cancelled(task)
            if self._greeter is not None:
                await self._greeter.close()
            for listener in listeners:
                listener.close()
            # A long poll would keep the server for 20 seconds.
            self._engine.release_waiters()
            await self._close_connections()
            await _cancelled(looking)

    def _accepting(self, loop: asyncio.AbstractEventLoop, listener: socket.socket) -> asyncio.Task[None]:
        listener.setblocking(False)
        greet = None if self._greeter is None else self._greeter.greet
        return loop.create_task(accept(listener, self._connection, greet))

    def end(self) -> None:
        """Ask the server to end, from any thread or signal; asked again, it drops what is still open."""
        self._told_to_end += 1
        if self._loop is not None:
            with suppress(RuntimeError):  # it has ended
                self._loop.call_soon_threadsafe(self._news.set)

    async def _told(self, times: int) -> None:
        while self._told_to_end < times:
            self._news.clear()
            await self._news.wait()

    async def _close_connections(self) -> None:
        closing = asyncio.create_task(self._site.close())
        dropping = asyncio.create_task(self._told(2))
        await asyncio.wait((closing, dropping), timeout=_GRACE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        await _cancelled(closing)
        await _cancelled(dropping)
        await self._site.drop()


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        # There is none for Windows.
        from uvloop import new_event_loop  # noqa: PLC0415
    except ImportError:
        return None
    return new_event_loop
