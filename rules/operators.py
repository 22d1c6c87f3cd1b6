"""The operators of a match expression: one small compile function each, in one table."""

from collections.abc import Callable, Container, Mapping
from math import inf
from typing import TypeAlias

from pocketbus.rules.cidr import address_bits, block_bits
from pocketbus.rules.conditions import (
    ABSENT,
    PRESENT,
    AnythingBut,
    Between,
    Caseless,
    CaselessPrefix,
    CaselessSuffix,
    Condition,
    Equal,
    InBlock,
    Interval,
    Prefix,
    Suffix,
    Wildcard,
)
from pocketbus.rules.event import FALSE, NULL, TRUE, number_atom
from pocketbus.rules.numeric import comparable
from pocketbus.rules.reader import Reader, Token
from pocketbus.rules.rejection import InvalidPattern
from pocketbus.rules.wildcard import pieces

Compile: TypeAlias = Callable[[Reader], Condition]
Operators: TypeAlias = Mapping[str, Compile]

_LITERALS = {Token.TRUE: TRUE, Token.FALSE: FALSE, Token.NULL: NULL}
_ONE_KEY = "Only one key allowed in match expression"
_TOO_MANY = "Too many elements in numeric expression"
_NOT_SCALAR = "Value of anything-but must be an array or single string/number value."
_BAD_ELEMENT = "Inside anything but list, start|null|boolean is not supported."
_MIXED = "Inside anything but list, either all values are number or string, mixed type is not supported"


def value_condition(reader: Reader, operators: Operators) -> Condition:
    """Compile one entry of a value list; the reader stands on its first token."""
    match reader.token:
        case Token.OPEN_OBJECT:
            return _match_expression(reader, operators)
        case Token.STRING:
            return _string_value(reader.text)
        case Token.NUMBER:
            return Equal(number_atom(reader.text))
    if reader.token not in _LITERALS:
        raise reader.refuse("Match value must be String, number, true, false, or null")
    return Equal(_LITERALS[reader.token])


def _string_value(text: str) -> Condition:
    bits = address_bits(text)
    return Equal(text) if bits is None else InBlock(text, bits)


def _match_expression(reader: Reader, operators: Operators) -> Condition:
    if reader.next() is not Token.NAME:
        raise reader.refuse("Match expression name not found")
    operator = reader.text
    if operator not in operators:
        raise reader.refuse(f"Unrecognized match type {operator}")
    condition = operators[operator](reader)
    if reader.next() is not Token.CLOSE_OBJECT:
        raise reader.refuse(_TOO_MANY if operator in ("numeric", "anything-but") else _ONE_KEY)
    return condition


def _string(reader: Reader, name: str) -> str:
    if reader.token is not Token.STRING:
        raise reader.refuse(f"{name} match pattern must be a string")
    return reader.text


def _exactly(reader: Reader) -> Condition:
    reader.next()
    return Equal(_string(reader, "exact"))


def _equals_ignore_case(reader: Reader) -> Condition:
    reader.next()
    return Caseless.of(_string(reader, "equals-ignore-case"))


def _prefix(reader: Reader) -> Condition:
    if reader.next() is Token.OPEN_OBJECT:
        return CaselessPrefix.of(_ignoring_case(reader, "prefix"))
    return Prefix(_string(reader, "prefix"))


def _suffix(reader: Reader) -> Condition:
    if reader.next() is Token.OPEN_OBJECT:
        return CaselessSuffix.of(_ignoring_case(reader, "suffix"))
    return Suffix(_string(reader, "suffix"))


def _ignoring_case(reader: Reader, operator: str) -> str:
    if reader.next() is not Token.NAME:
        raise reader.refuse(f"{operator.capitalize()} expression name not found")
    if reader.text != "equals-ignore-case":
        raise reader.refuse(f"Unsupported {operator} pattern: {reader.text}")
    reader.next()
    text = _string(reader, "equals-ignore-case")
    if reader.next() is not Token.CLOSE_OBJECT:
        raise reader.refuse(_ONE_KEY)
    return text


def _wildcard(reader: Reader) -> Condition:
    reader.next()
    return _wildcard_of(reader, _string(reader, "wildcard"))


def _wildcard_of(reader: Reader, text: str) -> Wildcard:
    try:
        return Wildcard(text, pieces(text))
    except InvalidPattern as wrong:
        raise reader.refuse(wrong.reason) from None


def _exists(reader: Reader) -> Condition:
    token = reader.next()
    if token not in (Token.TRUE, Token.FALSE):
        raise reader.refuse("exists match pattern must be either true or false.")
    return PRESENT if token is Token.TRUE else ABSENT


def _cidr(reader: Reader) -> Condition:
    reader.next()
    text = _string(reader, "prefix")
    return InBlock(text, block_bits(text))


_LOWER = {">": False, ">=": True}
_UPPER = {"<": False, "<=": True}


def _numeric(reader: Reader) -> Condition:
    if reader.next() is not Token.OPEN_ARRAY:
        raise reader.refuse("Value of numeric must be an array.")
    if reader.next() is not Token.STRING:
        raise reader.refuse(f"Invalid member in numeric match: {reader.text}")
    comparison = reader.text
    if comparison == "=":
        return Equal(_only_bound(reader, "equals"))
    if comparison in _UPPER:
        return Between(Interval(-inf, False, _only_bound(reader, comparison), _UPPER[comparison]))
    if comparison in _LOWER:
        return Between(_lower_bound_then_upper(reader, comparison))
    reader.next()
    raise reader.refuse(f"Unrecognized numeric range operator: {comparison}")


