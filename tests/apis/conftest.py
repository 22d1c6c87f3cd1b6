"""A server of echo services: what an operation was given, and an answer of the test's choice."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.types import ASGIApp

from pocketbus.apis.app import create_app
from pocketbus.apis.call import Call
from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from tests.apis.echo import echo_service


class Wire:
    """An application whose operations record what they are given in `calls` and answer `answer`."""

    def __init__(self) -> None:
        self.engine = Engine(Config(seed=1))
        self.calls: list[tuple[Call, dict[str, Any]]] = []
        self.answer: Callable[[], Any] = lambda: None
        services = [echo_service(name, self._answer) for name in ("sqs", "sns", "events", "sts")]
        self.app: ASGIApp = create_app(self.engine, services)

    def _answer(self, call: Call, arguments: dict[str, Any]) -> Any:
        self.calls.append((call, arguments))
        return self.answer()

    @property
    def call(self) -> Call:
        return self.calls[-1][0]

    @property
    def arguments(self) -> dict[str, Any]:
        return self.calls[-1][1]

    def fail(self, error: Exception) -> None:
        """Let the next operations raise the error."""

        def raise_error() -> None:
            raise error

        self.answer = raise_error


@pytest.fixture
def wire() -> Wire:
    return Wire()
