"""The HTTP server around one engine: its listening socket, uvicorn's settings, its orderly end."""

import asyncio
import errno
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from pocketbus.apis.app import App
from pocketbus.apis.codec.answer import Answer, Headers, fields_of
from pocketbus.apis.faults import CUT
from pocketbus.apis.requests import Answered
from pocketbus.emulator.engine import Engine
from pocketbus.inspector.mount import ON, create_inspected_app

_BACKLOG = 2048

# Longer than the SDKs keep an idle connection (60 s in Java, 90 s in Go), so that the client closes first and never
# sends a request into a connection that the server is just closing.
_KEEP_ALIVE_SECONDS = 120

# A request that is still unfinished after this is cancelled; long polls have been answered by then.
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


class Connection(HttpToolsProtocol):
    """A connection that answers at once what needs no waiting, without a task.

    The answers of one turn of the event loop are written together: a client that waits for several is woken once.
    What is out of the ordinary goes uvicorn's own way: what has to wait, HTTP/1.0, HEAD, a slow reader. So
    does everything under a uvicorn that begins its tasks elsewhere.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # Every request's scope gets a copy: what is put here once need not be put into each of them.
        self.app_state = {**self.app_state, CUT: transport.abort}
        # A cycle and its app; uvicorn's types of ASGI are not starlette's.
        self._begun: tuple[Any, Any] | None = None
        self._default_headers: Headers | None = None
        self._default_fields = b""

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._go_on()

    def on_response_complete(self) -> None:
        """Hear that a request has been answered: the next one may be here already."""
        super().on_response_complete()
        self._go_on()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Hear that a request has begun: its body may follow in the same data."""
        if isinstance(app, App) and not self.access_log:
            self._begun = (cycle, app)
        else:
            super()._start_asgi_task(cycle, app)

    def _go_on(self) -> None:
        if self._begun is None:
            return
        (cycle, app), self._begun = self._begun, None
        if (
            cycle.more_body
            or not cycle.keep_alive
            or cycle.scope["method"] == "HEAD"
            or self.flow.write_paused
            or self.transport.is_closing()
        ):
            super()._start_asgi_task(cycle, app)
            return
        answer = app.answer(cycle.scope, cycle.receive, bytes(cycle.body))
        if isinstance(answer, Answer):
            self.loop.call_soon(self._finish, cycle, answer)
        else:
            super()._start_asgi_task(cycle, answer)

    def _finish(self, cycle: RequestResponseCycle, answer: Answer) -> None:
        cycle.response_complete = True
        if not self.transport.is_closing():
            self._write(answer)
            if not cycle.keep_alive:  # the server is ending
                self.transport.close()
        self.on_response_complete()

    def _write(self, answer: Answer) -> None:
        defaults = self.server_state.default_headers
        if defaults is not self._default_headers:  # a new list each second: it has the date
            self._default_headers = defaults
            self._default_fields = fields_of(defaults)
        self.transport.writelines(
            (
                STATUS_LINE[answer.status],
                self._default_fields,
                fields_of(answer.headers),
                b"\r\n",
                answer.body,
            )
        )


class Server(uvicorn.Server):
    """Serves one engine; ends within a second of being told to, its long polls answered with nothing."""

    def __init__(
        self,
        engine: Engine,
        *,
        base_url: str,
        ui: str = ON,
        access_log: bool = False,
        on_request: Callable[[Answered], None] | None = None,
        on_ready: Callable[[], None] | None = None,
    ) -> None:
        """`base_url` is what answers name where a client does not say how it reached the server.

        `ui` tells what its page may do; `on_request` hears of each request of an operation that was answered.
        """
        app = create_inspected_app(engine, base_url, ui)
        app.requests.hear = on_request
        super().__init__(
            uvicorn.Config(
                app,
                interface="asgi3",
                http=Connection,
                lifespan="on",
                ws="none",
                workers=1,
                log_config=None,
                access_log=access_log,
                proxy_headers=False,
                server_header=False,
                backlog=_BACKLOG,
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=_GRACE_SECONDS,
            )
        )
        self._engine = engine
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._on_ready is not None:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # First of all: uvicorn waits for the open requests, and a long poll would keep it for 20 seconds.
        self._engine.release_waiters()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the program: this server may be a small part of somebody's test run."""
        yield

    def end(self) -> None:
        """Ask the server to end; asked again, it drops what is still open."""
        self.force_exit = self.should_exit
        self.should_exit = True
