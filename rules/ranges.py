"""The `numeric` operator: one comparison, or a lower and an upper one."""

from math import inf

from pocketbus.rules.compiling import TOO_MANY, double
from pocketbus.rules.conditions import Between, Condition, Equal
from pocketbus.rules.keys import Interval
from pocketbus.rules.reader import Reader, Token

_LOWER = {">": False, ">=": True}
_UPPER = {"<": False, "<=": True}


def numeric(reader: Reader) -> Condition:
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
        raise reader.refuse(TOO_MANY)
    return double(reader, text)


def _lower_bound_then_upper(reader: Reader, comparison: str) -> Interval:
    low = _bound_text(reader, comparison)
    token = reader.next()
    if token is Token.CLOSE_ARRAY:
        return Interval(double(reader, low), _LOWER[comparison], inf, False)
    if token is not Token.STRING:
        raise reader.refuse(f"Bad value in numeric range: {reader.text}")
    second = reader.text
    if second not in _UPPER:
        raise reader.refuse(f"Bad numeric range operator: {second}")
    high = _bound_text(reader, second)
    if reader.next() is not Token.CLOSE_ARRAY:
        raise reader.refuse("Too many terms in numeric range expression")
    interval = Interval(double(reader, low), _LOWER[comparison], double(reader, high), _UPPER[second])
    if interval.low >= interval.high:
        raise reader.refuse("Bottom must be less than top")
    return interval


def _bound_text(reader: Reader, comparison: str) -> str:
    if reader.next() is not Token.NUMBER:
        raise reader.refuse(f"Value of {comparison} must be numeric")
    return reader.text
