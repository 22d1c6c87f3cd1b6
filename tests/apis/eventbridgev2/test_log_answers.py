"""The whole successful answer of each operation, member by member in its order, as answers.json has it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cbor2 import CBORTag, loads

from pocketbus import Emulator
from pocketbus.apis.eventbridgev2.operations import eventbridgev2
from tests.apis.answers import comparable
from tests.apis.eventbridgev2.scenario import everything

ANSWERS: dict[str, Any] = json.loads((Path(__file__).parent / "answers.json").read_text("utf-8"))
_ARN_ID = re.compile(r"(?<=/)[a-z0-9]{25}\b")


def written(body: bytes) -> str:
    """Write an answer as JSON, an instant as the one member of an object, what is made up left out."""
    value = loads(body, semantic_decoders={1: lambda at, *_: CBORTag(1, at)})
    text = json.dumps(value, default=lambda tag: {"at": tag.value}, separators=(",", ":"))
    return _ARN_ID.sub("<arn id>", comparable(text))


@pytest.fixture(scope="module")
def answers() -> Iterator[dict[str, tuple[str, dict[str, str]]]]:
    """Return each operation's first answer, with its headers."""
    found: dict[str, tuple[str, dict[str, str]]] = {}
    with Emulator(seed=1) as emulator:
        emulator.freeze()
        emulator.set("2026-01-01T10:00:00Z")
        client = emulator.client("eventbridgev2")

        def keep(operation_model: Any, response_dict: dict[str, Any], **_: Any) -> None:
            headers = {name: comparable(value) for name, value in response_dict["headers"].items()}
            found.setdefault(operation_model.name, (written(response_dict["body"]), headers))

        client.meta.events.register("before-parse.eventbridgev2", keep)
        everything(lambda method, **params: getattr(client, method)(**params), emulator)
    yield found  # noqa: PT022 - the emulator has ended, its answers count


def test_every_operation_of_the_model_has_an_answer() -> None:
    assert sorted(ANSWERS) == sorted(eventbridgev2.model.operations)


@pytest.mark.parametrize("operation", eventbridgev2.model.operations)
def test_the_whole_answer(answers: dict[str, tuple[str, dict[str, str]]], operation: str) -> None:
    body, headers = answers[operation]

    assert body == json.dumps(ANSWERS[operation], separators=(",", ":"))
    assert headers == {
        "content-type": "application/cbor",
        "content-length": headers["content-length"],
        "x-amzn-requestid": "<id>",
        "smithy-protocol": "rpc-v2-cbor",
    }
