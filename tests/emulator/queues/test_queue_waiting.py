"""Long polls at the engine: who gets what, and what a client that went away leaves behind."""

import asyncio
from collections.abc import Callable
from functools import partial

import pytest

from pocketbus.emulator.engine import Engine
from pocketbus.emulator.message import State, Text
from pocketbus.emulator.queues import queue as queue_module
from pocketbus.emulator.queues.queue import Queue, Received, ReceiveRequest

MakeQueue = Callable[..., Queue]


def send(queue: Queue, engine: Engine, body: str, delay: int | None = None) -> None:
    queue.send(Text(body), engine.clock.now(), sender_id="1", delay_seconds=delay)


async def wait(queue: Queue, engine: Engine, request: ReceiveRequest) -> "asyncio.Task[list[Received]]":
    task = asyncio.create_task(queue.wait(request, 20, engine.clock.now()))
    await asyncio.sleep(0)
    return task


def bodies(received: list[Received]) -> list[str]:
    return [item.message.content.body for item in received]


async def test_who_came_first_is_served_first(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue()
    first = await wait(queue, engine, ReceiveRequest())
    second = await wait(queue, engine, ReceiveRequest())
    send(queue, engine, "a")
    send(queue, engine, "b")

    assert (bodies(await first), bodies(await second)) == (["a"], ["b"])


async def test_a_delay_that_ends_wakes_a_waiter(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue()
    waiting = await wait(queue, engine, ReceiveRequest())
    send(queue, engine, "later", delay=5)
    engine.advance(5)

    assert bodies(await waiting) == ["later"]


async def test_a_shorter_fifo_delay_wakes_a_waiter(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue("q.fifo", fifo=True, delay_seconds=60)
    queue.send(Text("x"), engine.clock.now(), sender_id="1", group_id="g", deduplication_id="1")
    waiting = await wait(queue, engine, ReceiveRequest())
    shorter = type(queue.settings)(fifo=True, delay_seconds=2)
    queue.configure(shorter, engine.clock.now())
    engine.advance(2)

    assert bodies(await waiting) == ["x"]


async def test_a_sender_never_hears_that_a_waiter_has_too_much_in_flight(
    engine: Engine, make_queue: MakeQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_module, "IN_FLIGHT_MESSAGES", 1)
    queue = make_queue()
    served = await wait(queue, engine, ReceiveRequest())
    hungry = await wait(queue, engine, ReceiveRequest())
    send(queue, engine, "a")
    send(queue, engine, "b")
    (item,) = await served
    assert not hungry.done()
    queue.delete(item.receipt_handle, engine.clock.now())

    assert bodies(await hungry) == ["b"]


async def test_a_client_that_went_away_gives_back_only_what_it_still_holds(
    engine: Engine, make_queue: MakeQueue
) -> None:
    queue = make_queue()
    waiting = await wait(queue, engine, ReceiveRequest(2, 5))
    send(queue, engine, "a")
    engine.advance(5)
    (again,) = queue.receive(ReceiveRequest(1, 60), engine.clock.now())
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    assert queue.count(State.IN_FLIGHT) == 1
    queue.change_visibility(again.receipt_handle, 60, engine.clock.now())


# Who stands in line without an end


def test_who_stands_in_line_is_told_within_the_call_that_serves_it(
    engine: Engine, make_queue: MakeQueue
) -> None:
    queue = make_queue()
    served: list[list[str]] = []
    queue.stand_in_line(ReceiveRequest(), lambda received: served.append(bodies(received)))

    send(queue, engine, "a")
    send(queue, engine, "b")

    assert (served, queue.waiting) == ([["a"]], 0)


def test_who_stands_in_line_is_served_in_turn_with_long_polls(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue()
    served: list[str] = []
    for name in ("first", "second"):
        queue.stand_in_line(ReceiveRequest(), partial(lambda name, _received: served.append(name), name))

    send(queue, engine, "a")
    assert served == ["first"]
    send(queue, engine, "b")
    assert served == ["first", "second"]


def test_a_delay_that_ends_serves_who_stands_in_line(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue()
    served: list[list[str]] = []
    queue.stand_in_line(ReceiveRequest(), lambda received: served.append(bodies(received)))
    send(queue, engine, "later", delay=5)

    engine.advance(5)

    assert served == [["later"]]


def test_who_left_the_line_is_served_no_more_and_a_closed_queue_serves_nothing(
    engine: Engine, make_queue: MakeQueue
) -> None:
    queue = make_queue()
    served: list[list[str]] = []
    queue.stand_in_line(ReceiveRequest(), lambda received: served.append(bodies(received))).leave()
    send(queue, engine, "a")
    assert served == []
    queue.stand_in_line(ReceiveRequest(), lambda received: served.append(bodies(received)))
    queue.close()

    assert served == [[]]