def _only_bound(reader: Reader, comparison: str) -> float:
    text = _bound_text(reader, comparison)
    if reader.next() is not Token.CLOSE_ARRAY:
        raise reader.refuse(_TOO_MANY)
    return _double(reader, text)


def _lower_bound_then_upper(reader: Reader, comparison: str) -> Interval:
    low = _bound_text(reader, comparison)
    token = reader.next()
    if token is Token.CLOSE_ARRAY:
        return Interval(_double(reader, low), _LOWER[comparison], inf, False)
    if token is not Token.STRING:
        raise reader.refuse(f"Bad value in numeric range: {reader.text}")
    second = reader.text
    if second not in _UPPER:
        raise reader.refuse(f"Bad numeric range operator: {second}")
    high = _bound_text(reader, second)
    if reader.next() is not Token.CLOSE_ARRAY:
        raise reader.refuse("Too many terms in numeric range expression")
    interval = Interval(_double(reader, low), _LOWER[comparison], _double(reader, high), _UPPER[second])
    if interval.low >= interval.high:
        raise reader.refuse("Bottom must be less than top")
    return interval


def _bound_text(reader: Reader, comparison: str) -> str:
    if reader.next() is not Token.NUMBER:
        raise reader.refuse(f"Value of {comparison} must be numeric")
    return reader.text


def _double(reader: Reader, text: str) -> float:
    number = comparable(text)
    if number is None:
        raise reader.refuse(f"Cannot compare number : {text}")
    return number


def anything_but(refusable: Operators, scalars: Container[Token] = (Token.STRING, Token.NUMBER)) -> Compile:
    """Make the anything-but operator that may refuse values and what `refusable` names.

    Each of `refusable` judges a single value of one of the types `scalars`, or the entries of a list.
    """

    def compile_anything_but(reader: Reader) -> Condition:
        match reader.next():
            case Token.OPEN_OBJECT:
                return _anything_but_expression(reader, refusable, scalars)
            case Token.OPEN_ARRAY:
                return AnythingBut(_listed_atoms(reader))
            case Token.STRING:
                return AnythingBut(frozenset((reader.text,)))
            case Token.NUMBER:
                return AnythingBut(frozenset((_anything_but_number(reader),)))
        raise reader.refuse(_NOT_SCALAR)

    return compile_anything_but


def _anything_but_number(reader: Reader) -> float:
    number = comparable(reader.text)
    if number is None:
        raise InvalidPattern(f"Cannot compare number : {reader.text}")
    return number


def _listed_atoms(reader: Reader) -> frozenset[str | float]:
    atoms: set[str | float] = set()
    while reader.next() is not Token.CLOSE_ARRAY:
        if reader.token is Token.STRING:
            atoms.add(reader.text)
        elif reader.token is Token.NUMBER:
            atoms.add(_double(reader, reader.text))
        else:
            raise reader.refuse(_BAD_ELEMENT)
    if len({type(atom) for atom in atoms}) != 1:
        raise reader.refuse(_MIXED)
    return frozenset(atoms)


def _anything_but_expression(reader: Reader, refusable: Operators, scalars: Container[Token]) -> Condition:
    if reader.next() is not Token.NAME:
        raise reader.refuse("Anything-But expression name not found")
    if reader.text not in refusable:
        raise reader.refuse(f"Unsupported anything-but pattern: {reader.text}")
    refused = refusable[reader.text]
    if reader.next() is Token.OPEN_ARRAY:
        conditions = _listed_conditions(reader, refused)
    elif reader.token in scalars:
        conditions = (refused(reader),)
    else:
        raise reader.refuse(_NOT_SCALAR)
    if reader.next() is not Token.CLOSE_OBJECT:
        raise reader.refuse(_TOO_MANY)
    return AnythingBut(frozenset(), conditions)


def _listed_conditions(reader: Reader, refused: Compile) -> tuple[Condition, ...]:
    conditions: dict[Condition, None] = {}
    while reader.next() is not Token.CLOSE_ARRAY:
        conditions[refused(reader)] = None
    if not conditions:
        raise reader.refuse(_MIXED)
    return tuple(conditions)


def refused_affix(of: Callable[[str], Condition], name: str) -> Compile:
    """Make the compile function of a prefix or suffix within anything-but; `name` is what a wrong type is told."""

    def compile_affix(reader: Reader) -> Condition:
        if not _string(reader, name):
            raise reader.refuse("Null prefix/suffix not allowed")
        return of(reader.text)

    return compile_affix


def refused_caseless(reader: Reader) -> Condition:
    if reader.token is not Token.STRING:
        reason = "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
        raise reader.refuse(reason)
    return Caseless.of(reader.text)


def refused_wildcard(reader: Reader) -> Condition:
    return _wildcard_of(reader, _string(reader, "wildcard"))


OPERATORS: Operators = {
    "exactly": _exactly,
    "equals-ignore-case": _equals_ignore_case,
    "prefix": _prefix,
    "suffix": _suffix,
    "wildcard": _wildcard,
    "anything-but": anything_but(
        {
            "prefix": refused_affix(Prefix, "prefix/suffix"),
            "suffix": refused_affix(Suffix, "prefix/suffix"),
            "equals-ignore-case": refused_caseless,
            "wildcard": refused_wildcard,
        }
    ),
    "numeric": _numeric,
    "cidr": _cidr,
    "exists": _exists,
}
