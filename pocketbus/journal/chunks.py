"""The chunks of logs as files of a journal's folder, each named by the digest of what it holds."""

import os
import re
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import Final

from pocketbus.emulator.logs.store import UnreadableError, name_of

FOLDER: Final = "logs"
SUFFIX: Final = ".chunk"
_NAME: Final = re.compile(r"[0-9a-f]{64}")


class Chunks:
    """A folder of chunks, in which whoever replays the journal writes the same files, or finds them there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._unsafe: set[str] = set()
        """What may not be on the disk yet."""

    def path_of(self, name: str) -> Path:
        return self.folder / f"{name}{SUFFIX}"

    def put(self, content: bytes) -> str:
        """Keep a chunk, and return its name; it is there as a whole or not at all. Raise OSError."""
        name = name_of(content)
        if self.find(name) is None:
            self._write(self.path_of(name), content)
            self._unsafe.add(name)
        return name

    def _write(self, path: Path, content: bytes) -> None:
        self.folder.mkdir(exist_ok=True)
        file, unfinished = tempfile.mkstemp(dir=self.folder)
        try:
            with open(file, "wb") as writing:  # noqa: PTH123 - it is open already
                writing.write(content)
            Path(unfinished).replace(path)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise

    def find(self, name: str) -> bytes | None:
        """Return a chunk; None: it is not there, or not what it was."""
        try:
            content = self.path_of(name).read_bytes()
        except OSError:
            return None
        return content if name_of(content) == name else None

    def get(self, name: str) -> bytes:
        """Return a chunk. Raise UnreadableError."""
        content = self.find(name) if _NAME.fullmatch(name) else None
        if content is None:
            raise UnreadableError(self._why_not(name))
        return content

    def _why_not(self, name: str) -> str:
        path = self.path_of(name)
        what = "is damaged: its content has another digest than its name" if path.exists() else "is missing"
        return f"{path} {what}. Put a copy of the file there; what goes through that log goes on within a minute."

    def sync(self) -> None:
        """Have everything on the disk."""
        unsafe, self._unsafe = self._unsafe, set()
        for name in unsafe:
            _sync(self.path_of(name))
        if unsafe:
            _sync(self.folder)


class Aside(Chunks):
    """The chunks of somebody else's folder, of which nothing is changed: what it lacks is kept for the while."""

    def __init__(self, others: Chunks) -> None:
        self._others = others
        folder = tempfile.mkdtemp(prefix="pocketbus-")
        super().__init__(Path(folder))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)

    def find(self, name: str) -> bytes | None:
        content = self._others.find(name)
        return super().find(name) if content is None else content

    def _why_not(self, name: str) -> str:
        return self._others._why_not(name)  # noqa: SLF001 - of the same kind


def _sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk."""
    if path.is_dir() and os.name != "posix":
        return
    try:
        file = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        os.fsync(file)
    finally:
        os.close(file)
