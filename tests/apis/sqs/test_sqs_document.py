"""docs/SQS.md lists everything that the service model has, each with a test that exists or why it never occurs."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from botocore.loaders import Loader

PROJECT = Path(__file__).parents[3]
DOCUMENT = PROJECT / "docs" / "SQS.md"
MODEL = Loader().load_service_model("sqs", "service-2")
SHAPES = MODEL["shapes"]

LISTED = {
    "Operations": set(MODEL["operations"]),
    "Queue attributes": set(SHAPES["QueueAttributeName"]["enum"]),
    "Message system attributes": set(SHAPES["MessageSystemAttributeName"]["enum"])
    | set(SHAPES["MessageSystemAttributeNameForSends"]["enum"]),
    "Errors": {name for name, shape in SHAPES.items() if shape.get("exception")},
}


def rows(section: str) -> dict[str, str]:
    """Return the second cell of each row of a section's table by its first."""
    _, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(f"\n## {section}\n")
    text, _, _ = rest.partition("\n## ")
    _, _, *found = re.findall(r"^\| (.+?) \| (.+) \|$|^\|(-+)\|(-+)\|$", text, re.MULTILINE)
    return {name: cell for name, cell, *_ in found}


@cache
def names_in(file: str) -> frozenset[str]:
    syntax = ast.parse((Path(__file__).parent / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in syntax.body if isinstance(node, ast.AsyncFunctionDef))


@pytest.mark.parametrize("section", LISTED)
def test_the_document_lists_what_the_model_has(section: str) -> None:
    assert rows(section).keys() == LISTED[section]


@pytest.mark.parametrize("section", LISTED)
def test_every_row_names_a_test_that_exists_or_why_it_never_occurs(section: str) -> None:
    for name, cell in rows(section).items():
        reference = re.match(r"`(\w+\.py)::(\w+)`", cell)
        if reference is None:
            assert cell.startswith("never: "), name
        else:
            assert reference[2] in names_in(reference[1]), name
