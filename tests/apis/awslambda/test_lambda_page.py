"""docs/LAMBDA.md lists all that the service model has, each with a test that exists or why there is none."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from botocore.loaders import Loader

from pocketbus.apis.awslambda.operations import awslambda

PAGE = Path(__file__).parents[3] / "docs" / "LAMBDA.md"
MODEL = Loader().load_service_model("lambda", "service-2")
SHAPES = MODEL["shapes"]


def members(*shapes: str) -> set[str]:
    return {name for shape in shapes for name in SHAPES[shape]["members"]}


LISTED = {
    "Operations": set(MODEL["operations"]),
    "Members of a mapping": members("CreateEventSourceMappingRequest", "UpdateEventSourceMappingRequest"),
    "Members of a function": members("CreateFunctionRequest"),
    "Errors": {name for name, shape in SHAPES.items() if shape.get("exception")},
}
TABLES = [*LISTED, "Errors that the model lacks"]


def rows(section: str) -> dict[str, str]:
    """Return the second cell of each row of a section's table by its first."""
    _, _, rest = PAGE.read_text(encoding="utf-8").partition(f"\n## {section}\n")
    text, _, _ = rest.partition("\n## ")
    _, *found = re.findall(r"^\| (.+?) \| (.+) \|$", text, re.MULTILINE)
    return dict(found)


@cache
def names_in(file: str) -> frozenset[str]:
    syntax = ast.parse((Path(__file__).parent / file).read_text(encoding="utf-8"))
    return frozenset(
        node.name for node in syntax.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


@pytest.mark.parametrize("section", LISTED)
def test_the_page_lists_what_the_model_has(section: str) -> None:
    assert rows(section).keys() == LISTED[section]


@pytest.mark.parametrize("section", TABLES)
def test_every_row_names_a_test_that_exists_or_why_there_is_none(section: str) -> None:
    found = rows(section)

    assert found
    for name, cell in found.items():
        reference = re.fullmatch(r"`(\w+\.py)::(\w+)`", cell)
        if reference is None:
            assert cell.startswith("never: "), name
        else:
            assert reference[2] in names_in(reference[1]), name


def test_the_page_shows_just_the_operations_that_are_served() -> None:
    shown = {name for name, cell in rows("Operations").items() if cell.startswith("`")}

    assert shown == set(awslambda.coverage().implemented)
