"""The state over HTTP."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from pocketbus.apis.control import state as state_module
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.message import Text
from pocketbus.emulator.queues.queue import Queue

START = 1_767_225_600.0
STATE = "/_pocketbus/state"


@pytest.fixture
def orders(make_queue: Callable[..., Queue]) -> Queue:
    queue = make_queue()
    queue.send(Text("order 7"), START, sender_id="me")
    return queue


async def bodies(http: httpx.AsyncClient) -> list[str]:
    answer = await http.get("/_pocketbus/messages", params={"queue": "orders"})
    return [message["body"] for message in answer.json().get("messages", [])]


async def test_a_state_is_exported_and_imported(http: httpx.AsyncClient, orders: Queue) -> None:
    assert orders
    exported = await http.get(STATE)
    await http.post(f"{STATE}/reset")
    assert await bodies(http) == []

    answer = await http.put(STATE, content=exported.content)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert await bodies(http) == ["order 7"]
    assert (await http.get(STATE)).content == exported.content


@pytest.mark.parametrize("path", [f"{STATE}/reset", "/_pocketbus/reset"])
async def test_a_part_is_reset(http: httpx.AsyncClient, orders: Queue, path: str) -> None:
    assert orders
    await http.post(path, params={"service": "sns"})
    await http.post(path, params={"account": "111111111111"})
    assert await bodies(http) == ["order 7"]

    assert (await http.post(path, params={"service": "sqs"})).json() == {"status": "ok"}
    assert await bodies(http) == []


async def test_a_part_is_exported(http: httpx.AsyncClient, orders: Queue) -> None:
    assert orders
    document = (await http.get(STATE, params={"service": "sqs", "region": "us-east-1"})).json()

    assert document["part"] == {"account": None, "region": "us-east-1", "service": "sqs"}
    assert [list(scope["services"]) for scope in document["scopes"]] == [["sqs"]]
    assert "ids" not in document


async def test_snapshots_are_saved_listed_restored_and_deleted(
    http: httpx.AsyncClient, orders: Queue
) -> None:
    assert orders
    await http.post(f"{STATE}/snapshots/save", json={"name": "before"})
    await http.post(f"{STATE}/reset")

    (snapshot,) = (await http.get(f"{STATE}/snapshots")).json()["snapshots"]
    assert (snapshot["name"], snapshot["taken_at"]) == ("before", START)
    assert snapshot["size"] > 1000
    await http.post(f"{STATE}/snapshots/restore", json={"name": "before"})
    assert await bodies(http) == ["order 7"]
    await http.delete(f"{STATE}/snapshots", params={"name": "before"})
    assert (await http.get(f"{STATE}/snapshots")).json() == {"snapshots": []}


async def test_a_snapshot_of_an_account_is_named_there(http: httpx.AsyncClient, orders: Queue) -> None:
    assert orders
    await http.post(f"{STATE}/snapshots/save", json={"name": "before"})
    await http.post(f"{STATE}/snapshots/save", json={"name": "before", "account": "000000000000"})

    shown = (await http.get(f"{STATE}/snapshots")).json()["snapshots"]
    assert [(one["name"], one["account"]) for one in shown] == [("before", None), ("before", "000000000000")]
    await http.delete(f"{STATE}/snapshots", params={"name": "before"})
    await http.post(f"{STATE}/reset")
    await http.post(f"{STATE}/snapshots/restore", json={"name": "before", "account": "000000000000"})
    assert await bodies(http) == ["order 7"]


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        (
            "GET",
            f"{STATE}?service=s3",
            400,
            "'s3' is no service with a state; there are sqs, sns, events, scheduler, lambda, eventbridgev2, pipes.",
        ),
        ("POST", f"{STATE}/snapshots/restore?name=x", 404, "There is no snapshot x."),
        ("DELETE", f"{STATE}/snapshots?name=x", 404, "There is no snapshot x."),
        ("POST", f"{STATE}/snapshots/save", 400, "The parameter name is required."),
        ("PUT", STATE, 400, "The document is no JSON"),
    ],
)
async def test_a_mistake_is_told(
    http: httpx.AsyncClient, method: str, path: str, status: int, error: str
) -> None:
    answer = await http.request(method, path)

    assert answer.status_code == status
    assert answer.json()["error"].startswith(error)


@pytest.mark.parametrize("document", [{}, {"pocketbus": 1}, {"pocketbus": 1, "digest": "x"}])
async def test_a_broken_document_changes_nothing(
    http: httpx.AsyncClient, orders: Queue, document: dict[str, Any]
) -> None:
    assert orders
    answer = await http.put(STATE, json=document)

    assert answer.status_code == 400
    assert await bodies(http) == ["order 7"]


async def test_a_document_may_be_larger_than_a_request_to_aws_and_is_bounded(
    http: httpx.AsyncClient, engine: Engine, orders: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        orders.send(Text(f"{number}" * 1_000_000), START, sender_id="me")
    exported = await http.get(STATE)

    assert len(exported.content) > 6_000_000
    assert (await http.put(STATE, content=exported.content)).status_code == 200
    monkeypatch.setattr(state_module, "MOST_BYTES", 1000)
    assert (await http.put(STATE, content=exported.content)).status_code == 413
    assert len(engine.resources) == 2
