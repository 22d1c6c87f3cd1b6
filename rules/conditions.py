"""What one entry of a pattern's value list demands of a value."""

import json
from collections.abc import Iterable, Iterator
from math import inf
from typing import Protocol

from pocketbus.rules.caseless import Forms, end_of_match, folded_key, forms, start_of_match
from pocketbus.rules.cidr import address_bits
from pocketbus.rules.event import Atom, Literal
from pocketbus.rules.keys import NO_KEY, Exact, Filing, Interval, Opening, View
from pocketbus.rules.numeric import written
from pocketbus.rules.value import Value
from pocketbus.rules.wildcard import wildcard_matches


class Condition(Protocol):
    def matches(self, atom: Atom) -> bool: ...

    def filing(self) -> Filing: ...


class Equal(Value):
    atom: Atom

    def matches(self, atom: Atom) -> bool:
        return atom == self.atom

    def filing(self) -> Filing:
        return Filing(Exact(View.PLAIN, self.atom))

    def __str__(self) -> str:
        return shown(self.atom)


class InBlock(Value):
    """A CIDR block, or one address however it is spelt."""

    text: str
    bits: str

    def matches(self, atom: Atom) -> bool:
        bits = address_bits(atom) if isinstance(atom, str) else None
        return bits is not None and bits.startswith(self.bits)

    def filing(self) -> Filing:
        return Filing(Opening(View.ADDRESS, self.bits))

    def __str__(self) -> str:
        return f"an IP address in {self.text}" if "/" in self.text else f"the IP address {self.text}"


class Prefix(Value):
    text: str

    def matches(self, atom: Atom) -> bool:
        return isinstance(atom, str) and atom.startswith(self.text)

    def filing(self) -> Filing:
        return Filing(Opening(View.PLAIN, self.text))

    def __str__(self) -> str:
        return f"a string that starts with {shown(self.text)}"


class Suffix(Value):
    text: str

    def matches(self, atom: Atom) -> bool:
        return isinstance(atom, str) and atom.endswith(self.text)

    def filing(self) -> Filing:
        return Filing(Opening(View.REVERSED, self.text[::-1]))

    def __str__(self) -> str:
        return f"a string that ends with {shown(self.text)}"


class Caseless(Value):
    text: str
    forms: Forms

    @classmethod
    def of(cls, text: str) -> "Caseless":
        return cls(text, forms(text))

    def matches(self, atom: Atom) -> bool:
        return isinstance(atom, str) and end_of_match(self.forms, atom) == len(atom)

    def filing(self) -> Filing:
        key = folded_key(self.forms)
        return NO_KEY if key is None else Filing(Exact(View.FOLDED, key), decisive=False)

    def __str__(self) -> str:
        return f"{shown(self.text)} in upper or lower case"


class CaselessPrefix(Value):
    text: str
    forms: Forms

    @classmethod
    def of(cls, text: str) -> "CaselessPrefix":
        return cls(text, forms(text))

    def matches(self, atom: Atom) -> bool:
        return isinstance(atom, str) and end_of_match(self.forms, atom) is not None

    def filing(self) -> Filing:
        key = folded_key(self.forms)
        return NO_KEY if key is None else Filing(Opening(View.FOLDED, key), decisive=False)

    def __str__(self) -> str:
        return f"a string that starts with {shown(self.text)} in upper or lower case"


class CaselessSuffix(Value):
    text: str
    forms: Forms

    @classmethod
    def of(cls, text: str) -> "CaselessSuffix":
        return cls(text, forms(text))

    def matches(self, atom: Atom) -> bool:
        return isinstance(atom, str) and start_of_match(self.forms, atom) is not None

    def filing(self) -> Filing:
        key = folded_key(self.forms)
        if key is None:
            return NO_KEY
        return Filing(Opening(View.FOLDED_REVERSED, key[::-1]), decisive=False)

    def __str__(self) -> str:
        return f"a string that ends with {shown(self.text)} in upper or lower case"


class Wildcard(Value):
    text: str
    pieces: tuple[str, ...]

    @property
    def stars(self) -> int:
        return len(self.pieces) - 1

    def matches(self, atom: Atom) -> bool:
        return isinstance(atom, str) and wildcard_matches(self.pieces, atom)

    def filing(self) -> Filing:
        first, last = self.pieces[0], self.pieces[-1]
        if not self.stars:
            return Filing(Exact(View.PLAIN, first))
        one_star = self.stars == 1
        if len(last) > len(first):
            return Filing(Opening(View.REVERSED, last[::-1]), decisive=one_star and not first)
        return Filing(Opening(View.PLAIN, first), decisive=one_star and not last)

    def __str__(self) -> str:
        return f"a string like {shown(self.text)}"


class Between(Value):
    """JSON numbers in an interval."""

    interval: Interval

    def matches(self, atom: Atom) -> bool:
        return isinstance(atom, float) and self.interval.holds(atom)

    def filing(self) -> Filing:
        return Filing(self.interval)

    def __str__(self) -> str:
        low, low_included, high, high_included = self.interval
        bounds = []
        if low > -inf:
            bounds.append(f"{'>=' if low_included else '>'} {written(low)}")
        if high < inf:
            bounds.append(f"{'<=' if high_included else '<'} {written(high)}")
        return f"a number {' and '.join(bounds)}"


class AnythingBut(Value):
    """A value that is there, and neither one of these atoms nor met by one of these conditions."""

    atoms: frozenset[Atom]
    conditions: tuple[Condition, ...] = ()

    def matches(self, atom: Atom) -> bool:
        return atom not in self.atoms and not any(condition.matches(atom) for condition in self.conditions)

    def filing(self) -> Filing:
        return NO_KEY

    def __str__(self) -> str:
        refused = [*sorted(map(shown, self.atoms)), *map(str, self.conditions)]
        return f"any value but {' or '.join(refused)}"


class Present(Value):
    def matches(self, atom: Atom) -> bool:  # noqa: ARG002 - any value will do
        return True

    def filing(self) -> Filing:
        return NO_KEY

    def __str__(self) -> str:
        return "a value to be there"


class Absent(Value):
    """Met by no value: a path that has none meets it."""

    def matches(self, atom: Atom) -> bool:  # noqa: ARG002 - a value is what must not be there
        return False

    def filing(self) -> Filing:
        return NO_KEY

    def __str__(self) -> str:
        return "nothing to be there"


PRESENT, ABSENT = Present(), Absent()


def wildcards_of(conditions: Iterable[Condition]) -> Iterator[Wildcard]:
    """Go through the wildcards among conditions, those within anything-but included."""
    for condition in conditions:
        inner = condition.conditions if isinstance(condition, AnythingBut) else (condition,)
        yield from (wildcard for wildcard in inner if isinstance(wildcard, Wildcard))


def shown(atom: Atom) -> str:
    """Write an atom as JSON."""
    if isinstance(atom, str):
        return json.dumps(atom, ensure_ascii=False)
    return atom.text if isinstance(atom, Literal) else written(atom)
