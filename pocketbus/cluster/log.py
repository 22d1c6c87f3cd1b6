"""The log of one shard: its streams, its snapshots, its keys."""

from functools import partial
from typing import NamedTuple

from pocketbus.cluster.connection import Connection
from pocketbus.cluster.keys import Keys
from pocketbus.cluster.routing import shard_of
from pocketbus.cluster.snapshots import Snapshots
from pocketbus.cluster.streams import Streams
from pocketbus.emulator.shards.shards import Shards


class Log(NamedTuple):
    """What a node needs to follow a shard and to write it: one of `shards`; `seed` is what its choices begin with."""

    shard: int
    seed: int
    connection: Connection
    keys: Keys
    streams: Streams
    snapshots: Snapshots
    news: str
    """The subject under which the writer tells how far the log goes."""
    shards: int = 1

    @property
    def lease_key(self) -> str:
        return f"{self.shard}.lease"

    @property
    def map(self) -> Shards | None:
        """Which accounts are those of the shard; None: all."""
        return Shards(self.shard, partial(shard_of, shards=self.shards)) if self.shards > 1 else None
