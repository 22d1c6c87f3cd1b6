"""A server that is a node of a cluster, from its first script to its last."""

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Sequence
from ssl import SSLContext
from typing import Final

from pocketbus.apis.requests import Answered
from pocketbus.apis.seeds.errors import SeedingError
from pocketbus.cluster.address import Address
from pocketbus.cluster.node import ClusterNode
from pocketbus.cluster.shard import Served
from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.inspector.mount import create_inspected_app
from pocketbus.server import Server, url_of
from pocketbus.start.places import Plan
from pocketbus.start.start import Start
from pocketbus.start.variables import variables_set

_log = logging.getLogger("pocketbus")
_ALL: Final = ("0.0.0.0", "::")  # noqa: S104 - what a listener may say of itself


class ClusterServing:
    """Serves one node by a plan. Each new writer applies the seed, which changes nothing that is there already."""

    def __init__(
        self,
        plan: Plan,
        config: Config,
        address: Address,
        *,
        shards: int,
        node_url: str | None,
        ui: str,
        access_log: bool,
        on_request: Callable[[Answered], None] | None = None,
        tls: SSLContext | None = None,
    ) -> None:
        self._plan = plan
        self._config = config
        self._ui = ui
        self._access_log = access_log
        self._on_request = on_request
        self._tls = tls
        self._node_url = node_url
        self._start = Start(plan, Engine(config), "", variables_set(os.environ))
        self._node = ClusterNode(address, config, shards, self._make, self._fail)
        self._server: Server | None = None
        self._seeding: set[asyncio.Task[None]] = set()
        self._failure: str | None = None

    def before_listening(self, port: int) -> None:
        self._start.url = f"http://localhost:{port}"
        self._start.before_listening()

    def run(self, listeners: Sequence[socket.socket]) -> str | None:
        """Serve until told to end; return why this node cannot be part of the cluster, if so."""
        url = self._node_url or _reached_at(listeners[0])
        self._start.url = self._node.url = url
        self._node.name = url.partition("://")[2]
        self._server = Server(
            self._node,
            base_url=url,
            access_log=self._access_log,
            on_ready=lambda: self._tell(listeners[0]),
            before_ending=self._start.before_ending,
            tls=self._tls,
        )
        self._server.run(*listeners)
        return self._failure

    def end(self) -> None:
        """End the server, after its last scripts; asked again, at once."""
        self._start.ending = True
        if self._server is not None:
            self._server.end()

    def _tell(self, listener: socket.socket) -> None:
        where = url_of(listener) + ("" if self._tls is None else " and https")
        print(
            f"Listening on {where}, account {self._config.account}, region {self._config.region}.", flush=True
        )

    def _fail(self, reason: str) -> None:
        self._failure = reason
        self.end()

    def _make(self, _shard: int) -> Served:
        engine = Engine(self._config)
        start = Start(self._plan, engine, self._start.url, variables_set(os.environ))
        app = create_inspected_app(engine, self._start.url, self._ui, start.startup)
        app.requests.hear = self._on_request
        return Served(engine, app, None if self._plan.is_empty else lambda: self._seed(start))

    def _seed(self, start: Start) -> None:
        seeding = asyncio.get_running_loop().create_task(start.seed())
        self._seeding.add(seeding)
        seeding.add_done_callback(self._seeded)

    def _seeded(self, seeding: asyncio.Task[None]) -> None:
        self._seeding.discard(seeding)
        error = None if seeding.cancelled() else seeding.exception()
        if isinstance(error, SeedingError):
            self._fail(str(error))
        elif error is not None:
            _log.error("the seed could not be applied", exc_info=error)


def _reached_at(listener: socket.socket) -> str:
    """Return where other machines reach a listener, as far as this one knows."""
    host, port = listener.getsockname()[:2]
    return f"http://{socket.gethostname()}:{port}" if host in _ALL else url_of(listener)
