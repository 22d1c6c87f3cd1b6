"""Who tries to write a log: whoever has the key, as long as it is renewed. Who may, the log decides.

No clocks are compared: a holder counts from when it asked for a renewal, all others from when they first saw it.
"""

import asyncio
from contextlib import suppress
from typing import Final, NamedTuple

import orjson

from pocketbus.cluster.connection import RefusedError, UnreachableError
from pocketbus.cluster.keys import ConflictError, Entry, Keys
from pocketbus.emulator.time.clock import stopwatch

LEASE_SECONDS: Final = 2.0
RENEW_SECONDS: Final = 0.4
_MARGIN_SECONDS: Final = 0.1
_LOOK_SECONDS: Final = 0.2


class Holder(NamedTuple):
    """Who has a lease: the node, where other nodes reach it, and its word as a writer; no node: whoever comes."""

    node: str = ""
    url: str = ""
    writer: str = ""
    next: str = ""
    """The node that it was left to."""

    def dumps(self) -> bytes:
        return orjson.dumps(list(self))


class Held:
    """A lease of one's own."""

    def __init__(self, keys: Keys, key: str, holder: Holder) -> None:
        self._keys = keys
        self._key = key
        self._holder = holder
        self._revision = 0
        self._until = 0.0
        self._left = False
        self._changing = asyncio.Lock()

    @property
    def good(self) -> bool:
        """Whether nobody else can have it now."""
        return stopwatch() < self._until

    async def take(self, seen: int) -> None:
        """Take it from whoever had it in a revision. Raise ConflictError, UnreachableError."""
        await self._put(self._holder, seen)

    async def renew(self) -> None:
        """Keep it. Raise ConflictError where somebody else has it, UnreachableError."""
        async with self._changing:
            if self._left:
                return
            try:
                await self._put(self._holder, self._revision)
            except ConflictError:
                found = await self._keys.read(self._key)
                if found.value != self._holder.dumps():
                    raise
                self._revision = found.revision  # nobody had answered for it

    async def leave(self, to: str = "") -> None:
        """Let somebody else have it, a node of that name first. Raise ConflictError, UnreachableError."""
        async with self._changing:
            self._left = True
            await self._put(Holder(next=to), self._revision)
            self._until = 0.0

    async def _put(self, holder: Holder, revision: int) -> None:
        asked_at = stopwatch()
        self._revision = await self._keys.put(self._key, holder.dumps(), revision)
        self._until = asked_at + LEASE_SECONDS - _MARGIN_SECONDS


class Watched:
    """A lease as others see it."""

    def __init__(self, keys: Keys, key: str) -> None:
        self.holder = Holder()
        self.revision = 0
        self.still_seconds = 0.0
        """For how long nobody has renewed it, as far as can be seen from here."""
        self._keys = keys
        self._key = key
        self._seen_at = stopwatch()
        self._changed = asyncio.Event()

    async def watch(self) -> None:
        """Look at it again and again."""
        while True:
            await self.look()
            await asyncio.sleep(_LOOK_SECONDS)

    async def look(self) -> None:
        """Look at it; where nobody answers, it stays as it was seen."""
        with suppress(UnreachableError, RefusedError):
            self._see(await self._keys.glance(self._key))

    async def change(self, holder: Holder) -> None:
        """Wait until somebody else than this one has it."""
        while self.holder == holder:
            await self._changed.wait()

    def wait(self) -> None:
        """Give its holder time again: nobody could renew it."""
        self._seen_at = stopwatch()
        self.still_seconds = 0.0

    def _see(self, found: Entry) -> None:
        now = stopwatch()
        if found.revision > self.revision:
            self.revision = found.revision
            self._seen_at = now
            holder = Holder(*orjson.loads(found.value))
            if holder != self.holder:
                self.holder = holder
                changed, self._changed = self._changed, asyncio.Event()
                changed.set()
        self.still_seconds = now - self._seen_at

    @property
    def free(self) -> bool:
        """Whether somebody else may try."""
        return not self.holder.node or self.still_seconds > LEASE_SECONDS
