"""Array consistency: two paths of one sub-rule may not be met by different elements of the same array.

Paths are taken in their sorted order, as the reference does, because a path that must be absent is judged among
the elements chosen before it. What is carried from path to path is only the choice of elements that a later path
can still contradict, so the cost follows the number of array elements and not their combinations.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate
from operator import or_

from pocketbus.rules.event import Place


class Choice:
    """The places where a requirement is met; `all_places` of its path if it is met by absence too."""

    def __init__(self, places: Sequence[Place], all_places: Sequence[Place] | None = None) -> None:
        self._met = _PlaceTable(places)
        self._all = None if all_places is None else _PlaceTable(all_places)
        self.arrays = self._met.arrays | (self._all.arrays if self._all else frozenset())

    def extend(self, chosen: Place, relevant: frozenset[int]) -> Iterator[Place]:
        """Yield what is chosen after this requirement is met too, in each way it can be."""
        for place in self._met.near(chosen):
            if _compatible(place, chosen):
                yield tuple(sorted(step for step in {*chosen, *place} if step[0] in relevant))
        if self._all is not None and not any(_compatible(place, chosen) for place in self._all.near(chosen)):
            yield tuple(step for step in chosen if step[0] in relevant)


class _PlaceTable:
    """Places by each element they pass through."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._places = list(dict.fromkeys(places))
        self._through: dict[tuple[int, int], list[Place]] = defaultdict(list)
        self._beside: dict[int, list[Place]] = {}
        for place in self._places:
            for step in place:
                self._through[step].append(place)
        self.arrays = frozenset(array for array, _ in self._through)

    def near(self, chosen: Place) -> list[Place]:
        """Return a part of the places that has all that can be compatible with the choice."""
        for step in reversed(chosen):
            if step[0] in self.arrays:
                return self._through.get(step, []) + self._outside(step[0])
        return self._places

    def _outside(self, array: int) -> list[Place]:
        if array not in self._beside:
            self._beside[array] = [place for place in self._places if all(array != step[0] for step in place)]
        return self._beside[array]


def _compatible(place: Place, chosen: Place) -> bool:
    elements = dict(chosen)
    return all(elements.get(array, index) == index for array, index in place)


def consistent(choices: Sequence[Choice]) -> bool:
    """Say whether every requirement can be met with at most one element of each array.

    >>> sku, quantity = Choice([((1, 0),)]), Choice([((1, 1),)])
    >>> consistent([sku, quantity]), consistent([sku, sku])
    (False, True)
    """
    arrays_from = list(accumulate((choice.arrays for choice in reversed(choices)), or_))[::-1]
    chosen: set[Place] = {()}
    for choice, relevant in zip(choices, [*arrays_from[1:], frozenset()], strict=True):
        chosen = {extended for before in chosen for extended in choice.extend(before, relevant)}
        if not chosen:
            return False
    return True
