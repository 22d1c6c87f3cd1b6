"""Snapshots of the engine that writes a log, now and then: whoever follows begins with the newest one."""

import logging
from typing import Any, Final

from pocketbus.cluster.connection import RefusedError, UnreachableError
from pocketbus.cluster.journal import ClusterJournal
from pocketbus.cluster.log import Log
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.state.cut import CutError
from pocketbus.emulator.state.document import cut
from pocketbus.emulator.state.standing import UnrestError, tell

SNAPSHOT_RECORDS: Final = 100_000
"""So many records are repeated by a node that starts, at least, before a snapshot would have been quicker."""
_TRY_AGAIN_RECORDS: Final = 1000
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
            told = tell(self._engine)
        except UnrestError:
            self._next = self._journal.appended + _TRY_AGAIN_RECORDS
            return
        self._next = self._journal.appended + SNAPSHOT_RECORDS
        try:
            await self._keep(told)
        except (UnreachableError, RefusedError, OSError, CutError) as error:
            _log.error("no snapshot could be kept, so the next start takes longer: %s", error)

    async def _keep(self, told: dict[str, Any]) -> None:
        engine, writing = self._engine, self._journal.writing
        engine.rest()
        number = writing.close_group()
        told = {"position": number, "at": engine.clock.now(), **told}
        async with self._log.snapshots.written(number, told, cut(engine)) as snapshot:
            await self._journal.safe()
            await self._log.snapshots.keep(snapshot)
        before = writing.head.snapshots
        await writing.add_snapshot(number)
        await self._log.streams.purge(writing.head)
        for old in before:
            if old not in writing.head.snapshots:
                await self._log.snapshots.drop(old)
