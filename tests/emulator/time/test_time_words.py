"""Durations, instants and expressions as people write them."""

import doctest
import subprocess
import sys

import pytest

from pocketbus.emulator.inspection import expression
from pocketbus.emulator.inspection.expression import ExpressionError, compile_expression
from pocketbus.emulator.time import duration
from pocketbus.emulator.time.duration import instant_of, iso, seconds_of


@pytest.mark.parametrize("module", [duration, expression])
def test_the_examples_of_a_module_are_true(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type] # a module


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (0, 0),
        (2.5, 2.5),
        ("90", 90),
        ("PT90S", 90),
        ("PT0.5S", 0.5),
        ("P1W", 604_800),
        ("P1DT2H", 93_600),
        ("PT1M", 60),
    ],
)
def test_a_duration_is_seconds_or_iso_8601(text: float | str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "soon", "P", "PT", "P1M", "P1Y", "-5", -5, "nan", "inf", "1e300", "PT1H "]
)
def test_what_is_no_duration_is_refused(text: float | str) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        seconds_of(text)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (12.5, 12.5),
        ("12.5", 12.5),
        ("1970-01-01T00:01:00Z", 60),
        ("1970-01-01T00:01:00", 60),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-02", 86_400),
    ],
)
def test_an_instant_is_epoch_seconds_or_iso_8601(text: float | str, at: float) -> None:
    assert instant_of(text) == at


@pytest.mark.parametrize("text", ["", "noon", "2026-13-01", -1, "nan", 10**15])
def test_what_is_no_instant_is_refused(text: float | str) -> None:
    with pytest.raises(ValueError, match="is no instant"):
        instant_of(text)


def test_an_instant_is_written_to_the_millisecond() -> None:
    assert iso(1_767_225_600.25) == "2026-01-01T00:00:00.250Z"


@pytest.mark.parametrize(
    ("text", "item", "matches"),
    [
        ("body == 'a'", {"body": "a"}, True),
        ("body == 'a'", {"body": "b"}, False),
        ("receive_count > `1`", {"receive_count": 2}, True),
        ("receive_count", {"receive_count": 0}, True),
        ("why", {"why": ""}, False),
        ("contains(body, 'x')", {"body": None}, False),
        ("from_json(from_json(body).Message).id == `7`", {"body": '{"Message": "{\\"id\\": 7}"}'}, True),
        ("from_json(body).id", {"body": "no JSON"}, False),
    ],
)
def test_an_item_matches_where_jmespath_finds_something_true(text: str, item: object, matches: bool) -> None:
    assert compile_expression(text)(item) is matches


@pytest.mark.parametrize(
    "text", ["a[", "no_such_function(a)", "length(a, b)", "(" * 2000 + "a" + ")" * 2000, "a" * 4097]
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        compile_expression(text)


def test_jmespath_is_imported_only_when_an_expression_is_used() -> None:
    program = "import sys, pocketbus.apis.app, pocketbus.server; print('jmespath' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
