"""The log of one shard: its streams, its snapshots, its keys."""

from typing import NamedTuple

from pocketbus.cluster.connection import Connection
from pocketbus.cluster.keys import Keys
from pocketbus.cluster.snapshots import Snapshots
from pocketbus.cluster.streams import Streams


class Log(NamedTuple):
    """What a node needs to follow a shard and to write it; `seed` is what its choices begin with."""

    shard: int
    seed: int
    connection: Connection
    keys: Keys
    streams: Streams
    snapshots: Snapshots
    news: str
    """The subject under which the writer tells how far the log goes."""

    @property
    def lease_key(self) -> str:
        return f"{self.shard}.lease"
