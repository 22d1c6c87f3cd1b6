"""How much happened lately: the trace counted by verb in slices of time."""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import NamedTuple

from pocketbus.emulator.inspection.steps import Step, telling, unfolded

SLICES = 60


class Slice(NamedTuple):
    """What began at `at`: how many records there are of each verb."""

    at: float
    counts: dict[str, int]


class Rates:
    """Counts steps of some verbs over the `seconds` up to `until`, in 60 slices, at one resource or at all."""

    def __init__(self, verbs: Collection[str], until: float, seconds: float, resource: str | None) -> None:
        self._verbs = verbs
        self._telling = telling(verbs)
        self._since, self._until = until - seconds, until
        self._width = seconds / SLICES
        self._resource = resource
        self._ends = (f":{resource}", f"/{resource}")
        self._counts: Counter[tuple[str, float]] = Counter()

    def add(self, steps: Iterable[Step]) -> None:
        """Count; what is neither of the time nor of the verbs costs next to nothing, for that are most."""
        since, until, width, verbs, telling = (
            self._since,
            self._until,
            self._width,
            self._verbs,
            self._telling,
        )
        lately = [step for step in steps if since <= step[1] <= until and step[2] in telling]
        if self._resource is not None:
            lately = [step for step in lately if step[3] == self._resource or step[3].endswith(self._ends)]
        counted = [step for step in lately if step[2] in verbs]
        if len(counted) < len(lately):
            others = unfolded([step for step in lately if step[2] not in verbs])
            counted += [step for step in others if step[2] in verbs]
        self._counts.update([(step[2], (step[1] - since) // width) for step in counted])

    def slices(self) -> list[Slice]:
        for verb in self._verbs:  # what happened at the very end belongs to the last slice
            self._counts[verb, SLICES - 1] += self._counts.pop((verb, SLICES), 0)
        return [
            Slice(
                self._since + number * self._width, {verb: self._counts[verb, number] for verb in self._verbs}
            )
            for number in range(SLICES)
        ]
