"""The filters of pipes: the operators that they have, and those that they do not."""

import pytest

from pocketbus.rules.event import Event
from pocketbus.rules.pipe_pattern import compile_pipe_pattern
from pocketbus.rules.rejection import InvalidPattern


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ('"a"', '"a"'),
        ("null", "null"),
        ('{"prefix": "a"}', '"ab"'),
        ('{"prefix": {"equals-ignore-case": "A"}}', '"ab"'),
        ('{"suffix": "b"}', '"ab"'),
        ('{"equals-ignore-case": "A"}', '"a"'),
        ('{"numeric": [">", 1]}', "2"),
        ('{"exists": true}', "1"),
        ('{"anything-but": ["a"]}', '"b"'),
        ('{"anything-but": 1}', "2"),
    ],
)
def test_a_filter_of_pipes_has_these_operators(condition: str, value: str) -> None:
    pattern = compile_pipe_pattern(f'{{"body": {{"x": [{condition}]}}}}')

    assert pattern.matches(Event.from_json(f'{{"body": {{"x": {value}}}}}'))


@pytest.mark.parametrize(
    "condition",
    [
        '{"wildcard": "a*"}',
        '{"anything-but": {"prefix": "a"}}',
        '{"anything-but": {"suffix": "a"}}',
        '{"anything-but": {"equals-ignore-case": "a"}}',
        '{"anything-but": {"wildcard": "a*"}}',
    ],
)
def test_a_filter_of_pipes_lacks_these(condition: str) -> None:
    with pytest.raises(InvalidPattern, match=r"Unrecognized match type|Unsupported anything-but pattern"):
        compile_pipe_pattern(f'{{"body": {{"x": [{condition}]}}}}')


def test_alternatives_are_taken() -> None:
    pattern = compile_pipe_pattern('{"$or": [{"a": [1]}, {"b": [2]}]}')

    assert pattern.matches(Event.from_json('{"b": 2}'))
