"""An engine that follows a log: from the newest good snapshot, message by message."""

import asyncio
from collections.abc import Collection, Iterable

from pocketbus.cluster.head import Head
from pocketbus.cluster.log import Log
from pocketbus.cluster.part import Groups, Part
from pocketbus.cluster.streams import AT_ONCE
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.ids import Ids
from pocketbus.emulator.state.document import StateError
from pocketbus.emulator.turns import SLICE_SECONDS, in_slices
from pocketbus.journal.record import Record
from pocketbus.journal.replay import Replay
from pocketbus.journal.segment import JournalError


class AstrayError(Exception):
    """The engine is not where the log is, and has to be made anew; the text says why."""


class BadSnapshotError(AstrayError):
    """A snapshot could not be taken up."""

    def __init__(self, number: int, error: Exception) -> None:
        super().__init__(f"the snapshot {number} is left out, an older state is taken: {error}")
        self.number = number


class Following:
    """Brings an engine to where the log is."""

    def __init__(self, engine: Engine, log: Log) -> None:
        self.engine = engine
        engine.shards = log.map
        self.position = 0
        """The number of the last message that has been read."""
        self.records = 0
        """How many records were repeated since the snapshot that it began with."""
        self._log = log
        self._replay = Replay(engine)
        self._groups = Groups()
        self.epoch = 0
        """The number of its epoch, 0 if it is not known."""
        self._fenced = 0
        """The epoch in which somebody else than its writer has written: its own messages behind that are void."""

    async def begin(self, bad: Collection[int]) -> None:
        """Be where the newest snapshot is that is not known to be bad.

        Raise AstrayError, JournalError, UnreachableError.
        """
        head, _ = await self._log.streams.head()
        for number in head.snapshots:
            if number not in bad:
                await self._take_up(number)
                part = head.part(number)
                self.epoch = 0 if part is None else part[0].number
                return
        if head.kept:
            raise JournalError("No snapshot of the log can be used, and what was before them is gone.")
        self.engine.ids.restore(Ids(self._log.seed).state())

    async def _take_up(self, number: int) -> None:
        async with self._log.snapshots.fetched(number) as snapshot:
            try:
                await in_slices(self._replay.begin(snapshot))
            except (JournalError, StateError, OSError) as error:
                raise BadSnapshotError(number, error) from error
        self.position = number

    async def read_on(self) -> None:
        """Read all there is. Raise AstrayError, JournalError, UnreachableError."""
        head = await self._log.streams.glance()
        self._check(head)
        loop = asyncio.get_running_loop()
        most = 1
        while parts := await self._log.streams.parts(head, self.position, most):
            most = AT_ONCE
            until = loop.time() + SLICE_SECONDS
            for part in parts:
                for record in self._records(part, head):
                    self._replay.repeat(record)
                    self.records += 1
                    if loop.time() >= until:
                        await asyncio.sleep(0)
                        until = loop.time() + SLICE_SECONDS
                self.position = part.mark.number
                self.epoch = part.mark.epoch

    def _records(self, part: Part, head: Head) -> Iterable[Record]:
        """Return what a message brings.

        Behind one that somebody else has written in an epoch, to end it, stands what its writer had under way: in the
        places it was meant for, but without the one that the other has taken the place of. None of it is acknowledged.
        """
        found = head.part(part.mark.number)
        if found is not None and part.mark.writer != found[0].writer:
            self._fenced = part.mark.epoch
        elif part.mark.epoch == self._fenced:
            return ()
        return self._groups.take(part)

    def _check(self, head: Head) -> None:
        """Know whether what was read is in the log still: a writer may have left a stream before its end."""
        if self.position < head.kept:
            raise AstrayError("what was to be read next is gone, there are newer snapshots")
        is_newer = head.latest is not None and head.latest.number > self.epoch
        if self.position and is_newer and not head.holds(self.position, self.epoch):
            raise AstrayError("the last messages that were read were given up by their writer")
