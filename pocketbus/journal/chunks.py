"""The chunks of logs as files of a journal's folder, each named by the digest of what it holds."""

import os
import re
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import Final

from pocketbus.emulator.logs.store import UnreadableError, name_of
from pocketbus.journal.tier import Tier, TierError

FOLDER: Final = "logs"
SUFFIX: Final = ".chunk"
_REMEDY: Final = "Put a copy of the file there; what goes through that log goes on within a minute."
_NAME: Final = re.compile(r"[0-9a-f]{64}")


class Chunks:
    """A folder of chunks, in which whoever replays the journal writes the same files, or finds them there."""

    def __init__(self, folder: Path, tier: Tier | None = None) -> None:
        self.folder = folder
        self._tier = tier
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
        """Return a chunk, from the tier where it is not here. Raise UnreadableError."""
        if not _NAME.fullmatch(name):
            raise UnreadableError(f"{name!r} is no name of a chunk.")
        content = self.find(name)
        return self._from_elsewhere(name) if content is None else content

    def bring(self, name: str) -> None:
        """Have a chunk here, until it is moved again. Raise UnreadableError, OSError."""
        if self.find(name) is None:
            self._write(self.path_of(name), self.get(name))

    def _from_elsewhere(self, name: str) -> bytes:
        content, where = None, ""
        if self._tier is not None:
            where = f", nor is there a good one in {self._tier.place}"
            try:
                there = self._tier.opened(f"{FOLDER}/{name}{SUFFIX}")
                if there is not None:
                    with there:
                        content = there.read()
            except (TierError, OSError) as error:
                where = f", and {error}"
        if content is None or name_of(content) != name:
            raise UnreadableError(f"{self._what_is_wrong(name)}{where}. {_REMEDY}")
        return content

    def _what_is_wrong(self, name: str) -> str:
        path = self.path_of(name)
        if path.exists():
            return f"{path} is damaged: its content has another digest than its name"
        return f"{path} is missing"

    def files(self) -> list[Path]:
        """Return the files that are here."""
        return sorted(self.folder.glob(f"*{SUFFIX}"))

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

    def bring(self, name: str) -> None:
        """Have a chunk here, until it is moved again. Raise UnreadableError, OSError."""
        if self.find(name) is None:
            self._write(self.path_of(name), self.get(name))

    def _from_elsewhere(self, name: str) -> bytes:
        return self._others.get(name)


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
