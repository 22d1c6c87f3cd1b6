"""Repeated receives of a FIFO queue: the same attempt id gives the same messages."""

from collections.abc import Callable

import pytest

from pocketbus.emulator.engine import Engine
from pocketbus.emulator.message import Text
from pocketbus.emulator.queues.queue import Queue, Received, ReceiveRequest

MakeQueue = Callable[..., Queue]


@pytest.fixture
def queue(engine: Engine, make_queue: MakeQueue) -> Queue:
    queue = make_queue("q.fifo", fifo=True, visibility_timeout=400)
    for number in range(4):
        body = str(number)
        queue.send(Text(body), engine.clock.now(), sender_id="1", group_id=body, deduplication_id=body)
    return queue


def attempt(queue: Queue, engine: Engine, attempt_id: str | None = "try") -> list[Received]:
    return queue.receive(ReceiveRequest(2, None, attempt_id), engine.clock.now())


def bodies(received: list[Received]) -> list[str]:
    return [item.message.content.body for item in received]


def test_a_repeat_gives_the_same_messages_and_handles(engine: Engine, queue: Queue) -> None:
    first = attempt(queue, engine)

    assert attempt(queue, engine) == first
    assert first[0].message.receive_count == 1


def test_other_attempts_get_other_messages(engine: Engine, queue: Queue) -> None:
    attempt(queue, engine)

    assert bodies(attempt(queue, engine, "another")) == ["2", "3"]


def test_receives_without_an_attempt_id_are_never_repeated(engine: Engine, queue: Queue) -> None:
    attempt(queue, engine, None)

    assert bodies(attempt(queue, engine, None)) == ["2", "3"]


def test_a_repeat_starts_the_visibility_timeout_anew(engine: Engine, queue: Queue) -> None:
    attempt(queue, engine)
    engine.advance(200)
    (first, _) = attempt(queue, engine)
    engine.advance(399)

    queue.delete(first.receipt_handle, engine.clock.now())


def test_an_attempt_can_be_repeated_for_five_minutes(engine: Engine, queue: Queue) -> None:
    first = attempt(queue, engine)
    engine.advance(299)
    assert attempt(queue, engine) == first
    engine.advance(300)

    assert bodies(attempt(queue, engine)) == ["2", "3"]


def test_an_attempt_whose_message_was_deleted_is_not_repeated(engine: Engine, queue: Queue) -> None:
    (first, _) = attempt(queue, engine)
    queue.delete(first.receipt_handle, engine.clock.now())

    assert bodies(attempt(queue, engine)) == ["2", "3"]


def test_an_attempt_whose_message_was_hidden_anew_is_not_repeated(engine: Engine, queue: Queue) -> None:
    (first, _) = attempt(queue, engine)
    queue.change_visibility(first.receipt_handle, 30, engine.clock.now())

    assert bodies(attempt(queue, engine)) == ["2", "3"]


def test_an_attempt_whose_time_is_over_receives_anew(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue("short.fifo", fifo=True, visibility_timeout=5)
    queue.send(Text("x"), engine.clock.now(), sender_id="1", group_id="g", deduplication_id="1")
    first = attempt(queue, engine)
    engine.advance(5)
    (again,) = attempt(queue, engine)

    assert again.receipt_handle != first[0].receipt_handle
    assert again.message.receive_count == 2
    assert attempt(queue, engine) == [again]


def test_a_purge_forgets_the_attempts(engine: Engine, queue: Queue) -> None:
    attempt(queue, engine)
    queue.purge(engine.clock.now())

    assert attempt(queue, engine) == []
