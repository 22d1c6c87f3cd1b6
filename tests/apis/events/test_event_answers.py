"""The whole successful answer of each operation, member by member in its order, as answers.json has it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pocketbus import Emulator
from pocketbus.apis.events.operations import events
from tests.apis.answers import Answer, Recorder
from tests.apis.events.scenario import everything

ANSWERS: dict[str, Any] = json.loads((Path(__file__).parent / "answers.json").read_text("utf-8"))
"""Each operation's answer; null where it is empty."""


@pytest.fixture(scope="module")
def answers() -> Iterator[dict[str, Answer]]:
    with Emulator(seed=1) as emulator:
        emulator.freeze()
        emulator.set("2026-01-01T10:00:00Z")
        call = Recorder(emulator.client("events"))
        everything(call, emulator.now())
        yield call.answers


def test_every_operation_of_the_model_has_an_answer() -> None:
    assert sorted(ANSWERS) == sorted(events.model.operations)


@pytest.mark.parametrize("operation", events.model.operations)
def test_the_whole_answer(answers: dict[str, Answer], operation: str) -> None:
    answer, expected = answers[operation], ANSWERS[operation]

    assert answer.body == ("" if expected is None else json.dumps(expected, separators=(",", ":")))
    assert (answer.status, answer.headers) == (
        200,
        {
            "content-type": "application/x-amz-json-1.1",
            "content-length": str(answer.length),
            "x-amzn-requestid": "<id>",
        },
    )
