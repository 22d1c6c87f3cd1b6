"""The folder of a journal: one owner, segments by position, snapshots by position."""

import os
from collections.abc import AsyncIterable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

from pocketbus.journal.record import dumps, framed, loads, payload_of
from pocketbus.journal.segment import SUFFIX, JournalError, position_of

SNAPSHOT_SUFFIX: Final = ".snapshot"
_LOCK: Final = "owner"
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

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None

    def own(self) -> None:
        """Make the folder, and be its one owner until this process ends. Raise JournalError."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise JournalError(
                f"{self.path} cannot be used for data: {error.strerror}; choose another folder with --data or "
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
        """Return the segments, the oldest first."""
        return sorted(self.path.glob(f"*{SUFFIX}"))

    def segments_from(self, position: int) -> list[Path]:
        """Return the segment that a position lies in, or begins, and those behind it."""
        segments = self.segments()
        before = [path for path in segments if position_of(path) <= position]
        return segments[len(before) - 1 :] if before else segments

    def size(self) -> int:
        """Count the bytes of segments and snapshots."""
        files = (*self.segments(), *(snapshot.path for snapshot in self.snapshots()))
        return sum(path.stat().st_size for path in files if path.exists())

    def snapshots(self) -> list[Snapshot]:
        """Return the snapshots, the newest first."""
        return [Snapshot(path) for path in sorted(self.path.glob(f"*{SNAPSHOT_SUFFIX}"), reverse=True)]

    async def keep(self, position: int, told: Mapping[str, Any], document: AsyncIterable[bytes]) -> None:
        """Write a snapshot; it is there as a whole or not at all. Raise OSError."""
        with self._snapshot(position, told) as file:
            async for chunk in document:
                file.write(chunk)

    def keep_at_once(self, position: int, told: Mapping[str, Any], document: Iterable[bytes]) -> None:
        """Do the same with a document that is there."""
        with self._snapshot(position, told) as file:
            file.writelines(document)

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
