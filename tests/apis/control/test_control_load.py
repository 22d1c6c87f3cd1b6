"""Those who wait and follow cost the others little: they look at what has changed, and share what it takes."""

import asyncio
import re
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import httpx
import pytest

from pocketbus.apis.control import trace as trace_module
from pocketbus.apis.control.trace import TOGETHER, Written, _events
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.expectation import (
    Expectation,
    QueueSource,
    TraceSource,
    Watch,
    pause_after,
)
from pocketbus.emulator.inspection.trace import Selection
from pocketbus.emulator.message import Text
from pocketbus.emulator.queues.queue import MOST_AT_ONCE, Queue, ReceiveRequest

START = 1_767_225_600.0
MANY = 1_000


def fill(queue: Queue, count: int = MANY) -> None:
    for number in range(count):
        queue.send(Text(f"message {number}"), START, sender_id="me")


async def test_a_wait_looks_at_each_message_once_and_then_at_what_changes(
    engine: Engine, make_queue: Callable[..., Queue]
) -> None:
    queue = make_queue()
    fill(queue)
    looks = []

    def matches(item: Any) -> bool:
        looks.append(item["body"])
        return bool(item["body"] == "the last")

    wait = asyncio.create_task(Watch(QueueSource(queue), Expectation(matches), engine).outcome())
    while len(looks) < MANY:  # noqa: ASYNC110 - what is awaited is the wait itself, in its turns
        await asyncio.sleep(0)
    queue.send(Text("the last"), START, sender_id="me")

    assert (await wait).count == 1
    assert len(looks) == MANY + 1


async def test_a_wait_sees_a_message_go(engine: Engine, make_queue: Callable[..., Queue]) -> None:
    queue = make_queue()
    fill(queue, 2)
    expectation = Expectation(None, count=3, timeout_seconds=0.2)
    wait = asyncio.create_task(Watch(QueueSource(queue), expectation, engine).outcome())
    await asyncio.sleep(0.01)
    (received,) = queue.receive(ReceiveRequest(), START)
    queue.delete(received.receipt_handle, START)

    assert [item["body"] for item in (await wait).items] == ["message 1"]
    assert not queue.changes.watched_by


async def test_a_wait_sees_a_purge(engine: Engine, make_queue: Callable[..., Queue]) -> None:
    queue = make_queue()
    fill(queue, 2)
    expectation = Expectation(None, count=3, timeout_seconds=0.2)
    wait = asyncio.create_task(Watch(QueueSource(queue), expectation, engine).outcome())
    await asyncio.sleep(0.01)
    queue.purge(START)
    queue.send(Text("new"), START, sender_id="me")

    assert [item["body"] for item in (await wait).items] == ["new"]


async def test_a_wait_ends_in_time_however_much_there_is_to_look_at(
    engine: Engine, make_queue: Callable[..., Queue]
) -> None:
    queue = make_queue()
    fill(queue)
    loop = asyncio.get_running_loop()
    real, looks = loop.time, 0

    def matches(_item: Any) -> bool:
        nonlocal looks
        looks += 1  # each look takes a tenth of a second
        return False

    loop.time = lambda: real() + looks / 10  # type: ignore[method-assign]
    expectation = Expectation(matches, timeout_seconds=1)
    outcome = await Watch(QueueSource(queue), expectation, engine).outcome()
    loop.time = real  # type: ignore[method-assign]

    assert not outcome.met
    assert looks <= 50


async def test_a_stream_writes_together_what_has_happened_meanwhile(
    engine: Engine, make_queue: Callable[..., Queue]
) -> None:
    fill(make_queue())
    async with aclosing(_events(TraceSource(engine), engine, Written())) as events:
        chunks = [await anext(events) for _ in range(1 + MANY // TOGETHER)]

    assert "".join(chunks).count("data: ") == MANY
    assert engine.trace.followers == 0


async def test_a_request_waits_for_the_queue_that_it_is_for_and_for_no_other(
    engine: Engine, http: httpx.AsyncClient, make_queue: Callable[..., Queue]
) -> None:
    fill(make_queue("deep"), 4 * MOST_AT_ONCE)
    make_queue("shallow")
    engine.clock.set(START + 7 * 86_400)
    answered = []

    async def count(name: str) -> str:
        answer = await http.post(
            "/",
            headers={"x-amz-target": "AmazonSQS.GetQueueAttributes"},
            json={"QueueUrl": f"http://localhost/000000000000/{name}", "AttributeNames": ["All"]},
        )
        answered.append(name)
        messages: str = answer.json()["Attributes"]["ApproximateNumberOfMessages"]
        return messages

    assert set(await asyncio.gather(count("deep"), count("shallow"))) == {"0"}
    assert answered == ["shallow", "deep"]


async def events_after(engine: Engine, number: int, written: Written, resource: str | None = None) -> str:
    """Return all that a stream writes of what there is."""
    source = TraceSource(engine, Selection(resource), after=number)
    texts = []
    async with aclosing(_events(source, engine, written)) as events:
        while source.seen < engine.trace.last:
            texts.append(await anext(events))
    return "".join(texts)


@pytest.fixture
def renderings(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was written as JSON."""
    rendered: list[object] = []

    def dumps(item: object) -> bytes:
        rendered.append(item)
        return b"{}"

    monkeypatch.setattr(trace_module, "dumps", dumps)
    return rendered


async def test_streams_share_what_is_rendered(engine: Engine, renderings: list[object]) -> None:
    """Wherever they began, they soon come to the same numbers."""
    count, written = 10 * TOGETHER, Written()
    for number in range(1, count + 1):
        engine.trace.record(START, "sent", "orders", f"m-{number}")

    for first in range(0, 100, 10):
        text = await events_after(engine, first, written)
        assert re.findall("id: (.*)", text) == [str(number) for number in range(first + 1, count + 1)]
    assert len(renderings) < count + 10 * TOGETHER

    engine.trace.record(START, "sent", "orders", f"m-{count + 1}")
    assert "id: 5001\n" in await events_after(engine, count, written)
    assert "id:" not in await events_after(engine, count, written, resource="others")


async def test_a_stream_tells_nothing_that_a_reset_has_forgotten(engine: Engine) -> None:
    written = Written()
    engine.trace.record(START, "sent", "orders", "m-1")
    assert "m-1" in await events_after(engine, 0, written)
    engine.trace.clear()
    engine.trace.record(START, "sent", "orders", "m-2")

    assert re.findall("m-.", await events_after(engine, 0, written)) == ["m-2"]


async def test_a_stream_whose_client_does_not_read_has_nothing_written_for_it(
    engine: Engine, renderings: list[object]
) -> None:
    """Beyond what the connection holds; what is not written is looked for when the client reads on."""
    source = TraceSource(engine)
    async with aclosing(_events(source, engine, Written())) as events:
        for number in range(10):
            engine.trace.record(START, "sent", "orders", f"m-{number}")
        assert await anext(events) == ": the trace\n\n"
        assert (await anext(events)).count("data: ") == 10
        for number in range(10 * TOGETHER):
            engine.trace.record(START, "sent", "orders", f"m-{number}")
        await asyncio.sleep(0)

        assert len(renderings) == 10
        assert (await anext(events)).count("data: ") == TOGETHER - 10


@pytest.mark.parametrize("followers", [1, 20, 100])
def test_all_who_look_take_no_more_than_half_of_the_time(engine: Engine, followers: int) -> None:
    engine.trace.followers = followers
    spent = 0.003

    assert followers * spent / (spent + pause_after(spent, engine.trace)) <= 0.5
