"""An operation that waits, and a client that goes away."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from pocketbus.apis.app import create_app
from pocketbus.apis.call import Call, DisconnectedError
from pocketbus.apis.service import Service
from pocketbus.emulator.engine import Engine
from tests.apis.asgi import ask_json


class Client:
    """The far end of a connection: stays until it is told to leave."""

    def __init__(self) -> None:
        self._leaving = asyncio.Event()
        self.watched = False

    async def receive(self) -> MutableMapping[str, Any]:
        self.watched = True
        try:
            await self._leaving.wait()
        finally:
            self.watched = False
        return {"type": "http.disconnect"}

    def leave(self) -> None:
        self._leaving.set()


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def call(client: Client) -> Call:
    engine = Engine()
    scope = engine.scope("000000000000", "us-east-1")
    return Call(engine, scope, engine.clock.now(), "id-1", "http://localhost:4566", "/", client.receive)


async def turns(count: int = 5) -> None:
    """Let every other task run."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_a_wait_ends_with_its_result(call: Call, client: Client) -> None:
    waiting: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    operation = asyncio.create_task(call.while_connected(waiting))
    await turns()
    waiting.set_result("a message")

    assert await operation == "a message"
    await turns()
    assert not client.watched


async def test_a_wait_ends_with_its_error(call: Call, client: Client) -> None:
    waiting: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    operation = asyncio.create_task(call.while_connected(waiting))
    await turns()
    waiting.set_exception(LookupError("gone"))

    with pytest.raises(LookupError, match="gone"):
        await operation
    await turns()
    assert not client.watched


async def test_a_client_that_leaves_cancels_the_wait(call: Call, client: Client) -> None:
    waiting: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    operation = asyncio.create_task(call.while_connected(waiting))
    await turns()
    client.leave()

    with pytest.raises(DisconnectedError):
        await operation
    assert waiting.cancelled()


async def test_what_is_handed_over_as_the_client_leaves_can_be_given_back(call: Call, client: Client) -> None:
    given_back = []
    waiting: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def wait() -> str:
        try:
            return await waiting
        except asyncio.CancelledError:
            if waiting.done() and not waiting.cancelled():
                given_back.append(waiting.result())
            raise

    operation = asyncio.create_task(call.while_connected(wait()))
    await turns()
    client.leave()
    waiting.set_result("a message")

    # The result arrived first by a turn: whichever way the race goes, the message is not lost.
    try:
        delivered = [await operation]
    except DisconnectedError:
        delivered = []
    assert delivered + given_back == ["a message"]


async def test_a_wait_that_is_cancelled_from_outside_stays_cancelled(call: Call, client: Client) -> None:
    waiting: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    operation = asyncio.create_task(call.while_connected(waiting))
    await turns()
    operation.cancel()

    with pytest.raises(asyncio.CancelledError):
        await operation
    await turns()
    assert (waiting.cancelled(), client.watched) == (True, False)


async def test_a_cancellation_from_outside_outweighs_a_departure(call: Call, client: Client) -> None:
    waiting: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    operation = asyncio.create_task(call.while_connected(waiting))
    await turns()
    client.leave()
    await asyncio.sleep(0)
    operation.cancel()

    with pytest.raises(asyncio.CancelledError):
        await operation
    assert operation.cancelled()


async def test_a_task_whose_client_left_can_go_on(call: Call, client: Client) -> None:
    async def operation() -> str:
        try:
            await call.while_connected(asyncio.get_running_loop().create_future())
        except DisconnectedError:
            await asyncio.sleep(0)
        task = asyncio.current_task()
        assert task is not None
        return f"cancelling: {task.cancelling()}"

    client.leave()

    assert await asyncio.create_task(operation()) == "cancelling: 0"


async def test_an_answer_at_once_leaves_no_watcher(call: Call, client: Client) -> None:
    async def at_once() -> str:
        return "now"

    assert await call.while_connected(at_once()) == "now"
    await turns()
    assert not client.watched


async def test_a_request_whose_client_left_is_not_answered() -> None:
    service = Service("sqs")
    sent = []

    @service.operation
    async def list_queues(call: Call) -> None:
        await call.while_connected(asyncio.get_running_loop().create_future())

    messages: list[MutableMapping[str, Any]] = [
        {"type": "http.request", "body": b"{}"},
        {"type": "http.disconnect"},
    ]

    async def receive() -> MutableMapping[str, Any]:
        return messages.pop(0)

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "path": "/",
        "query_string": b"",
        "headers": [(b"x-amz-target", b"AmazonSQS.ListQueues")],
    }
    await create_app(Engine(), [service])(scope, receive, send)

    assert sent == []


async def test_the_instant_of_a_call_is_read_once() -> None:
    engine = Engine()
    engine.clock.freeze()
    engine.clock.set(1_700_000_000.0)
    service = Service("sqs")
    seen = []

    @service.operation
    def list_queues(call: Call) -> None:
        engine.clock.set(1_800_000_000.0)
        seen.append(call.now)

    await ask_json(create_app(engine, [service]), "AmazonSQS.ListQueues")

    assert seen == [1_700_000_000.0]
