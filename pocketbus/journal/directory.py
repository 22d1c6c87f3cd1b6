"""The folder of a journal: one owner, segments by position, snapshots by position."""

import asyncio
import os
import shutil
import tempfile
import weakref
from collections.abc import AsyncIterable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

from pocketbus.journal.chunks import FOLDER, Chunks
from pocketbus.journal.record import dumps, framed, loads, payload_of
from pocketbus.journal.segment import SUFFIX, JournalError, Reading, position_of
from pocketbus.journal.tier import Tier, move, tier_of

SNAPSHOT_SUFFIX: Final = ".snapshot"
_LOCK: Final = "owner"
_TIER: Final = "tier"
_UNFINISHED: Final = ".unfinished"


class Snapshot(NamedTuple):
    """A state as a file: what is told of it, and the lines of its document."""

    path: Path

    @property
    def position(self) -> int:
        """How many records it has the effects of."""
        return int(self.path.name.removesuffix(SNAPSHOT_SUFFIX))

    def told(self) -> dict[str, Any]:
        """Return what is told of it. Raise JournalError."""
        with self.path.open("rb") as file:
            payload = payload_of(file.readline().rstrip(b"\n"), 0)
        if payload is None:
            raise JournalError(f"{self.path} is damaged: its first line is not what was written.")
        found: dict[str, Any] = loads(payload)
        return found

    def lines(self) -> Iterator[bytes]:
        """Yield the lines of the document, without their ends."""
        with self.path.open("rb") as file:
            file.readline()
            for line in file:
                if written := line.rstrip(b"\n"):
                    yield written


