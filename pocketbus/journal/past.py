"""A journal looked at: what was there at an instant or behind an input, and what each input has brought about."""

import math
import re
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from pocketbus.emulator.config import Config
from pocketbus.emulator.door import ADVANCE
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.trace import Trace
from pocketbus.emulator.state.document import export_lines
from pocketbus.emulator.time.clock import system_time
from pocketbus.emulator.time.duration import instant_of, iso
from pocketbus.journal.chunks import Aside
from pocketbus.journal.directory import Directory
from pocketbus.journal.history import History
from pocketbus.journal.record import Record
from pocketbus.journal.replay import prepared
from pocketbus.journal.segment import JournalError, Reading, name_of, position_of
from pocketbus.journal.step import Step
from pocketbus.journal.tier import Tier

_MOST_DIGITS = 9
_TO_THE_MILLISECOND = re.compile(r"\.[0-9]{3}(?![0-9])")


class End(NamedTuple):
    """How far to go: behind the input of a number, or the last one that came in by an instant; None is not limited."""

    position: int | None = None
    at: float | None = None
    cut: bool = False
    """Whether the instant was told to the millisecond, as pocketbus writes all: it may be up to one later."""

    @classmethod
    def of(cls, text: str) -> "End":
        """Read the number of an input, or an instant in epoch seconds or ISO 8601. Raise ValueError."""
        if text.isdigit() and len(text) <= _MOST_DIGITS:
            return cls(position=int(text))
        return cls(at=instant_of(text), cut=_TO_THE_MILLISECOND.search(text) is not None)

    def position_in(self, directory: Directory) -> int | None:
        """Return how many inputs that is. A clock may have been set back: it is the last time that counts."""
        if self.at is None:
            return self.position
        found = 0
        until = math.nextafter(self.at + 0.001, self.at) if self.cut else self.at
        for position, record in _records(directory):
            if _reached(record) <= until:
                found = position
        return found


def _records(directory: Directory) -> Iterator[tuple[int, Record]]:
    """Yield each input there is, with its number."""
    for path in directory.segments_from(0):
        yield from enumerate(directory.reading(path).records(), position_of(path) + 1)


def _reached(record: Record) -> float:
    """Return the instant at which the clock stands behind an input."""
    return float(record.arguments[0]) if record.name == ADVANCE else record.at


WHOLE = End()


class Past:
    """A replay that goes as far as it is told. It needs a running event loop."""

    def __init__(self, directory: Directory, end: End = WHOLE, *, whole: bool = False) -> None:
        """Begin at the newest snapshot before the end or, for the `whole` story, with the first input.

        A story ends where the journal ends, if not before; the state of an end that is not in it is none. Raise
        JournalError.
        """
        self._directory = directory
        self._history = History(directory)
        self._chunks = Aside(directory.chunks)
        self._end = end
        self._whole = whole
        self._last = end.position_in(directory)
        if self._last == 0 and not whole:
            raise self._nowhere()
        self._replay = self._history.begin(self._made, until=0 if whole else self._last)

    def _made(self, config: Config) -> Engine:
        return prepared(Engine(config), self._chunks)

    @property
    def engine(self) -> Engine:
        return self._replay.engine

    @property
    def position(self) -> int:
        """How many inputs have been repeated, or were before."""
        return self._history.position

    def steps(self) -> Iterator[Step]:
        """Repeat input after input up to the end. Raise JournalError."""
        trace = self.engine.trace
        while True:
            for record in self._history.records():
                if self._last is not None and self.position > self._last:
                    self._history.position -= 1
                    self._go_part_of_the_way(record)
                    return
                before = trace.last
                self._replay.repeat(record)
                yield Step(self.position, record, list(trace.after(before)))
            if not self._history.moved:
                if not self._whole:
                    self._check_end()
                return
            trace = self._change_settings()

    def _check_end(self) -> None:
        """Raise JournalError where the journal, which ends here, does not go as far as it was to be repeated."""
        standing = self.engine.clock.standing
        now = system_time() + standing.ahead_seconds if standing.frozen_at is None else standing.frozen_at
        beyond = self._last is not None and self._last > self.position
        if beyond or (self._end.at is not None and self._end.at > now):
            raise self._nowhere(now)

    def _nowhere(self, until: float | None = None) -> JournalError:
        """Tell where the journal begins and ends; where its clock runs on, that is `until` now."""
        what = f"input {self._end.position}" if self._end.at is None else f"instant {iso(self._end.at)}"
        records = _records(self._directory)
        first = next(records, None)
        if first is None:
            return JournalError(f"The journal has no {what}: it holds nothing.")
        last = deque(chain((first,), records), 1)[0]
        ends_at = _reached(last[1]) if until is None else until
        return JournalError(
            f"The journal has no {what}: it goes from {iso(_reached(first[1]))}, input {first[0]}, "
            f"to {iso(ends_at)}, input {last[0]}."
        )

    def _change_settings(self) -> Trace:
        """Go on with the snapshot by which other settings took over."""
        position = self.position
        self.engine.door.abandon()
        self._replay = self._history.begin(self._made, until=position)
        if self.position != position:
            raise JournalError(
                f"There is no good snapshot at the position {position}, where the settings changed."
            )
        return self.engine.trace

    def _go_part_of_the_way(self, record: Record) -> None:
        """Move a clock that was moved by hand beyond the end up to there."""
        if self._end.at is not None and record.name == ADVANCE and record.at <= self._end.at:
            with self.engine.door.repeating(record.system_at):
                self.engine.timers.advance_to(self._end.at)

    def state(self) -> Iterator[bytes]:
        """Yield the lines of the state, as it would have been exported then."""
        if self._end.at is not None:
            self.engine.clock.hold_at(self._end.at)
        yield from export_lines(self.engine)

    def stand_still(self, *, live: bool = False) -> Engine:
        """Stop the clock at this instant, and return the engine.

        To be looked at, it gives up what is under way; or it goes on with that, `live`: what waits for an instant waits
        until the clock is moved, what was asked of others is asked again.
        """
        engine = self.engine
        if self._end.at is not None and not engine.clock.frozen:
            engine.clock.set(max(self._end.at, engine.clock.now()))
        engine.clock.freeze()
        if not live:
            engine.door.abandon()
        engine.door.go_live(None)
        return engine


@contextmanager
def reading(path: Path, tier: Tier | None = None) -> Iterator[Directory]:
    """Read a folder, or one file that begins with the first input. Raise JournalError."""
    if path.is_dir():
        yield Directory(path, tier)
    elif path.is_file():
        with tempfile.TemporaryDirectory() as folder:
            header = Reading(path).header
            if header.get("position") != 0:
                raise JournalError(f"{path} begins in the middle of a journal: name its folder.")
            (Path(folder) / name_of(0)).symlink_to(path.resolve())
            yield Directory(Path(folder))
    else:
        raise JournalError(f"{path}: there is no such file or folder.")
