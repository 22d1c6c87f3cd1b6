"""Every identifier and every random choice, from one seedable source."""

import random
import secrets
from collections.abc import Iterator, Mapping
from typing import Any, Final

_STRIDE: Final = 0x9E37_79B1
"""Leads past all numbers of 32 bits, and far from one to the next."""

Chance = random.Random
"""A source of choices of its own."""


_LAST_DIGITS = [f"{last:02x}" for last in range(256)]


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
    """Yield UUIDs that differ from one, and from one another, in their first eight digits: they need no chance.

    There are four billion before one comes again.
    """
    first, rest = int(of[:8], 16), of[8:]
    while True:
        first = (first + _STRIDE) & 0xFFFF_FFFF
        yield first.to_bytes(4, "big").hex() + rest


def sibling(of: str) -> str:
    """Return the first of the siblings."""
    return ((int(of[:8], 16) + _STRIDE) & 0xFFFF_FFFF).to_bytes(4, "big").hex() + of[8:]


def chance_of(state: tuple[Any, ...]) -> Chance:
    """Return a source of choices that stands where another one stood, as its `getstate` told."""
    kind, numbers, gauss = state
    chance = random.Random()
    chance.setstate((kind, tuple(numbers), gauss))
    return chance


def token() -> str:
    """Make a word that nobody can guess, whatever the seed: the state knows nothing of it."""
    return secrets.token_hex(16)
