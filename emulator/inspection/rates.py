"""How much happened lately: the trace counted by verb in slices of time."""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import NamedTuple

from pocketbus.emulator.inspection.trace import Record

SLICES = 60


class Slice(NamedTuple):
    """What began at `at`: how many records there are of each verb."""

    at: float
    counts: dict[str, int]


class Rates:
    """Counts records of some verbs over the `seconds` up to `until`, in 60 slices."""

    def __init__(self, verbs: Collection[str], until: float, seconds: float) -> None:
        self._verbs = verbs
        self._since = until - seconds
        self._width = seconds / SLICES
        self._counts: list[Counter[str]] = [Counter() for _ in range(SLICES)]

    def add(self, records: Iterable[Record]) -> None:
        for record in records:
            number = int((record.at - self._since) / self._width)
            if record.verb in self._verbs and 0 <= number <= SLICES:
                self._counts[min(number, SLICES - 1)][record.verb] += 1

    def slices(self) -> list[Slice]:
        return [
            Slice(self._since + number * self._width, {verb: counts[verb] for verb in self._verbs})
            for number, counts in enumerate(self._counts)
        ]
