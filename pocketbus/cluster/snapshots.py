"""The snapshots of a log, in JetStream's object store: the files that a journal in a folder would have."""

import asyncio
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from nats.errors import Error
from nats.js.api import ObjectStoreConfig, StorageType
from nats.js.errors import NotFoundError
from nats.js.object_store import ObjectStore

from pocketbus.cluster.connection import Connection, UnreachableError, heeding
from pocketbus.journal.directory import Directory, Snapshot

_SECONDS: Final = 600


class Snapshots:
    """The bucket of a shard."""

    def __init__(self, connection: Connection, name: str, shard: int) -> None:
        self._client = connection.client
        self._bucket = f"{name}-{shard}"
        self._store: ObjectStore | None = None

    async def make(self, replicas: int) -> None:
        """Make the bucket if it is not there. Raise UnreachableError."""
        config = ObjectStoreConfig(replicas=replicas, storage=StorageType.FILE)
        try:
            context = self._client.jetstream(timeout=5)
            try:
                self._store = await heeding(context.object_store(self._bucket))
            except NotFoundError:
                self._store = await heeding(context.create_object_store(self._bucket, config))
        except (Error, OSError, TimeoutError) as error:
            raise UnreachableError(str(error)) from error

    @property
    def _made(self) -> ObjectStore:
        if self._store is None:
            raise RuntimeError("the bucket has not been made")
        return self._store

    @asynccontextmanager
    async def fetched(self, position: int) -> AsyncIterator[Snapshot]:
        """Have a snapshot here for a while. Raise UnreachableError."""
        with tempfile.TemporaryDirectory() as folder:
            snapshot = Snapshot(Path(folder) / f"{position:016d}.snapshot")
            try:
                async with asyncio.timeout(_SECONDS):
                    with snapshot.path.open("wb") as file:
                        await heeding(self._made.get(f"{position:016d}", writeinto=file))
            except (Error, OSError, TimeoutError) as error:
                raise UnreachableError(str(error)) from error
            yield snapshot

    @asynccontextmanager
    async def written(
        self, position: int, told: Mapping[str, Any], document: AsyncIterable[bytes]
    ) -> AsyncIterator[Snapshot]:
        """Have a snapshot here that is not kept yet. Raise OSError, CutError."""
        with tempfile.TemporaryDirectory() as folder:
            directory = Directory(Path(folder))
            await directory.keep(position, told, document)
            yield next(directory.snapshots())

    async def keep(self, snapshot: Snapshot) -> None:
        """Keep a snapshot whose state is safe. Raise UnreachableError."""
        try:
            with snapshot.path.open("rb") as file:
                await heeding(self._made.put(f"{snapshot.position:016d}", file))
        except (Error, OSError, TimeoutError) as error:
            raise UnreachableError(str(error)) from error

    async def drop(self, position: int) -> None:
        """Let go of one. Raise UnreachableError."""
        try:
            await heeding(self._made.delete(f"{position:016d}"))
        except NotFoundError:
            return
        except (Error, OSError, TimeoutError) as error:
            raise UnreachableError(str(error)) from error
