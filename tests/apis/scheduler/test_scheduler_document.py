"""docs/SCHEDULER.md lists all that the service model has, each with a test that exists or why it never occurs."""

from pathlib import Path

import pytest
from botocore.loaders import Loader

from tests.apis.pages import Page, exceptions, members

PAGE = Page("SCHEDULER.md", Path(__file__).parent)
MODEL = Loader().load_service_model("scheduler", "service-2")
SHAPES = MODEL["shapes"]

LISTED = {
    "Operations": set(MODEL["operations"]),
    "Members of requests": members(SHAPES, *(one["input"]["shape"] for one in MODEL["operations"].values())),
    "Members of a target": members(SHAPES, "Target"),
    "Errors": exceptions(SHAPES),
}


@pytest.mark.parametrize("section", LISTED)
def test_the_page_of_scheduler_lists_what_the_model_has(section: str) -> None:
    assert PAGE.rows(section).keys() == LISTED[section]


@pytest.mark.parametrize("section", LISTED)
def test_every_row_of_scheduler_names_a_test_that_exists_or_why_it_never_occurs(section: str) -> None:
    assert PAGE.unproven(section) == []


def test_the_example_prints_what_it_says() -> None:
    printed, expected = PAGE.example()

    assert printed == expected
