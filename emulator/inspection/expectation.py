"""Waiting until the engine holds what somebody expects: messages in a queue, the outbox, records in the trace.

Time-outs are in real seconds: a worker in another process needs them, and under a frozen clock no others pass.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Protocol, TypeVar

from pocketbus.emulator.deliveries.outbox import Captured
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.expression import Matches
from pocketbus.emulator.inspection.look import messages
from pocketbus.emulator.inspection.trace import EVERYTHING, Record, Selection
from pocketbus.emulator.message import HELD
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.time.timers import Timer

TIMEOUT_SECONDS = 10.0
_SLICE = 100
"""Items looked at between two turns of the event loop."""
_ITEMS_A_SECOND = 100_000
_LONGEST_PAUSE_SECONDS = 1.0

Item = dict[str, Any]
Key = TypeVar("Key", bound=Hashable)


class Source(Protocol):
    """Where the items are. What has been found in one that `keeps` stays found; of it only what is new is looked at."""

    keeps: bool

    def __len__(self) -> int:
        """Count at least as many as `items` yields."""
        ...

    def items(self) -> Iterable[tuple[Hashable, Item | None]]:
        """Yield the items, each with what tells it from others; None stands for one that is not selected."""
        ...

    @property
    def next_at(self) -> float | None:
        """The next instant at which time alone changes the items."""
        ...

    def advance(self, now: float) -> None:
        """Let time change them."""
        ...


class QueueSource:
    """The messages of a queue, in every state."""

    keeps = False

    def __init__(self, queue: Queue, engine: Engine) -> None:
        self._queue = queue
        self._engine = engine

    def __len__(self) -> int:
        return sum(map(self._queue.count, HELD))

    def items(self) -> Iterator[tuple[Hashable, Item]]:
        for message in messages(self._queue, self._engine.clock.now()):
            yield message.message_id, asdict(message)

    @property
    def next_at(self) -> float | None:
        return self._queue.next_at

    def advance(self, now: float) -> None:
        self._queue.advance(now)


class _Timeless:
    """What time alone does not change."""

    next_at: float | None = None

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def advance(self, now: float) -> None:
        """Nothing is due."""


class OutboxSource(_Timeless):
    """What the outbox holds, or what `captured` returns of it."""

    keeps = False

    def __init__(
        self, engine: Engine, captured: Callable[[Engine], Iterable[Captured]] = lambda engine: engine.outbox
    ) -> None:
        super().__init__(engine)
        self._captured = captured

    def __len__(self) -> int:
        return len(self._engine.outbox)

    def items(self) -> Iterator[tuple[Hashable, Item]]:
        for captured in list(self._captured(self._engine)):
            yield id(captured), asdict(captured)


class RecordsSource(_Timeless):
    """What `records` returns of the trace; all of it is looked at each time, since news may select what is older."""

    keeps = False

    def __init__(self, engine: Engine, records: Callable[[Engine], Iterable[Record]]) -> None:
        super().__init__(engine)
        self._records = records

    def __len__(self) -> int:
        return len(self._engine.trace)

    def items(self) -> Iterator[tuple[int, Item]]:
        for record in list(self._records(self._engine)):
            yield record.number, record._asdict()


class TraceSource(_Timeless):
    """The records of the trace, or a selection of them; with a `subject`, its whole story.

    `seen` is the number of the last record that was looked at.
    """

    keeps = True

    def __init__(
        self, engine: Engine, selection: Selection = EVERYTHING, subject: str | None = None, after: int = 0
    ) -> None:
        super().__init__(engine)
        self._selection = selection
        self._subject = subject
        self.seen = after

    def __len__(self) -> int:
        return self._engine.trace.last - self.seen

    def items(self) -> Iterator[tuple[int, Item | None]]:
        trace, seen = self._engine.trace, self.seen
        records = trace.after(seen) if self._subject is None else trace.story(self._subject)
        self.seen = trace.last
        for record in records:
            wanted = record.number > seen and self._selection.admits(record)
            yield record.number, record._asdict() if wanted else None


async def in_turns(items: Iterable[tuple[Key, Item | None]]) -> AsyncIterator[tuple[Key, Item]]:
    """Pass on the items that are selected, and let others have their turn after every slice."""
    for count, (key, item) in enumerate(items, 1):
        if item is not None:
            yield key, item
        if count % _SLICE == 0:
            await asyncio.sleep(0)


@dataclass(frozen=True, slots=True)
class Expectation:
    """At least `count` items that match, and then none more arriving for `quiet_seconds`; all in real time."""

    matches: Matches | None = None
    count: int = 1
    quiet_seconds: float | None = None
    timeout_seconds: float = TIMEOUT_SECONDS


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether it was met, and the items that matched at the end."""

    met: bool
    items: list[Item]


class Watch:
    """One wait for one expectation."""

    def __init__(self, source: Source, expectation: Expectation, engine: Engine) -> None:
        self._source = source
        self._expectation = expectation
        self._engine = engine
        self._found: dict[Hashable, Item] = {}

    async def outcome(self) -> Outcome:
        """Wait until the expectation is met or its time is over; what was there before counts too."""
        expectation, trace = self._expectation, self._engine.trace
        loop = asyncio.get_running_loop()
        quiet_seconds = expectation.quiet_seconds or 0.0
        ends_at = loop.time() + expectation.timeout_seconds
        quiet_at = loop.time() + quiet_seconds
        while True:
            as_of = trace.last
            if await self._look():
                quiet_at = loop.time() + quiet_seconds
            enough = len(self._found) >= expectation.count
            if enough and loop.time() >= quiet_at:
                return Outcome(met=True, items=list(self._found.values()))
            if loop.time() >= ends_at or trace.closed:
                return Outcome(met=False, items=list(self._found.values()))
            await self._change(as_of, min(ends_at, quiet_at) if enough else ends_at)

    async def _look(self) -> bool:
        """Look at the items anew; return whether one arrived that matches."""
        before = self._found
        self._found = found = dict(before) if self._source.keeps else {}
        async for key, item in in_turns(self._source.items()):
            if self._expectation.matches is None or self._expectation.matches(item):
                found[key] = item
        return not found.keys() <= before.keys()

    async def _change(self, as_of: int, until: float) -> None:
        """Wait for news since the record `as_of`, or until an instant of the event loop's clock."""
        trace = self._engine.trace
        timer = self._set_timer()
        try:
            async with asyncio.timeout_at(until):
                if trace.last == as_of:
                    await trace.news()
                # Of many changes in a short time only the last is looked at: looking has its price.
                await asyncio.sleep(min(_LONGEST_PAUSE_SECONDS, len(self._source) / _ITEMS_A_SECOND))
        except TimeoutError:
            pass
        finally:
            if timer is not None:
                self._engine.timers.cancel(timer)

    def _set_timer(self) -> Timer | None:
        next_at = self._source.next_at
        return None if next_at is None else self._engine.timers.call_at(next_at, self._source.advance)
