"""The trace's records as it keeps them: plain tuples, and one for two that always come together."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

Step = tuple[int, float, str, str, str, str, str]
"""A record, or two: number (of the second), instant, verb, resource, subject, why, what it became."""

ARRIVED: Final = "sent, delivered"
UNMATCHED: Final = "accepted, unmatched"

_PAIRS: Final[Mapping[str, tuple[str, str]]] = {
    ARRIVED: ("sent", "delivered"),
    UNMATCHED: ("accepted", "unmatched"),
}
"""The verbs of two records by that of the step that stands for both, which has what the second one tells.

The first is of what the second became, or of the same.
"""


def unfolded(steps: Iterable[Step]) -> Iterator[Step]:
    """Yield a step for each record."""
    for step in steps:
        pair = _PAIRS.get(step[2])
        if pair is None:
            yield step
        else:
            number, at, _, resource, subject, why, became = step
            first, second = pair
            yield (number - 1, at, first, resource, became or subject, "", "")
            yield (number, at, second, resource, subject, why, became)


def telling(verbs: Collection[str]) -> frozenset[str]:
    """Return the verbs of the steps that stand for records of some verbs, perhaps among others."""
    return frozenset(verbs).union(one for one, pair in _PAIRS.items() if not set(pair).isdisjoint(verbs))


def first_number(step: Step) -> int:
    """Return the number of the first record that a step stands for."""
    return step[0] - (step[2] in _PAIRS)
