"""The trace over HTTP: selected, in pages, with what did not match."""

import asyncio
from collections.abc import Callable

import httpx
import pytest

from pocketbus.apis.app import create_app
from pocketbus.apis.control import trace as trace_module
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.trace import Trace
from pocketbus.emulator.message import Text
from pocketbus.emulator.queues.queue import Queue
from tests.turns import until

START = 1_767_225_600.0
TRACE = "/_pocketbus/trace"


async def test_the_trace_is_read_page_by_page(http: httpx.AsyncClient, engine: Engine) -> None:
    for number in range(5):
        engine.trace.record(START, "sent", "orders", f"m-{number}")

    first = (await http.get(TRACE, params={"limit": 3})).json()
    rest = (await http.get(TRACE, params={"limit": 3, "after": first["next"]})).json()

    assert [record["number"] for record in first["records"]] == [1, 2, 3]
    assert [record["number"] for record in rest["records"]] == [4, 5]
    assert rest["next"] is None


async def test_a_record_tells_when_what_happened_where_to_whom_and_why(
    http: httpx.AsyncClient, make_queue: Callable[..., Queue]
) -> None:
    queue = make_queue()
    message_id = queue.send(Text("late"), START, sender_id="me", delay_seconds=10).message_id
    queue.advance(START + 10)

    assert (await http.get(TRACE, params={"verb": "appeared"})).json()["records"] == [
        {
            "number": 2,
            "at": START + 10,
            "verb": "appeared",
            "resource": queue.arn,
            "subject": message_id,
            "why": "delay over",
            "became": "",
        }
    ]


@pytest.mark.parametrize(
    ("parameters", "numbers"),
    [
        ({"resource": "orders"}, [1]),
        ({"resource": "arn:aws:sqs:us-east-1:000000000000:photos"}, [2, 3]),
        ({"subject": "m-2"}, [2, 3]),
        ({"since": START + 1}, [2, 3]),
        ({"until": "2026-01-01T00:00:01Z"}, [1, 2]),
        ({"verb": "deleted", "resource": "photos"}, [3]),
    ],
)
async def test_the_trace_is_selected(
    http: httpx.AsyncClient, engine: Engine, parameters: dict[str, str], numbers: list[int]
) -> None:
    engine.trace.record(START, "sent", "arn:aws:sqs:us-east-1:000000000000:orders", "m-1")
    engine.trace.record(START + 1, "sent", "arn:aws:sqs:us-east-1:000000000000:photos", "m-2")
    engine.trace.record(START + 2, "deleted", "arn:aws:sqs:us-east-1:000000000000:photos", "m-2")

    records = (await http.get(TRACE, params=parameters)).json()["records"]

    assert [record["number"] for record in records] == numbers


async def test_a_story_tells_where_the_event_was_not_and_why(http: httpx.AsyncClient) -> None:
    headers = {"content-type": "application/x-amz-json-1.1"}
    rule = '{"Name": "big", "EventPattern": "{\\"detail\\": {\\"n\\": [9]}}"}'
    entries = '{"Entries": [{"Source": "shop", "DetailType": "order", "Detail": "{\\"n\\": 1}"}]}'
    await http.post("/", content=rule, headers={**headers, "x-amz-target": "AWSEvents.PutRule"})
    put = await http.post("/", content=entries, headers={**headers, "x-amz-target": "AWSEvents.PutEvents"})

    told = (await http.get(TRACE, params={"subject": put.json()["Entries"][0]["EventId"]})).json()

    assert [record["verb"] for record in told["records"]] == ["accepted", "unmatched"]
    assert told["unmatched"] == [
        {
            "source": "arn:aws:events:us-east-1:000000000000:event-bus/default",
            "resource": "arn:aws:events:us-east-1:000000000000:rule/big",
            "matches": False,
            "why": "detail.n: found 1, wanted 9",
            "path": "detail.n",
        }
    ]


@pytest.mark.parametrize(
    "parameters", [{"limit": 0}, {"limit": 1001}, {"after": "x"}, {"since": "noon"}, {"a": 1}]
)
async def test_a_wrong_parameter_is_refused(http: httpx.AsyncClient, parameters: dict[str, str]) -> None:
    assert (await http.get(TRACE, params=parameters)).status_code == 400


async def test_a_wrong_number_is_answered_with_its_bounds(http: httpx.AsyncClient) -> None:
    answer = await http.get(TRACE, params={"after": "x"})

    assert answer.json()["error"].startswith("The parameter after is not valid: give a number from 0 to ")


async def streamed(http: httpx.AsyncClient, engine: Engine, seconds: float = 0, **parameters: int) -> str:
    """Read a stream until the trace is closed, which is when this client gets to see it."""
    stream = asyncio.create_task(http.get(f"{TRACE}/stream", params=parameters))
    await until(lambda: engine.trace.followers)
    await asyncio.sleep(seconds)
    engine.trace.close()
    return (await stream).text


async def test_a_stream_says_how_many_records_it_could_not_have(
    http: httpx.AsyncClient, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "trace", Trace(2))
    for number in range(5):
        engine.trace.record(START, "sent", "orders", f"m-{number}")

    lines = (await streamed(http, engine, after=1)).splitlines()

    assert lines[2:4] == ["event: lost", "data: 2"]
    assert [line for line in lines if line.startswith("id: ")] == ["id: 4", "id: 5"]


async def test_a_stream_counts_as_lost_nothing_that_a_reset_forgot(
    http: httpx.AsyncClient, engine: Engine
) -> None:
    for number in range(3):
        engine.trace.record(START, "sent", "orders", f"m-{number}")
    engine.reset()
    engine.trace.record(START, "sent", "orders", "m-4")

    lines = (await streamed(http, engine, after=1)).splitlines()

    assert [line for line in lines if line.startswith(("id: ", "event: "))] == ["id: 4"]


async def test_a_stream_gives_signs_of_life(
    http: httpx.AsyncClient, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trace_module, "_HEARTBEAT_SECONDS", 0.01)

    assert ": still here\n" in await streamed(http, engine, 0.05)


async def test_no_more_than_so_many_streams_are_open(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace_module, "STREAMS", 1)
    transport = httpx.ASGITransport(create_app(engine))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:4566") as http:
        first = asyncio.create_task(http.get(f"{TRACE}/stream"))
        await until(lambda: engine.trace.followers)
        assert (await http.get(f"{TRACE}/stream")).status_code == 429
        engine.trace.close()
        await first

        assert (await http.get(f"{TRACE}/stream")).status_code == 200
