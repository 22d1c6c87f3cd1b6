"""The whole successful answer of each operation, member by member, as answers.json has it."""

import json
from pathlib import Path
from typing import Any

import pytest

from pocketbus import Emulator
from pocketbus.apis.sns.operations import sns
from pocketbus.emulator.engine import Engine
from tests.apis.answers import Answer, Recorder
from tests.apis.sns.scenario import ACCOUNT, phones, platforms, subscriptions, topics

ANSWERS: dict[str, list[str]] = json.loads((Path(__file__).parent / "answers.json").read_text("utf-8"))
"""The lines of each operation's answer: AWS writes them in one."""


@pytest.fixture(scope="module")
def answers() -> dict[str, Answer]:
    with Emulator(seed=1) as emulator:
        emulator.freeze()
        emulator.set("2026-01-01T10:00:00Z")
        call = Recorder(emulator.client("sns"))
        topics(call)
        subscriptions(call, lambda arn: emulator.call(lambda engine: _token(engine, arn)))
        platforms(call)
        phones(
            call,
            lambda number: emulator.call(lambda engine: _scope(engine).sns.sms.opt_out(number)),
            lambda number: emulator.call(lambda engine: _password(engine, number)),
        )
        return call.answers


def _scope(engine: Engine) -> Any:
    return engine.scope(ACCOUNT, "us-east-1")


def _token(engine: Engine, subscription_arn: str) -> str:
    topic: Any = engine.resources[subscription_arn.rpartition(":")[0]]
    token: str = topic.confirmations.latest_token(topic.audience.get(subscription_arn))
    return token


def _password(engine: Engine, number: str) -> str:
    (text,) = [text for text in engine.outbox if text.target == number]
    password: str = text.details["one_time_password"]
    return password


def test_every_operation_of_the_model_has_an_answer() -> None:
    assert sorted(ANSWERS) == sorted(sns.model.operations)


@pytest.mark.parametrize("operation", sns.model.operations)
def test_the_whole_answer(answers: dict[str, Answer], operation: str) -> None:
    answer = answers[operation]

    assert answer.body == "".join(ANSWERS[operation])
    assert (answer.status, answer.headers) == (
        200,
        {
            "content-type": "text/xml",
            "content-length": str(answer.length),
            "x-amzn-requestid": "<id>",
        },
    )
