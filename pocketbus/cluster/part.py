"""The messages of a log: parts of groups, a group being the records of one turn of the event loop."""

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple, Self

from pocketbus.emulator.door import Place
from pocketbus.journal.record import PLACE, Record, dumps, records_of

HEADER: Final = "Pocketbus"


class Mark(NamedTuple):
    """What the header of a message tells of it."""

    number: int
    epoch: int
    writer: str
    more: bool
    """Whether the group goes on in the next message."""

    @classmethod
    def of(cls, text: str) -> Self:
        number, epoch, writer, more = text.split()
        return cls(int(number), int(epoch), writer, more == "1")

    @classmethod
    def in_headers(cls, headers: str) -> Self | None:
        """Find it among the headers of a stored message."""
        for line in headers.splitlines():
            name, _, text = line.partition(":")
            if name == HEADER:
                return cls.of(text)
        return None

    def __str__(self) -> str:
        return f"{self.number} {self.epoch} {self.writer} {self.more:d}"


class Part(NamedTuple):
    """A message: a group, or a piece of one that is longer than a message may be."""

    mark: Mark
    payload: bytes


class Group:
    """The records that are written next, as lines of JSON; each group tells its own places."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []
        self._places: dict[Place | None, int] = {None: 0}

    def __bool__(self) -> bool:
        return bool(self._lines)

    def add(
        self, system_at: float, at: float, place: Place | None, name: str, arguments: tuple[Any, ...]
    ) -> None:
        stamp = at if at == system_at else (at, system_at)
        number = self._places.get(place)
        if number is None:
            number = self._places[place] = len(self._places)
            self._lines.append(dumps((stamp, number, PLACE, *(place or ()))))
        self._lines.append(dumps((stamp, number, name, *arguments)))

    def pieces(self, most: int) -> list[bytes]:
        """Return it in pieces of so many bytes at most; of nothing there is one."""
        whole = b"\n".join(self._lines)
        return [whole[start : start + most] for start in range(0, len(whole), most)] or [b""]


class Groups:
    """Puts parts together: a group that its writer has not finished when another one took over is nothing."""

    def __init__(self) -> None:
        self._writer = ""
        self._pieces: list[bytes] = []

    @property
    def open(self) -> bool:
        """Whether a group is not finished."""
        return bool(self._pieces)

    def take(self, part: Part) -> Iterable[Record]:
        """Return the records of the group that a part finishes."""
        mark = part.mark
        if mark.writer != self._writer:
            self._writer = mark.writer
            self._pieces.clear()
        self._pieces.append(part.payload)
        if mark.more:
            return ()
        whole = b"".join(self._pieces)
        self._pieces.clear()
        return _records(whole)


def _records(whole: bytes) -> Iterator[Record]:
    return records_of(whole.split(b"\n") if whole else ())
