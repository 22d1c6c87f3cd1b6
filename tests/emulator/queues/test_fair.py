"""Fair queues: a noisy tenant does not delay the others."""

from collections.abc import Callable

import pytest

from pocketbus.emulator.engine import Engine
from pocketbus.emulator.message import State, Text
from pocketbus.emulator.queues.queue import Queue, Received, ReceiveRequest

MakeQueue = Callable[..., Queue]


@pytest.fixture
def queue(make_queue: MakeQueue) -> Queue:
    return make_queue()


def send(queue: Queue, engine: Engine, tenant: str | None, count: int) -> None:
    for number in range(count):
        body = f"{tenant}{number}"
        queue.send(Text(body), engine.clock.now(), sender_id="000000000000", group_id=tenant)


def receive(queue: Queue, engine: Engine, limit: int = 10) -> list[Received]:
    return queue.receive(ReceiveRequest(limit), engine.clock.now())


def bodies(received: list[Received]) -> list[str | None]:
    return [item.message.content.body for item in received]


def test_a_backlog_of_one_tenant_does_not_delay_another(engine: Engine, queue: Queue) -> None:
    send(queue, engine, "noisy", 1000)
    send(queue, engine, "quiet", 2)

    assert bodies(receive(queue, engine, limit=4)) == ["noisy0", "quiet0", "noisy1", "quiet1"]


def test_a_tenant_with_many_in_flight_waits_for_the_others(engine: Engine, queue: Queue) -> None:
    send(queue, engine, "noisy", 10)
    receive(queue, engine, limit=5)
    send(queue, engine, "quiet", 3)

    assert bodies(receive(queue, engine, limit=4)) == ["quiet0", "quiet1", "quiet2", "noisy5"]


def test_consumers_that_delete_at_once_still_take_turns(engine: Engine, queue: Queue) -> None:
    send(queue, engine, "noisy", 6)
    send(queue, engine, "quiet", 2)
    order = []
    while item := receive(queue, engine, limit=1):
        order += bodies(item)
        queue.delete(item[0].receipt_handle, engine.clock.now())

    assert order == ["noisy0", "quiet0", "noisy1", "quiet1", "noisy2", "noisy3", "noisy4", "noisy5"]


def test_messages_without_a_group_are_one_tenant(engine: Engine, queue: Queue) -> None:
    send(queue, engine, None, 3)
    send(queue, engine, "a", 2)

    assert bodies(receive(queue, engine, limit=4)) == ["None0", "a0", "None1", "a1"]


def test_messages_of_one_tenant_keep_the_order_in_which_they_were_sent(engine: Engine, queue: Queue) -> None:
    send(queue, engine, "a", 3)
    send(queue, engine, "b", 1)
    first = receive(queue, engine, limit=1)
    queue.change_visibility(first[0].receipt_handle, 0, engine.clock.now())

    assert bodies(receive(queue, engine)) == ["b0", "a0", "a1", "a2"]


def test_ten_thousand_tenants_come_and_go(engine: Engine, queue: Queue) -> None:
    for number in range(10_000):
        send(queue, engine, f"tenant-{number}", 1)
    while items := receive(queue, engine):
        for item in items:
            queue.delete(item.receipt_handle, engine.clock.now())

    assert [queue.count(state) for state in (State.READY, State.DELAYED, State.IN_FLIGHT)] == [0, 0, 0]
