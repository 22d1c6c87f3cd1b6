"""One file of a journal: lines that are only ever added, read back with each one's checksum held against it."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pocketbus.emulator.door import Place
from pocketbus.emulator.version import VERSION
from pocketbus.journal.record import PLACE, Record, dumps, framed, is_whole, loads, payload_of, records_of

FORMAT: Final = 1
SUFFIX: Final = ".journal"
_MOST_PLACES: Final = 10_000


class JournalError(Exception):
    """A journal cannot be used; the text names the file and says what to do."""


class DamagedError(JournalError):
    """What was written to a file is no longer what it holds."""


def name_of(position: int) -> str:
    """Return the name of the segment that begins behind so many records."""
    return f"{position:016d}{SUFFIX}"


def position_of(path: Path) -> int:
    return int(path.name.removesuffix(SUFFIX))


class Segment:
    """The segment that is written to. What is added is safe when `write` has returned: from the end of the process,
    and with `disk` from the end of the power, too.
    """

    def __init__(self, path: Path, *, disk: bool, header: Mapping[str, Any]) -> None:
        """Begin a segment with a header."""
        self.path = path
        self.header = header
        self._disk = disk
        self._places: dict[Place | None, int] = {None: 0}
        self._told = 0
        self._ready: list[bytes] = []
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
        self.size = self.written = 0
        self._add(dumps({"pocketbus journal": FORMAT, "version": VERSION} | dict(header)))
        self.write()

    def add(
        self, system_at: float, at: float, place: Place | None, name: str, arguments: tuple[Any, ...]
    ) -> int:
        """Add a record to what is written next, and return its bytes."""
        stamp = at if at == system_at else (at, system_at)
        number = self._places.get(place)
        if number is None:
            number = self._tell(stamp, place)
        line = framed(dumps((stamp, number, name, *arguments)), self.size)
        size = len(line)
        self.size += size
        self._ready.append(line)
        return size

    def _tell(self, stamp: Any, place: Place | None) -> int:
        """Tell a place, and number it."""
        if len(self._places) > _MOST_PLACES:
            self._places = {None: 0}
        self._told += 1
        self._places[place] = self._told
        self._add(dumps((stamp, self._told, PLACE, *(place or ()))))
        return self._told

    def _add(self, payload: bytes) -> None:
        line = framed(payload, self.size)
        self.size += len(line)
        self._ready.append(line)

    def write(self) -> None:
        """Write what was added. Raise OSError."""
        ready, self._ready = self._ready, []
        rest = memoryview(b"".join(ready))
        while rest:
            done = os.write(self._file, rest)
            self.written += done
            rest = rest[done:]
        if self._disk:
            getattr(os, "fdatasync", os.fsync)(self._file)  # macOS and Windows lack the former

    def close(self) -> None:
        os.close(self._file)


class Reading:
    """A segment that is read: `header` is its first line, `torn_at` where it breaks off, once all has been read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.torn_at: int | None = None
        lines = self._payloads()
        first = next(lines, None)
        self.header: dict[str, Any] = {} if first is None else loads(first)
        if first is not None and self.header.get("pocketbus journal") != FORMAT:
            raise JournalError(
                f"{path} is a journal in the format {self.header.get('pocketbus journal')!r}; this release "
                f"({VERSION}) reads {FORMAT}: use the release that wrote it."
            )
        self._lines = lines

    def records(self) -> Iterator[Record]:
        """Yield the records, once. Raise DamagedError where the file is not what was written."""
        if self.header:
            yield from records_of(self._lines)

    def _payloads(self) -> Iterator[bytes]:
        offset = 0
        with self.path.open("rb") as file:
            for line in file:
                payload = payload_of(line[:-1], offset) if line.endswith(b"\n") else None
                if payload is None:
                    self._judge(offset, line + file.read())
                    return
                offset += len(line)
                yield payload

    def _judge(self, offset: int, rest: bytes) -> None:
        """Tell an end that was not written to its end from what was written and has changed.

        The former has no end of a line; where a disk had no power left, it may have zeros, which no line holds.
        """
        first, end, behind = rest.partition(b"\n")
        goes_on = b"\0" not in first or self._goes_on(offset + len(first) + 1, behind)
        if goes_on if end else is_whole(first):
            raise DamagedError(
                f"{self.path} is damaged at byte {offset}: what is there is not what was written. Put a copy of the "
                f"file in its place; or, to go on with what is before that byte and lose what is behind it: "
                f"truncate --size={offset} {self.path}, and remove the files of the folder with higher numbers."
            )
        self.torn_at = offset

    def _goes_on(self, offset: int, lines: bytes) -> bool:
        for line in lines.split(b"\n")[:-1]:
            if payload_of(line, offset) is not None:
                return True
            offset += len(line) + 1
        return False


def cut(path: Path, at: int) -> int:
    """Cut an end off, keep it beside the file, and return how many bytes it has."""
    with path.open("r+b") as file:
        file.seek(at)
        torn = file.read()
        path.with_name(f"{path.name}.torn-{at}").write_bytes(torn)
        file.truncate(at)
        os.fsync(file.fileno())
    return len(torn)
