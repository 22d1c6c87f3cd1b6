import json
from typing import Any

import pytest

from pocketbus.rules.event import Event
from pocketbus.rules.explain import Mismatch, explain
from pocketbus.rules.pattern import compile_pattern


def mismatch(pattern: Any, event: Any) -> Mismatch | None:
    return explain(compile_pattern(json.dumps(pattern)), Event.from_json(json.dumps(event)))


def test_a_match_needs_no_explanation() -> None:
    assert mismatch({"a": ["x"]}, {"a": "x"}) is None


def test_a_mismatch_says_where_what_is_there_and_what_is_wanted() -> None:
    assert mismatch({"a": {"b": ["x"]}}, {"a": {"b": "y"}}) == Mismatch("a.b", '"y"', '"x"')


@pytest.mark.parametrize(
    ("conditions", "event", "sentence"),
    [
        (["x"], {}, 'a: found nothing, wanted "x"'),
        (["x", 5, None], {"a": "y"}, 'a: found "y", wanted "x" or 5 or null'),
        ([5], {"a": "5"}, 'a: found "5", wanted 5'),
        ([{"prefix": "o-"}], {"a": "x"}, 'a: found "x", wanted a string that starts with "o-"'),
        ([{"suffix": "-o"}], {"a": "x"}, 'a: found "x", wanted a string that ends with "-o"'),
        ([{"equals-ignore-case": "A"}], {"a": 1}, 'a: found 1, wanted "A" in upper or lower case'),
        (
            [{"prefix": {"equals-ignore-case": "A"}}],
            {"a": None},
            'a: found null, wanted a string that starts with "A" in upper or lower case',
        ),
        (
            [{"suffix": {"equals-ignore-case": "A"}}],
            {"a": True},
            'a: found true, wanted a string that ends with "A" in upper or lower case',
        ),
        ([{"wildcard": "a*c"}], {"a": "ab"}, 'a: found "ab", wanted a string like "a*c"'),
        ([{"numeric": [">", 1, "<=", 2.5]}], {"a": [3, 4]}, "a: found 3, 4, wanted a number > 1 and <= 2.5"),
        ([{"numeric": ["<", 1]}], {"a": 1}, "a: found 1, wanted a number < 1"),
        ([{"anything-but": ["x", "y"]}], {"a": "x"}, 'a: found "x", wanted any value but "x" or "y"'),
        (
            [{"anything-but": {"prefix": "x"}}],
            {"a": "xx"},
            'a: found "xx", wanted any value but a string that starts with "x"',
        ),
        ([{"exists": True}], {"a": []}, "a: found nothing, wanted a value to be there"),
        ([{"exists": False}], {"a": None}, "a: found null, wanted nothing to be there"),
        (
            [{"cidr": "10.0.0.0/8"}],
            {"a": "11.0.0.1"},
            'a: found "11.0.0.1", wanted an IP address in 10.0.0.0/8',
        ),
        (["10.0.0.1"], {"a": "10.0.0.2"}, 'a: found "10.0.0.2", wanted the IP address 10.0.0.1'),
    ],
)
def test_the_sentence_of_an_operator(conditions: list[Any], event: Any, sentence: str) -> None:
    assert str(mismatch({"a": conditions}, event)) == sentence


def test_the_first_failing_path_is_named() -> None:
    explanation = mismatch({"a": ["x"], "b": ["x"], "c": ["x"]}, {"a": "x", "b": "y", "c": "y"})

    assert explanation == Mismatch("b", '"y"', '"x"')


def test_the_branch_of_or_that_fails_least_is_explained() -> None:
    explanation = mismatch({"$or": [{"a": ["x"], "b": ["x"]}, {"c": ["x"], "d": ["x"]}]}, {"c": "x"})

    assert explanation == Mismatch("d", "nothing", '"x"')


def test_values_of_different_array_elements_are_explained() -> None:
    explanation = mismatch(
        {"items": {"quantity": [2], "sku": ["A"]}},
        {"items": [{"sku": "A", "quantity": 1}, {"sku": "B", "quantity": 2}]},
    )

    assert str(explanation) == (
        'items.sku: found "A", "B", wanted "A", in the array element that meets items.quantity'
    )


def test_an_absence_that_another_element_spoils_is_explained() -> None:
    explanation = mismatch(
        {"items": {"gift": [{"exists": False}], "sku": ["A"]}},
        {"items": [{"sku": "A"}, {"sku": "B", "gift": True}]},
    )

    assert str(explanation) == "items.gift: found true, wanted nothing to be there"


def test_long_lists_and_texts_are_cut() -> None:
    explanation = mismatch({"a": list(range(10))}, {"a": ["y" * 300, *range(20, 27)]})

    assert explanation is not None
    assert explanation.wanted == "0 or 1 or 2 or 3 or 4 or one of 5 more"
    assert explanation.found == f'"{"y" * 199}..., 20, 21, 22, 23 and 3 more'
