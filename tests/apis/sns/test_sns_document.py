"""docs/SNS.md lists all that the service model has, each with a test that exists or why it never occurs."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from botocore.loaders import Loader

from pocketbus.apis.sns.endpoints import PROTOCOLS

PROJECT = Path(__file__).parents[3]
DOCUMENT = PROJECT / "docs" / "SNS.md"
MODEL = Loader().load_service_model("sns", "service-2")
SHAPES = MODEL["shapes"]


def attributes_in(*members: tuple[str, str]) -> frozenset[str]:
    """Return the attributes that the prose of some members explains: the model has no list of them."""
    return frozenset(
        name
        for shape, member in members
        for name in re.findall(
            r"<code>([A-Z]\w+)</code>\s*[\u2013-]", SHAPES[shape]["members"][member]["documentation"]
        )
    )


# The prose explains values of attributes in the same form.
VALUES = {
    "Completed",
    "Failed",
    "MessageBody",
    "MessageGroup",
    "Pending",
    "Promotional",
    "Topic",
    "Transactional",
}

MODELLED = {
    "Operations": set(MODEL["operations"]),
    "Topic attributes": attributes_in(
        ("CreateTopicInput", "Attributes"),
        ("SetTopicAttributesInput", "AttributeName"),
        ("GetTopicAttributesResponse", "Attributes"),
    ),
    "Subscription attributes": attributes_in(
        ("SubscribeInput", "Attributes"),
        ("SetSubscriptionAttributesInput", "AttributeName"),
        ("GetSubscriptionAttributesResponse", "Attributes"),
    ),
    "Platform application attributes": attributes_in(
        ("SetPlatformApplicationAttributesInput", "Attributes"),
        ("GetPlatformApplicationAttributesResponse", "Attributes"),
    ),
    "Endpoint attributes": attributes_in(
        ("SetEndpointAttributesInput", "Attributes"), ("GetEndpointAttributesResponse", "Attributes")
    ),
    "SMS attributes": attributes_in(("SetSMSAttributesInput", "attributes")),
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
    (path,) = (PROJECT / "tests").rglob(file)
    syntax = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in syntax.body if isinstance(node, kinds))


@pytest.mark.parametrize("section", MODELLED)
def test_the_document_of_sns_lists_what_the_model_has(section: str) -> None:
    assert MODELLED[section] - VALUES - rows(section).keys() == set()


@pytest.mark.parametrize("section", ["Operations", "Errors"])
def test_the_document_of_sns_lists_nothing_that_the_model_lacks(section: str) -> None:
    assert rows(section).keys() == MODELLED[section]


@pytest.mark.parametrize("section", MODELLED)
def test_every_row_of_sns_names_a_test_that_exists_or_why_it_never_occurs(section: str) -> None:
    for name, cell in rows(section).items():
        reference = re.match(r"`(\w+\.py)::(test_\w+)`", cell)
        if reference is None:
            assert cell.startswith("never: "), name
        else:
            assert reference[2] in names_in(reference[1]), name


def test_every_protocol_of_sns_is_listed_with_a_test_that_exists() -> None:
    cells = re.findall(
        r"^\| (`.+) \| .+ \| `(\w+\.py)::(test_\w+)` \|$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE
    )

    assert {protocol for names, _, _ in cells for protocol in re.findall(r"`([\w-]+)`", names)} == set(
        PROTOCOLS
    )
    assert [name for _, file, name in cells if name not in names_in(file)] == []
