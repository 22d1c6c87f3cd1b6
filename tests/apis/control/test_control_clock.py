"""The clock over HTTP."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from pocketbus.apis.app import create_app
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.message import Text
from pocketbus.emulator.queues.queue import Queue, ReceiveRequest
from tests.turns import until

START = 1_767_225_600.0


async def post(http: httpx.AsyncClient, path: str, **parameters: Any) -> dict[str, Any]:
    answer = await http.post(f"/_pocketbus/clock/{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_the_clock_can_be_read(http: httpx.AsyncClient) -> None:
    assert (await http.get("/_pocketbus/clock")).json() == {
        "now": START,
        "time": "2026-01-01T00:00:00.000Z",
        "frozen": True,
        "next_at": None,
    }


async def test_the_clock_can_be_thawed_and_frozen(http: httpx.AsyncClient) -> None:
    assert (await post(http, "thaw"))["frozen"] is False
    assert (await post(http, "freeze"))["frozen"] is True


async def test_the_clock_can_be_frozen_at_an_instant(http: httpx.AsyncClient, engine: Engine) -> None:
    engine.thaw()

    told = await post(http, "freeze", at="2030-01-01T00:00:00Z")

    assert (told["time"], told["frozen"]) == ("2030-01-01T00:00:00.000Z", True)


@pytest.mark.parametrize("at", [START + 60, "2026-01-01T00:01:00Z"])
async def test_the_clock_can_be_set(http: httpx.AsyncClient, at: float | str) -> None:
    assert (await post(http, "set", at=at))["now"] == START + 60


@pytest.mark.parametrize("by", [90, "PT1M30S"])
async def test_the_clock_can_be_advanced(http: httpx.AsyncClient, by: float | str) -> None:
    assert (await post(http, "advance", by=by))["now"] == START + 90


async def test_parameters_can_come_as_json(http: httpx.AsyncClient) -> None:
    answer = await http.post("/_pocketbus/clock/advance", json={"by": 2.5})

    assert answer.json()["now"] == START + 2.5


async def test_advancing_answers_with_what_happened_in_order(
    http: httpx.AsyncClient, make_queue: Callable[..., Queue]
) -> None:
    queue = make_queue(visibility_timeout=30)
    taken = queue.send(Text("taken"), START, sender_id="me").message_id
    queue.receive(ReceiveRequest(), START)
    late = queue.send(Text("late"), START, sender_id="me", delay_seconds=10).message_id

    told = await post(http, "advance", by=60)

    assert [(record["at"] - START, record["verb"], record["subject"]) for record in told["fired"]] == [
        (10, "appeared", late),
        (30, "returned", taken),
    ]
    assert told["fired_count"] == 2


async def test_the_clock_can_go_to_the_next_deadline(
    http: httpx.AsyncClient, make_queue: Callable[..., Queue]
) -> None:
    queue = make_queue()
    queue.send(Text("late"), START, sender_id="me", delay_seconds=10)

    told = await post(http, "next")

    assert (told["now"], told["next_at"]) == (START + 10, START + 345_600)
    assert [record["verb"] for record in told["fired"]] == ["appeared"]


async def test_without_a_deadline_the_next_one_is_now(http: httpx.AsyncClient) -> None:
    told = await post(http, "next")

    assert (told["now"], told["fired"]) == (START, [])


async def test_no_more_than_1000_records_are_told_at_once(
    http: httpx.AsyncClient, make_queue: Callable[..., Queue]
) -> None:
    queue = make_queue()
    for _ in range(1001):
        queue.send(Text("late"), START, sender_id="me", delay_seconds=10)

    told = await post(http, "advance", by=10)

    assert (len(told["fired"]), told["fired_count"]) == (1000, 1001)


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("advance", {}),
        ("advance", {"by": "soon"}),
        ("advance", {"by": -1}),
        ("advance", {"by": 10**12}),
        ("advance", {"seconds": 5}),
        ("set", {}),
        ("set", {"at": "noon"}),
        ("freeze", {"at": [1]}),
    ],
)
async def test_a_wrong_parameter_is_refused_and_named(
    http: httpx.AsyncClient, path: str, parameters: dict[str, Any]
) -> None:
    answer = await http.post(f"/_pocketbus/clock/{path}", json=parameters)

    assert answer.status_code == 400
    assert "error" in answer.json()


async def test_a_body_that_is_no_json_object_is_refused(http: httpx.AsyncClient) -> None:
    for body in ("{", "[]"):
        assert (await http.post("/_pocketbus/clock/thaw", content=body)).status_code == 400


async def test_others_are_served_during_a_long_advance(http: httpx.AsyncClient, engine: Engine) -> None:
    def ring(now: float) -> None:
        engine.timers.call_at(now + 60, ring)

    engine.timers.call_at(START + 60, ring)
    advancing = asyncio.create_task(post(http, "advance", by="P20D"))
    await until(lambda: engine.clock.now() > START)

    assert (await http.get("/health")).status_code == 200
    assert not advancing.done()
    assert (await advancing)["now"] == START + 20 * 86_400


async def test_a_client_that_leaves_ends_its_advance(engine: Engine) -> None:
    def ring(now: float) -> None:
        engine.timers.call_at(now + 1, ring)

    engine.timers.call_at(START, ring)
    messages = [{"type": "http.request", "body": b""}, {"type": "http.disconnect"}]

    async def receive() -> Any:
        return messages.pop(0)

    async def send(_message: Any) -> None:
        pass

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/_pocketbus/clock/advance",
        "query_string": b"by=P365D",
        "headers": [(b"host", b"localhost")],
    }
    await asyncio.wait_for(create_app(engine)(scope, receive, send), 5)

    assert engine.clock.now() < START + 86_400
