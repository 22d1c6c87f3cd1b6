"""Paths of REST operations: from a request's method and path to the operation they name."""

from collections.abc import Sequence
from typing import Generic, TypeVar
from urllib.parse import parse_qsl, unquote

from msgspec import Struct, field

from pocketbus.apis.model import Operation

T = TypeVar("T")


class _Node(Struct, Generic[T]):
    """The paths that go on from one point: by literal segments, by a label; and what ends here, by method."""

    literals: "dict[str, _Node[T]]" = field(default_factory=dict)
    label: "_Node[T] | None" = None
    ends: dict[str, list[tuple[frozenset[tuple[str, str]], T]]] = field(default_factory=dict)


class RestPaths(Generic[T]):
    """What the operations of one service lead to, by method and path; finding takes as many steps as the path has."""

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()

    def add(self, operation: Operation, goal: T) -> None:
        """Add an operation; the query string of its template has to be in a request too."""
        if operation.http is None:
            raise ValueError(f"{operation.name} has no path")
        path, _, query = operation.http.uri.partition("?")
        node = self._root
        for segment in _segments(path):
            if _is_label(segment):
                node.label = node = node.label or _Node()
            else:
                node = node.literals.setdefault(segment, _Node())
        ends = node.ends.setdefault(operation.http.method, [])
        ends.append((frozenset(parse_qsl(query)), goal))
        ends.sort(key=lambda end: -len(end[0]))

    def find(self, method: str, raw_path: str, query_string: bytes) -> tuple[T, list[str]] | None:
        """Return what a request leads to and the values of the labels, in order, or None."""
        found = _walk(self._root, _segments(raw_path), [])
        if found is None:
            return None
        node, labels = found
        given = frozenset(parse_qsl(query_string.decode("latin-1"))) if query_string else frozenset()
        for needed, goal in node.ends.get(method, ()):
            if needed <= given:
                return goal, labels
        return None


def labels_of(operation: Operation) -> list[str]:
    """Return the names of the labels of an operation's path, in order."""
    path = operation.http.uri.partition("?")[0] if operation.http is not None else ""
    return [segment[1:-1] for segment in _segments(path) if _is_label(segment)]


def _is_label(segment: str) -> bool:
    return segment.startswith("{")


def _segments(path: str) -> list[str]:
    return path.strip("/").split("/")


def _walk(node: _Node[T], segments: Sequence[str], labels: list[str]) -> tuple[_Node[T], list[str]] | None:
    """Follow the segments; where a literal leads nowhere, a label is tried."""
    if not segments:
        return (node, labels) if node.ends else None
    first, rest = segments[0], segments[1:]
    literal = node.literals.get(first)
    found = _walk(literal, rest, labels) if literal is not None else None
    if found is None and node.label is not None and first:
        found = _walk(node.label, rest, [*labels, unquote(first)])
    return found
