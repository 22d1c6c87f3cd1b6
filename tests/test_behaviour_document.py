"""docs/BEHAVIOUR.md shows each line by tests that exist."""

import ast
import re
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent
DOCUMENT = TESTS.parent / "docs" / "BEHAVIOUR.md"
_REFERENCE = re.compile(r"`([\w/]+\.py)::(\w+)`")


@cache
def names_in(file: str) -> frozenset[str]:
    syntax = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    functions = (node for node in syntax.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(function.name for function in functions)


def rows() -> list[str]:
    """Return the lines of the document's tables without their headings."""
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith("| ") and not line.startswith("| Line |")]


def test_every_line_has_its_firmness_and_a_test() -> None:
    assert rows()
    assert [row for row in rows() if len(row.split(" | ")) != 3 or not _REFERENCE.search(row)] == []


def test_every_test_that_is_named_exists() -> None:
    named = [reference for row in rows() for reference in _REFERENCE.findall(row)]

    assert [f"{file}::{name}" for file, name in named if name not in names_in(file)] == []
