"""The JSONPath subset of InputPath and InputPathsMap."""

import pytest

from pocketbus.rules.jsonpath import MISSING, compile_path

DOCUMENT = {
    "detail": {
        "instance-id": "i-1",
        "snake_case": 2,
        "a/b": "slash",
        "tags": [{"k": "x"}, {"k": "y"}, {"other": 1}],
        "empty": [],
        "0": "zero",
        "nested": [["deep"]],
        "null": None,
    },
    "detail-type": "T",
}


@pytest.mark.parametrize(
    ("path", "selected"),
    [
        ("$", DOCUMENT),
        ("$.detail-type", "T"),
        ("$.detail.instance-id", "i-1"),
        ("$.detail.snake_case", 2),
        ("$.detail.a/b", "slash"),
        ("$.detail.0", "zero"),
        ("$.detail.null", None),
        ("$.detail.tags[1].k", "y"),
        ("$.detail.nested[0][0]", "deep"),
        ("$['detail']['instance-id']", "i-1"),
        ('$.detail["a/b"]', "slash"),
        ("$.detail.tags[*].k", ["x", "y"]),
        ("$.detail.tags.*.k", ["x", "y"]),
        ("$.detail.nested.*", [["deep"]]),
        ("$.detail.empty[*]", []),
        ("$.detail.tags[*].nosuch", []),
    ],
)
def test_a_path_selects(path: str, selected: object) -> None:
    assert compile_path(path).select(DOCUMENT) == selected


@pytest.mark.parametrize(
    "path",
    [
        "$.nosuch",
        "$.detail.nosuch.deeper",
        "$.nosuch[*]",
        "$.detail.tags[3]",
        "$.detail.tags[999999999]",
        "$.detail.tags[99999999999999999999]",
        "$.detail.tags.k",
        "$.detail[0]",
        "$.detail-type[0]",
        "$.Detail",
    ],
)
def test_a_path_to_nothing_is_missing(path: str) -> None:
    assert compile_path(path).select(DOCUMENT) is MISSING


@pytest.mark.parametrize(
    "path",
    [
        "",
        "detail",
        "$detail",
        "$.",
        "$..detail",
        "$.detail.",
        "$.tags[-1]",
        "$.tags[0:1]",
        "$.tags[?(@.k)]",
        "@.detail",
        "$.a b",
        "$[detail]",
        "$.tags[0",
        "\ud800",
    ],
)
def test_a_text_outside_the_subset_selects_nothing(path: str) -> None:
    assert compile_path(path).select(DOCUMENT) is MISSING


def test_a_path_of_a_megabyte_is_read() -> None:
    assert compile_path("$" + ".a" * 500_000).select({"a": {}}) is MISSING
