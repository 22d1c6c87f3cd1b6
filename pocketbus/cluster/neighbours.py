"""The nodes of a cluster, as they tell one another of themselves, and how they share the shards."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple

import orjson
from nats.aio.msg import Msg

from pocketbus.cluster.connection import Connection, UnreachableError
from pocketbus.cluster.shard import Role, Shard
from pocketbus.emulator.time.clock import stopwatch

_TELL_SECONDS: Final = 0.5
_GONE_SECONDS: Final = 3.0
_BUSY_SECONDS: Final = 0.3
_LEFT_TO_ANOTHER_SECONDS: Final = 1.5
_SETTLE_TIMES: Final = 6


class Neighbour(NamedTuple):
    """A node that has told of itself."""

    at: float
    writes: list[int]
    follows: list[int]


class Neighbours:
    """Hears of the other nodes."""

    def __init__(self, connection: Connection, name: str, node: str) -> None:
        self._connection = connection
        self._subject = f"{name}.nodes"
        self._node = node
        self._others: dict[str, Neighbour] = {}
        self._written = 0

    def patience(self, shard: Shard) -> float | None:
        """Tell for how many seconds others may take a lease first: those that write fewer shards."""
        to = shard.writer.next
        left_to_another = _LEFT_TO_ANOTHER_SECONDS if to and to != self._node else 0.0
        return 0.0 if to == self._node else self._written * _BUSY_SECONDS + left_to_another

    def told(self) -> dict[str, Any]:
        """Tell of the others, for JSON."""
        self._forget()
        return {
            name: {"writes": one.writes, "follows": one.follows} for name, one in sorted(self._others.items())
        }

    async def run(self, shards: Sequence[Shard]) -> None:
        """Tell of this node and hear of others; leave a shard to one that has less to do."""
        await self._connection.listen(self._subject, self._hear)
        times = 0
        while True:
            writes = [shard.number for shard in shards if shard.role is Role.WRITER]
            follows = [shard.number for shard in shards if shard.role is Role.STANDBY]
            self._written = len(writes)
            told = orjson.dumps([self._node, writes, follows])
            with suppress(UnreachableError):
                await self._connection.publish(self._subject, told)
            times += 1
            if times % _SETTLE_TIMES == 0:
                await self._share(shards, writes)
            await asyncio.sleep(_TELL_SECONDS)

    async def _share(self, shards: Sequence[Shard], writes: list[int]) -> None:
        self._forget()
        for name, other in sorted(self._others.items(), key=lambda one: len(one[1].writes)):
            ready = [number for number in writes if number in other.follows]
            if ready and len(other.writes) + 1 < len(writes):
                await shards[ready[-1]].leave(name)
                return

    def _forget(self) -> None:
        now = stopwatch()
        self._others = {name: one for name, one in self._others.items() if now - one.at < _GONE_SECONDS}

    async def _hear(self, message: Msg) -> None:
        node, writes, follows = orjson.loads(message.data)
        if node != self._node:
            self._others[node] = Neighbour(stopwatch(), writes, follows)
