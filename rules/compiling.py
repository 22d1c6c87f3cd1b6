"""What the compile functions of all operators share: they read an operator's value and make a condition of it."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from pocketbus.rules.conditions import Condition, Wildcard
from pocketbus.rules.numeric import comparable
from pocketbus.rules.reader import Reader, Token
from pocketbus.rules.rejection import InvalidPattern
from pocketbus.rules.wildcard import pieces

Compile: TypeAlias = Callable[[Reader], Condition]
Operators: TypeAlias = Mapping[str, Compile]

TOO_MANY = "Too many elements in numeric expression"
"""AWS says so of anything-but as well."""


def string_text(reader: Reader, name: str) -> str:
    """Return the current token's text; refuse what is no string in terms of the operator's name."""
    if reader.token is not Token.STRING:
        raise reader.refuse(f"{name} match pattern must be a string")
    return reader.text


def wildcard_of(reader: Reader, text: str) -> Wildcard:
    try:
        return Wildcard(text, pieces(text))
    except InvalidPattern as wrong:
        raise reader.refuse(wrong.reason) from None


def double(reader: Reader, text: str) -> float:
    number = comparable(text)
    if number is None:
        raise reader.refuse(f"Cannot compare number : {text}")
    return number
