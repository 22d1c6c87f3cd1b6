"""Carries what the engine of a writer has for other shards to their writers: one carriage at a time to each of them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from pocketbus.cluster import carriages
from pocketbus.cluster.connection import UnreachableError
from pocketbus.cluster.journal import ClusterJournal, LostError
from pocketbus.emulator.shards.channels import Answer
from pocketbus.emulator.shards.exchange import Exchange
from pocketbus.journal.record import loads

Post = Callable[[int, bytes], Awaitable[bytes]]
"""Has the writer of a shard take a carriage, and returns its answer. Raise UnreachableError."""

_log = logging.getLogger("pocketbus")
_LEAST_SECONDS: Final = 0.1
_MOST_SECONDS: Final = 2.0


class Carrying:
    """Carries for one shard, as long as this node writes it."""

    def __init__(self, own: int, count: int, exchange: Exchange, journal: ClusterJournal, post: Post) -> None:
        self._own = own
        self._exchange = exchange
        self._journal = journal
        self._post = post
        self._news = {shard: asyncio.Event() for shard in range(count) if shard != own}
        self._troubled: set[int] = set()
        exchange.wake = self._wake

    @property
    def others(self) -> list[int]:
        """The shards to `carry` to."""
        return list(self._news)

    def _wake(self, shard: int) -> None:
        self._news[shard].set()

    async def carry(self, shard: int) -> None:
        """Carry to a shard whatever is for it. Raise LostError where somebody else writes here."""
        pause = 0.0
        while True:
            await self._wait(shard, pause)
            try:
                pause = 0.0 if await self._carry_once(shard) else _longer(pause)
            except LostError:
                raise
            except UnreachableError as error:
                self._tell(shard, str(error))
                pause = _longer(pause)
                await asyncio.sleep(pause)
            except Exception:  # noqa: BLE001 - a defect of what is carried must not end what is written
                _log.exception("shard %d: carrying to shard %d has failed", self._own, shard)
                await asyncio.sleep(_MOST_SECONDS)

    def _tell(self, shard: int, trouble: str) -> None:
        """Log once what is in the way, and when that is over."""
        if trouble and shard not in self._troubled:
            self._troubled.add(shard)
            waiting = self._exchange.on_the_way(shard)
            _log.warning("shard %d: %d deliveries wait for shard %d: %s", self._own, waiting, shard, trouble)
        elif not trouble and shard in self._troubled:
            self._troubled.discard(shard)
            _log.info("shard %d: shard %d takes deliveries again", self._own, shard)

    async def _wait(self, shard: int, pause: float) -> None:
        """Wait until something is to be carried or, while the end of what was carried is not known, for some time."""
        news, exchange = self._news[shard], self._exchange
        if exchange.waits(shard):
            return
        news.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(_longer(pause) if exchange.on_the_way(shard) else None):
                await news.wait()

    async def _carry_once(self, shard: int) -> bool:
        """Carry what there is, once the log has it; tell whether that has brought news. Raise UnreachableError."""
        carriage = self._exchange.carriage(shard)
        await self._journal.safe()
        answer = Answer.of(loads(await self._post(shard, carriages.written(self._own, carriage))))
        self._tell(shard, "")
        return self._exchange.hear(shard, answer)


def _longer(pause: float) -> float:
    return min(max(2 * pause, _LEAST_SECONDS), _MOST_SECONDS)
