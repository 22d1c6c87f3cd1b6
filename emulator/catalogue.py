"""Things by their names, which can be gone through in the order of the names from any name on."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Any, TypeVar

T = TypeVar("T")

_FEW = 64
"""So many new names are put in their places one by one; for more, all are put in order anew."""


class Catalogue(dict[str, T]):
    """A dict whose order of names is made when it is asked for, and then kept up: a page costs what it holds.

    It is a plain dict in a state that is kept; who has one makes it anew of that.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._ordered: list[str] = []
        self._new: list[str] | None = None
        """The names that are not in the order yet; None: too many."""

    def __setitem__(self, name: str, value: T) -> None:
        if name not in self and self._new is not None:
            self._new.append(name)
            if len(self._new) > _FEW:
                self._new = None
        super().__setitem__(name, value)

    def update(self, *given: Any, **named: T) -> None:
        self._new = None
        super().update(*given, **named)

    def behind(self, name: str, prefix: str = "") -> Iterator[T]:
        """Yield what has a name behind this one and with this prefix, in order; nothing may be added meanwhile."""
        self._bring_up()
        first = max(bisect_right(self._ordered, name), bisect_left(self._ordered, prefix))
        for index in range(first, len(self._ordered)):
            found = self._ordered[index]
            if not found.startswith(prefix):
                return
            if found in self:
                yield self[found]

    def _bring_up(self) -> None:
        if self._new is None or len(self._ordered) > 2 * len(self) + _FEW:
            self._ordered = sorted(self)
        else:
            for name in self._new:
                place = bisect_left(self._ordered, name)
                if self._ordered[place : place + 1] != [name]:
                    self._ordered.insert(place, name)
        self._new = []