class Directory:
    """The files of a journal, by their positions."""

    def __init__(self, path: Path, tier: Tier | None = None) -> None:
        """Old files are in the `tier`, too, or in the one that the folder remembers."""
        self.path = path
        self.tier = tier or _remembered(path)
        self.chunks = Chunks(path / FOLDER, self.tier)
        self._fetched: Path | None = None
        self._lock: int | None = None

    def own(self) -> None:
        """Make the folder, and be its one owner until this process ends. Raise JournalError."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise JournalError(
                f"{self.path} cannot be used for data: {_why(error)}; choose another folder with --data or "
                f"POCKETBUS_DATA, or none."
            ) from error
        if not _locked(lock):
            owner = os.read(lock, 32).decode("ascii", "replace").strip()
            os.close(lock)
            raise JournalError(
                f"{self.path} is in use by the process {owner}: two servers cannot write one journal. "
                f"End that one, or choose another folder with --data."
            )
        os.ftruncate(lock, 0)
        os.write(lock, f"{os.getpid()}\n".encode())
        self._lock = lock
        for unfinished in self.path.glob(f"*{_UNFINISHED}"):
            unfinished.unlink()

    def leave(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def segments(self) -> list[Path]:
        """Return the segments that are here, the oldest first."""
        return sorted(self.path.glob(f"*{SUFFIX}"))

    def segments_from(self, position: int) -> list[Path]:
        """Return the segment that a position lies in, or begins, and those behind it; to be read by `reading`.

        The tier is asked for what is not here. Raise TierError.
        """
        segments = self.segments()
        if not segments or position_of(segments[0]) > position:
            here = {path.name for path in segments}
            segments = sorted(segments + self._in_tier(SUFFIX, here), key=position_of)
        before = [path for path in segments if position_of(path) <= position]
        return segments[len(before) - 1 :] if before else segments

    def size(self) -> int:
        """Count the bytes of the segments and snapshots that are here."""
        files = (*self.path.glob(f"*{SUFFIX}"), *self.path.glob(f"*{SNAPSHOT_SUFFIX}"))
        return sum(path.stat().st_size for path in files)

    def newest_snapshot(self) -> int | None:
        """Return the position of the newest snapshot that is here."""
        here = max(self.path.glob(f"*{SNAPSHOT_SUFFIX}"), default=None)
        return None if here is None else Snapshot(here).position

    def snapshots(self) -> Iterator[Snapshot]:
        """Yield the snapshots, the newest first: those that are here, then those of the tier. Raise TierError."""
        here = sorted(self.path.glob(f"*{SNAPSHOT_SUFFIX}"), reverse=True)
        yield from map(Snapshot, here)
        elsewhere = self._in_tier(SNAPSHOT_SUFFIX, {path.name for path in here})
        for path in sorted(elsewhere, reverse=True):
            yield Snapshot(self._here(path))

    # What is elsewhere

    def reading(self, path: Path) -> Reading:
        """Begin to read a segment. Raise JournalError."""
        return Reading(self._here(path))

    def _in_tier(self, suffix: str, but: Collection[str]) -> list[Path]:
        """Return where files of the tier will be, once they are here."""
        if self.tier is None:
            return []
        if self._fetched is None:
            self._fetched = Path(tempfile.mkdtemp(prefix="pocketbus-"))
            weakref.finalize(self, shutil.rmtree, self._fetched, ignore_errors=True)
        names = [name for name in self.tier.names() if name.endswith(suffix) and "/" not in name]
        return [self._fetched / name for name in names if name not in but]

    def _here(self, path: Path) -> Path:
        """Fetch a file if it is not here."""
        if self.tier is not None and not path.exists():
            there = self.tier.opened(path.name)
            if there is not None:
                with there, path.open("wb") as file:
                    shutil.copyfileobj(there, file)
        return path

    def has_moved_out(self) -> bool:
        """Tell whether the tier has segments of a journal. Raise TierError."""
        return any(name.endswith(SUFFIX) for name in (self.tier.names() if self.tier else ()))

    def remember(self, tier: Tier) -> None:
        """Have those who look at the folder find what is in its tier."""
        (self.path / _TIER).write_text(f"{tier.place}\n")

    def move_out(self, position: int, chunks: Iterable[Path], tier: Tier) -> None:
        """Move what is older than the snapshot at a position, with some chunks, to a tier. Raise TierError, OSError."""
        for path in chunks:
            if path.exists():
                move(path, f"{FOLDER}/{path.name}", tier)
        for path in self.segments():
            if position_of(path) < position:
                move(path, path.name, tier)
        for snapshot in list(map(Snapshot, self.path.glob(f"*{SNAPSHOT_SUFFIX}"))):
            if snapshot.position < position:
                move(snapshot.path, snapshot.path.name, tier)

    async def keep(self, position: int, told: Mapping[str, Any], document: AsyncIterable[bytes]) -> None:
        """Write a snapshot; it is there as a whole or not at all, with all that it refers to. Raise OSError."""
        with self._snapshot(position, told) as file:
            async for chunk in document:
                file.write(chunk)
            await asyncio.to_thread(self.chunks.sync)

    def keep_at_once(self, position: int, told: Mapping[str, Any], document: Iterable[bytes]) -> None:
        """Do the same with a document that is there."""
        with self._snapshot(position, told) as file:
            file.writelines(document)
            self.chunks.sync()

    @contextmanager
    def _snapshot(self, position: int, told: Mapping[str, Any]) -> Iterator[BinaryIO]:
        path = self.path / f"{position:016d}{SNAPSHOT_SUFFIX}"
        unfinished = path.with_name(path.name + _UNFINISHED)
        try:
            with unfinished.open("wb") as file:
                file.write(framed(dumps(told), 0))
                yield file
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(path)
        finally:
            unfinished.unlink(missing_ok=True)
        self.sync()

    def sync(self) -> None:
        """Have the names of the files on the disk."""
        if os.name == "posix":
            folder = os.open(self.path, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def _why(error: OSError) -> str:
    """Say why a folder cannot be made, or written in."""
    if isinstance(error, FileExistsError | NotADirectoryError):
        return f"{error.filename} is a file"
    return "it cannot be made there" if isinstance(error, FileNotFoundError) else str(error.strerror)


def _remembered(path: Path) -> Tier | None:
    try:
        place = (path / _TIER).read_text().strip()
    except OSError:
        return None
    return tier_of(place)


def _locked(file: int) -> bool:
    """Lock a file for this process, and tell whether nobody else had."""
    try:
        if os.name == "posix":
            import fcntl  # noqa: PLC0415 - there is none elsewhere

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            import msvcrt  # noqa: PLC0415 - there is none elsewhere

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    except OSError:
        return False
    return True
