"""The journal of a running engine: its inputs in the segments of a folder, and snapshots of its state now and then."""

import asyncio
import logging
import shutil
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, Final

from pocketbus.emulator.door import Place
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.state.cut import CutError
from pocketbus.emulator.state.document import cut_moment
from pocketbus.emulator.state.standing import UnrestError, check, told_of
from pocketbus.emulator.turns import in_slices
from pocketbus.journal.directory import Directory
from pocketbus.journal.figures import Figure
from pocketbus.journal.following import Following
from pocketbus.journal.segment import SUFFIX, Segment, name_of
from pocketbus.journal.tier import Tier, TierError

SNAPSHOT_RECORDS: Final = 100_000
"""So many records are repeated at a start, at least, before a snapshot would have been quicker."""
_TRY_AGAIN_RECORDS: Final = 1000
_MOST_TURNS: Final = 1000
"""Turns of the event loop in which all that is under way may come to where it can be told."""
_log = logging.getLogger("pocketbus")


class Journal:
    """Keeps the inputs of one engine, from a position on, which is how many there were before."""

    def __init__(
        self,
        engine: Engine,
        directory: Directory,
        segment: Segment,
        position: int,
        *,
        disk: bool,
        behind: int = 0,
        fail: Callable[[OSError], object],
        snapshot_records: int = SNAPSHOT_RECORDS,
        tier: Tier | None = None,
    ) -> None:
        """The latest snapshot is so far `behind`. What is older than the next one is moved to the `tier`.

        `fail` hears that nothing can be written any more: nothing that depends on it may leave then.
        """
        self.directory = directory
        self.position = position
        self.written_bytes = 0
        self.snapshots = 0
        self.following = Following(engine)
        self._engine = engine
        self._segment = segment
        self._disk = disk
        self._fail = fail
        self._every = snapshot_records
        self._tier = tier
        self._next_snapshot = position - behind + snapshot_records
        self._snapshotting: asyncio.Task[None] | None = None
        self._will_flush = False

    def append(
        self, system_at: float, at: float, place: Place | None, name: str, arguments: tuple[Any, ...]
    ) -> None:
        """Keep an input; it is written when this turn of the event loop is over, and before its answers."""
        size = self._segment.add(system_at, at, place, name, arguments)
        self.position += 1
        if self.following.followers:
            self.following.note(self.position, size, system_at, at, place, name, arguments)
        if not self._will_flush:
            self._will_flush = True
            self._schedule()

    def when_safe(self, work: Coroutine[Any, Any, Any]) -> Coroutine[Any, Any, Any]:
        """Return the work as it is: what is appended is written at the end of the turn, before another begins."""
        return work

    def figures(self) -> Iterator[Figure]:
        """Tell how much there is."""
        yield Figure("inputs", "Inputs that the journal has, those before the start included.", self.position)
        words = "Bytes written to the journal since the start, without snapshots."
        yield Figure("written_bytes", words, self.written_bytes)
        yield Figure("snapshots", "Snapshots kept since the start.", self.snapshots)

    def _schedule(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.flush()
        else:
            loop.call_soon(self.flush)
            if self.position >= self._next_snapshot and self._snapshotting is None:
                self._snapshotting = loop.create_task(self.keep_snapshot_soon())
                self._snapshotting.add_done_callback(self._snapshot_ended)

    def flush(self) -> None:
        """Write what has been appended."""
        if not self._will_flush:
            return
        self._will_flush = False
        segment = self._segment
        before = segment.written
        try:
            segment.write()
        except OSError as error:
            self._fail(error)
            raise
        self.written_bytes += segment.written - before
        if self.following.followers:
            self.following.tell(self.position)

    # Snapshots

    async def keep_snapshot_soon(self) -> None:
        """Keep a snapshot as soon as all that is under way has a place in it."""
        for _ in range(_MOST_TURNS):
            await in_slices(self._engine.door.finish_slices())
            try:
                await self.keep_snapshot()
            except UnrestError:
                await asyncio.sleep(0)
            else:
                return
        self._next_snapshot = self.position + _TRY_AGAIN_RECORDS

    async def keep_snapshot(self) -> None:
        """Begin a segment with the state of this instant as its snapshot. Raise UnrestError."""
        engine = self._engine
        check(engine)
        engine.rest()
        position = self.position
        self._begin_segment(position)
        self._next_snapshot = position + self._every
        told = {"position": position, **told_of(engine)}
        chunks = self.directory.chunks.files()
        await self.directory.keep(position, told, cut_moment(engine))
        self.snapshots += 1
        if self._tier is not None:
            await self._move_out(position, chunks, self._tier)

    async def _move_out(self, position: int, chunks: list[Path], tier: Tier) -> None:
        """Move what is old to the tier, beside everything else; what could not be moved is with the next snapshot."""
        try:
            await asyncio.to_thread(self.directory.move_out, position, chunks, tier)
        except (TierError, OSError) as error:
            _log.error("old files stay in %s: %s", self.directory.path, error)

    async def snapshot_kept(self) -> None:
        """Wait for the snapshot that is being written."""
        if self._snapshotting is not None:
            await asyncio.wait((self._snapshotting,))

    def _begin_segment(self, position: int) -> None:
        self.flush()
        header = self._segment.header
        self._segment.close()
        path = self.directory.path / name_of(position)
        self._segment = Segment(path, disk=self._disk, header={**header, "position": position})
        if self._disk:
            self.directory.sync()

    def _snapshot_ended(self, task: "asyncio.Task[None]") -> None:
        self._snapshotting = None
        error = None if task.cancelled() else task.exception()
        if isinstance(error, OSError | CutError):
            _log.error("no snapshot could be kept, so the next start takes longer: %s", error)
        elif error is not None:
            _log.error("no snapshot could be kept, so the next start takes longer", exc_info=error)

    def copy_to(self, path: Path) -> Path:
        """Copy what has been kept so far: to a file `path` with .journal behind it or, if it is several, a folder."""
        self.flush()
        segments = self.directory.segments()
        path.parent.mkdir(parents=True, exist_ok=True)
        if len(segments) == 1:
            return Path(shutil.copyfile(segments[0], f"{path}{SUFFIX}"))
        return Path(shutil.copytree(self.directory.path, path, dirs_exist_ok=True))

    def close(self) -> None:
        """Write the rest, and let go of the folder."""
        self.flush()
        self._segment.close()
        self.directory.leave()
