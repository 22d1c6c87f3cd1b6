import json
from typing import Any

import pytest

from pocketbus.rules.event import Event
from pocketbus.rules.index import Index
from pocketbus.rules.pattern import compile_pattern


def index_of(*patterns: Any) -> Index[int]:
    index: Index[int] = Index()
    for number, pattern in enumerate(patterns):
        index.add(number, compile_pattern(json.dumps(pattern)))
    return index


def matching(index: Index[int], event: Any) -> list[int]:
    return index.matching(Event.from_json(json.dumps(event)))


def test_keys_come_in_order_of_addition() -> None:
    index = index_of({"a": [{"exists": True}]}, {"b": ["x"]}, {"a": ["y"]})

    assert matching(index, {"a": "y", "b": "x"}) == [0, 1, 2]


def test_a_rule_that_matches_in_several_ways_is_named_once() -> None:
    index = index_of({"$or": [{"a": ["x", {"prefix": "x"}]}, {"b": ["y"]}]})

    assert matching(index, {"a": ["x", "xx"], "b": "y"}) == [0]


def test_adding_a_key_again_replaces_its_pattern_in_place() -> None:
    index = index_of({"a": ["x"]}, {"a": ["y"]})
    index.add(0, compile_pattern('{"a": ["y"]}'))

    assert matching(index, {"a": "y"}) == [0, 1]
    assert matching(index, {"a": "x"}) == []
    assert len(index) == 2


def test_a_removed_rule_matches_no_more() -> None:
    index = index_of({"a": ["x"]}, {"a": ["x"]})
    index.remove(0)

    assert matching(index, {"a": "x"}) == [1]
    assert len(index) == 1


def test_removing_an_unknown_key_does_nothing() -> None:
    index = index_of({"a": ["x"]})
    index.remove(7)

    assert len(index) == 1


def test_two_keys_may_hold_the_same_pattern() -> None:
    pattern = compile_pattern('{"a": ["x"]}')
    index: Index[str] = Index()
    index.add("one", pattern)
    index.add("two", pattern)
    index.remove("one")

    assert index.matching(Event.from_value({"a": "x"})) == ["two"]


# Each of these has enough rules for the index to split its buckets.
MANY = 100


def test_many_rules_on_one_value_are_told_apart_by_a_second_path() -> None:
    index = index_of(*({"source": ["shop"], "id": [f"id-{number}"]} for number in range(MANY)))

    assert matching(index, {"source": "shop", "id": "id-42"}) == [42]
    assert matching(index, {"source": "mall", "id": "id-42"}) == []


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ({"prefix": "p{}-"}, "p42-x", [42]),
        ({"suffix": "-{}s"}, "x-42s", [42]),
        ({"equals-ignore-case": "Name-{}"}, "nAmE-42", [42]),
        ({"prefix": {"equals-ignore-case": "Pre{}-"}}, "PRE42-x", [42]),
        ({"suffix": {"equals-ignore-case": "-Suf{}"}}, "x-SUF42", [42]),
        ({"wildcard": "a*-{}"}, "abc-42", [42]),
        ({"wildcard": "{}-*z"}, "42-xyz", [42]),
        ({"cidr": "10.0.{}.0/24"}, "10.0.42.7", [42]),
    ],
)
def test_many_rules_of_one_string_operator(operator: dict[str, Any], value: str, expected: list[int]) -> None:
    text = json.dumps({"a": [operator]})
    index = index_of(*(json.loads(text.replace("{}", str(number))) for number in range(MANY)))

    assert matching(index, {"a": value}) == expected


@pytest.mark.parametrize(
    ("condition", "near_miss"),
    [
        ({"wildcard": "a*b"}, "a-b-c"),
        ({"wildcard": "a*bc"}, "x-bc"),
        ({"wildcard": "a*b*c"}, "a-c"),
        ({"equals-ignore-case": "K"}, "\u212a"),
        ({"prefix": {"equals-ignore-case": "K"}}, "\u212a-"),
        ({"suffix": {"equals-ignore-case": "K"}}, "-\u212a"),
        ({"anything-but": "a"}, "a"),
    ],
)
def test_a_value_that_shares_a_key_with_many_rules_need_not_match(condition: Any, near_miss: str) -> None:
    index = index_of(*[{"a": [condition]}] * MANY)

    assert matching(index, {"a": near_miss}) == []


@pytest.mark.parametrize(
    ("comparison", "value", "expected"),
    [
        ([">", 0], 2, [0, 1]),
        ([">=", 0], 2, [0, 1, 2]),
        (["<", 0], MANY - 2, [MANY - 1]),
        (["<=", 0], MANY - 2, [MANY - 2, MANY - 1]),
        (["=", 0], 42, [42]),
    ],
)
def test_many_numeric_rules_with_one_bound(comparison: list[Any], value: int, expected: list[int]) -> None:
    index = index_of(*({"a": [{"numeric": [comparison[0], number]}]} for number in range(MANY)))

    assert matching(index, {"a": value}) == expected


def test_many_numeric_rules_with_two_bounds() -> None:
    index = index_of(*({"a": [{"numeric": [">=", number, "<", number + 1.5]}]} for number in range(MANY)))

    assert matching(index, {"a": 42}) == [41, 42]
    assert matching(index, {"a": 42.5}) == [42]
    assert matching(index, {"a": 1e308}) == []


def test_intervals_of_every_width_are_found() -> None:
    bounds = [(-1.7e308, 1.7e308), (0.0, 5e-324), (-1e-300, 1e-300), (0.0, 1e300), (-5.0, 5.0)]
    index = index_of(*({"a": [{"numeric": [">=", low, "<=", high]}]} for low, high in bounds))

    assert matching(index, {"a": 0}) == [0, 1, 2, 3, 4]
    assert matching(index, {"a": 4}) == [0, 3, 4]
    assert matching(index, {"a": 1e299}) == [0, 3]


def test_many_rules_on_absent_paths() -> None:
    index = index_of(*({"a": ["x"], f"b{number}": [{"exists": False}]} for number in range(MANY)))

    assert matching(index, {"a": "x", "b7": 1}) == [number for number in range(MANY) if number != 7]


def test_many_rules_whose_values_must_stand_in_one_array_element() -> None:
    index = index_of(*({"items": {"sku": ["A"], "quantity": [number]}} for number in range(MANY)))

    assert matching(index, {"items": [{"sku": "A", "quantity": 1}, {"sku": "B", "quantity": 2}]}) == [1]


def test_a_value_in_another_element_passes_for_absent() -> None:
    index = index_of(
        *({"items": {"sku": ["A"], f"wrap{number % 2}": [{"exists": False}]}} for number in range(MANY))
    )

    event = {"items": [{"sku": "A", "wrap0": 1}, {"sku": "B", "wrap1": 1}]}
    assert matching(index, event) == [number for number in range(MANY) if number % 2]
