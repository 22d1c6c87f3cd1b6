"""A server from its first script to its last: listening, seeded, ready, ended."""

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from ssl import SSLContext
from typing import TYPE_CHECKING

from pocketbus.apis.requests import Answered
from pocketbus.apis.seeds.errors import SeedingError
from pocketbus.emulator.engine import Engine
from pocketbus.server import Server, url_of
from pocketbus.start.places import Plan
from pocketbus.start.start import Start
from pocketbus.start.variables import variables_set

if TYPE_CHECKING:
    from pocketbus.journal.journal import Journal

_log = logging.getLogger("pocketbus")

_LOCAL = ("http://127.0.0.1:", "http://0.0.0.0:", "http://[::]:", "http://[::1]:")


class OpeningError(Exception):
    """What was kept cannot be used; the text says why and what to do."""


class Serving:
    """Serves one engine by a plan."""

    def __init__(
        self,
        plan: Plan,
        engine: Engine,
        *,
        ui: str,
        access_log: bool,
        on_request: Callable[[Answered], None] | None = None,
        tls: SSLContext | None = None,
        data: Path | None = None,
        disk: bool = False,
        tier: str | None = None,
    ) -> None:
        """What is in the folder `data` is there again, and all that happens is kept there; with `disk` on the disk.

        What is old is moved to the place `tier`.
        """
        self._plan = plan
        self._data = data
        self._disk = disk
        self._tier = tier
        self._journal: Journal | None = None
        self._engine = engine
        self._access_log = access_log
        self._tls = tls
        self._ui = ui
        self._on_request = on_request
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
            ui=self._ui,
            access_log=self._access_log,
            on_request=self._on_request,
            on_ready=lambda: self._begin(listeners[0]),
            startup=self._start.startup,
            before_ending=self._start.before_ending,
            tls=self._tls,
            before_serving=None if self._data is None else self._open,
            before_writing=None if self._data is None else self._keep,
        )
        try:
            self._server.run(*listeners)
        except OpeningError as error:
            return str(error)
        finally:
            if self._journal is not None:
                self._journal.close()
        return self._failure

    def _open(self) -> None:
        """Bring the engine to where it was. Raise OpeningError."""
        # Loaded by those who keep something.
        from pocketbus.journal.opening import open_journal  # noqa: PLC0415
        from pocketbus.journal.paths import past_of  # noqa: PLC0415
        from pocketbus.journal.segment import JournalError  # noqa: PLC0415
        from pocketbus.journal.tier import tier_of  # noqa: PLC0415

        if self._data is not None:
            try:
                tier = None if self._tier is None else tier_of(self._tier)
                self._journal = open_journal(
                    self._engine, self._data, disk=self._disk, fail=_give_up, tier=tier
                )
            except JournalError as error:
                raise OpeningError(str(error)) from error
            self._engine.door.past = past_of(self._engine)

    def _keep(self) -> None:
        if self._journal is not None:
            self._journal.flush()

    def end(self) -> None:
        """End the server, after its last scripts; asked again, at once."""
        self._start.ending = True
        if self._server is not None:
            self._server.end()

    def _begin(self, listener: socket.socket) -> None:
        config = self._engine.config
        where = url_of(listener) + ("" if self._tls is None else " and https")
        print(f"Listening on {where}, account {config.account}, region {config.region}.", flush=True)
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


def _give_up(error: OSError) -> None:
    """End here and now: what could not be written may have no answer."""
    _log.critical("the journal cannot be written, so nothing is answered any more: %s", error.strerror)
    logging.shutdown()
    os._exit(os.EX_IOERR if os.name == "posix" else 1)


def _reachable(listener: socket.socket) -> str:
    """Return the URL at which programs on this machine reach a listener."""
    url = url_of(listener)
    port = listener.getsockname()[1]
    return f"http://localhost:{port}" if url.startswith(_LOCAL) else url
