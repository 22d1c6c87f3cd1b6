"""Waiting over HTTP."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from pocketbus.apis.app import create_app
from pocketbus.apis.control import wait as wait_module
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.message import Text
from pocketbus.emulator.queues.queue import Queue, ReceiveRequest
from pocketbus.emulator.queues.queue_settings import RedrivePolicy
from tests.turns import turns, until

START = 1_767_225_600.0
WAIT = "/_pocketbus/wait"


def send(queue: Queue, body: str) -> None:
    queue.send(Text(body), START, sender_id="me")


async def waited(http: httpx.AsyncClient, **parameters: Any) -> tuple[int, bool, list[str]]:
    answer = await http.post(WAIT, json=parameters)
    told = answer.json()
    assert told["count"] == len(told["items"])
    return answer.status_code, told["met"], [item.get("body", item.get("verb")) for item in told["items"]]


async def test_a_wait_is_answered_when_a_message_comes(
    http: httpx.AsyncClient, make_queue: Callable[..., Queue]
) -> None:
    queue = make_queue()
    waiting = asyncio.create_task(waited(http, queue="orders", timeout=5))
    await asyncio.sleep(0.01)
    send(queue, "job")

    assert await waiting == (200, True, ["job"])


async def test_a_wait_sees_what_came_before(
    http: httpx.AsyncClient, make_queue: Callable[..., Queue]
) -> None:
    queue = make_queue()
    send(queue, "one")
    send(queue, "two")

    assert await waited(http, queue="orders", count=2) == (200, True, ["one", "two"])


async def test_a_wait_is_for_what_matches(http: httpx.AsyncClient, make_queue: Callable[..., Queue]) -> None:
    queue = make_queue()
    send(queue, '{"total": 5}')
    send(queue, '{"total": 50}')

    assert await waited(http, queue="orders", matching="from_json(body).total > `10`") == (
        200,
        True,
        ['{"total": 50}'],
    )


async def test_a_wait_that_is_not_met_is_answered_with_408_and_what_there_is(
    http: httpx.AsyncClient, make_queue: Callable[..., Queue]
) -> None:
    send(make_queue(), "only one")

    assert await waited(http, queue="orders", count=2, timeout=0.05) == (408, False, ["only one"])


async def test_a_wait_for_quiet_is_put_off_by_what_arrives(
    http: httpx.AsyncClient, engine: Engine, make_queue: Callable[..., Queue], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = START
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now)
    queue = make_queue()
    waiting = asyncio.create_task(waited(http, queue="orders", quiet=5))
    await until(lambda: engine.trace.followers)
    for passed, body in ((1, "early"), (4, "late"), (1, ""), (4, "")):
        if body:
            send(queue, body)
        now += passed
        await turns()
        assert not waiting.done()
    now += 1

    assert await waiting == (200, True, ["early", "late"])


async def test_a_wait_for_quiet_that_never_comes_is_not_met(
    http: httpx.AsyncClient, make_queue: Callable[..., Queue]
) -> None:
    make_queue()

    assert await waited(http, queue="orders", quiet=5, timeout=0.05) == (408, False, [])


async def test_a_wait_watches_the_trace(http: httpx.AsyncClient, make_queue: Callable[..., Queue]) -> None:
    send(make_queue(), "job")

    assert await waited(http, trace=True, resource="orders") == (200, True, ["sent"])


async def test_a_wait_can_be_a_get(http: httpx.AsyncClient, make_queue: Callable[..., Queue]) -> None:
    send(make_queue(), "job")

    answer = await http.get(WAIT, params={"queue": "orders", "matching": "body == 'job'", "timeout": "PT1S"})

    assert answer.json()["met"] is True


async def test_a_deep_queue_is_waited_on_in_slices(
    http: httpx.AsyncClient, make_queue: Callable[..., Queue]
) -> None:
    queue = make_queue()
    for number in range(2_000):
        send(queue, f"{number}")
    waiting = asyncio.create_task(waited(http, queue="orders", matching="body == 'last'", timeout=5))
    turns = 0
    while not waiting.done():
        turns += 1
        if turns == 10:
            send(queue, "last")
        await asyncio.sleep(0)

    assert await waiting == (200, True, ["last"])


async def test_a_client_that_leaves_ends_its_wait(engine: Engine, make_queue: Callable[..., Queue]) -> None:
    make_queue()
    messages = [{"type": "http.request", "body": b""}, {"type": "http.disconnect"}]
    sent: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": WAIT,
        "query_string": b"queue=orders&timeout=60",
        "headers": [(b"host", b"localhost")],
    }
    await asyncio.wait_for(create_app(engine)(scope, receive, send), 30)

    assert sent[0]["status"] == 499


async def test_no_more_than_so_many_waits_are_open(
    engine: Engine, make_queue: Callable[..., Queue], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wait_module, "WAITS", 1)
    queue = make_queue()
    transport = httpx.ASGITransport(create_app(engine))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:4566") as http:
        first = asyncio.create_task(waited(http, queue="orders", timeout=5))
        await until(lambda: engine.trace.followers)
        assert (await http.get(WAIT, params={"queue": "orders"})).status_code == 429
        send(queue, "job")
        await first

        assert (await http.get(WAIT, params={"queue": "orders"})).status_code == 200


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({}, 400),
        ({"queue": "orders", "trace": True}, 400),
        ({"trace": False}, 400),
        ({"queue": "absent"}, 404),
        ({"trace": True, "matching": "a["}, 400),
        ({"trace": True, "matching": "nonsense(a)"}, 400),
        ({"trace": True, "count": -1}, 400),
        ({"trace": True, "timeout": 1e9}, 400),
        ({"trace": True, "timeout": "soon"}, 400),
    ],
)
async def test_what_cannot_be_waited_for_is_refused(
    http: httpx.AsyncClient, make_queue: Callable[..., Queue], parameters: dict[str, Any], status: int
) -> None:
    make_queue()
    answer = await http.post(WAIT, json=parameters)

    assert (answer.status_code, "error" in answer.json()) == (status, True)


@pytest.fixture
def dead_letters(engine: Engine, make_queue: Callable[..., Queue]) -> Callable[[], None]:
    """Make `orders`, whose messages go to `dead` after one receive; what is returned lets one die."""
    dead = make_queue("dead")
    orders = make_queue("orders", redrive_policy=RedrivePolicy(dead.arn, 1))

    def die() -> None:
        send(orders, "poison")
        for _ in range(2):
            orders.receive(ReceiveRequest(visibility_timeout=0), START)

    return die


async def test_a_wait_at_a_dead_letter_queue_is_met_when_a_message_dies(
    http: httpx.AsyncClient, dead_letters: Callable[[], None]
) -> None:
    waiting = asyncio.create_task(waited(http, queue="dead", timeout=5))
    await turns()
    dead_letters()

    assert await waiting == (200, True, ["poison"])


@pytest.mark.parametrize("verb", ["delivered", None])
async def test_a_wait_for_the_story_of_a_dead_letter_queue_is_met_when_a_message_dies(
    http: httpx.AsyncClient, dead_letters: Callable[[], None], verb: str | None
) -> None:
    selection = {"resource": "dead"} | ({"verb": verb} if verb else {})
    waiting = asyncio.create_task(waited(http, trace=True, timeout=5, **selection))
    await turns()
    dead_letters()

    assert await waiting == (200, True, ["delivered"])
