"""SNS filter policies: event patterns with SNS's scopes, limits and words."""

import json
import re
from collections.abc import Mapping
from math import prod
from typing import Any

from pocketbus.rules.anything_but import anything_but, refused_affix, refused_caseless, refused_wildcard
from pocketbus.rules.compiling import Operators
from pocketbus.rules.conditions import Prefix, wildcards_of
from pocketbus.rules.event import Event, NumberText, decode
from pocketbus.rules.operators import OPERATORS
from pocketbus.rules.pattern import Pattern, compile_dialect
from pocketbus.rules.reader import Reader, Token
from pocketbus.rules.rejection import InvalidPattern
from pocketbus.rules.value import Value

# https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
MAX_KEYS = 5
MAX_COMBINATIONS = 150
MAX_STARS = 3
MAX_WILDCARD_POINTS = 100

# As recorded from AWS: anything-but takes no suffix here, and its prefix has another text for a wrong type.
_OPERATORS: Operators = {
    **OPERATORS,
    "anything-but": anything_but(
        {
            "prefix": refused_affix(Prefix, "prefix"),
            "equals-ignore-case": refused_caseless,
            "wildcard": refused_wildcard,
        },
        scalars=tuple(Token),
    ),
}
_TOO_COMPLEX = "Filter policy is too complex"
_ATTRIBUTE_NUMBER = re.compile(r"[+]?(-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)")


class FilterPolicy(Value):
    """A compiled policy; make the event for it with `attributes_event` or `body_event`, as its scope says."""

    text: str
    scope: str
    pattern: Pattern

    def matches(self, event: Event | None) -> bool:
        return event is not None and self.pattern.matches(event)


def compile_filter_policy(text: str, scope: str) -> FilterPolicy:
    """Compile for a scope, "MessageAttributes" or "MessageBody"; raise InvalidPattern with AWS's reason.

    The reason is what AWS writes after "FilterPolicy: ", or all of it where the rejection's `of_policy` is False.

    >>> policy = compile_filter_policy('{"kind": [{"prefix": "order-"}]}', "MessageAttributes")
    >>> policy.matches(attributes_event({"kind": ("String", "order-placed")}))
    True
    >>> compile_filter_policy('{"a": ["1"], "b": ["1"], "c": ["1"], "d": ["1"], "e": ["1"], "f": ["1"]}', "MessageBody")
    Traceback (most recent call last):
    pocketbus.rules.rejection.InvalidPattern: Filter policy can not have more than 5 keys
    """
    require_json(text)
    pattern = compile_dialect(text, _OPERATORS)
    policy = json.JSONDecoder(parse_int=str).raw_decode(text.lstrip(" \t\r\n"))[0]
    if len(policy) > MAX_KEYS:
        raise InvalidPattern(f"Filter policy can not have more than {MAX_KEYS} keys")
    if scope == "MessageAttributes" and any(isinstance(value, dict) for value in policy.values()):
        reason = "Filter policy scope MessageAttributes does not support nested filter policy"
        raise InvalidPattern(reason, of_policy=False)
    if _combinations(policy) > MAX_COMBINATIONS or _has_too_many_stars(pattern):
        raise InvalidPattern(_TOO_COMPLEX)
    return FilterPolicy(text, scope, pattern)


def require_json(text: str) -> None:
    """Refuse what is no JSON in the words of the parser that SNS runs before the pattern compiler."""
    reader = Reader(text, hidden=True)
    depth = 0
    try:
        while True:
            token = reader.next()
            depth += (token in (Token.OPEN_OBJECT, Token.OPEN_ARRAY)) - (
                token in (Token.CLOSE_OBJECT, Token.CLOSE_ARRAY)
            )
            if depth == 0:
                return
    except InvalidPattern as wrong:
        raise InvalidPattern(f"failed to parse JSON. {wrong.reason}", wrong.location) from None


def _combinations(policy: Mapping[str, Any], depth: int = 1) -> int:
    """Multiply (values times nesting depth) over the keys; the branches of `$or` add up."""
    return prod(_combinations_of(name, value, depth) for name, value in policy.items())


def _combinations_of(name: str, value: Any, depth: int) -> int:
    if isinstance(value, dict):
        return _combinations(value, depth + 1)
    if name == "$or" and all(isinstance(branch, dict) for branch in value):
        return sum(_combinations(branch, depth) for branch in value)
    return depth * len(value)


def _has_too_many_stars(pattern: Pattern) -> bool:
    """Count one point for a wildcard's only star or three for each of several, times the wildcards of the field."""
    requirements = {requirement for subrule in pattern.subrules for requirement in subrule.requirements}
    fields = [[wildcard.stars for wildcard in wildcards_of(each.conditions)] for each in requirements]
    points = sum(len(stars) * sum(count if count < 2 else 3 * count for count in stars) for stars in fields)
    return points > MAX_WILDCARD_POINTS or any(count > MAX_STARS for stars in fields for count in stars)


def attributes_event(attributes: Mapping[str, tuple[str, str | bytes]]) -> Event:
    """Make a one-level event of message attributes, each a data type and a value; binary ones are left out.

    >>> attributes_event({"tags": ("String.Array", '["a", 1]')}).find("tags")
    ['a', 1.0]
    """
    values = {name: _attribute_value(data_type, value) for name, (data_type, value) in attributes.items()}
    return Event.from_value({name: value for name, value in values.items() if value is not None})


def _attribute_value(data_type: str, value: str | bytes) -> Any:
    """Return what a policy sees, or None for nothing."""
    if isinstance(value, bytes):
        return None
    if data_type == "String.Array":
        return _array(value)
    kind = data_type.partition(".")[0]
    if kind == "Number":
        number = _ATTRIBUTE_NUMBER.fullmatch(value.strip())
        return NumberText(number[1]) if number else None
    return value if kind == "String" else None


def _array(text: str) -> list[Any] | None:
    try:
        array = decode(text)
    except ValueError:
        return None
    return array if isinstance(array, list) else None


def body_event(body: str) -> Event | None:
    """Make an event of a message body, or None if it is not a JSON object: no policy matches it then."""
    try:
        return Event.from_json(body)
    except ValueError:
        return None
