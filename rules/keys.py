"""The keys under which an index files conditions: what every value that meets a condition has in common."""

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple, TypeAlias

from pocketbus.rules.cidr import address_bits
from pocketbus.rules.event import Atom
from pocketbus.rules.value import Value


class View(Enum):
    """A way to look at a string under which a condition is an exact value or a leading part."""

    PLAIN = "plain"
    REVERSED = "reversed"
    FOLDED = "folded"
    FOLDED_REVERSED = "folded, reversed"
    ADDRESS = "address"


SEEN: dict[View, Callable[[str], str | None]] = {
    View.PLAIN: lambda text: text,
    View.REVERSED: lambda text: text[::-1],
    View.FOLDED: str.casefold,
    View.FOLDED_REVERSED: lambda text: text.casefold()[::-1],
    View.ADDRESS: address_bits,
}


class Exact(Value):
    """The value itself, or what a view makes of it."""

    view: View
    atom: Atom


class Opening(Value):
    """A leading part of what a view makes of a string."""

    view: View
    text: str


class Interval(NamedTuple):
    """Doubles between two bounds, each of them included or not."""

    low: float
    low_included: bool
    high: float
    high_included: bool

    def holds(self, number: float) -> bool:
        above = self.low < number or (self.low_included and self.low == number)
        return above and (number < self.high or (self.high_included and number == self.high))


Key: TypeAlias = Exact | Opening | Interval


class Filing(NamedTuple):
    """A key that every matching value has, or None; decisive if no other value has it."""

    key: Key | None
    decisive: bool = True


NO_KEY = Filing(None)
