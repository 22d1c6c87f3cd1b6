"""Where old files of a journal are moved to, by the server or by whatever copies files: a folder, or a bucket of S3.

A file has the name there that it had in the journal's folder.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

from pocketbus.journal.segment import JournalError

BUCKET: Final = "s3://"
_SECONDS: Final = 10


class TierError(JournalError):
    """A tier cannot be used; the text says why and what to do."""


class Tier(Protocol):
    """Files by their names, with slashes; of the same name for the same content, for ever."""

    @property
    def place(self) -> str:
        """How a user names it."""
        ...

    def names(self) -> list[str]:
        """Return the names of all there is. Raise TierError."""
        ...

    def opened(self, name: str) -> BinaryIO | None:
        """Open a file to be read; None: there is none. Raise TierError."""
        ...

    def put(self, name: str, path: Path) -> None:
        """Keep a copy of a file, as a whole or not at all. Raise TierError, OSError."""
        ...


def tier_of(place: str) -> Tier:
    """Return the tier at a place: a folder, or s3://bucket/prefix. Raise TierError."""
    return BucketTier(place) if place.startswith(BUCKET) else FolderTier(Path(place))


def move(path: Path, name: str, tier: Tier) -> None:
    """Move a file. Raise TierError, and leave it, where another one has its name; or OSError."""
    there = tier.opened(name)
    if there is None:
        tier.put(name, path)
    else:
        with there, path.open("rb") as here:
            if not _same(here, there):
                raise TierError(
                    f"{tier.place} has another {name} than {path.parent}: it belongs to another journal; "
                    f"name a place of its own for each with --tier."
                )
    path.unlink()


def _same(one: BinaryIO, other: BinaryIO) -> bool:
    while piece := one.read(1 << 20):
        if _exactly(other, len(piece)) != piece:
            return False
    return not other.read(1)


def _exactly(file: BinaryIO, size: int) -> bytes:
    """Read so much, though a network brings it piece by piece."""
    found = b""
    while len(found) < size and (piece := file.read(size - len(found))):
        found += piece
    return found


class FolderTier:
    """A folder, on a larger disk, say."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def place(self) -> str:
        return str(self._path)

    def names(self) -> list[str]:
        if not self._path.is_dir():
            return []
        return [path.relative_to(self._path).as_posix() for path in self._path.rglob("*") if path.is_file()]

    def opened(self, name: str) -> BinaryIO | None:
        try:
            return (self._path / name).open("rb")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise TierError(f"{self._path / name} cannot be read: {error.strerror}.") from error

    def put(self, name: str, path: Path) -> None:
        target = self._path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f"{target.name}.unfinished")
        shutil.copyfile(path, unfinished)
        unfinished.replace(target)


class BucketTier:
    """The objects of a bucket below a prefix, by boto3 and its settings: credentials, region, AWS_ENDPOINT_URL_S3."""

    def __init__(self, place: str) -> None:
        self.place = place.rstrip("/")
        self._bucket, _, prefix = self.place.removeprefix(BUCKET).partition("/")
        self._prefix = f"{prefix}/" if prefix else ""
        if find_spec("boto3") is None:
            raise TierError(f"{place} needs boto3, which is not installed: pip install 'pocketbus[s3]'.")

    @cached_property
    def _s3(self) -> Any:
        # Loaded by those who go there: it takes 0.2 seconds.
        import boto3  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415

        patience = Config(connect_timeout=_SECONDS, read_timeout=_SECONDS, retries={"max_attempts": 3})
        return boto3.client("s3", config=patience)

    def names(self) -> list[str]:
        with self._telling():
            pages = self._s3.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix
            )
            return [
                one["Key"].removeprefix(self._prefix) for page in pages for one in page.get("Contents", ())
            ]

    def opened(self, name: str) -> BinaryIO | None:
        with self._telling():
            try:
                found: BinaryIO = self._s3.get_object(Bucket=self._bucket, Key=self._prefix + name)["Body"]
            except self._s3.exceptions.NoSuchKey:
                return None
            return found

    def put(self, name: str, path: Path) -> None:
        with self._telling(), path.open("rb") as file:
            self._s3.put_object(Bucket=self._bucket, Key=self._prefix + name, Body=file)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Raise TierError for what boto3 raises."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        try:
            yield
        except (BotoCoreError, ClientError) as error:
            raise TierError(f"{self.place} cannot be used: {error}") from error
