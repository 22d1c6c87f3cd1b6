"""A server from its first script to its last: listening, seeded, ready, ended."""

import asyncio
import logging
import os
import socket
from collections.abc import Sequence

from pocketbus.apis.seeds.errors import SeedingError
from pocketbus.emulator.engine import Engine
from pocketbus.server import Server, url_of
from pocketbus.start.places import Plan
from pocketbus.start.start import Start
from pocketbus.start.variables import variables_set

_log = logging.getLogger("pocketbus")

_LOCAL = ("http://127.0.0.1:", "http://0.0.0.0:", "http://[::]:", "http://[::1]:")


class Serving:
    """Serves one engine by a plan."""

    def __init__(self, plan: Plan, engine: Engine, *, access_log: bool) -> None:
        self._plan = plan
        self._engine = engine
        self._access_log = access_log
        self._start = Start(plan, engine, "", variables_set(os.environ))
        self._server: Server | None = None
        self._seeding: asyncio.Task[None] | None = None
        self._failure: str | None = None

    def before_listening(self, port: int) -> None:
        self._start.url = f"http://localhost:{port}"
        self._start.before_listening()

    def run(self, listeners: Sequence[socket.socket]) -> str | None:
        """Serve until told to end; return why the server could not be seeded, if so."""
        self._start.url = _reachable(listeners[0])
        self._start.startup.end = self.end
        self._server = Server(
            self._engine,
            base_url=self._start.url,
            access_log=self._access_log,
            on_ready=lambda: self._begin(listeners[0]),
            startup=self._start.startup,
            before_ending=self._start.before_ending,
        )
        self._server.run(*listeners)
        return self._failure

    def end(self) -> None:
        """End the server, after its last scripts; asked again, at once."""
        self._start.ending = True
        if self._server is not None:
            self._server.end()

    def _begin(self, listener: socket.socket) -> None:
        config = self._engine.config
        print(
            f"Listening on {url_of(listener)}, account {config.account}, region {config.region}.", flush=True
        )
        if self._plan.is_empty:
            self._start.startup.completed["READY"] = True
            print("Ready.", flush=True)
        else:
            self._seeding = asyncio.create_task(self._start.seed())
            self._seeding.add_done_callback(self._conclude)

    def _conclude(self, seeding: asyncio.Task[None]) -> None:
        """Tell that the server is ready, or end it where it could not be seeded."""
        error = None if seeding.cancelled() else seeding.exception()
        if self._start.ending or seeding.cancelled():
            return
        if error is None:
            print("Ready.", flush=True)
            return
        if not isinstance(error, SeedingError):
            _log.error("the seed could not be applied", exc_info=error)
        self._failure = str(error)
        self.end()


def _reachable(listener: socket.socket) -> str:
    """Return the URL at which programs on this machine reach a listener."""
    url = url_of(listener)
    port = listener.getsockname()[1]
    return f"http://localhost:{port}" if url.startswith(_LOCAL) else url
