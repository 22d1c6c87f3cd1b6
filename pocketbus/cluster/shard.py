"""One shard on one node: an engine that follows its log, and writes it while this node is the one to do so."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from typing import Any, Final, NamedTuple

from nats.aio.msg import Msg

from pocketbus.apis.app import App
from pocketbus.cluster.carrying import Post
from pocketbus.cluster.connection import RefusedError, UnreachableError
from pocketbus.cluster.following import AstrayError, BadSnapshotError, Following
from pocketbus.cluster.keys import ConflictError
from pocketbus.cluster.lease import Holder, Watched
from pocketbus.cluster.log import Log
from pocketbus.cluster.logs import Logs
from pocketbus.cluster.running import Running
from pocketbus.cluster.standby import Standby
from pocketbus.cluster.term import Term
from pocketbus.cluster.writing import FencedError
from pocketbus.emulator.engine import Engine
from pocketbus.journal.segment import JournalError

_PAUSE_SECONDS: Final = 0.5
_LONG_PAUSE_SECONDS: Final = 10.0
_log = logging.getLogger("pocketbus")


class Role(StrEnum):
    """What a node is to a shard."""

    STARTING = "starting"
    STANDBY = "standby"
    WRITER = "writer"


class Served(NamedTuple):
    """An engine for a shard, and what serves it."""

    engine: Engine
    app: App
    begun: Callable[[], object] | None = None
    """Hears that the engine is now the one that writes."""


class Shard:
    """A log as one node has it."""

    def __init__(
        self,
        number: int,
        node: str,
        url: str,
        logs: Logs,
        make: Callable[[int], Served],
        patience: Callable[["Shard"], float | None],
        post: Post,
    ) -> None:
        self.number = number
        self.role = Role.STARTING
        self.term: Term | None = None
        self.terms = 0
        """How often it has become the writer."""
        self.trouble = ""
        self._node = node
        self._url = url
        self._logs = logs
        self._make = make
        self._patience = patience
        self._post = post
        self._watched = Watched(logs.keys, f"{number}.lease")
        self._standby: Standby | None = None
        self._following: Following | None = None
        self._bad: set[int] = set()
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._leaving = False

    # What others see of it

    @property
    def writer(self) -> Holder:
        """Who writes, as far as is known here."""
        return self._watched.holder

    @property
    def running(self) -> Running | None:
        """What carries requests out, where this node writes."""
        return None if self.term is None or self._leaving else self.term.running

    @property
    def engine(self) -> Engine | None:
        return None if self._following is None else self._following.engine

    def told(self) -> dict[str, Any]:
        """Tell of it, for JSON."""
        term, following, standby = self.term, self._following, self._standby
        told: dict[str, Any] = {"shard": self.number, "role": self.role}
        if term is not None:
            told |= {"position": term.journal.writing.number, "unsafe": term.journal.unsafe}
            told |= self._on_the_way()
        elif following is not None and standby is not None:
            told |= {"position": following.position, "lag": max(0, standby.told - following.position)}
        told |= {"writer": self._node if term is not None else self.writer.node, "terms": self.terms}
        if term is not None:
            trouble = term.journal.trouble
        else:
            trouble = self.trouble or (standby.trouble if standby is not None else "")
        return told | ({"trouble": trouble} if trouble else {})

    def _on_the_way(self) -> dict[str, Any]:
        """Tell how many deliveries are on their way to each other shard, where some are."""
        exchange = None if self.engine is None else self.engine.exchange
        shards = range(self._logs.shards)
        counts = {} if exchange is None else {str(shard): exchange.on_the_way(shard) for shard in shards}
        found = {shard: count for shard, count in counts.items() if count}
        return {"on_the_way": found} if found else {}

    async def arrive(self, carriage: bytes) -> bytes:
        """Have the engine that writes here take what another shard has sent, and return its answer.

        Raise ValueError for what no shard sends, UnreachableError.
        """
        if self.term is None or self._leaving:
            raise UnreachableError(f"this node does not write shard {self.number}")
        return await self.term.arrive(carriage)

    async def change(self) -> None:
        """Wait until its role changes."""
        await self._changed.wait()

    async def writer_changed(self, holder: Holder) -> None:
        """Wait until somebody else than this one has the lease, as far as is known here."""
        await self._watched.change(holder)

    def _become(self, role: Role) -> None:
        self.role = role
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    # Its life

    def start(self) -> None:
        """Begin, and know who writes from the beginning on: before it can follow, it can hand on."""
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._run()), loop.create_task(self._watched.watch())]

    async def leave(self, to: str = "") -> None:
        """Let another node write."""
        if self.term is not None and not self._leaving:
            self._leaving = True
            await self.term.leave(to)

    async def close(self) -> None:
        """End; whoever writes elsewhere goes on."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _run(self) -> None:
        log = await self._made()
        await log.connection.listen(log.news, self._hear)
        while True:
            pause = 0.0
            try:
                await self._live(log)
            except BadSnapshotError as error:
                self._bad.add(error.number)
                self._tell(str(error))
            except AstrayError as error:
                _log.warning("shard %d: the engine is made anew: %s", self.number, error)
            except (UnreachableError, RefusedError) as error:
                self._tell(f"the log cannot be reached: {error}")
                pause = _PAUSE_SECONDS
            except JournalError as error:
                self._tell(f"the log cannot be followed: {error}")
                pause = _LONG_PAUSE_SECONDS
            except Exception as error:  # noqa: BLE001 - nobody else would begin it anew
                _log.exception("shard %d: it is begun anew", self.number)
                self.trouble = f"the log cannot be followed: {error!r}"
                pause = _LONG_PAUSE_SECONDS
            await asyncio.sleep(pause)

    async def _made(self) -> Log:
        while True:
            try:
                return await self._logs.log(self.number)
            except (UnreachableError, RefusedError) as error:
                self._tell(f"the log is not there yet: {error}")
                await asyncio.sleep(_PAUSE_SECONDS)

    def _tell(self, trouble: str) -> None:
        if trouble != self.trouble:
            _log.warning("shard %d: %s", self.number, trouble)
        self.trouble = trouble

    async def _live(self, log: Log) -> None:
        """Be a standby and then, when it is this node's turn, the writer, with one engine."""
        engine, app, begun = self._make(self.number)
        following = self._following = Following(engine, log)
        standby = self._standby = Standby(
            log, self._node, self._url, self._watched, lambda: self._patience(self)
        )
        try:
            await following.begin(self._bad)
            turn = await standby.wait_for_turn(following, self._ready)
            term = Term(log, turn, following, app, self._post)
            with suppress(FencedError, ConflictError):
                await term.begin(following.position, following.epoch)
                await self._write(term, begun)
        finally:
            self.term = self._following = None
            self._leaving = False
            self._become(Role.STARTING)
            engine.door.abandon()

    def _ready(self) -> None:
        if self.role is Role.STARTING:
            _log.info("shard %d: standby, at %d", self.number, self.told()["position"])
            self._become(Role.STANDBY)
        self.trouble = ""

    async def _write(self, term: Term, begun: Callable[[], object] | None) -> None:
        self.term = term
        self.terms += 1
        _log.info("shard %d: writer, from %d on", self.number, term.journal.writing.number)
        self._become(Role.WRITER)
        if begun is not None:
            begun()
        why = await term.serve()
        _log.warning("shard %d: not the writer any more: %s", self.number, why)

    async def _hear(self, message: Msg) -> None:
        if self._standby is not None and message.data.isdigit():
            self._standby.hear(int(message.data))
