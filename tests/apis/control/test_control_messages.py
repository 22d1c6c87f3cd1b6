"""One message of a queue: found, shown in part, moved, deleted."""

import json
from typing import Any

import httpx
import pytest

from pocketbus.emulator.engine import Engine
from pocketbus.emulator.message import Text
from pocketbus.emulator.queues.queue import Queue, ReceiveRequest
from pocketbus.emulator.queues.queue_settings import QueueSettings

MESSAGES = "/_pocketbus/messages"


@pytest.fixture
def queues(engine: Engine) -> dict[str, Queue]:
    made = {}
    for name in ("orders", "other", "other.fifo"):
        arn = f"arn:aws:sqs:us-east-1:000000000000:{name}"
        settings = QueueSettings(fifo=name.endswith(".fifo"))
        made[name] = Queue(arn, "000000000000", settings, engine, engine.clock.now())
        engine.resources[arn] = made[name]
    return made


def send(queue: Queue, engine: Engine, body: str, **options: Any) -> str:
    return queue.send(Text(body), engine.clock.now(), sender_id="me", **options).message_id


async def bodies(http: httpx.AsyncClient, **parameters: Any) -> list[str]:
    answer = await http.get(MESSAGES, params={"queue": "orders", **parameters})
    assert answer.status_code == 200, answer.text
    return [message["body"] for message in answer.json()["messages"]]


async def test_messages_are_chosen_by_a_jmespath_expression(
    http: httpx.AsyncClient, engine: Engine, queues: dict[str, Queue]
) -> None:
    for total in (5, 50, 500):
        send(queues["orders"], engine, json.dumps({"total": total}))

    matching = "from_json(body).total > `10`"
    assert await bodies(http, matching=matching) == ['{"total": 50}', '{"total": 500}']
    assert await bodies(http, matching=matching, after=1) == ['{"total": 500}']
    assert await bodies(http, matching=matching, limit=1) == ['{"total": 50}']


async def test_a_message_is_found_by_its_id(
    http: httpx.AsyncClient, engine: Engine, queues: dict[str, Queue]
) -> None:
    send(queues["orders"], engine, "one")
    wanted = send(queues["orders"], engine, "two")

    assert await bodies(http, message_id=wanted) == ["two"]
    assert await bodies(http, message_id="none") == []


async def test_a_body_is_cut_where_that_is_asked_for(
    http: httpx.AsyncClient, engine: Engine, queues: dict[str, Queue]
) -> None:
    send(queues["orders"], engine, "0123456789")

    assert await bodies(http, body_limit=4) == ["0123"]
    assert await bodies(http) == ["0123456789"]


@pytest.mark.parametrize("state", ["ready", "delayed", "in_flight"])
async def test_one_message_is_deleted_whatever_its_state(
    http: httpx.AsyncClient, engine: Engine, queues: dict[str, Queue], state: str
) -> None:
    queue = queues["orders"]
    gone = send(queue, engine, "gone", delay_seconds=60 if state == "delayed" else None)
    if state == "in_flight":
        queue.receive(ReceiveRequest(limit=1), engine.clock.now())
    send(queue, engine, "stays")

    answer = await http.request("DELETE", MESSAGES, params={"queue": "orders", "message_id": gone})

    assert answer.json() == {"deleted": 1}
    assert await bodies(http) == ["stays"]
    assert (engine.trace.of(gone)[-1].verb, engine.trace.of(gone)[-1].why) == ("deleted", "by hand")


async def test_one_message_is_moved_to_another_queue_and_its_story_goes_on(
    http: httpx.AsyncClient, engine: Engine, queues: dict[str, Queue]
) -> None:
    moved = send(queues["orders"], engine, "moved")
    send(queues["orders"], engine, "stays")

    parameters = {"queue": "orders", "message_id": moved, "to": "other"}
    answer = (await http.post(f"{MESSAGES}/move", json=parameters)).json()

    assert answer["queue"] == queues["other"].arn
    assert await bodies(http) == ["stays"]
    assert await bodies(http, queue="other") == ["moved"]
    assert [record.verb for record in engine.trace.story(moved)] == ["sent", "moved", "sent"]
    assert engine.trace.of(moved)[-1].became == answer["message_id"]


@pytest.mark.parametrize("to", ["other.fifo", "orders"])
async def test_a_message_that_another_queue_cannot_take_stays(
    http: httpx.AsyncClient, engine: Engine, queues: dict[str, Queue], to: str
) -> None:
    kept = send(queues["orders"], engine, "kept")

    answer = await http.post(f"{MESSAGES}/move", json={"queue": "orders", "message_id": kept, "to": to})

    assert answer.status_code == 400
    assert answer.json() == {"error": "A message moves to another queue of the same type only."}
    assert await bodies(http) == ["kept"]


async def test_a_message_that_is_not_there_is_neither_moved_nor_deleted(
    http: httpx.AsyncClient, queues: dict[str, Queue]
) -> None:
    parameters = {"queue": "orders", "message_id": "none"}

    answer = await http.request("DELETE", MESSAGES, params=parameters)

    assert queues
    assert (answer.status_code, answer.json()) == (
        404,
        {"error": "The queue orders holds no message none."},
    )
    assert (await http.post(f"{MESSAGES}/move", json={**parameters, "to": "other"})).status_code == 404


async def test_a_deleted_message_frees_its_group(
    http: httpx.AsyncClient, engine: Engine, queues: dict[str, Queue]
) -> None:
    queue, now = queues["other.fifo"], engine.clock.now()
    first = send(queue, engine, "first", group_id="g", deduplication_id="1")
    send(queue, engine, "second", group_id="g", deduplication_id="2")
    queue.receive(ReceiveRequest(limit=1), now)
    assert queue.receive(ReceiveRequest(limit=1), now) == []

    await http.request("DELETE", MESSAGES, params={"queue": "other.fifo", "message_id": first})

    (received,) = queue.receive(ReceiveRequest(limit=1), now)
    assert received.message.content.body == "second"
