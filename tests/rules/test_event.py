from decimal import Decimal
from typing import Any

import pytest

from pocketbus.rules.event import FALSE, NULL, TRUE, Event, Literal, Paths


def fields_of(event: str, *paths: str) -> dict[str, list[Any]]:
    return Event.from_json(event).fields(Paths(paths)).values


def test_only_the_paths_in_use_are_flattened() -> None:
    assert fields_of('{"a": {"b": 1, "c": 2}, "d": 3}', "a.b", "x") == {"a.b": [1.0]}


def test_all_elements_of_nested_arrays_are_values() -> None:
    assert sorted(fields_of('{"a": [1, [2, [3]], []]}', "a")["a"]) == [1.0, 2.0, 3.0]


def test_literals_are_told_from_their_names_and_numbers() -> None:
    values = fields_of('{"a": [true, false, null, "true", 1]}', "a")["a"]

    assert values == [TRUE, FALSE, NULL, "true", 1.0]


def test_a_number_that_no_double_holds_is_its_text() -> None:
    assert fields_of('{"a": 12345678901234567}', "a") == {"a": [Literal("12345678901234567")]}


def test_both_values_of_a_repeated_key_are_seen() -> None:
    assert fields_of('{"a": 1, "a": 2}', "a") == {"a": [1.0, 2.0]}


def test_a_key_with_dots_is_a_path() -> None:
    assert fields_of('{"a.b": {"c.d": "x"}}', "a.b.c.d") == {"a.b.c.d": ["x"]}


def test_scalars_know_no_element_of_the_array_they_stand_in() -> None:
    fields = Event.from_json('{"a": [1, {"b": 2}]}').fields(Paths(["a", "a.b"]))

    assert fields.entangled == set()


def test_paths_that_share_an_array_are_entangled() -> None:
    fields = Event.from_json('{"a": [{"b": 1, "c": 2}], "d": [{"e": 1}]}').fields(
        Paths(["a.b", "a.c", "d.e"])
    )

    assert fields.entangled == {"a.b", "a.c"}


@pytest.mark.parametrize(
    "text", ["", "[]", '"a"', "1", "{", '{"a": NaN}', '{"a": -Infinity}', "{'a': 1}", '{"a": 01}']
)
def test_what_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"JSON|Expecting|delimiter"):
        Event.from_json(text)


def test_an_event_of_values_is_the_event_of_their_json() -> None:
    event = Event.from_value({"a": [1, 2.5, True, None, "x"], "b": {"c": 12345678901234567}})

    assert event.find("a") == [1.0, 2.5, TRUE, NULL, "x"]
    assert event.find("b.c") == [Literal("12345678901234567")]


def test_an_integer_of_many_digits_is_no_number_to_compare() -> None:
    assert all(
        isinstance(atom, Literal) for atom in Event.from_value({"a": [10**5000, -(10**400)]}).find("a")
    )


def test_floats_that_json_lacks_equal_nothing_else() -> None:
    assert Event.from_value({"a": [float("inf"), float("nan")]}).find("a") == [Literal("inf"), Literal("nan")]


def test_discarded_paths_leave_nothing_behind() -> None:
    paths = Paths(["a.b", "a"])
    paths.add("a.b")
    for path in ("a.b", "a", "a.b"):
        paths.discard(path)

    assert paths.root.children == {}


def test_a_path_in_use_twice_stays_after_one_discard() -> None:
    paths = Paths(["a.b", "a.b"])
    paths.discard("a.b")

    assert Event.from_json('{"a": {"b": 1}}').fields(paths).values == {"a.b": [1.0]}


def test_a_value_of_a_foreign_type_is_its_text() -> None:
    assert Event.from_value({"a": Decimal("1.5")}).find("a") == ["1.5"]
