"""Faults over HTTP."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from pocketbus.emulator.engine import Engine
from pocketbus.emulator.message import Text
from pocketbus.emulator.queues.queue import Queue, ReceiveRequest

START = 1_767_225_600.0
FAULTS = "/_pocketbus/faults"


async def test_a_fault_is_made_and_shown(http: httpx.AsyncClient) -> None:
    made = await http.post(
        FAULTS,
        json={
            "kind": "error",
            "code": "OverLimit",
            "service": "sqs",
            "operation": "Send*",
            "resource": "orders",
        },
    )
    expected = {
        "number": 1,
        "kind": "error",
        "service": "sqs",
        "operation": "Send*",
        "resource": "orders",
        "code": "OverLimit",
        "message": "A fault was set to answer so.",
        "probability": 1.0,
        "struck": 0,
        "over": False,
    }

    assert (made.status_code, made.json()) == (200, {"faults": [expected]})
    assert (await http.get(FAULTS)).json() == {"faults": [expected]}


async def test_a_fault_can_be_told_in_the_query_string(http: httpx.AsyncClient) -> None:
    made = await http.post(f"{FAULTS}?kind=latency&delay=PT0.5S&probability=0.5&count=3&seconds=PT1H&seed=7")

    (fault,) = made.json()["faults"]
    assert (fault["delay"], fault["probability"], fault["count"]) == (0.5, 0.5, 3)
    assert fault["until"] == START + 3600


async def test_a_fault_strikes_at_the_next_request(http: httpx.AsyncClient) -> None:
    await http.post(FAULTS, json={"kind": "error", "code": "InternalFailure", "operation": "ListQueues"})

    answer = await http.get("/?Action=ListQueues")
    assert answer.status_code == 500
    (fault,) = (await http.get(FAULTS)).json()["faults"]
    assert fault["struck"] == 1


async def test_a_preset_is_several_faults_for_one_place(http: httpx.AsyncClient) -> None:
    made = await http.post(FAULTS, json={"preset": "at-least-once", "resource": "orders"})

    assert [(fault["kind"], fault["resource"]) for fault in made.json()["faults"]] == [
        ("duplicate", "orders"),
        ("reorder", "orders"),
    ]


async def test_faults_are_taken_away(http: httpx.AsyncClient) -> None:
    for account in ("111111111111", "222222222222", "222222222222"):
        await http.post(FAULTS, json={"kind": "duplicate", "account": account})

    assert (await http.delete(f"{FAULTS}?account=222222222222")).json() == {"cleared": 2}
    assert (await http.delete(f"{FAULTS}?number=1")).json() == {"cleared": 1}
    assert (await http.delete(FAULTS)).json() == {"cleared": 0}


async def test_a_consumer_crashes(http: httpx.AsyncClient, make_queue: Callable[..., Queue]) -> None:
    queue = make_queue()
    queue.send(Text("job"), START, sender_id="me")
    queue.receive(ReceiveRequest(), START)

    answer = await http.post(f"{FAULTS}/crash", json={"queue": "orders"})
    assert answer.json() == {"returned": 1}
    assert len(queue.receive(ReceiveRequest(), START)) == 1


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        (
            {},
            "Give the kind of fault (error, throttle, latency, cut, partial, duplicate, reorder, failure) or a ",
        ),
        ({"preset": "chaos"}, "'chaos' is no preset; there is at-least-once."),
        ({"preset": "at-least-once", "count": 3}, "A preset has no count; it has service, operation, "),
        ({"kind": "error"}, "A fault of the kind error needs code."),
        ({"kind": "error", "code": ["x"]}, "The parameter code is not valid"),
        ({"kind": "latency", "delay": "soon"}, "The parameter delay is not valid"),
        ({"kind": "duplicate", "probability": "nan"}, "The parameter probability is not valid"),
        ({"kind": "duplicate", "probability": 1.5}, "probability is not valid"),
        ({"kind": "duplicate", "count": 0}, "The parameter count is not valid"),
        ({"kind": "duplicate", "colour": "red"}, "There is no parameter colour; there are kind, preset, "),
        ({"kind": "duplicate", "resource": "x" * 2000}, "A name is not valid"),
    ],
)
async def test_a_mistake_is_told(
    http: httpx.AsyncClient, engine: Engine, parameters: dict[str, Any], error: str
) -> None:
    answer = await http.post(FAULTS, json=parameters)

    assert answer.status_code == 400
    assert answer.json()["error"].startswith(error)
    assert list(engine.faults) == []


async def test_an_unknown_queue_cannot_lose_its_consumer(http: httpx.AsyncClient) -> None:
    answer = await http.post(f"{FAULTS}/crash", json={"queue": "nowhere"})

    assert (answer.status_code, answer.json()) == (404, {"error": "There is no queue nowhere."})
