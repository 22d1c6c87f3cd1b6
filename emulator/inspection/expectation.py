"""Waiting until the engine holds what somebody expects: messages in a queue, the outbox, records in the trace.

Time-outs are in real seconds: a worker in another process needs them, and under a frozen clock no others pass.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any, Protocol, TypeVar

from msgspec import Struct, to_builtins

from pocketbus.emulator.deliveries.outbox import Captured
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.expression import Matches
from pocketbus.emulator.inspection.look import message_item
from pocketbus.emulator.inspection.trace import EVERYTHING, Record, Selection, Trace
from pocketbus.emulator.message import Message, State
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.time.timers import Timer

TIMEOUT_SECONDS = 10.0
_SLICE = 50
"""Items looked at between two turns of the event loop."""
_LEAST_PAUSE_SECONDS = 0.0005
_LONGEST_PAUSE_SECONDS = 1.0

Item = dict[str, Any]


class Source(Protocol):
    """Where the items are: at first all of them, later those that have changed."""

    def begin(self) -> bool:
        """Begin a look; tell whether all is looked at anew, so that what was found before counts no more."""
        ...

    def changed(self) -> Iterable[tuple[Hashable, Callable[[], Item] | None]]:
        """Yield what has changed, each with what tells it from others and how it is shown; None: it is gone or is
        not selected.
        """
        ...

    def end(self) -> None:
        """Hear that nobody looks any more."""
        ...

    async def settled(self) -> None:
        """Let time change the items up to this instant."""
        ...

    @property
    def next_at(self) -> float | None:
        """The next instant at which time alone changes the items."""
        ...


class QueueSource:
    """The messages of a queue, in every state."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._changed = queue.changes.begin()

    def begin(self) -> bool:
        return self._changed.all_anew

    def changed(self) -> Iterator[tuple[Message, Callable[[], Item] | None]]:
        all_anew = self._changed.all_anew
        changed = self._changed.take()
        # A list, because the queue may change between two of them; what does is among the next changes.
        for message in list(self._queue) if all_anew else changed:
            gone = message.state is State.GONE
            yield message, None if gone else partial(message_item, self._queue, message)

    def end(self) -> None:
        self._queue.changes.end(self._changed)

    async def settled(self) -> None:
        await self._queue.settled()

    @property
    def next_at(self) -> float | None:
        return self._queue.next_at


class _Timeless:
    """What time alone does not change, and what is looked at as a whole."""

    next_at: float | None = None

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self) -> bool:
        return True

    def end(self) -> None:
        """Nothing was begun."""

    async def settled(self) -> None:
        """Nothing is due."""


class OutboxSource(_Timeless):
    """What the outbox holds, or what `captured` returns of it."""

    def __init__(
        self, engine: Engine, captured: Callable[[Engine], Iterable[Captured]] = lambda engine: engine.outbox
    ) -> None:
        super().__init__(engine)
        self._captured = captured

    def changed(self) -> Iterator[tuple[int, Callable[[], Item]]]:
        for captured in list(self._captured(self._engine)):
            yield id(captured), partial(to_builtins, captured)


class RecordsSource(_Timeless):
    """What `records` returns of the trace; all of it is looked at each time, since news may select what is older."""

    def __init__(self, engine: Engine, records: Callable[[Engine], Iterable[Record]]) -> None:
        super().__init__(engine)
        self._records = records

    def changed(self) -> Iterator[tuple[int, Callable[[], Item]]]:
        for record in list(self._records(self._engine)):
            yield record.number, record._asdict


