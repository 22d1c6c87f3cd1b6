"""The emulator inside a Python process: an engine on an event loop of its own, boto3 clients that reach it directly.

The HTTP server, for clients in other languages or processes, runs only when its URL is asked for.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pocketbus.account import Account, Clients
from pocketbus.apis.app import create_app
from pocketbus.boto import make_session
from pocketbus.emulator.config import Config
from pocketbus.emulator.deliveries.outbox import Captured
from pocketbus.emulator.engine import Engine
from pocketbus.loop_thread import LoopThread
from pocketbus.server import Server, listen, url_of

if TYPE_CHECKING:
    from pocketbus.journal.journal import Journal

T = TypeVar("T")

_log = logging.getLogger("pocketbus")
_ENDPOINT = "http://localhost:4566"
_DEFAULTS = Config()


class Emulator(Clients):
    """One emulator, running inside its `with` block; every method may be called from any thread.

    While the clock is frozen, a long poll ends only when a message comes or another thread moves the clock.
    """

    def __init__(
        self,
        *,
        account: str = _DEFAULTS.account,
        region: str = _DEFAULTS.region,
        seed: int | None = _DEFAULTS.seed,
        serve: bool = False,
        data: str | Path | None = None,
        **settings: Any,
    ) -> None:
        """Take the settings of Config by name; `serve` starts the HTTP server at once.

        What is in the folder `data` is there again, and all that happens is kept there.
        """
        self.account = account
        self.region = region
        self._config = Config(account=account, region=region, seed=seed, **settings)
        self._engine = Engine(self._config)
        self._app = create_app(self._engine, default_base_url=_ENDPOINT)
        self._thread = LoopThread(self._live)
        self._serve_at_once = serve
        self._data = None if data is None else Path(data)
        self._opened = asyncio.Event()
        self._journal: Journal | None = None
        self._server: _RunningServer | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            if self._data is not None:
                self._thread.run(self._open)
            if self._serve_at_once:
                self._thread.run(self._serve)
        except BaseException:
            self._thread.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._thread.stop()

    async def __aenter__(self) -> Self:
        return await asyncio.to_thread(self.__enter__)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self._thread.stop)

    @property
    def url(self) -> str:
        """The address at which the emulator serves HTTP, from the first time this is asked."""
        return self._thread.run(self._serve)

    def client(self, service: str, **options: Any) -> Any:
        """Make a boto3 client that reaches the emulator without a socket; `options` are boto3's."""
        return self._session().client(service, **self._client_options(options))

    def resource(self, service: str, **options: Any) -> Any:
        """Make a boto3 resource that reaches the emulator without a socket; `options` are boto3's."""
        return self._session().resource(service, **self._client_options(options))

    def in_account(self, account: str, region: str | None = None) -> Account:
        """Return another account of this emulator, with clients and controls of its own."""
        return Account(self, account, region or self.region)

    def call(self, function: Callable[[Engine], T]) -> T:
        """Run a function on the emulator's own thread, where alone the engine may be touched."""
        return self._await(partial(_called, function))

    async def call_async(self, function: Callable[[Engine], T]) -> T:
        """Do the same while the caller's own event loop goes on."""
        return await self._await_async(partial(_called, function))

    def outbox(self) -> list[Captured]:
        """Return what left for a world that is not emulated, oldest first."""
        return self.call(lambda engine: list(engine.outbox))

    def _await(self, function: Callable[[Engine], Coroutine[Any, Any, T]], seconds: float | None = None) -> T:
        return self._thread.run(lambda: function(self._engine), seconds)

    async def _await_async(self, function: Callable[[Engine], Coroutine[Any, Any, T]]) -> T:
        return await self._thread.run_async(lambda: function(self._engine))

    async def _live(self, stop: asyncio.Event) -> None:
        if self._data is not None:
            await self._opened.wait()
        async with self._engine:
            await stop.wait()
            if self._server is not None:
                await self._server.end()
        if self._journal is not None:
            self._journal.close()

    async def _open(self) -> None:
        """Bring the engine to where it was. Raise JournalError."""
        from pocketbus.journal.opening import open_journal  # noqa: PLC0415 - loaded by those who keep something

        try:
            if self._data is not None:
                self._journal = open_journal(self._engine, self._data, disk=False, fail=_told)
        finally:
            self._opened.set()

    async def _serve(self) -> str:
        if self._server is None:
            self._server = _RunningServer(self._engine, self._journal)
        await self._server.started.wait()
        return self._server.url

    def _session(self) -> Any:
        return make_session(self._app, self._thread.run)

    def _client_options(self, options: dict[str, Any]) -> dict[str, Any]:
        return {
            "region_name": self._config.region,
            # Answers name the address that a client used: the server's, as soon as there is one to be reached there.
            "endpoint_url": _ENDPOINT if self._server is None else self._server.url,
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
            **options,
        }


def _told(error: OSError) -> None:
    _log.critical("the journal cannot be written: %s", error.strerror)


async def _called(function: Callable[[Engine], T], engine: Engine) -> T:
    return function(engine)


class _RunningServer:
    """The HTTP server of an engine on a free port, as a task of the running loop."""

    def __init__(self, engine: Engine, journal: "Journal | None") -> None:
        self.started = asyncio.Event()
        listener = listen("127.0.0.1", 0)
        self.url = url_of(listener)
        self._server = Server(
            engine,
            base_url=self.url,
            on_ready=self.started.set,
            before_writing=None if journal is None else journal.flush,
        )
        self._task = asyncio.create_task(self._server.serve(listener))

    async def end(self) -> None:
        self._server.end()
        await self._task
