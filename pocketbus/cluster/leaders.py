"""Keeps the leaders of a log's streams apart, so that with one machine no more than one of them is lost."""

import asyncio
import logging
from collections.abc import Collection
from typing import Final, NamedTuple

from pocketbus.cluster.connection import Connection, RefusedError, UnreachableError
from pocketbus.cluster.log import Log
from pocketbus.cluster.writing import Writing

_LOOK_SECONDS: Final = 1.0
_FIRST_LOOK_SECONDS: Final = 0.1
_log = logging.getLogger("pocketbus")


class Leaders(NamedTuple):
    """The servers that lead the stream that is written, that of the keys, and the other one."""

    written: str
    keys: str
    other: str


def better(leaders: Leaders, here: str, servers: Collection[str], *, first: bool = True) -> Leaders:
    """Return which servers should lead next: what is well placed stays where it is.

    Nobody leads two of what a writer needs, the stream and the keys, and the server of its own machine, which is
    `here`, leads neither, as far as there are others. The keys are all shards' own: the writer of the `first` one
    places them, the others keep away from there. The other stream, with which a writer goes on when the leader is
    gone, is led where it could be written, and not where the one is that is.

    What is written never gets another leader, as its writer would have to wait for it: where the two streams are to
    change places, the writer goes on in the other one.
    """
    written, keys, other = leaders
    shunned = [{here}] if first else [{keys, here}, {keys}]
    if _rank(other, shunned) < _rank(written, shunned):
        return Leaders(other, keys, written)
    if first:
        keys = _one(keys, servers, {written, here}, {written})
    return Leaders(written, keys, _one(other, servers, *({written, *some} for some in shunned), {written}))


def _rank(server: str, shunned: Collection[Collection[str]]) -> int:
    """Return for how many reasons something else is better led elsewhere."""
    return sum(server in some for some in shunned)


def _one(now: str, servers: Collection[str], *avoided: Collection[str]) -> str:
    for avoid in avoided:
        good = [server for server in sorted(servers) if server not in avoid]
        if good:
            return now if now in good else good[0]
    return now


class Placing:
    """Has better servers lead the two streams of a log, once they have been better for a while.

    Right after a failure, much is on its way by itself.
    """

    def __init__(self, log: Log, writing: Writing) -> None:
        self._log = log
        self._writing = writing
        self._wanted: Leaders | None = None
        self._begins = writing.epoch.number == 1
        """Whether the log is new, and nobody waits or has failed: then at once."""

    async def run(self) -> None:
        """Look again and again. What cannot be done now is left for the next time."""
        while True:
            try:
                await self._look()
            except (UnreachableError, RefusedError, KeyError):
                self._wanted = None
            await asyncio.sleep(_FIRST_LOOK_SECONDS if self._begins else _LOOK_SECONDS)

    async def _look(self) -> None:
        streams, written = self._log.streams, self._writing.epoch.stream
        names = (streams.names[written], streams.keys.stream, streams.names[1 - written])
        connection = self._log.connection
        told = [(await connection.ask(f"STREAM.INFO.{name}"))["cluster"] for name in names]
        now = Leaders(*(one["leader"] for one in told))
        others = told[0].get("replicas", ())
        current = [one["name"] for one in others if one.get("current")]
        wanted = better(now, connection.home, {now.written, *current}, first=not self._log.shard)
        before, self._wanted = self._wanted, wanted
        if wanted == now:
            self._begins = False
        elif wanted != before and not (self._begins and len(current) == len(others)):
            return
        elif wanted.written != now.written:
            self._writing.go_on_in(1 - written)
        else:
            for name, one, other in zip(names, now, wanted, strict=True):
                await _place(connection, name, one, other)


async def _place(connection: Connection, stream: str, now: str, wanted: str) -> None:
    if now != wanted:
        _log.info("%s is to lead %s, in the place of %s", wanted, stream, now)
        await connection.ask(f"STREAM.LEADER.STEPDOWN.{stream}", {"placement": {"preferred": wanted}})
