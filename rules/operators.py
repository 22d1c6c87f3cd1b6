"""The operators of a match expression: one small compile function each, in one table."""

from pocketbus.rules.anything_but import anything_but, refused_affix, refused_caseless, refused_wildcard
from pocketbus.rules.cidr import address_bits, block_bits
from pocketbus.rules.compiling import TOO_MANY, Operators, string_text, wildcard_of
from pocketbus.rules.conditions import (
    ABSENT,
    PRESENT,
    Caseless,
    CaselessPrefix,
    CaselessSuffix,
    Condition,
    Equal,
    InBlock,
    Prefix,
    Suffix,
)
from pocketbus.rules.event import FALSE, NULL, TRUE, number_atom
from pocketbus.rules.ranges import numeric
from pocketbus.rules.reader import Reader, Token

_LITERALS = {Token.TRUE: TRUE, Token.FALSE: FALSE, Token.NULL: NULL}
_ONE_KEY = "Only one key allowed in match expression"


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
        raise reader.refuse(TOO_MANY if operator in ("numeric", "anything-but") else _ONE_KEY)
    return condition


def _exactly(reader: Reader) -> Condition:
    reader.next()
    return Equal(string_text(reader, "exact"))


def _equals_ignore_case(reader: Reader) -> Condition:
    reader.next()
    return Caseless.of(string_text(reader, "equals-ignore-case"))


def _prefix(reader: Reader) -> Condition:
    if reader.next() is Token.OPEN_OBJECT:
        return CaselessPrefix.of(_ignoring_case(reader, "prefix"))
    return Prefix(string_text(reader, "prefix"))


def _suffix(reader: Reader) -> Condition:
    if reader.next() is Token.OPEN_OBJECT:
        return CaselessSuffix.of(_ignoring_case(reader, "suffix"))
    return Suffix(string_text(reader, "suffix"))


def _ignoring_case(reader: Reader, operator: str) -> str:
    if reader.next() is not Token.NAME:
        raise reader.refuse(f"{operator.capitalize()} expression name not found")
    if reader.text != "equals-ignore-case":
        raise reader.refuse(f"Unsupported {operator} pattern: {reader.text}")
    reader.next()
    text = string_text(reader, "equals-ignore-case")
    if reader.next() is not Token.CLOSE_OBJECT:
        raise reader.refuse(_ONE_KEY)
    return text


def _wildcard(reader: Reader) -> Condition:
    reader.next()
    return wildcard_of(reader, string_text(reader, "wildcard"))


def _exists(reader: Reader) -> Condition:
    token = reader.next()
    if token not in (Token.TRUE, Token.FALSE):
        raise reader.refuse("exists match pattern must be either true or false.")
    return PRESENT if token is Token.TRUE else ABSENT


def _cidr(reader: Reader) -> Condition:
    reader.next()
    text = string_text(reader, "prefix")
    return InBlock(text, block_bits(text))


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
    "numeric": numeric,
    "cidr": _cidr,
    "exists": _exists,
}
