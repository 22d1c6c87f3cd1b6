"""The audit log as it grows: the latest inputs of a running engine, for whoever follows them."""

import asyncio
from collections.abc import AsyncGenerator
from itertools import islice
from typing import Any, Final, NamedTuple

from pocketbus.emulator.door import Place
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.trace import Record as Happening
from pocketbus.emulator.latest import Latest
from pocketbus.journal.record import Record
from pocketbus.journal.step import Step

_INPUTS: Final = 10_000
_BYTES: Final = 16 * 1024 * 1024
"""So many inputs, of so many bytes as they are written, wait for those who follow; who is slower is told of a gap."""
_TOGETHER: Final = 100
_HEARTBEAT_SECONDS: Final = 15.0
"""Between two signs of life, by which a client that is gone is noticed."""


class _Input(NamedTuple):
    position: int
    record: Record
    before: int
    """The number of the last record of the trace before it."""
    size: int


class Gap(NamedTuple):
    """Inputs that went by while somebody was too slow, by the numbers of the first and the last."""

    first: int
    last: int


class Following:
    """Keeps what comes in for as long as somebody follows; otherwise it costs nothing."""

    def __init__(self, engine: Engine) -> None:
        self._trace = engine.trace
        self.kept: Latest[_Input] = Latest(_INPUTS, _BYTES, lambda one: one.size)
        self._safe = 0
        self.followers = 0

    def note(
        self,
        position: int,
        size: int,
        system_at: float,
        at: float,
        place: Place | None,
        name: str,
        arguments: tuple[Any, ...],
    ) -> None:
        """Hear of an input, of so many bytes, before it is carried out."""
        record = Record(at, system_at, place, name, list(arguments))
        self.kept.append(_Input(position, record, self._trace.last, size))

    def tell(self, position: int) -> None:
        """Tell those who follow that all up to a position is safe and carried out."""
        self._safe = position
        self._trace.wake()

    def begin(self) -> None:
        """Keep what comes in from now on, for one more who follows."""
        self.followers += 1

    def end(self) -> None:
        """Hear that one of them is gone."""
        self.followers -= 1
        if not self.followers:
            self.kept.clear()

    async def steps(self, after: int) -> AsyncGenerator[list[Step | Gap], None]:
        """Yield what comes in behind a position, some at a time; nothing, where nothing has come for a while."""
        while not self._trace.closed:
            steps = self._next(after)
            if steps:
                yield steps
                last = steps[-1]
                after = last.last if isinstance(last, Gap) else last.position
                continue
            try:
                async with asyncio.timeout(_HEARTBEAT_SECONDS):
                    await self._trace.news()
            except TimeoutError:
                yield []

    def _next(self, after: int) -> list[Step | Gap]:
        """Return the first that are there behind a position."""
        first = next((one.position for one in self.kept), after + 1)
        if first > after + 1:
            return [Gap(after + 1, first - 1)]
        beginning = after + 1 - first
        inputs = list(islice(self.kept, beginning, beginning + _TOGETHER + 1))
        ends = [*(one.before for one in inputs[1:]), self._trace.last]
        inputs = [one for one in inputs[:_TOGETHER] if one.position <= self._safe]
        happened = self._trace.after(inputs[0].before) if inputs else iter(())
        found: list[Step | Gap] = []
        pending: Happening | None = next(happened, None)
        for one, end in zip(inputs, ends, strict=False):
            caused = []
            while pending is not None and pending.number <= end:
                caused.append(pending)
                pending = next(happened, None)
            found.append(Step(one.position, one.record, caused))
        return found
