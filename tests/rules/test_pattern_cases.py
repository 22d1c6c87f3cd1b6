"""Every case of tests/rules/cases: one file an operator, each case with the source that decides it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pocketbus.rules.event import Event
from pocketbus.rules.pattern import InvalidPattern, compile_pattern

CASES = Path(__file__).parent / "cases"
FILES = sorted(CASES.glob("*.json"))


def as_text(value: Any) -> str:
    """Cases hold JSON text where its spelling matters, and plain values elsewhere."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def judgements() -> Iterator[Any]:
    for file in FILES:
        for case in read(file):
            pattern = as_text(case["pattern"])
            for verdict, events in ((True, case.get("matches", [])), (False, case.get("misses", []))):
                for event in events:
                    yield pytest.param(
                        pattern, as_text(event), verdict, id=f"{file.stem}: {pattern} {as_text(event)}"
                    )


def rejections() -> Iterator[Any]:
    for file in FILES:
        for case in read(file):
            if "rejected" in case:
                pattern = as_text(case["pattern"])
                yield pytest.param(pattern, case["rejected"], id=f"{file.stem}: {pattern}")


@pytest.mark.parametrize(("pattern", "event", "verdict"), list(judgements()))
def test_a_pattern_judges_an_event_as_aws_does(pattern: str, event: str, verdict: bool) -> None:
    assert compile_pattern(pattern).matches(Event.from_json(event)) is verdict


@pytest.mark.parametrize(("pattern", "reason"), list(rejections()))
def test_a_pattern_is_refused_for_aws_s_reason(pattern: str, reason: str) -> None:
    with pytest.raises(InvalidPattern) as refusal:
        compile_pattern(pattern)

    assert reason == refusal.value.reason


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_case_names_its_source(file: Path) -> None:
    assert all(case["source"] for case in read(file))


def test_there_are_at_least_400_cases() -> None:
    assert len([*judgements(), *rejections()]) >= 400
