"""The control paths of the journal beside those of others."""

import json

import pytest

from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.inspector.mount import create_inspected_app
from tests.apis.asgi import ask


@pytest.mark.parametrize(
    ("path", "query", "message"),
    [
        ("/_pocketbus/rewind", "", "The parameter to is required."),
        ("/_pocketbus/log/rewind", "", "The parameter subscriber is required."),
        ("/_pocketbus/log/rewind", "subscriber=none", "There is no subscriber none."),
    ],
)
async def test_the_state_and_a_subscriber_are_set_back_by_paths_of_their_own(
    path: str, query: str, message: str
) -> None:
    app = create_inspected_app(Engine(Config(seed=1)), "http://localhost:4566")

    assert json.loads((await ask(app, path=path, query=query)).body) == {"error": message}
