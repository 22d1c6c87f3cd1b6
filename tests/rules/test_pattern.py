import json
from typing import Any

import pytest

from pocketbus.rules.event import Event
from pocketbus.rules.pattern import InvalidPattern, compile_pattern


def refusal_of(pattern: Any) -> InvalidPattern:
    with pytest.raises(InvalidPattern) as refusal:
        compile_pattern(pattern if isinstance(pattern, str) else json.dumps(pattern))
    return refusal.value


@pytest.mark.parametrize(
    ("pattern", "place"),
    [
        ('["not", "a", "dict", "but valid json"]', "line: 1, column: 2"),
        ("this is valid json but not a dict", "line: 1, column: 5"),
        ("{'bad': 'quotation'}", "line: 1, column: 2"),
        ('{"not": closed mark"', "line: 1, column: 15"),
        ('{"a":[{"prefix":[]}]}', "line: 1, column: 18"),
        ('{"a":[{"prefix":100}]}', "line: 1, column: 20"),
        ('{"a":\n  [{}]}', "line: 2, column: 6"),
        ('{"a":["x"],"b":\r\n\r\n1}', "line: 3, column: 2"),
        ('{"a":["\u00e9\U00010400",[]]}', "line: 1, column: 14"),
    ],
)
def test_a_rejection_points_where_aws_s_parser_stood(pattern: str, place: str) -> None:
    assert str(refusal_of(pattern)).endswith(f'\n at [Source: (String)"{pattern}"; {place}]')


def test_a_rejection_of_an_address_points_nowhere() -> None:
    assert str(refusal_of({"a": [{"cidr": "10.0.0.0"}]})) == "Malformed CIDR, one '/' required"


def test_a_long_source_is_shown_up_to_500_characters() -> None:
    pattern = '{"a": "' + "x" * 600 + '"}'

    assert f'(String)"{pattern[:500]}"[truncated 109 chars]; line: 1, column: 8]' in str(refusal_of(pattern))


def test_control_characters_of_a_source_are_shown_as_escapes() -> None:
    assert '(String)"\\u0009[]"' in str(refusal_of("\t[]"))


def test_or_multiplies_to_at_most_1000_combinations() -> None:
    def pattern(*sizes: int) -> dict[str, Any]:
        return {
            f"k{at}": {"$or": [{f"f{number}": ["x"]} for number in range(size)]}
            for at, size in enumerate(sizes)
        }

    assert len(compile_pattern(json.dumps(pattern(10, 10, 10))).subrules) == 1000
    assert "at most 1000 combinations" in refusal_of(pattern(10, 10, 11)).reason


def test_nesting_beyond_100_is_refused() -> None:
    compile_pattern('{"a":' * 98 + '{"a":[1]}' + "}" * 98)

    assert "nesting depth (101)" in refusal_of('{"a":' * 99 + '{"a":[1]}' + "}" * 99).reason


def test_wildcards_of_one_field_are_measured_together() -> None:
    five = [{"wildcard": f"{letter}*"} for letter in "abcde"]
    assert compile_pattern(json.dumps({"a": five})).matches(Event.from_value({"a": "ex"}))

    too_many = [{"wildcard": f"*{letter}*"} for letter in "abcdef"]
    assert refusal_of({"a": too_many}).reason.startswith("Rule is too complex")


def test_wildcards_of_different_fields_are_measured_apart() -> None:
    pattern = compile_pattern(json.dumps({field: [{"wildcard": "*x*y*"}] for field in "abcdef"}))

    assert pattern.matches(Event.from_value(dict.fromkeys("abcdef", "-x-y-")))


def test_a_pattern_keeps_its_text() -> None:
    assert compile_pattern('{ "a": ["x"] }').text == '{ "a": ["x"] }'


def test_equal_branches_of_or_are_one_sub_rule() -> None:
    assert len(compile_pattern('{"$or": [{"a": ["x"]}, {"a": ["x"]}]}').subrules) == 1
