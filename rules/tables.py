"""Where an index looks up the values of one path: by hash, by leading part, by threshold, condition by condition.

A table finds what was filed under the keys of keys.py; what that is, its owner knows.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from math import floor, frexp, inf, isinf, ldexp
from typing import Generic, TypeAlias, TypeVar

from pocketbus.rules.event import Atom
from pocketbus.rules.keys import SEEN, Exact, Interval, Opening, View
from pocketbus.rules.requirement import Requirement

T = TypeVar("T")
TableKey: TypeAlias = Exact | Opening | Interval | Requirement
"""A requirement is its own key where its condition has none."""

_WIDEST = 1025
"""The power of two that is wider than any interval of doubles."""


class Strings(Generic[T]):
    """One view of strings: whole ones, and leading parts by their length."""

    __slots__ = ("openings", "whole")

    def __init__(self) -> None:
        self.whole: dict[Atom, T] = {}
        self.openings: dict[int, dict[str, T]] = {}

    def enter(self, key: Exact | Opening, item: T) -> None:
        if isinstance(key, Exact):
            self.whole[key.atom] = item
        else:
            self.openings.setdefault(len(key.text), {})[key.text] = item

    def leave(self, key: Exact | Opening) -> None:
        if isinstance(key, Exact):
            del self.whole[key.atom]
            return
        of_length = self.openings[len(key.text)]
        del of_length[key.text]
        if not of_length:
            del self.openings[len(key.text)]

    def find(self, text: str, found: list[T]) -> None:
        item = self.whole.get(text)
        if item is not None:
            found.append(item)
        for length, of_length in self.openings.items():
            item = of_length.get(text[:length])
            if item is not None:
                found.append(item)

    def __bool__(self) -> bool:
        return bool(self.whole or self.openings)


class Thresholds(Generic[T]):
    """Intervals with one bound, sorted by it: what a number reaches is all to one side of its place."""

    __slots__ = ("bounds", "items", "lower")

    def __init__(self, *, lower: bool) -> None:
        self.lower = lower
        self.bounds: list[tuple[float, bool]] = []
        self.items: list[T] = []

    def enter(self, key: Interval, item: T) -> None:
        at = bisect_left(self.bounds, self._bound(key))
        self.bounds.insert(at, self._bound(key))
        self.items.insert(at, item)

    def leave(self, key: Interval) -> None:
        at = bisect_left(self.bounds, self._bound(key))
        del self.bounds[at], self.items[at]

    def find(self, number: float, found: list[T]) -> None:
        at = bisect_right(self.bounds, (number, False))
        found += self.items[:at] if self.lower else self.items[at:]

    def _bound(self, key: Interval) -> tuple[float, bool]:
        """Order so that a number reaches the lower bounds up to (number, False) and the upper ones beyond it."""
        return (key.low, not key.low_included) if self.lower else (key.high, key.high_included)


class Grid(Generic[T]):
    """Intervals with two bounds, in cells of a power of two no narrower than they are: each lies in one or two."""

    __slots__ = ("cells",)

    def __init__(self) -> None:
        self.cells: dict[int, dict[int | None, dict[Interval, T]]] = {}

    def enter(self, key: Interval, item: T) -> None:
        width = _width(key)
        row = self.cells.setdefault(width, {})
        for cell in _cells_of(key, width):
            row.setdefault(cell, {})[key] = item

    def leave(self, key: Interval) -> None:
        width = _width(key)
        row = self.cells[width]
        for cell in _cells_of(key, width):
            del row[cell][key]
            if not row[cell]:
                del row[cell]
        if not row:
            del self.cells[width]

    def find(self, number: float, found: list[T]) -> None:
        for width, row in self.cells.items():
            for interval, item in row.get(_cell(number, width), {}).items():
                if interval.holds(number):
                    found.append(item)


def _width(key: Interval) -> int:
    width = key.high - key.low
    return _WIDEST if isinf(width) else frexp(width)[1]


def _cell(number: float, width: int) -> int | None:
    try:
        return floor(ldexp(number, -width))
    except OverflowError:
        return None


def _cells_of(key: Interval, width: int) -> set[int | None]:
    return {_cell(key.low, width), _cell(key.high, width)}


class Table(Generic[T]):
    """The items filed for one path."""

    __slots__ = ("grid", "items", "judged", "lower", "plain", "upper", "views")

    def __init__(self) -> None:
        self.items: dict[TableKey, T] = {}
        self.plain: Strings[T] = Strings()
        self.views: dict[View, Strings[T]] = {}
        self.lower: Thresholds[T] = Thresholds(lower=True)
        self.upper: Thresholds[T] = Thresholds(lower=False)
        self.grid: Grid[T] = Grid()
        self.judged: dict[Requirement, T] = {}

    def item(self, key: TableKey, make: Callable[[], T]) -> T:
        """Return the item under a key, making it if there is none."""
        item = self.items.get(key)
        if item is None:
            item = self.items[key] = make()
            self._enter(key, item)
        return item

    def drop(self, key: TableKey) -> None:
        del self.items[key]
        if isinstance(key, Requirement):
            del self.judged[key]
        elif isinstance(key, Interval):
            self._numbers(key).leave(key)
        else:
            self._strings(key.view).leave(key)
            if key.view is not View.PLAIN and not self.views[key.view]:
                del self.views[key.view]

    def _enter(self, key: TableKey, item: T) -> None:
        if isinstance(key, Requirement):
            self.judged[key] = item
        elif isinstance(key, Interval):
            self._numbers(key).enter(key, item)
        else:
            self._strings(key.view).enter(key, item)

    def _strings(self, view: View) -> Strings[T]:
        return self.plain if view is View.PLAIN else self.views.setdefault(view, Strings())

    def _numbers(self, key: Interval) -> Thresholds[T] | Grid[T]:
        if key.high == inf:
            return self.lower
        return self.upper if key.low == -inf else self.grid

    def find(self, values: Sequence[Atom], judge: Callable[[Requirement], bool], found: list[T]) -> None:
        """Append the items under all keys that one of the values has."""
        for value in values:
            if isinstance(value, str):
                self.plain.find(value, found)
                for view, strings in self.views.items():
                    seen = SEEN[view](value)
                    if seen is not None:
                        strings.find(seen, found)
                continue
            item = self.plain.whole.get(value)
            if item is not None:
                found.append(item)
            if isinstance(value, float):
                self.lower.find(value, found)
                self.upper.find(value, found)
                self.grid.find(value, found)
        found += [item for requirement, item in self.judged.items() if judge(requirement)]
