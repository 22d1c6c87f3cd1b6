"""A clock moved by hand passes the deadlines of messages as well as the timers, each at its own instant."""

import pytest

from pocketbus.emulator.engine import Engine
from pocketbus.emulator.message import Text
from pocketbus.emulator.queues.queue import Queue, ReceiveRequest
from tests.emulator.conftest import MakeQueue

START = 1_000_000.0


def send(queue: Queue, delay: int | None = None, at: float = START) -> str:
    return queue.send(Text("job"), at, sender_id="me", delay_seconds=delay).message_id


def happened(engine: Engine, after: int = 0) -> list[tuple[float, str, str]]:
    return [(record.at - START, record.verb, record.resource[-6:]) for record in engine.trace.after(after)]


async def test_message_deadlines_and_timers_pass_in_order_at_their_instants(
    engine: Engine, make_queue: MakeQueue
) -> None:
    orders, photos = make_queue(), make_queue("photos", visibility_timeout=30)
    send(orders, delay=60)
    send(photos)
    photos.receive(ReceiveRequest(), START)
    engine.timers.call_at(START + 45, lambda now: engine.trace.record(now, "rang", "a-bell", ""))
    before = engine.trace.last

    await engine.elapse(100)

    assert happened(engine, before) == [
        (30, "returned", "photos"),
        (45, "rang", "a-bell"),
        (60, "appeared", "orders"),
    ]
    assert engine.clock.now() == START + 100


async def test_messages_of_one_queue_pass_one_by_one(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue(message_retention_period=120)
    for delay in (30, 10, 20):
        send(queue, delay)
    before = engine.trace.last

    await engine.elapse(200)

    assert [(at, verb) for at, verb, _ in happened(engine, before)] == [
        (10, "appeared"),
        (20, "appeared"),
        (30, "appeared"),
        *[(120, "expired")] * 3,
    ]


async def test_a_deadline_that_a_timer_makes_on_the_way_is_passed_too(
    engine: Engine, make_queue: MakeQueue
) -> None:
    queue = make_queue()

    def send_delayed(now: float) -> None:
        send(queue, 5, now)

    engine.timers.call_at(START + 10, send_delayed)

    await engine.elapse(60)

    assert happened(engine) == [(10, "sent", "orders"), (15, "appeared", "orders")]


async def test_an_instant_that_sums_of_floats_miss_does_not_stop_time(
    engine: Engine, make_queue: MakeQueue
) -> None:
    engine.clock.set(1000.1)
    queue = make_queue(message_retention_period=345_601)
    for number in range(20):
        send(queue, at=1000.1 + number / 7)

    await engine.elapse(400_000)

    assert [record.verb for record in engine.trace].count("expired") == 20


@pytest.mark.parametrize(
    ("delay", "timer_after", "next_at"), [(60, 70, 60), (60, 50, 50), (None, 400_000, 345_600)]
)
async def test_the_next_deadline_is_the_earliest_of_all(
    engine: Engine, make_queue: MakeQueue, delay: int | None, timer_after: int, next_at: int
) -> None:
    send(make_queue(), delay)
    engine.timers.call_at(START + timer_after, lambda _: None)

    assert engine.next_at == START + next_at


async def test_what_is_due_and_was_not_looked_at_is_the_next_deadline_now(
    engine: Engine, make_queue: MakeQueue
) -> None:
    send(make_queue(), 60)
    engine.clock.set(START + 90)

    assert engine.next_at == START + 90


async def test_where_nothing_is_due_there_is_no_next_deadline(engine: Engine, make_queue: MakeQueue) -> None:
    make_queue()

    assert engine.next_at is None
