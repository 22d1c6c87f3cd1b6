"""Keeps the leaders of a log's streams apart, so that with one machine no more than one of them is lost."""

import logging
from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from pocketbus.cluster.connection import Connection, RefusedError, UnreachableError

LOOK_SECONDS: Final = 1.0
_log = logging.getLogger("pocketbus")


class Leaders(NamedTuple):
    """The servers that lead the stream that is written, that of the keys, and the other one."""

    written: str
    keys: str
    other: str


def better(leaders: Leaders, here: str, servers: Collection[str], *, first: bool = True) -> Leaders:
    """Return which servers should lead: what is well placed stays where it is.

    The keys are all shards' own: the writer of the `first` one places them, the others keep away from there.

    Nobody leads two of what a writer needs, the stream and the keys, and the server of its own machine, which is
    `here`, leads neither, as far as there are others. With the other stream it goes on when the leader is gone.
    """
    if first:
        written = _one(leaders.written, servers, {here})
        keys = _one(leaders.keys, servers, {written, here}, {written})
    else:
        keys = leaders.keys
        written = _one(leaders.written, servers, {keys, here}, {keys})
    return Leaders(written, keys, _one(leaders.other, servers, {written}))


def _one(now: str, servers: Collection[str], *avoided: Collection[str]) -> str:
    for avoid in avoided:
        good = [server for server in sorted(servers) if server not in avoid]
        if good:
            return now if now in good else good[0]
    return now


class Placing:
    """Has better ones lead, once they have been better for a while: each change makes the writer wait."""

    def __init__(self, connection: Connection, *, first: bool) -> None:
        self._connection = connection
        self._first = first
        self._wanted: Leaders | None = None

    async def look(self, streams: Sequence[str]) -> None:
        """Look at `streams`: the one that is written, that of the keys and, if there is one, the other.

        What cannot be done now is left for the next time.
        """
        connection = self._connection
        try:
            told = [(await connection.ask(f"STREAM.INFO.{name}"))["cluster"] for name in streams]
            now = [one.get("leader", "") for one in told]
            servers = {now[0], *(one["name"] for one in told[0].get("replicas", ()) if one.get("current"))}
            if len(servers) == 1 or not all(now):
                return
            leaders = Leaders(*now, *now[: 3 - len(now)])
            wanted = better(leaders, connection.server, servers, first=self._first)
            before, self._wanted = self._wanted, wanted
            if before == wanted:
                for name, one, other in zip(streams, now, wanted, strict=False):
                    await self._place(name, one, other)
        except (UnreachableError, RefusedError, KeyError):
            return

    async def _place(self, stream: str, now: str, wanted: str) -> None:
        if now != wanted:
            _log.info("%s is to lead %s, in the place of %s", wanted, stream, now)
            await self._connection.ask(
                f"STREAM.LEADER.STEPDOWN.{stream}", {"placement": {"preferred": wanted}}
            )
