"""The HTTP server around one engine: its listening socket, uvicorn's settings, its orderly end."""

import asyncio
import errno
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from pocketbus.apis.app import create_app
from pocketbus.apis.faults import CUT
from pocketbus.emulator.engine import Engine

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
    """A connection that the application can break off, as faults do; ASGI itself has no word for it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # Every request's scope gets a copy: what is put here once need not be put into each of them.
        self.app_state = {**self.app_state, CUT: transport.abort}


class Server(uvicorn.Server):
    """Serves one engine; ends within a second of being told to, its long polls answered with nothing."""

    def __init__(
        self,
        engine: Engine,
        *,
        base_url: str,
        access_log: bool = False,
        on_ready: Callable[[], None] | None = None,
    ) -> None:
        """`base_url` is what answers name where a client does not say how it reached the server."""
        super().__init__(
            uvicorn.Config(
                create_app(engine, default_base_url=base_url),
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
