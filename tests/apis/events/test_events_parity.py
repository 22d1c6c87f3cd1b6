"""One scenario of every operation, in process and over HTTP: the same answers, and no operation left out."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import boto3
import pytest
from botocore.exceptions import ClientError

from pocketbus import Emulator
from pocketbus.apis.events.operations import events
from pocketbus.apis.service import snake_case
from tests.apis.events.scenario import everything

_MADE_UP = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}(-[0-9a-f]{6})?|[0-9a-f]{10}\.[0-9a-f]{3}"
)


class Step(NamedTuple):
    operation: str
    succeeded: bool
    outcome: str


@pytest.fixture
def transcripts(world: Any) -> Iterator[dict[str, list[Step]]]:
    """Play the scenario in either way, each time in an empty emulator at the same instant."""
    over_http = boto3.client(
        "events",
        endpoint_url=world.emulator.url,
        region_name="us-east-1",
        aws_access_key_id=world.ACCOUNT,
        aws_secret_access_key="test",
    )
    played = {}
    for way, client in (("in process", world.events), ("over HTTP", over_http)):
        world.emulator.reset()
        played[way] = play(client, world.emulator)
    yield played
    over_http.close()


def play(client: Any, emulator: Emulator) -> list[Step]:
    steps: list[Step] = []

    def call(operation: str, **params: Any) -> dict[str, Any]:
        try:
            result: dict[str, Any] = getattr(client, operation)(**params)
        except ClientError as error:
            steps.append(Step(operation, succeeded=False, outcome=comparable(error.response["Error"])))
            return {}
        del result["ResponseMetadata"]
        steps.append(Step(operation, succeeded=True, outcome=comparable(result)))
        return result

    everything(call, emulator)
    return steps


def comparable(outcome: dict[str, Any]) -> str:
    return _MADE_UP.sub("<made up>", str(outcome))


def test_every_operation_answers_in_process_as_over_http(transcripts: dict[str, list[Step]]) -> None:
    assert transcripts["in process"] == transcripts["over HTTP"]


def test_every_operation_of_the_model_succeeds_and_is_refused(transcripts: dict[str, list[Step]]) -> None:
    operations = {snake_case(name) for name in events.model.operations}
    steps = transcripts["over HTTP"]

    assert {step.operation for step in steps if step.succeeded} == operations
    assert {step.operation for step in steps if not step.succeeded} == operations


def test_no_operation_breaks(transcripts: dict[str, list[Step]]) -> None:
    assert [step for step in transcripts["over HTTP"] if "InternalFailure" in step.outcome] == []
