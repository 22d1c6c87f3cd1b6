"""A standby: an engine that follows the log until it is this node's turn to write it."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Final, NamedTuple

from pocketbus.cluster.connection import UnreachableError
from pocketbus.cluster.following import Following
from pocketbus.cluster.keys import ConflictError
from pocketbus.cluster.lease import Held, Holder, Watched
from pocketbus.cluster.log import Log
from pocketbus.emulator.ids import token
from pocketbus.emulator.time.clock import stopwatch

_LOOK_SECONDS: Final = 0.2
"""So often it reads on, and sees whether the writer is there, if nobody tells it to."""
_NEWS_SECONDS: Final = 0.01
_log = logging.getLogger("pocketbus")


class Turn(NamedTuple):
    """The right to try: a lease, and the word of its holder as a writer."""

    lease: Held
    writer: str


class Standby:
    """Follows a log. `patience` tells for how many seconds this node lets others take a lease that is free; None: it
    does not want it.
    """

    def __init__(
        self, log: Log, node: str, url: str, watched: Watched, patience: Callable[[], float | None]
    ) -> None:
        self.told = 0
        """The number up to which the log goes, as the writer has told it."""
        self.trouble = ""
        self._log = log
        self._node = node
        self._url = url
        self._watched = watched
        self._patience = patience
        self._free_since: float | None = None
        self._news = asyncio.Event()

    def hear(self, number: int) -> None:
        """Hear how far the log goes."""
        self.told = max(self.told, number)
        self._news.set()

    async def wait_for_turn(self, following: Following, ready: Callable[[], object]) -> Turn:
        """Read on until there is a turn; it is `ready` once it has read all there was.

        Raise AstrayError, JournalError.
        """
        while True:
            if await self._read_on(following):
                ready()
                if self._is_time():
                    turn = await self._take()
                    if turn is not None:
                        await self._read_on(following)
                        return turn
            await self._pause(following)

    async def _read_on(self, following: Following) -> bool:
        try:
            await following.read_on()
        except UnreachableError as error:
            if not self.trouble:
                _log.warning("shard %d: the log cannot be reached: %s", self._log.shard, error)
            self.trouble = f"the log cannot be reached: {error}"
            return False
        self.trouble = ""
        return True

    def _is_time(self) -> bool:
        if not self._watched.free:
            self._free_since = None
            return False
        if self._free_since is None:
            self._free_since = stopwatch()
        patience = self._patience()
        return patience is not None and stopwatch() - self._free_since >= patience

    async def _take(self) -> Turn | None:
        writer = f"{self._node}-{token()}"
        lease = Held(self._log.keys, self._log.lease_key, Holder(self._node, self._url, writer))
        try:
            await lease.take(self._watched.revision)
        except ConflictError:
            return None
        except UnreachableError:
            self._watched.wait()
            return None
        return Turn(lease, writer)

    async def _pause(self, following: Following) -> None:
        """Wait for news, or for the next look."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_SECONDS):
                while self.told <= following.position:
                    self._news.clear()
                    await self._news.wait()
                await asyncio.sleep(_NEWS_SECONDS)