class TraceSource(_Timeless):
    """The records of the trace, or a selection of them; with a `subject`, its whole story.

    `seen` is the number of the last record that was looked at.
    """

    def __init__(
        self, engine: Engine, selection: Selection = EVERYTHING, subject: str | None = None, after: int = 0
    ) -> None:
        super().__init__(engine)
        self._selection = selection
        self._subject = subject
        self.seen = after

    def begin(self) -> bool:
        return False

    @property
    def shared_as(self) -> tuple[Selection, int, int] | None:
        """What tells what is next here from what others look at; None, if that is the story of a subject."""
        return (self._selection, self.seen, self._engine.trace.cleared) if self._subject is None else None

    def changed(self, most: int | None = None) -> Iterator[tuple[int, Callable[[], Item] | None]]:
        """Yield likewise; of all records up to the next number that is divisible by `most`, if it is given."""
        trace, seen = self._engine.trace, self.seen
        if self._subject is None:
            until = trace.last if most is None else min(trace.last, (seen // most + 1) * most)
            records: Iterable[Record] = trace.after(seen, until)
        else:
            until, records = trace.last, trace.story(self._subject)
        self.seen = until
        for record in records:
            wanted = record.number > seen and self._selection.admits(record)
            yield record.number, record._asdict if wanted else None


Key = TypeVar("Key", bound=Hashable)
Shown = TypeVar("Shown")


async def in_turns(changes: Iterable[tuple[Key, Shown]], trace: Trace) -> AsyncIterator[tuple[Key, Shown]]:
    """Pass on the changes, and let others have their turn after every slice."""
    loop = asyncio.get_running_loop()
    began_at = loop.time()
    for count, change in enumerate(changes, 1):
        yield change
        if count % _SLICE == 0:
            await rest_after(loop.time() - began_at, trace)
            began_at = loop.time()


class Expectation(Struct, frozen=True):
    """At least `count` items that match, and then none more arriving for `quiet_seconds`; all in real time."""

    matches: Matches | None = None
    count: int = 1
    quiet_seconds: float | None = None
    timeout_seconds: float = TIMEOUT_SECONDS


class Outcome(Struct, frozen=True):
    """Whether it was met, how many items matched at the end, and the first of them."""

    met: bool
    count: int
    items: list[Item]


class Watch:
    """One wait for one expectation, which shows `most` items in the end, None: all."""

    def __init__(
        self, source: Source, expectation: Expectation, engine: Engine, most: int | None = None
    ) -> None:
        self._source = source
        self._expectation = expectation
        self._engine = engine
        self._most = most
        self._found: dict[Hashable, Callable[[], Item]] = {}
        self._arrived = False

    async def outcome(self) -> Outcome:
        """Wait until the expectation is met or its time is over; what was there before counts too."""
        trace = self._engine.trace
        trace.followers += 1
        try:
            met = await self._met()
        finally:
            trace.followers -= 1
            self._source.end()
        shown = [show() for show in islice(self._found.values(), self._most)]
        return Outcome(met, len(self._found), shown)

    async def _met(self) -> bool:
        expectation, trace = self._expectation, self._engine.trace
        loop = asyncio.get_running_loop()
        quiet_seconds = expectation.quiet_seconds or 0.0
        ends_at = loop.time() + expectation.timeout_seconds
        quiet_at = loop.time() + quiet_seconds
        while True:
            as_of, began_at = trace.last, loop.time()
            await self._look(ends_at)
            if self._arrived:
                quiet_at = loop.time() + quiet_seconds
            enough = len(self._found) >= expectation.count
            if enough and loop.time() >= quiet_at:
                return True
            if loop.time() >= ends_at or trace.closed:
                return False
            spent = loop.time() - began_at
            await self._change(as_of, min(ends_at, quiet_at) if enough else ends_at, spent)

    async def _look(self, ends_at: float) -> None:
        """Look at what has changed, to the end or until the time is over; find out whether something has arrived."""
        loop = asyncio.get_running_loop()
        await self._source.settled()
        before: Mapping[Hashable, Callable[[], Item]] = {}
        if self._source.begin():
            before, self._found = self._found, {}
        self._arrived = False
        matches, began_at = self._expectation.matches, loop.time()
        for count, (key, show) in enumerate(self._source.changed(), 1):
            if count % _SLICE == 0:
                await rest_after(loop.time() - began_at, self._engine.trace)
                began_at = loop.time()
                if began_at >= ends_at:
                    return
            if show is None or not (matches is None or matches(show())):
                self._found.pop(key, None)
            else:
                self._arrived = self._arrived or not (key in self._found or key in before)
                self._found[key] = show

    async def _change(self, as_of: int, until: float, spent: float) -> None:
        """Wait for news since the record `as_of`, or until an instant of the event loop's clock.

        Of many changes in a short time only the last is looked at: all who look take no more than half of the time.
        """
        trace = self._engine.trace
        timer = self._set_timer()
        try:
            async with asyncio.timeout_at(until):
                if trace.last == as_of:
                    await trace.news()
                await asyncio.sleep(pause_after(spent, trace))
        except TimeoutError:
            pass
        finally:
            if timer is not None:
                self._engine.timers.cancel(timer)

    def _set_timer(self) -> Timer | None:
        """Have the trace tell of what time alone changes."""
        next_at = self._source.next_at
        return None if next_at is None else self._engine.timers.call_at(next_at, self._wake)

    def _wake(self, _now: float) -> None:
        self._engine.trace.wake()


async def rest_after(spent: float, trace: Trace) -> None:
    """Let others have their turn after a slice; where many follow the trace, for so long that they have half of all."""
    await asyncio.sleep(0 if trace.followers <= 1 else pause_after(spent, trace))


def pause_after(spent: float, trace: Trace) -> float:
    """Return the seconds that one of the trace's followers gives to others after it has spent so many.

    So all of them together take no more than half of the time, unless they are so many that each rests for a second.
    """
    return min(_LONGEST_PAUSE_SECONDS, 2 * trace.followers * max(spent, _LEAST_PAUSE_SECONDS))
