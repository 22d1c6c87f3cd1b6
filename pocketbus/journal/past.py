"""A journal looked at: what was there at an instant or behind an input, and what each input has brought about."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.trace import Record as Happening
from pocketbus.emulator.state.document import export_lines
from pocketbus.emulator.time.duration import instant_of
from pocketbus.journal.directory import Directory
from pocketbus.journal.history import History
from pocketbus.journal.record import Record
from pocketbus.journal.replay import prepared
from pocketbus.journal.segment import JournalError, Reading, name_of

_MOST_DIGITS = 9


class End(NamedTuple):
    """How far to go: behind the input of a number, to the last one not later than an instant; None is not limited."""

    position: int | None = None
    at: float | None = None

    @classmethod
    def of(cls, text: str) -> "End":
        """Read the number of an input, or an instant in epoch seconds or ISO 8601. Raise ValueError."""
        if text.isdigit() and len(text) <= _MOST_DIGITS:
            return cls(position=int(text))
        return cls(at=instant_of(text))

    def admits(self, position: int, record: Record) -> bool:
        """Tell whether the record of a number is to be repeated."""
        return (self.position is None or position <= self.position) and (
            self.at is None or record.at <= self.at
        )


WHOLE = End()


class Step(NamedTuple):
    """One input, and what the trace tells of it."""

    position: int
    record: Record
    happened: list[Happening]

    def concerns(self, message_id: str) -> bool:
        """Tell whether a message or event had a part in it."""
        return any(message_id in (one.subject, one.became) for one in self.happened)

    def is_of_account(self, account: str) -> bool:
        """Tell whether an account asked for it, or something of the account had a part in it."""
        place = self.record.place
        asked = place is not None and place.account == account
        return asked or any(f":{account}:" in one.resource for one in self.happened)

    def names(self, resource: str) -> bool:
        """Tell whether a resource, by its name, ARN or URL, was named by it or had a part in it."""
        named = (*_texts(self.record.arguments), *(one.resource for one in self.happened))
        return any(text == resource or text.endswith((f"/{resource}", f":{resource}")) for text in named)


class Past:
    """A replay that goes as far as it is told. It needs a running event loop."""

    def __init__(self, directory: Directory, end: End = WHOLE, *, whole: bool = False) -> None:
        """Begin at the newest snapshot before the end or, for the `whole` story, with the first input.

        Raise JournalError.
        """
        self._history = History(directory)
        self._end = end
        self._replay = self._history.begin(_made, until=0 if whole else end.position, before=end.at)

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
        for record in self._history.records():
            if not self._end.admits(self._history.position, record):
                self._history.position -= 1
                return
            before = trace.last
            self._replay.repeat(record)
            yield Step(self._history.position, record, list(trace.after(before)))

    def state(self) -> Iterator[bytes]:
        """Yield the lines of the state, as it would have been exported then."""
        clock = self.engine.clock
        if self._end.at is not None and not clock.frozen:
            clock.hold(self._end.at - clock.standing.ahead_seconds)
        yield from export_lines(self.engine)

    def stand_still(self) -> Engine:
        """Stop the clock at this instant, give up what is under way, and return the engine, to be looked at."""
        engine = self.engine
        if self._end.at is not None and not engine.clock.frozen:
            engine.clock.set(max(self._end.at, engine.clock.now()))
        engine.clock.freeze()
        engine.door.abandon()
        engine.door.go_live(None)
        return engine


def _texts(value: Any) -> Iterator[str]:
    """Yield all texts in arguments."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def _made(config: Config) -> Engine:
    return prepared(Engine(config))


@contextmanager
def reading(path: Path) -> Iterator[Directory]:
    """Read a folder, or one file that begins with the first input. Raise JournalError."""
    if path.is_dir():
        yield Directory(path)
    elif path.is_file():
        with tempfile.TemporaryDirectory() as folder:
            header = Reading(path).header
            if header.get("position") != 0:
                raise JournalError(f"{path} begins in the middle of a journal: name its folder.")
            (Path(folder) / name_of(0)).symlink_to(path.resolve())
            yield Directory(Path(folder))
    else:
        raise JournalError(f"{path}: there is no such file or folder.")
