"""Where two transcripts differ, step by step: what one side has there, and what the other."""

from collections.abc import Iterator
from typing import Any

from tests.parity.aws import Transcript

ABSENT = "<absent>"

Pair = tuple[Any, Any]


def differences(one: Transcript, other: Transcript) -> dict[str, Pair]:
    """Return (what `one` has, what `other` has) by `step`, or by `step: path` within two results."""
    steps = {**one, **other}
    return {
        f"{step}{path}": pair
        for step in steps
        for path, pair in _outcomes(one.get(step, {}), other.get(step, {}))
    }


def _outcomes(one: dict[str, Any], other: dict[str, Any]) -> Iterator[tuple[str, Pair]]:
    if "result" in one and "result" in other:
        for path, pair in _values(one["result"], other["result"]):
            yield f": {path}", pair
    elif one != other:
        yield "", (_summary(one), _summary(other))


def _summary(outcome: dict[str, Any]) -> str:
    if "error" not in outcome:
        return "accepted" if outcome else ABSENT
    error = outcome["error"]
    return f"{error['status']} {error['fault']} {error['code']}: {error['message']}"


def _values(one: Any, other: Any, path: str = "") -> Iterator[tuple[str, Pair]]:
    """Go down as far as both sides are alike in kind and, for lists, in length."""
    match one, other:
        case dict(), dict():
            for key in {**one, **other}:
                yield from _values(one.get(key, ABSENT), other.get(key, ABSENT), f"{path}.{key}".lstrip("."))
        case list(), list() if len(one) == len(other):
            for index, (left, right) in enumerate(zip(one, other, strict=True)):
                yield from _values(left, right, f"{path}.{index}")
        case _ if one != other:
            yield path, (one, other)


def comparable(transcript: Transcript) -> Transcript:
    """Drop empty lists and maps from the results: they say no more than their absence."""
    return {
        step: {part: _without_empties(value) for part, value in outcome.items()}
        for step, outcome in transcript.items()
    }


def _without_empties(value: Any) -> Any:
    match value:
        case dict():
            kept = {key: _without_empties(item) for key, item in value.items()}
            return {key: item for key, item in kept.items() if item not in ({}, [])}
        case list():
            return [_without_empties(item) for item in value]
        case _:
            return value
