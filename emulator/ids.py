"""Every identifier and every random choice, from one seedable source."""

import random
import secrets
from collections.abc import Iterator, Mapping
from itertools import chain, product, repeat
from operator import add
from typing import Any, Final

Chance = random.Random
"""A source of choices of its own."""


_LAST_DIGITS = [f"{last:02x}" for last in range(256)]
_DIGITS: Final = "0123456789abcdef"
_FROM: Final = {digit: _DIGITS[number:] + _DIGITS[:number] for number, digit in enumerate(_DIGITS)}
"""All digits, from each on."""


class Choices:
    """Random identifiers; the same seed and the same calls give the same ones."""

    def __init__(self, seed: int | None = None) -> None:
        self.random = random.Random(seed)
        self.bits = self.random.getrandbits
        """Returns as many random bits as it is told, as a number."""

    def uuid(self) -> str:
        """Return a version 4 UUID in its usual 36 characters; of the four digits of its variant it is always `a`."""
        digits = self.bits(128).to_bytes(16, "little").hex("-", 6)
        return f"{digits[:13]}-4{digits[14:17]}-a{digits[18:]}"

    def hex(self, digits: int) -> str:
        return f"{self.bits(4 * digits):0{digits}x}"


class Ids(Choices):
    """What is drawn here is part of the state; what only an answer tells comes from `answers`, and moves nothing."""

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(seed)
        self._request_prefix = self.uuid()[:-12]
        self._requests = 0
        self._request_block = f"{self._request_prefix}{0:010x}"
        self.answers = Choices(seed)

    def request_id(self) -> str:
        """Return a UUID that differs from other requests' in its last digits only: a count is cheaper than chance."""
        self._requests = number = self._requests + 1
        last = number & 0xFF
        if not last:
            self._request_block = f"{self._request_prefix}{number >> 8:010x}"
        return self._request_block + _LAST_DIGITS[last]

    def state(self) -> dict[str, Any]:
        """Tell where the choices stand, for JSON."""
        kind, numbers, gauss = self.random.getstate()
        return {"random": [kind, list(numbers), gauss]}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from where the choices stood."""
        kind, numbers, gauss = state["random"]
        self.random.setstate((kind, tuple(numbers), gauss))

    def chance(self, seed: int | None) -> Chance:
        """Make a source of choices of its own: of a seed, or of one that is drawn here."""
        return random.Random(self.bits(64) if seed is None else seed)


def siblings(of: str) -> Iterator[str]:
    """Yield the UUIDs that differ from one in its first six digits: they need no chance. There are sixteen million."""
    lead, *others = map(_FROM.__getitem__, of[:6])
    rests = map("".join, product(*others, (of[6:],)))
    found: Iterator[str] = chain.from_iterable(map(add, lead, repeat(rest)) for rest in rests)
    next(found)
    return found


def sibling(of: str) -> str:
    """Return the first of the siblings."""
    return _FROM[of[0]][1] + of[1:]


def chance_of(state: tuple[Any, ...]) -> Chance:
    """Return a source of choices that stands where another one stood, as its `getstate` told."""
    kind, numbers, gauss = state
    chance = random.Random()
    chance.setstate((kind, tuple(numbers), gauss))
    return chance


def token() -> str:
    """Make a word that nobody can guess, whatever the seed: the state knows nothing of it."""
    return secrets.token_hex(16)
