"""docs/EVENTBRIDGE_V2.md lists all that the service model has, each with a test that exists or why it never occurs."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from botocore.loaders import Loader

PAGE = (Path(__file__).parents[3] / "docs" / "EVENTBRIDGE_V2.md").read_text(encoding="utf-8")
MODEL = Loader().load_service_model("eventbridgev2", "service-2")
SHAPES = MODEL["shapes"]
INPUTS = [SHAPES[operation["input"]["shape"]] for operation in MODEL["operations"].values()]

LISTED = {
    "Operations": set(MODEL["operations"]),
    "Members of requests": {member for shape in INPUTS for member in shape["members"]},
    "Errors": {name for name, shape in SHAPES.items() if shape.get("exception")},
}


def rows(section: str) -> dict[str, str]:
    """Return the second cell of each row of a section's table by its first."""
    text, _, _ = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")
    _, *found = re.findall(r"^\| (.+?) \| (.+) \|$", text, re.MULTILINE)
    return dict(found)


@cache
def names_in(file: str) -> frozenset[str]:
    syntax = ast.parse((Path(__file__).parent / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in syntax.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("section", LISTED)
def test_the_page_of_custom_buses_lists_what_the_model_has(section: str) -> None:
    assert rows(section).keys() == LISTED[section]


@pytest.mark.parametrize("section", LISTED)
def test_every_row_of_custom_buses_names_a_test_that_exists_or_why_it_never_occurs(section: str) -> None:
    for name, cell in rows(section).items():
        reference = re.fullmatch(r"`(\w+\.py)::(\w+)`", cell)
        if reference is None:
            assert cell.startswith("never: "), name
        else:
            assert reference[2] in names_in(reference[1]), name


def test_the_example_prints_what_it_says() -> None:
    program, expected = re.findall(r"^```(?:python|text)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )

    assert (done.stdout, done.stderr) == (expected, "")
