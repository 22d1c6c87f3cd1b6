"""Snapshots of the engine that writes a log, now and then: whoever follows begins with the newest one."""

import asyncio
import logging
from typing import Final

from pocketbus.cluster.connection import RefusedError, UnreachableError
from pocketbus.cluster.journal import ClusterJournal
from pocketbus.cluster.log import Log
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.state.cut import CutError
from pocketbus.emulator.state.document import cut_moment
from pocketbus.emulator.state.standing import UnrestError, check, told_of
from pocketbus.emulator.turns import in_slices

SNAPSHOT_RECORDS: Final = 100_000
"""So many records are repeated by a node that starts, at least, before a snapshot would have been quicker."""
_TRY_AGAIN_RECORDS: Final = 1000
_MOST_TURNS: Final = 1000
_log = logging.getLogger("pocketbus")


class Keeping:
    """Keeps snapshots; `behind` is how many records there are since the latest one."""

    def __init__(self, engine: Engine, journal: ClusterJournal, log: Log, behind: int) -> None:
        self._engine = engine
        self._journal = journal
        self._log = log
        self._next = journal.appended - behind + SNAPSHOT_RECORDS

    async def look(self) -> None:
        """Keep a snapshot if it is time. Raise LostError, FencedError."""
        if self._journal.appended < self._next:
            return
        try:
            await self._keep_soon()
        except (UnreachableError, RefusedError, OSError, CutError) as error:
            self._next = self._journal.appended + _TRY_AGAIN_RECORDS
            _log.error("no snapshot could be kept, so the next start takes longer: %s", error)

    async def _keep_soon(self) -> None:
        """Keep a snapshot as soon as all that is under way has a place in it."""
        for _ in range(_MOST_TURNS):
            await in_slices(self._engine.door.finish_slices())
            try:
                check(self._engine)
            except UnrestError:
                await asyncio.sleep(0)
            else:
                await self._keep()
                return
        self._next = self._journal.appended + _TRY_AGAIN_RECORDS

    async def _keep(self) -> None:
        engine, journal = self._engine, self._journal
        engine.rest()
        number = journal.writing.close_group()
        self._next = journal.appended + SNAPSHOT_RECORDS
        told = {"position": number, **told_of(engine)}
        async with self._log.snapshots.written(number, told, cut_moment(engine)) as snapshot:
            await journal.safe()
            await self._log.snapshots.keep(snapshot)
        await self._let_go(number)

    async def _let_go(self, number: int) -> None:
        """Know of a snapshot, and let go of what is not needed any more."""
        writing = self._journal.writing
        before = writing.head.snapshots
        await writing.add_snapshot(number)
        await self._log.streams.purge(writing.head)
        for old in before:
            if old not in writing.head.snapshots:
                await self._log.snapshots.drop(old)
