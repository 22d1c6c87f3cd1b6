"""The application as a whole: its life, its rooms, and that two of them do not meet."""

from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, Self

from pocketbus.apis.app import create_app
from pocketbus.apis.services import SERVICES
from pocketbus.emulator.engine import Engine
from tests.apis.asgi import ask_json


class RecordingEngine(Engine):
    """An engine that tells when it is entered and left."""

    def __init__(self, story: list[str]) -> None:
        super().__init__()
        self.story = story

    async def __aenter__(self) -> Self:
        self.story.append("entered")
        return await super().__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.story.append("left")
        await super().__aexit__(kind, error, traceback)


async def test_the_engine_runs_between_start_up_and_shut_down() -> None:
    story: list[str] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "lifespan.shutdown" if story else "lifespan.startup"}

    async def send(message: MutableMapping[str, Any]) -> None:
        story.append(message["type"])

    await create_app(RecordingEngine(story))({"type": "lifespan"}, receive, send)

    assert story == ["entered", "lifespan.startup.complete", "left", "lifespan.shutdown.complete"]


async def test_a_websocket_is_closed() -> None:
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await create_app(Engine())({"type": "websocket", "path": "/"}, receive, send)

    assert sent == [{"type": "websocket.close"}]


async def test_two_engines_in_one_process_do_not_know_of_each_other() -> None:
    one, other = create_app(Engine()), create_app(Engine())
    await ask_json(one, "AmazonSQS.CreateQueue", b'{"QueueName":"orders"}')

    assert b"/orders" in (await ask_json(one, "AmazonSQS.ListQueues")).body
    assert b"/orders" not in (await ask_json(other, "AmazonSQS.ListQueues")).body


def test_every_served_service_has_its_operations_registered() -> None:
    served = {service.name: service.coverage() for service in SERVICES}

    assert list(served) == ["sqs", "sns", "events", "scheduler", "lambda", "pipes", "sts"]
    assert "SendMessage" in served["sqs"].implemented
    assert "AssumeRole" in served["sts"].implemented
