"""A writer's term: from the message that says so to the one that somebody else writes, or until it leaves."""

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Final

from pocketbus.apis.app import App
from pocketbus.cluster import carriages
from pocketbus.cluster.carrying import Carrying, Post
from pocketbus.cluster.connection import UnreachableError
from pocketbus.cluster.following import Following
from pocketbus.cluster.journal import ClusterJournal, LostError
from pocketbus.cluster.keeping import Keeping
from pocketbus.cluster.keys import ConflictError
from pocketbus.cluster.leaders import Placing
from pocketbus.cluster.lease import RENEW_SECONDS
from pocketbus.cluster.log import Log
from pocketbus.cluster.running import ANSWER_SECONDS, Running
from pocketbus.cluster.standby import Turn
from pocketbus.cluster.writing import FencedError
from pocketbus.emulator.door import START
from pocketbus.emulator.version import VERSION
from pocketbus.journal.record import dumps

_LEAVE_SECONDS: Final = 3.0
_NEWS_SECONDS: Final = 0.005
_KEEPING_SECONDS: Final = 1.0
_AGAIN_SECONDS: Final = 0.2
_log = logging.getLogger("pocketbus")


class Term:
    """An engine that has come to where the log ends, and writes on."""

    def __init__(self, log: Log, turn: Turn, following: Following, app: App, post: Post) -> None:
        self.journal = ClusterJournal(log.streams, turn.writer, turn.lease)
        self.running = Running(app, self.journal)
        self._log = log
        self._lease = turn.lease
        self._engine = following.engine
        self._left = asyncio.Event()
        self._keeping = Keeping(self._engine, self.journal, log, following.records)
        self._carrying = Carrying(log.shard, log.shards, self._engine.exchange, self.journal, post)

    async def begin(self, read: int, epoch: int) -> None:
        """Take over behind the last message that was read, of an epoch, as soon as the log can be reached.

        Raise FencedError, ConflictError.
        """
        while True:
            try:
                await self.journal.writing.begin(read, epoch)
                break
            except UnreachableError:
                await asyncio.sleep(_AGAIN_SECONDS)
                with suppress(UnreachableError):
                    await self._lease.renew()
        engine = self._engine
        engine.door.go_live(self.journal)
        with engine.door.entry(START, VERSION):
            pass
        await engine.__aenter__()

    async def serve(self) -> str:
        """Write until somebody else does, and return why; cancelled, it ends at once."""
        work = [
            asyncio.ensure_future(one)
            for one in (
                self._left.wait(),
                self.journal.writing.run(),
                self._renew(),
                self._keep(),
                *self._placing(),
                self._spread(),
                *map(self._carrying.carry, self._carrying.others),
            )
        ]
        try:
            await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
            if self._left.is_set():
                return "it has left"
            ended = next(one.exception() for one in work if one.done())
            if not isinstance(ended, FencedError | ConflictError | LostError):
                _log.error("shard %d: writing has failed", self._log.shard, exc_info=ended)
            return str(ended) or "somebody else writes the log"
        finally:
            self.journal.lose()
            self.running.end()
            for task in work:
                task.cancel()
            await asyncio.wait(work)
            await self.journal.writing.close()
            await self._engine.__aexit__(None, None, None)

    async def leave(self, to: str) -> None:
        """Let what is under way come to its end, while `serve` goes on, and let somebody else have the lease."""
        self._engine.release_waiters()
        with suppress(TimeoutError, LostError):
            async with asyncio.timeout(_LEAVE_SECONDS):
                await self.running.ended()
                await self.journal.safe()
        with suppress(UnreachableError, ConflictError):
            await self._lease.leave(to)
        self._left.set()

    async def arrive(self, carriage: bytes) -> bytes:
        """Take what another shard has sent, and return the answer once the log has it.

        Raise ValueError for what no shard sends, UnreachableError.
        """
        if self.journal.refuses:
            raise UnreachableError("the log takes nothing more now")
        answer = self._engine.exchange.arrive(*carriages.read(carriage, self._carrying.others))
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self.journal.safe()
        except (LostError, TimeoutError) as error:
            raise UnreachableError("the log has not acknowledged what has arrived") from error
        return dumps(answer.plain)

    # What goes on meanwhile

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            with suppress(UnreachableError):
                await self._lease.renew()

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(_KEEPING_SECONDS)
            await self._keeping.look()

    def _placing(self) -> list[Coroutine[Any, Any, None]]:
        """Return the work of placing leaders, if there is more than one server that could be one."""
        log = self._log
        return [Placing(log, self.journal.writing).run()] if len(log.streams.names) > 1 else []

    async def _spread(self) -> None:
        """Tell the standbys how far the log goes, so that they need not look all the time."""
        journal, told = self.journal, 0
        while True:
            await journal.news.wait()
            journal.news.clear()
            if journal.safe_number > told:
                told = journal.safe_number
                with suppress(UnreachableError):
                    await self._log.connection.publish(self._log.news, b"%d" % told)
            await asyncio.sleep(_NEWS_SECONDS)
