"""JSON text in and out, every number kept as it was written; the meaning is left to the callers."""

import json
import re
from math import isfinite
from typing import Any, NoReturn

from pocketbus.rules.reader import MAX_DEPTH

DEPTH = 550
"""What nests deeper is refused: where the stack would end depends on who asks, and a replay is not who asked first.

An event nests 500 levels at most; there is room for what envelops it.
"""

_SURROGATE = re.compile("[\ud800-\udfff]")
_STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)


class Number(str):
    """A JSON number as written: no rounding, no overflow, no limit on its digits."""

    __slots__ = ()


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_quote = json.JSONEncoder(ensure_ascii=False).encode
_DECODER = json.JSONDecoder(parse_int=Number, parse_float=Number, parse_constant=_refuse)
_PLAIN_DECODER = json.JSONDecoder(parse_constant=_refuse)


def nests_deeper(text: str, most: int) -> bool:
    """Tell whether the JSON of a text nests deeper than that.

    >>> nests_deeper('[[1], ["[[["]]', 2), nests_deeper('[[1], [[]]]', 2)
    (False, True)
    """
    return len(text) > most and text.count("{") + text.count("[") > most and _depth(text) > most


def _depth(text: str) -> int:
    depth = deepest = 0
    for mark in _STRUCTURE.finditer(text):
        if mark[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark[0] in "]}":
            depth -= 1
    return deepest


def _require_depth(text: str) -> None:
    if nests_deeper(text, DEPTH):
        raise ValueError("nested too deeply")


def read(text: str | bytes) -> Any:
    """Read JSON as json.loads does; ValueError if it is none or nests deeper than DEPTH.

    >>> read(b'{"a": [1.50]}')
    {'a': [1.5]}
    """
    if isinstance(text, bytes):
        text = text.decode(json.detect_encoding(text), "surrogatepass")
    _require_depth(text)
    return json.loads(text)


def load(text: str) -> Any:
    """Read the JSON of an attribute in Python's types; ValueError if it is none or nested deeper than MAX_DEPTH.

    What was read can be written, merged and walked without a thought for the stack.

    >>> load('{"a": [1.50]}')
    {'a': [1.5]}
    """
    try:
        document = _PLAIN_DECODER.decode(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if is_deep(document, MAX_DEPTH):
        raise ValueError("nested too deeply")
    return document


def _shown_integer(text: str) -> int | str:
    try:
        return int(text)
    except ValueError:
        # Python reads no integer of more than 4,300 digits.
        return text


def _shown_float(text: str) -> float | str:
    number = float(text)
    return number if isfinite(number) else text


_SHOWN_DECODER = json.JSONDecoder(parse_int=_shown_integer, parse_float=_shown_float)


def read_to_show(text: str) -> Any:
    """Read JSON in Python's types for somebody to look at: a number that Python or JSON has not stays a text.

    >>> read_to_show('{"a": [1.50, 1e400]}')
    {'a': [1.5, '1e400']}
    """
    return _SHOWN_DECODER.decode(text)


def is_deep(document: object, most: int) -> bool:
    """Tell whether what was read nests deeper than that."""
    level = [document]
    for _ in range(most + 1):
        containers = [value for value in level if isinstance(value, dict | list)]
        if not containers:
            return False
        level = [value for one in containers for value in (one.values() if isinstance(one, dict) else one)]
    return True


def decode(text: str) -> object:
    """Read one JSON value.

    ValueError if there is none, or if it nests deeper than DEPTH.

    >>> decode('{"a": [1.50, 1e400]}')
    {'a': ['1.50', '1e400']}
    """
    _require_depth(text)
    return _DECODER.decode(text)


def decode_prefix(text: str, start: int) -> tuple[object, int]:
    """Read the JSON value that begins at start; return it and its end. JSONDecodeError if there is none."""
    try:
        value, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError:
        raise
    except ValueError as error:
        raise json.JSONDecodeError(str(error), text, start) from None
    except RecursionError:
        raise json.JSONDecodeError("nested too deeply", text, start) from None
    if is_deep(value, DEPTH):
        raise json.JSONDecodeError("nested too deeply", text, start)
    return value, end


def _encode(value: object) -> str:
    # map(), not a comprehension: one stack frame a level, so what decode() took can be written too.
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        members = zip(map(_quote, value), map(_encode, value.values()), strict=True)
        return "{" + ",".join(map(":".join, members)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_encode, value)) + "]"
    return _quote(value)


def encode(value: object) -> str:
    """Write a decoded value without white space. ValueError if it is nested deeper than the stack.

    >>> encode(decode('{"a": [1.50, null]}'))
    '{"a":[1.50,null]}'
    """
    try:
        return _encode(value)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def escape_surrogates(text: str) -> str:
    r"""Write each lone surrogate as its JSON escape: the text as it stands has no UTF-8.

    >>> escape_surrogates('"\ud800"')
    '"\\ud800"'
    """
    return text if text.isascii() else _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
