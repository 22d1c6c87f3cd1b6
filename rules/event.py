"""An event (or message) and its flattening, once, into the values of the paths that rules use."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, Self, TypeAlias

from pocketbus.rules.json_text import nests_deeper
from pocketbus.rules.numeric import comparable

MAX_DEPTH = 500
"""An event nested deeper is refused. AWS's own bound is not known."""


class Literal(NamedTuple):
    """A value that can only equal itself: true, false, null, or the text of a number that no double holds."""

    text: str


Atom: TypeAlias = str | float | Literal
Place: TypeAlias = tuple[tuple[int, int], ...]
"""The array elements that lead to a value, outermost first: (number of the array in the event, index)."""

TRUE, FALSE, NULL = Literal("true"), Literal("false"), Literal("null")
_EXACT_INT = 2**53


class NumberText(str):
    """A JSON number as it was written."""

    __slots__ = ()


class Pairs(list[tuple[str, Any]]):
    """A JSON object that names a key twice; all its values are seen."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | Pairs:
    members = dict(pairs)
    return members if len(members) == len(pairs) else Pairs(pairs)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


_decoder = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_float=NumberText,
    parse_int=NumberText,
    parse_constant=_refuse_constant,
)

_scan: Final[Callable[[str, int], tuple[Any, int]]] = _decoder.scan_once  # type: ignore[attr-defined]
"""Reads what begins with a brace, and tells where it ends; StopIteration says that a value is missing."""


class Event:
    """A JSON object ready to be matched.

    >>> Event.from_json('{"source": "shop", "detail": {"price": 10}}').find("detail.price")
    [10.0]
    """

    __slots__ = ("root",)

    def __init__(self, root: dict[str, Any] | Pairs) -> None:
        self.root = root

    @classmethod
    def from_json(cls, text: str, depth: int = MAX_DEPTH) -> Self:
        """Read an event, keeping the text of numbers; ValueError if it is no JSON object or nests deeper than that."""
        root = decode(text, depth)
        if type(root) is not dict and type(root) is not Pairs:
            raise ValueError("the event is not a JSON object")
        return cls(root)

    @classmethod
    def from_value(cls, value: Mapping[str, Any]) -> Self:
        """Take a decoded JSON object; it must not change afterwards."""
        return cls(value if type(value) is dict else dict(value))

    def find(self, path: str) -> list[Atom]:
        """Return all values at a dot-joined path."""
        paths = Paths()
        paths.add(path)
        return self.fields(paths).values.get(path, [])

    def fields(self, paths: "Paths") -> "Fields":
        fields = Fields()
        _flatten(self.root, paths.root, fields)
        return fields


def decode(text: str, most: int = MAX_DEPTH) -> Any:
    """Read any JSON as an event's value; ValueError if it is none or nests deeper than that."""
    if nests_deeper(text, most):
        raise ValueError(f"nested more than {most} deep")
    try:
        value, end = _scan(text, 0) if text.startswith("{") else (None, -1)
    except (StopIteration, RecursionError):
        end = -1
    if end == len(text):
        return value
    try:
        return _decoder.decode(text)  # white space around it, or the error
    except RecursionError:
        raise ValueError("nested too deep") from None


class Step:
    """One part of a path; `path` is set where some rule's path ends."""

    __slots__ = ("children", "path", "uses")

    def __init__(self) -> None:
        self.path: str | None = None
        self.uses = 0
        self.children: dict[str, Step] = {}


class Paths:
    """The paths that rules use, as a tree of their parts, so that nothing else of an event is looked at."""

    __slots__ = ("root",)

    def __init__(self, paths: Iterable[str] = ()) -> None:
        self.root = Step()
        for path in paths:
            self.add(path)

    def add(self, path: str) -> None:
        step = self.root
        for part in path.split("."):
            step = step.children.setdefault(part, Step())
        step.path = path
        step.uses += 1

    def discard(self, path: str) -> None:
        """Undo one `add` of this path."""
        trail = [self.root]
        parts = path.split(".")
        for part in parts:
            trail.append(trail[-1].children[part])
        trail[-1].uses -= 1
        if trail[-1].uses == 0:
            trail[-1].path = None
        for parent, part, step in zip(trail[-2::-1], reversed(parts), trail[:0:-1], strict=False):
            if step.path is not None or step.children:
                break
            del parent.children[part]


