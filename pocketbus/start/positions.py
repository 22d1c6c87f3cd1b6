"""The line at which something stands in a TOML, JSON or YAML text; only asked for where there is a mistake to tell."""

import json
import re
from collections.abc import Sequence
from typing import Any

Path = Sequence[str | int]

_BLANK = re.compile(r"[ \t\r\n,:]*")


def line_in_toml(text: str, path: Path) -> int | None:
    """Find the statement that first sets what the path leads to.

    The parser itself tells: a text that ends before the statement does not have the path, one that goes on does.
    """
    lines = text.splitlines(keepends=True)
    low, high = 0, len(lines)
    if not _leads_somewhere(_whole_statements(lines, high)[1], path):
        return None
    while low + 1 < high:
        middle = (low + high) // 2
        if _leads_somewhere(_whole_statements(lines, middle)[1], path):
            high = middle
        else:
            low = middle
    return _first_of_statement(lines, _whole_statements(lines, high - 1)[0])


def _whole_statements(lines: list[str], count: int) -> tuple[int, dict[str, Any]]:
    """Parse the first lines, without those at their end that begin a statement and do not finish it."""
    import tomllib  # noqa: PLC0415 - loaded by those who need it

    for number in range(count, 0, -1):
        try:
            return number, tomllib.loads("".join(lines[:number]))
        except tomllib.TOMLDecodeError:
            continue
    return 0, {}


def _first_of_statement(lines: list[str], before: int) -> int:
    for number in range(before, len(lines)):
        if lines[number].strip() and not lines[number].lstrip().startswith("#"):
            return number + 1
    return before + 1


def _leads_somewhere(value: Any, path: Path) -> bool:
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def line_in_json(text: str, path: Path) -> int | None:
    """Find the value that the path leads to; of an object's member, its name."""
    decoder = json.JSONDecoder()
    at = shown = _skip(text, 0)
    for step in path:
        found = _step(text, at, step, decoder)
        if found is None:
            return None
        shown, at = found
    return text.count("\n", 0, shown) + 1


def _step(text: str, at: int, step: str | int, decoder: json.JSONDecoder) -> tuple[int, int] | None:
    """Return where a member or an item begins, and where its value does."""
    index, at = 0, _skip(text, at + 1)
    while text[at] not in "}]":
        shown, name = at, index
        if isinstance(step, str):
            name, at = decoder.raw_decode(text, at)
            at = _skip(text, at)
        if name == step:
            return shown, at
        at = _skip(text, decoder.raw_decode(text, at)[1])
        index += 1
    return None


def _skip(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def line_in_yaml(text: str, path: Path) -> int | None:
    """Find the node that the path leads to; of a mapping's member, its name."""
    import yaml  # noqa: PLC0415 - an extra

    node = shown = yaml.compose(text)
    for step in path:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == str(step)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            found = (node.value[step], node.value[step])
        else:
            found = None
        if found is None:
            return None
        shown, node = found
    return None if shown is None else int(shown.start_mark.line) + 1


def line_of_name(text: str, path: Path) -> int | None:
    """Find the last name of the path in a text of any form, where it begins a line."""
    names = [step for step in path if isinstance(step, str)]
    pattern = rf'^\s*"?{re.escape(names[-1])}\b' if names else r"\Z"
    match = re.search(pattern, text, re.MULTILINE)
    return None if match is None else text.count("\n", 0, match.end()) + 1
