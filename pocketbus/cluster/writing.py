"""Writing a log: messages go out one behind the other without waiting, and nobody else writes between them.

Each names the place of the one before it in its stream, so that of two who believe to be the writer one is refused:
the log itself decides. Whoever takes over writes a message that says so behind the last one it has read. What has not
been acknowledged in time is asked for at the stream's end, sent again, or sent to the other stream, in a new epoch.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

import orjson
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error

from pocketbus.cluster.connection import RefusedError, UnreachableError, answered
from pocketbus.cluster.head import Epoch, Head
from pocketbus.cluster.keys import ConflictError
from pocketbus.cluster.part import HEADER, Mark, Part
from pocketbus.cluster.streams import Streams
from pocketbus.emulator.time.clock import stopwatch

ACK_SECONDS: Final = 1.0
"""An acknowledgement that has not come within that is looked for."""
IN_FLIGHT: Final = 16
"""So many messages are on their way at a time; what comes in meanwhile goes into the next one together."""
_PAUSE_SECONDS: Final = 0.1
_log = logging.getLogger("pocketbus")


class FencedError(Exception):
    """Somebody else writes the log."""


class Writing:
    """One writer's side of a log. `take` returns the pieces of what is to be written next, none if there is nothing;
    `acknowledged` hears the number up to which all is safe.
    """

    def __init__(
        self,
        streams: Streams,
        writer: str,
        take: Callable[[], list[bytes]],
        acknowledged: Callable[[int], object],
    ) -> None:
        self.writer = writer
        self.head = Head()
        self.number = 0
        """The number of the last message that was made."""
        self._streams = streams
        self._take = take
        self._acknowledged = acknowledged
        self._revision = 0
        self._window: deque[Part] = deque()
        self._sent = 0
        self._news = asyncio.Event()
        self._trouble = False
        self._progress = True
        self._wanted_stream: int | None = None
        self._leaving = False
        """Whether the head may say already that the log goes on elsewhere."""
        self._heard_at = 0.0
        self._listening: Subscription | None = None
        self._changing = asyncio.Lock()
        self._inbox = streams.connection.client.new_inbox()

    @property
    def epoch(self) -> Epoch:
        latest = self.head.latest
        if latest is None:
            raise RuntimeError("a log is written that has not begun")
        return latest

    # The beginning

    async def begin(self, read: int, epoch_read: int = 0) -> None:
        """Take over behind the last message that was read, of an epoch if that is known.

        Raise FencedError where there is more to be read, or something else in its place, UnreachableError.
        """
        streams = self._streams
        self.head, self._revision = await streams.head()
        latest = self.head.latest
        if latest is None or latest.writer != self.writer:  # otherwise nobody had answered for it
            if latest is None:
                epoch = Epoch(1, 0, 1, await streams.end(0), self.writer)
            elif read + 1 < latest.first or (epoch_read and not self.head.holds(read, epoch_read)):
                raise FencedError("there is more to be read")
            else:
                epoch = await self._fenced_off(latest, read + 1)
            await self._change(lambda head: head.begun(epoch))
        self.number = self.epoch.first - 1
        self._listening = await streams.connection.listen(f"{self._inbox}.*.*", self._hear)

    async def _fenced_off(self, latest: Epoch, number: int) -> Epoch:
        """Have a message that nobody can write any more in an epoch, and return the epoch that is to follow.

        Raise FencedError where somebody has, UnreachableError.
        """
        streams, place = self._streams, latest.sequence(number)
        mark = Mark(number, latest.number, self.writer, more=False)
        headers = {HEADER: str(mark), "Nats-Expected-Last-Sequence": str(place - 1)}
        try:
            answered(await streams.connection.request(streams.subjects[latest.stream], b"", headers))
        except RefusedError as error:
            found = await streams.mark(latest.stream, place)
            if found is None or (found != mark and found[:2] == mark[:2]):
                raise FencedError(str(error)) from error
            # It is one's own, that nobody had answered for, or none of the epoch: late, or of another writer to be.
            first, base = number + (found == mark), await streams.end(latest.stream)
        else:
            first, base = number + 1, place
        return Epoch(latest.number + 1, latest.stream, first, base, self.writer)

    async def _change(self, change: Callable[[Head], Head]) -> None:
        """Change the head. Raise FencedError where somebody else has changed it, UnreachableError."""
        streams = self._streams
        async with self._changing:
            try:
                head = change(self.head)
                self._revision = await streams.keys.put(streams.head_key, head.dumps(), self._revision)
            except ConflictError as error:
                found, revision = await streams.head()
                if found.latest is None or found.latest.writer != self.writer:
                    raise FencedError("somebody else writes the log") from error
                # It is one's own, that nobody had answered for.
                self.head, self._revision = found, revision
                head = change(found)
                self._revision = await streams.keys.put(streams.head_key, head.dumps(), revision)
            self.head = head

    async def add_snapshot(self, number: int) -> None:
        """Know of a snapshot behind a message. Raise FencedError, UnreachableError."""
        await self._change(lambda head: head.with_snapshot(number))

    # Writing on

    @property
    def stuck(self) -> bool:
        """Whether nothing has been acknowledged for longer than it takes to look for it."""
        return bool(self._window) and stopwatch() - self._heard_at > 1.5 * ACK_SECONDS

    def wake(self) -> None:
        """Tell that there is something to be taken."""
        self._news.set()

    def go_on_in(self, stream: int) -> None:
        """Write to this stream as soon as nothing is under way in the other one: followers need give up nothing."""
        self._wanted_stream = stream
        self._news.set()

    def close_group(self) -> int:
        """Make the messages of what is there now, and return the number of the last one."""
        pieces = self._take()
        for index, piece in enumerate(pieces, 1):
            self.number += 1
            mark = Mark(self.number, 0, self.writer, more=index < len(pieces))
            self._window.append(Part(mark, piece))
        self._news.set()
        return self.number

    async def run(self) -> None:
        """Write until somebody else does. Raise FencedError."""
        self._heard_at = stopwatch()
        while True:
            await self._wait()
            if self._trouble:
                self._trouble = False
                await self._settle()
            elif self._wanted_stream not in {None, self.epoch.stream}:
                if self._sent:
                    continue
                self._trouble = not await self._move(logging.INFO)
            self._wanted_stream = None
            try:
                await self._send()
            except UnreachableError:
                self._trouble = True
                await asyncio.sleep(_PAUSE_SECONDS)

    async def _wait(self) -> None:
        """Wait for something to write, or until an acknowledgement is overdue."""
        if self._trouble:
            return
        due = self._heard_at + ACK_SECONDS - stopwatch() if self._sent else None
        try:
            async with asyncio.timeout(due):
                await self._news.wait()
        except TimeoutError:
            self._trouble = True
        self._news.clear()

    async def _send(self) -> None:
        while self._sent < len(self._window) or len(self._window) < IN_FLIGHT:
            if self._sent == len(self._window):
                before = self.number
                if self.close_group() == before:
                    break
                continue
            if not self._sent:
                self._heard_at = stopwatch()
            part = self._window[self._sent]
            self._sent += 1
            await self._publish(part)
        self._news.clear()

    async def _publish(self, part: Part) -> None:
        streams, epoch = self._streams, self.epoch
        mark = self._marked(part)
        headers = {
            HEADER: str(mark),
            "Nats-Expected-Last-Sequence": str(epoch.sequence(mark.number) - 1),
        }
        reply = f"{self._inbox}.{epoch.number}.{mark.number}"
        await streams.connection.publish(streams.subjects[epoch.stream], part.payload, reply, headers)

    async def _hear(self, message: Msg) -> None:
        """Hear what became of a message.

        That a later one is there does not tell that an earlier one is: who tries to take over writes one, too.
        """
        _, epoch, number = message.subject.rsplit(".", 2)
        if self._leaving or int(epoch) != self.epoch.number:
            return  # what the stream that is left still says counts for nothing
        try:
            answered(message)
        except (RefusedError, UnreachableError, orjson.JSONDecodeError):
            self._trouble = True
        else:
            if int(number) == self._first:
                self._safe()
            elif int(number) > self._first:
                self._trouble = True
        self._news.set()

    @property
    def _first(self) -> int:
        """The number of the first message that is not known to be in the log, be it there to be written or not."""
        return self._window[0].mark.number if self._window else self.number + 1

    def _safe(self) -> None:
        """Know that the first message of the window is in the log, as all before it are."""
        self._acknowledged(self._window.popleft().mark.number)
        self._sent = max(self._sent - 1, 0)
        self._progress = True
        self._heard_at = stopwatch()

    # Trouble

    async def _settle(self) -> None:
        """Find out which messages are in the log, and be ready to send the rest again. Raise FencedError."""
        told = False
        while True:
            stalled, self._progress = not self._progress, False
            try:
                free = await self._find()
            except UnreachableError:
                free = False
            if (free and not stalled) or await self._move():
                self._resend()
                return
            if not told:
                _log.warning("no stream of the log can be written now: whoever asks waits, or gets an error")
                told = True
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _find(self) -> bool:
        """Know which messages are in their places, and tell whether the next place is free. Raise UnreachableError.

        It is not where messages of an earlier epoch have come in late, or somebody else tries to take over.
        """
        epoch, window = self.epoch, self._window
        end = await self._streams.end(epoch.stream)
        while window and (place := epoch.sequence(window[0].mark.number)) <= end:
            part = window[0]
            found = await self._streams.mark(epoch.stream, place)
            if window and window[0] is part:  # it has not been acknowledged meanwhile
                if found != self._marked(part):
                    return False
                self._safe()
        return end < epoch.sequence(self._first)

    def _marked(self, part: Part) -> Mark:
        """Return what a message tells of itself in this epoch."""
        return part.mark._replace(epoch=self.epoch.number)

    def _resend(self) -> None:
        """Send all again that is not known to be in the log."""
        self._sent = 0
        self._heard_at = stopwatch()

    async def _move(self, level: int = logging.WARNING) -> bool:
        """Go on in whichever stream has a leader, the other one first; tell whether there is one. Raise FencedError.

        What is acknowledged meanwhile counts for nothing: it is behind the end of the epoch that is left.
        """
        here, count = self.epoch.stream, len(self._streams.names)
        self._leaving = True
        first = self._first
        for stream in ((here + step) % count for step in range(1, count + 1)):
            try:
                base = await self._streams.end(stream)
            except UnreachableError:
                continue
            await self._begin_epoch(stream, first, base)
            self._leaving, self._progress = False, True
            _log.log(level, "the log goes on in %s, from %d on", self._streams.names[stream], first)
            return True
        self._leaving = False
        return False

    async def _begin_epoch(self, stream: int, first: int, base: int) -> None:
        """Have the head say so, however long that takes: it may say so from the first time on. Raise FencedError."""
        while True:
            try:
                await self._change(partial(_moved, stream=stream, first=first, base=base))
            except UnreachableError:
                await asyncio.sleep(_PAUSE_SECONDS)
            else:
                return

    async def close(self) -> None:
        """Hear no more of what became of messages."""
        if self._listening is not None:
            with suppress(Error, OSError):
                await self._listening.unsubscribe()


def _moved(head: Head, *, stream: int, first: int, base: int) -> Head:
    latest = head.latest
    if latest is None:
        raise RuntimeError("a log is left that has not begun")
    epoch = Epoch(latest.number + 1, stream, first, base, latest.writer)
    # Of an epoch whose first message is not safe there is nothing; the head stays short, however often one moves.
    return head._replace(epochs=(*head.epochs[:-1], epoch)) if latest.first == first else head.begun(epoch)