class Fields:
    """The values of an event at the paths in use.

    `places[path][n]` is where `values[path][n]` stands, if within an array; `entangled` are the paths that share
    an array with another path, the only ones for which it matters which element a value came from.
    """

    __slots__ = ("arrays", "entangled", "places", "reached", "values")

    def __init__(self) -> None:
        self.values: dict[str, list[Atom]] = {}
        self.places: dict[str, dict[int, Place]] = {}
        self.entangled: set[str] = set()
        self.arrays = 0
        self.reached: dict[int, str] = {}

    def add(self, path: str, atom: Atom, place: Place) -> None:
        values = self.values.get(path)
        if values is None:
            values = self.values[path] = []
        values.append(atom)
        if place:
            self._put(path, len(values) - 1, place)

    def _put(self, path: str, at: int, place: Place) -> None:
        self.places.setdefault(path, {})[at] = place
        for array, _ in place:
            first = self.reached.setdefault(array, path)
            if first != path:
                self.entangled.update((first, path))


_Visit: TypeAlias = tuple[Any, Step, Place]


def _flatten(root: Any, start: Step, fields: Fields) -> None:
    """Walk what the event and the paths have in common, with a stack because an event chooses its own depth."""
    stack: list[_Visit] = [(root, start, ())]
    while stack:
        value, step, place = stack.pop()
        below: list[_Visit] = []
        if type(value) is list or type(value) is tuple:
            _elements(value, step, place, fields, below)
        else:
            for member, child in _members(value, step):
                if type(member) in _CONTAINERS:
                    below.append((member, child, place))
                elif child.path is not None:
                    fields.add(child.path, member if type(member) is str else atom(member), place)
        if below:
            stack += reversed(below)


_CONTAINERS = frozenset((dict, list, tuple, Pairs))


def _members(value: Any, step: Step) -> Iterable[tuple[Any, Step]]:
    children = step.children
    if type(value) is dict and "." not in "".join(value):
        if len(children) < len(value):
            return [(value[name], child) for name, child in children.items() if name in value]
        return [(member, children[name]) for name, member in value.items() if name in children]
    return _dotted_members(value.items() if type(value) is dict else value, step)


def _dotted_members(members: Iterable[tuple[str, Any]], start: Step) -> Iterator[tuple[Any, Step]]:
    for name, member in members:
        step: Step | None = start
        for part in name.split("."):
            step = step.children.get(part) if step else None
        if step:
            yield member, step


def _elements(elements: Sequence[Any], step: Step, place: Place, fields: Fields, below: list[_Visit]) -> None:
    fields.arrays += 1
    array = fields.arrays
    for index, element in enumerate(elements):
        if type(element) in _CONTAINERS:
            # Only where rules look at members of the elements can two paths meet in this array.
            below.append((element, step, (*place, (array, index)) if step.children else place))
        elif step.path is not None:
            # A scalar belongs to the array's owner: the reference gives it no place in the array itself.
            fields.add(step.path, element if type(element) is str else atom(element), place)


def atom(value: Any) -> Atom:
    """Turn a scalar of JSON into what conditions compare."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return TRUE if value else FALSE
    if isinstance(value, NumberText):
        return number_atom(value)
    if isinstance(value, float):
        return value if value - value == 0 else Literal(repr(value))
    if isinstance(value, int):
        return float(value) if -_EXACT_INT <= value <= _EXACT_INT else _long_integer(value)
    return str(value)


def number_atom(text: str) -> Atom:
    number = comparable(text)
    return Literal(str(text)) if number is None else number


def _long_integer(value: int) -> Atom:
    try:
        return number_atom(str(value))
    except ValueError:
        # Python writes no integer of more than 4,300 decimal digits; none of them is a double.
        return Literal(hex(value))
