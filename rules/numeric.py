"""Numbers as event patterns see them: the double that a number text is, and ranges of doubles."""

import re
from math import isinf

_NUMBER = re.compile(r"(-?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?\Z")

# Any decimal of so few digits, near enough to 1, comes back unchanged from a double.
_ALWAYS_EXACT = 15
_LONGEST_EXPONENT = 6


def comparable(text: str) -> float | None:
    """Return the double that a JSON number is, or None where none is: it can then only equal its own text.

    >>> comparable("3.0e2")
    300.0
    >>> comparable("12345678901234567") is None
    True
    """
    if len(text) <= _ALWAYS_EXACT and "e" not in text and "E" not in text:
        return float(text)
    number = float(text)
    if isinf(number):
        return None
    digits = _significant(text)
    return number if digits is not None and digits == _significant(repr(number)) else None


def _significant(text: str) -> tuple[str, str, int] | None:
    """Split into sign, digits without outer zeros, and the power of ten of the last digit."""
    found = _NUMBER.match(text)
    if found is None:
        return None
    sign, whole, fraction, exponent = found[1], found[2], found[3] or "", found[4] or "0"
    if len(exponent.lstrip("+-0")) > _LONGEST_EXPONENT:
        return None
    digits = (whole + fraction).lstrip("0")
    short = digits.rstrip("0")
    if not short:
        return "", "", 0
    return sign, short, int(exponent) - len(fraction) + len(digits) - len(short)


def written(number: float) -> str:
    """Write a double as a person would: 300, not 300.0.

    >>> written(300.0), written(0.5)
    ('300', '0.5')
    """
    text = repr(number)
    return text.removesuffix(".0")
