"""The journal of an engine that writes a log: what has come in, and when it is safe."""

import asyncio
from collections import deque
from collections.abc import Coroutine, Iterator
from typing import Any, Final

from pocketbus.cluster.lease import Held
from pocketbus.cluster.part import Group
from pocketbus.cluster.streams import Streams
from pocketbus.cluster.writing import Writing
from pocketbus.emulator.door import Place
from pocketbus.journal.figures import Figure

MOST_WAITING: Final = 100_000
"""So many records may wait for their acknowledgement; then nothing more is taken in."""


class LostError(Exception):
    """The log is written by somebody else: what waits for an acknowledgement gets none."""


class ClusterJournal:
    """Keeps inputs in a log."""

    def __init__(self, streams: Streams, writer: str, lease: Held) -> None:
        self.writing = Writing(streams, writer, self._take, self._hear)
        self.appended = self.safe_up_to = 0
        """How many records there are of this writer, and how many of them are in the log."""
        self.safe_number = 0
        """The number of the last message that is known to be in the log."""
        self.lost = False
        self.news = asyncio.Event()
        """Is set when more is in the log."""
        self._lease = lease
        self._most = streams.connection.max_payload - _HEADERS
        self._group = Group()
        self._asked = False
        self._made: deque[tuple[int, int]] = deque()
        """For each message that is not safe, its number and how many records are up to it."""
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    # What the door needs

    def append(
        self, system_at: float, at: float, place: Place | None, name: str, arguments: tuple[Any, ...]
    ) -> None:
        """Keep an input. What comes in within one turn of the event loop is written together."""
        self._group.add(system_at, at, place, name, arguments)
        self.appended += 1
        self.writing.wake()

    def when_safe(self, work: Coroutine[Any, Any, Any]) -> Coroutine[Any, Any, Any]:
        """Return the work, to begin when the log has what led to it; if somebody else writes it, never."""

        async def begun() -> Any:
            try:
                await self.safe()
            except LostError:
                await asyncio.get_running_loop().create_future()
            return await work

        return begun()

    # What leaves

    @property
    def unsafe(self) -> int:
        """How many records wait for their acknowledgement."""
        return self.appended - self.safe_up_to

    @property
    def trouble(self) -> str:
        """What keeps requests from being answered, if anything does."""
        if self.writing.stuck:
            return "the log does not acknowledge what is written"
        return "" if self._lease.good else "the lease cannot be renewed"

    @property
    def refuses(self) -> bool:
        """Whether nothing more is taken in: too much waits for the log, or this node seems to be cut off."""
        return self.unsafe > MOST_WAITING or (self.writing.stuck and not self._lease.good)

    @property
    def is_safe(self) -> bool:
        """Whether all there is may be shown: it is in the log, and nobody else can have taken over."""
        return self.safe_up_to == self.appended and not self.lost and self._lease.good

    def figures(self) -> Iterator[Figure]:
        """Tell how much there is, and how much of it the log has not acknowledged."""
        words = "Messages that the log has, each of one or more inputs; those of earlier writers included."
        yield Figure("messages", words, self.writing.number)
        words = "Inputs whose answers wait until the log acknowledges them."
        yield Figure("unacknowledged_inputs", words, self.unsafe, grows=False)

    async def safe(self) -> None:
        """Wait until all that is there now may be shown. Raise LostError."""
        if self.is_safe:
            return
        if self.lost:
            raise LostError
        if self.safe_up_to == self.appended:
            # Whether somebody else has taken over, a message tells that the log takes.
            self._asked = True
            self.appended += 1
            self.writing.wake()
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((self.appended, future))
        await future

    def lose(self) -> None:
        """Know that somebody else writes the log."""
        self.lost = True
        waiting, self._waiting = self._waiting, deque()
        for _, future in waiting:
            if not future.done():
                future.set_exception(LostError())
                future.exception()  # whoever waited may be gone

    # What the writing needs

    def _take(self) -> list[bytes]:
        if not (self._group or self._asked):
            return []
        pieces = self._group.pieces(self._most)
        self._group = Group()
        self._asked = False
        self._made.append((self.writing.number + len(pieces), self.appended))
        return pieces

    def _hear(self, number: int) -> None:
        self.safe_number = number
        while self._made and self._made[0][0] <= number:
            self.safe_up_to = self._made.popleft()[1]
        self.news.set()
        waiting = self._waiting
        while waiting and waiting[0][0] <= self.safe_up_to:
            future = waiting.popleft()[1]
            if not future.done():
                future.set_result(None)


_HEADERS: Final = 4096
