"""The examples of docs/PATTERNS.md."""

import doctest
import re
from pathlib import Path

import pytest

from pocketbus.rules.event import Event
from pocketbus.rules.pattern import compile_pattern

PAGE = Path(__file__).parents[2] / "docs" / "PATTERNS.md"
ROWS = [
    re.findall(r"(?<=`)\{.*?\}(?=` \|)", line)
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("|") and "`{" in line
]
DIFFERENCES = [row for row in ROWS if len(row) == 2]
OPERATORS = [row for row in ROWS if len(row) == 3]


def test_the_page_has_examples() -> None:
    assert (len(OPERATORS), len(DIFFERENCES)) == (23, 12)
    assert len(ROWS) == 35


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_the_event_said_to_match_matches(row: list[str]) -> None:
    assert compile_pattern(row[0]).matches(Event.from_json(row[1]))


@pytest.mark.parametrize("row", OPERATORS, ids=lambda row: row[0])
def test_the_event_said_not_to_match_does_not(row: list[str]) -> None:
    assert not compile_pattern(row[0]).matches(Event.from_json(row[2]))


def test_the_python_examples_are_true() -> None:
    assert doctest.testfile(str(PAGE), module_relative=False).failed == 0
