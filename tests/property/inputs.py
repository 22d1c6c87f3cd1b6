"""Random inputs of operations from their shapes: of what was heard before, made up to fit, or odd."""

from collections.abc import Callable
from functools import cache
from typing import Any

from hypothesis import strategies as st

from pocketbus.apis.codec.validate import compile_pattern
from pocketbus.apis.model import Operation, Shape
from tests.property.vocabulary import Place, Vocabulary

Draw = Callable[[st.SearchStrategy[Any]], Any]

ODD_TEXTS = (
    "",
    " ",
    "\x00",
    "\ufffe",
    "\u202e\u0301ﬀ🙂",
    "a" * 300,
    "é" * 70_000,
    "-1",
    "1e400",
    "NaN",
    "null",
    "[]",
    "{}",
    '{"a":' * 1_000,
    "[" * 5_000 + "]" * 5_000,
    '{"a":' * 200 + "1" + "}" * 200,
    '{"a": 1e999, "b": -0.0, "a": "\\ud800"}',
    "arn:aws:sqs:::",
    "arn:::::",
    "arn:aws:sqs:us-east-1:000000000000:nowhere",
    "arn:aws:events:us-east-1:000000000000:event-bus/",
    "http://[::1",
    "https://example.com:99999/%00",
    "../..",
    "${a}<b>&amp;%",
    "a.fifo",
    "cron(* * * * ? *)",
    "9999-12-31T23:59:59Z",
)
ODD_NUMBERS = (-(2**31), -1, 0, 1, 2, 10, 11, 1000, 43_201, 2**31 - 1)
ODD_JSON: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    0.5,
    1e308,
    10**400,
    "",
    "a",
    [],
    {},
    [[]],
    [None],
    {"": None},
    {"a": {"b": [1]}},
)
"""What may stand anywhere in a JSON document in the place of what belongs there."""

_numbers = st.sampled_from(ODD_NUMBERS)
_instants = st.sampled_from([0, 1, 1_767_225_600, 1_767_225_660, 4_102_444_800])
_blobs = st.sampled_from([b"", b"\x00\xff", b"{}"]) | st.binary(max_size=8)
_short = st.text(max_size=8)


def draw_input(draw: Draw, service: str, operation: Operation, vocabulary: Vocabulary) -> dict[str, Any]:
    """Draw a whole input: half the time one that was heard before, perhaps with a member changed."""
    known = vocabulary.inputs(service, operation.name)
    if known and draw(st.booleans()):
        params = dict(_one_of(draw, known))
        if operation.input.members and _seldom(draw, 2):
            member = draw(st.sampled_from(operation.input.members))
            params[member.name] = draw_value(draw, Place(member.shape, member.name), vocabulary)
    else:
        params = _structure(draw, operation.input, vocabulary)
    # Without what is in its path, a request names another operation.
    return params | {
        member.name: draw_value(draw, Place(member.shape, member.name), vocabulary) or "-"
        for member in operation.input.members
        if member.location == "uri" and not params.get(member.name)
    }


def draw_value(draw: Draw, place: Place, vocabulary: Vocabulary) -> Any:
    """Draw a value of the right type."""
    known = vocabulary.values(place)
    if known and not _seldom(draw, 4):
        return _one_of(draw, draw(st.sampled_from(known)))
    shape = place.shape
    match shape.type:
        case "structure":
            return _structure(draw, shape, vocabulary)
        case "list":
            return _list(draw, Place(shape.element, place.name), vocabulary)
        case "map":
            return _map(draw, place, vocabulary)
        case "string":
            return draw(_texts(shape))
    return draw(_SCALARS[shape.type])


def _structure(draw: Draw, shape: Shape, vocabulary: Vocabulary) -> dict[str, Any]:
    return {
        member.name: draw_value(draw, Place(member.shape, member.name), vocabulary)
        for member in shape.members
        if (not _seldom(draw, 30) if member.required else _seldom(draw, 3))
    }


def _list(draw: Draw, element: Place, vocabulary: Vocabulary) -> list[Any]:
    length = draw(st.sampled_from([1, 1, 1, 2, 3, 0, 11]))
    if length > 3:
        return [draw_value(draw, element, vocabulary)] * length
    return [draw_value(draw, element, vocabulary) for _ in range(length)]


def _map(draw: Draw, place: Place, vocabulary: Vocabulary) -> dict[str, Any]:
    known = vocabulary.keys(place)
    keys = st.sampled_from(known) | _short if known else _short
    return {
        key: draw_value(draw, Place(place.shape.element, key), vocabulary)
        for key in draw(st.lists(keys, max_size=3, unique=True))
    }


def _one_of(draw: Draw, known: list[Any]) -> Any:
    """Draw what was heard; what was heard lately is more likely to be there still."""
    return draw(st.sampled_from(known[-4:] if draw(st.booleans()) else known))


def _seldom(draw: Draw, one_in: int) -> bool:
    return bool(draw(st.integers(1, one_in)) == one_in)


@cache
def _texts(shape: Shape) -> st.SearchStrategy[str]:
    odd = st.sampled_from(ODD_TEXTS) | _short
    if shape.enum:
        return st.sampled_from(shape.enum) | odd
    if shape.pattern is not None:
        return st.from_regex(compile_pattern(shape.pattern), fullmatch=True) | odd
    least = shape.minimum or 0
    return st.text(min_size=least, max_size=min(shape.maximum or 8, least + 8)) | odd


_SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "integer": _numbers,
    "long": _numbers | st.sampled_from([-(2**63), 2**63 - 1]),
    "double": st.floats(allow_nan=False, allow_infinity=False),
    "float": st.floats(allow_nan=False, allow_infinity=False, width=32),
    "boolean": st.booleans(),
    "blob": _blobs,
    "timestamp": _instants,
}


def mangle(draw: Draw, document: Any) -> Any:
    """Put something odd in the place of a random part of a JSON document."""
    inner: list[Any] = list(document) if isinstance(document, dict) else []
    if isinstance(document, list):
        inner = list(range(len(document)))
    if not inner or _seldom(draw, 3):
        return draw(st.sampled_from(ODD_JSON))
    where = draw(st.sampled_from(inner))
    copy = document.copy()
    copy[where] = mangle(draw, document[where])
    return copy
