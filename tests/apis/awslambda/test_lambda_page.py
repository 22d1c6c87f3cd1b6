"""docs/LAMBDA.md lists all that the service model has, each with a test that exists or why there is none."""

from pathlib import Path

import pytest
from botocore.loaders import Loader

from pocketbus.apis.awslambda.operations import awslambda
from tests.apis.pages import Page, exceptions, members

PAGE = Page("LAMBDA.md", Path(__file__).parent)
MODEL = Loader().load_service_model("lambda", "service-2")
SHAPES = MODEL["shapes"]

LISTED = {
    "Operations": set(MODEL["operations"]),
    "Members of a mapping": members(
        SHAPES, "CreateEventSourceMappingRequest", "UpdateEventSourceMappingRequest"
    ),
    "Members of a function": members(SHAPES, "CreateFunctionRequest"),
    "Errors": exceptions(SHAPES),
}
TABLES = [*LISTED, "Errors that the model lacks"]


@pytest.mark.parametrize("section", LISTED)
def test_the_page_lists_what_the_model_has(section: str) -> None:
    assert PAGE.rows(section).keys() == LISTED[section]


@pytest.mark.parametrize("section", TABLES)
def test_every_row_names_a_test_that_exists_or_why_there_is_none(section: str) -> None:
    assert PAGE.rows(section)
    assert PAGE.unproven(section) == []


def test_the_page_shows_just_the_operations_that_are_served() -> None:
    shown = {name for name, cell in PAGE.rows("Operations").items() if cell.startswith("`")}

    assert shown == set(awslambda.coverage().implemented)
