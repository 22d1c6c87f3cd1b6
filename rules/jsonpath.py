"""The JSONPath subset of InputPath and InputPathsMap: names, indices, wildcards; no filters, no descent."""

import re
from enum import Enum
from typing import Final

from pocketbus.rules.value import Value

# Nine digits: no event has so many elements, and int() refuses hostile lengths.
_STEP = re.compile(
    r"""\.(?P<name>[\w/-]+) | \[(?P<index>[0-9]{1,9})\] | \[(?P<quote>['"])(?P<key>.*?)(?P=quote)\]"""
    r"""| (?P<any>\.\*|\[\*\])""",
    re.VERBOSE | re.DOTALL,
)


class _Missing(Enum):
    MISSING = "missing"


MISSING: Final = _Missing.MISSING


class _Wildcard(Enum):
    ANY = "*"


_ANY: Final = _Wildcard.ANY


class JsonPath(Value):
    """A compiled path; steps is None for a text outside the subset, which selects nothing."""

    steps: tuple[str | int | _Wildcard, ...] | None

    def select(self, document: object) -> object:
        """Return what the path selects, MISSING if nothing; a path with a wildcard selects a list.

        >>> compile_path("$.detail.tags[1]").select({"detail": {"tags": ["a", "b"]}})
        'b'
        >>> compile_path("$.detail.*").select({"detail": {"x": 1, "y": 2}})
        [1, 2]
        """
        if self.steps is None:
            return MISSING
        nodes, many = [document], False
        for step in self.steps:
            nodes = [child for node in nodes for child in _children(node, step)]
            many = many or step is _ANY
            if not nodes and not many:
                return MISSING
        return nodes if many else nodes[0]


def _children(node: object, step: str | int | _Wildcard) -> list[object]:
    if isinstance(node, dict):
        if step is _ANY:
            return list(node.values())
        return [node[step]] if step in node else []
    if isinstance(node, list):
        if step is _ANY:
            return node
        return [node[step]] if isinstance(step, int) and step < len(node) else []
    return []


def compile_path(text: str) -> JsonPath:
    """Read a path. EventBridge does not check paths at PutTargets, so neither is any text refused here."""
    if not text.startswith("$"):
        return JsonPath(None)
    steps: list[str | int | _Wildcard] = []
    position = 1
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            return JsonPath(None)
        steps.append(_step(match))
        position = match.end()
    return JsonPath(tuple(steps))


def _step(match: re.Match[str]) -> str | int | _Wildcard:
    if match["any"]:
        return _ANY
    if match["index"]:
        return int(match["index"])
    return match["name"] or match["key"]
