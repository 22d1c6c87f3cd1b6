"""A standard queue: sending, receiving, settling, time."""

from collections.abc import Callable

import pytest

from pocketbus.emulator import limits
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import (
    InvalidParameterValueException,
    MessageUnavailable,
    OverLimit,
    ReceiptHandleIsInvalid,
)
from pocketbus.emulator.message import State, Text
from pocketbus.emulator.queues import queue as queue_module
from pocketbus.emulator.queues.queue import Queue, Received, ReceiveRequest
from pocketbus.emulator.queues.queue_settings import QueueSettings, RedrivePolicy

MakeQueue = Callable[..., Queue]


def send(queue: Queue, engine: Engine, *bodies: str, delay: int | None = None) -> None:
    for body in bodies:
        queue.send(Text(body), engine.clock.now(), sender_id="000000000000", delay_seconds=delay)


def receive(queue: Queue, engine: Engine, limit: int = 10, timeout: int | None = None) -> list[Received]:
    return queue.receive(ReceiveRequest(limit, timeout), engine.clock.now())


def bodies(received: list[Received]) -> list[str]:
    return [item.message.content.body for item in received]


def counts(queue: Queue) -> tuple[int, int, int]:
    return queue.count(State.READY), queue.count(State.DELAYED), queue.count(State.IN_FLIGHT)


def test_messages_come_out_in_the_order_they_went_in(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue()
    send(queue, engine, "one", "two", "three")

    assert bodies(receive(queue, engine, limit=2)) == ["one", "two"]


def test_a_received_message_is_hidden_until_its_visibility_timeout(
    engine: Engine, make_queue: MakeQueue
) -> None:
    queue = make_queue(visibility_timeout=30)
    send(queue, engine, "job")
    receive(queue, engine)

    engine.advance(29.999)
    assert bodies(receive(queue, engine)) == []
    engine.advance(0.001)
    assert bodies(receive(queue, engine)) == ["job"]


def test_a_visibility_timeout_of_a_receive_goes_before_the_queues_own(
    engine: Engine, make_queue: MakeQueue
) -> None:
    queue = make_queue(visibility_timeout=30)
    send(queue, engine, "job")
    receive(queue, engine, timeout=5)
    engine.advance(5)

    assert bodies(receive(queue, engine)) == ["job"]


def test_a_message_received_with_no_timeout_can_be_received_again_at_once(
    engine: Engine, make_queue: MakeQueue
) -> None:
    queue = make_queue()
    send(queue, engine, "job")
    receive(queue, engine, timeout=0)

    assert bodies(receive(queue, engine)) == ["job"]


def test_a_delayed_message_appears_when_its_delay_is_over(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue()
    send(queue, engine, "later", delay=10)

    assert counts(queue) == (0, 1, 0)
    engine.advance(10)
    assert bodies(receive(queue, engine)) == ["later"]


def test_a_delay_of_nothing_overrides_the_queues_own(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue(delay_seconds=60)
    send(queue, engine, "now", delay=0)

    assert bodies(receive(queue, engine)) == ["now"]


def test_the_counts_follow_every_message(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue()
    send(queue, engine, "a", "b", "c")
    send(queue, engine, "d", delay=60)
    receive(queue, engine, limit=2)

    assert counts(queue) == (1, 1, 2)


def test_a_deleted_message_does_not_return(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue()
    send(queue, engine, "job")
    (item,) = receive(queue, engine)
    queue.delete(item.receipt_handle, engine.clock.now())
    engine.advance(60)

    assert receive(queue, engine) == []
    assert counts(queue) == (0, 0, 0)


def test_deleting_twice_is_fine(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue()
    send(queue, engine, "job")
    (item,) = receive(queue, engine)
    queue.delete(item.receipt_handle, engine.clock.now())

    queue.delete(item.receipt_handle, engine.clock.now())


def test_a_message_that_became_visible_can_be_deleted_by_its_latest_handle(
    engine: Engine, make_queue: MakeQueue
) -> None:
    queue = make_queue(visibility_timeout=1)
    send(queue, engine, "job", "next")
    (item,) = receive(queue, engine, limit=1)
    engine.advance(2)
    queue.delete(item.receipt_handle, engine.clock.now())

    assert bodies(receive(queue, engine)) == ["next"]


def test_an_older_handle_deletes_the_message_received_since(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue(visibility_timeout=1)
    send(queue, engine, "job")
    (older,) = receive(queue, engine)
    engine.advance(1)
    receive(queue, engine)
    queue.delete(older.receipt_handle, engine.clock.now())

    assert counts(queue) == (0, 0, 0)


def test_an_older_handle_hides_the_message_received_since(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue(visibility_timeout=10)
    send(queue, engine, "job")
    (older,) = receive(queue, engine)
    engine.advance(10)
    receive(queue, engine)
    queue.change_visibility(older.receipt_handle, 30, engine.clock.now())

    engine.advance(29)
    assert receive(queue, engine) == []
    engine.advance(1)
    assert bodies(receive(queue, engine)) == ["job"]


@pytest.mark.parametrize("seconds", [0, 10])
def test_a_message_that_comes_back_stands_before_those_sent_after_it(
    engine: Engine, make_queue: MakeQueue, seconds: int
) -> None:
    queue = make_queue(visibility_timeout=10)
    send(queue, engine, "one", "two", "three")
    first, second = receive(queue, engine, limit=2)
    for item in (second, first):
        queue.change_visibility(item.receipt_handle, seconds, engine.clock.now())
    engine.advance(seconds)
    send(queue, engine, "four")

    assert bodies(receive(queue, engine)) == ["one", "two", "three", "four"]


def test_a_message_whose_delay_is_over_stands_before_those_sent_after_it(
    engine: Engine, make_queue: MakeQueue
) -> None:
    queue = make_queue()
    queue.send(Text("late"), engine.clock.now(), sender_id="000000000000", delay_seconds=5)
    send(queue, engine, "one")
    engine.advance(5)

    assert bodies(receive(queue, engine)) == ["late", "one"]


@pytest.mark.parametrize("handle", ["", "nonsense", "AQEB", "ümlaut", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVow"])
def test_a_malformed_handle_is_refused(engine: Engine, make_queue: MakeQueue, handle: str) -> None:
    with pytest.raises(ReceiptHandleIsInvalid) as refusal:
        make_queue().delete(handle, engine.clock.now())

    assert refusal.value.message == f'The input receipt handle "{handle}" is not a valid receipt handle.'


def test_a_handle_of_another_queue_is_refused(engine: Engine, make_queue: MakeQueue) -> None:
    queue, other = make_queue("orders"), make_queue("invoices")
    send(queue, engine, "job")
    (item,) = receive(queue, engine)

    with pytest.raises(ReceiptHandleIsInvalid):
        other.delete(item.receipt_handle, engine.clock.now())


def test_changing_visibility_counts_from_the_change(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue(visibility_timeout=60)
    send(queue, engine, "job")
    (item,) = receive(queue, engine)
    engine.advance(15)
    queue.change_visibility(item.receipt_handle, 10, engine.clock.now())

    engine.advance(9)
    assert receive(queue, engine) == []
    engine.advance(1)
    assert bodies(receive(queue, engine)) == ["job"]


def test_changing_visibility_to_nothing_returns_the_message_at_once(
    engine: Engine, make_queue: MakeQueue
) -> None:
    queue = make_queue()
    send(queue, engine, "job")
    (item,) = receive(queue, engine)
    queue.change_visibility(item.receipt_handle, 0, engine.clock.now())

    assert bodies(receive(queue, engine)) == ["job"]


def test_visibility_ends_twelve_hours_after_the_receive(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue(visibility_timeout=43_200)
    send(queue, engine, "job")
    (item,) = receive(queue, engine)
    engine.advance(1)

    with pytest.raises(InvalidParameterValueException) as refusal:
        queue.change_visibility(item.receipt_handle, 43_200, engine.clock.now())

    assert refusal.value.message == (
        "Value 43200 for parameter VisibilityTimeout is invalid. Reason: "
        "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]"
    )


def test_visibility_of_a_deleted_message_cannot_be_changed(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue()
    send(queue, engine, "job")
    (item,) = receive(queue, engine)
    queue.delete(item.receipt_handle, engine.clock.now())

    with pytest.raises(MessageUnavailable):
        queue.change_visibility(item.receipt_handle, 10, engine.clock.now())


@pytest.mark.parametrize("seconds", [0, 10])
def test_changing_the_visibility_of_a_message_that_is_back_changes_nothing(
    engine: Engine, make_queue: MakeQueue, seconds: int
) -> None:
    queue = make_queue(visibility_timeout=1)
    send(queue, engine, "job")
    (item,) = receive(queue, engine)
    engine.advance(1)
    queue.change_visibility(item.receipt_handle, seconds, engine.clock.now())

    assert counts(queue) == (1, 0, 0)
    assert bodies(receive(queue, engine)) == ["job"]


def test_a_message_expires_after_the_retention_period_whatever_its_state(
    engine: Engine, make_queue: MakeQueue
) -> None:
    queue = make_queue(message_retention_period=60, visibility_timeout=3600)
    send(queue, engine, "in flight")
    receive(queue, engine)
    send(queue, engine, "ready")
    send(queue, engine, "delayed", delay=900)
    engine.advance(60)
    queue.advance(engine.clock.now())

    assert counts(queue) == (0, 0, 0)


def test_a_shorter_retention_reaches_messages_already_there(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue()
    send(queue, engine, "old")
    engine.advance(100)
    send(queue, engine, "young")
    queue.configure(QueueSettings(message_retention_period=60), engine.clock.now())

    assert bodies(receive(queue, engine)) == ["young"]


def test_a_clock_that_went_back_brings_nothing_back_too_soon(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue(message_retention_period=60)
    start = engine.clock.now()
    send(queue, engine, "late")
    engine.clock.set(start - 100)
    send(queue, engine, "early")
    engine.clock.set(start - 41)
    assert bodies(receive(queue, engine, timeout=0)) == ["early", "late"]
    engine.clock.set(start - 40)

    assert bodies(receive(queue, engine)) == ["late"]


def test_purging_empties_all_three_states(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue()
    send(queue, engine, "a", "b")
    send(queue, engine, "c", delay=10)
    (item,) = receive(queue, engine, limit=1)
    queue.purge(engine.clock.now())
    engine.advance(100)

    assert receive(queue, engine) == []
    assert counts(queue) == (0, 0, 0)
    queue.delete(item.receipt_handle, engine.clock.now())


def test_a_poison_message_moves_to_the_dead_letter_queue_at_the_receive_after_its_last(
    engine: Engine, make_queue: MakeQueue
) -> None:
    dead = make_queue("dead")
    queue = make_queue("orders", visibility_timeout=1, redrive_policy=RedrivePolicy(dead.arn, 2))
    send(queue, engine, "poison", "fine")
    for _ in range(2):
        assert bodies(receive(queue, engine)) == ["poison", "fine"]
        engine.advance(1)

    assert receive(queue, engine) == []
    assert bodies(receive(dead, engine)) == ["poison", "fine"]


def test_a_dead_letter_keeps_its_id_its_sent_time_and_its_receives(
    engine: Engine, make_queue: MakeQueue
) -> None:
    dead = make_queue("dead")
    queue = make_queue("orders", visibility_timeout=1, redrive_policy=RedrivePolicy(dead.arn, 1))
    send(queue, engine, "poison")
    (first,) = receive(queue, engine)
    engine.advance(1)
    receive(queue, engine)
    (letter,) = receive(dead, engine)

    assert letter.message.message_id == first.message.message_id
    assert letter.message.sent_at == 1_000_000.0
    assert letter.message.receive_count == 2
    assert letter.message.dead_letter_source == "arn:aws:sqs:us-east-1:000000000000:orders"


def test_a_message_stays_where_it_is_when_its_dead_letter_queue_is_gone(
    engine: Engine, make_queue: MakeQueue
) -> None:
    policy = RedrivePolicy("arn:aws:sqs:us-east-1:000000000000:gone", 1)
    queue = make_queue("orders", visibility_timeout=0, redrive_policy=policy)
    send(queue, engine, "poison")
    receive(queue, engine)

    assert bodies(receive(queue, engine)) == ["poison"]


def test_too_many_messages_in_flight_answer_over_limit(
    engine: Engine, make_queue: MakeQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert limits.IN_FLIGHT_MESSAGES == 120_000
    monkeypatch.setattr(queue_module, "IN_FLIGHT_MESSAGES", 3)
    queue = make_queue()
    send(queue, engine, "a", "b", "c", "d")

    assert bodies(receive(queue, engine)) == ["a", "b", "c"]
    with pytest.raises(OverLimit):
        receive(queue, engine)


def test_a_message_longer_than_the_queues_maximum_is_refused(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue(maximum_message_size=1024)

    with pytest.raises(InvalidParameterValueException) as refusal:
        send(queue, engine, "x" * 1025)

    assert refusal.value.message == (
        "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes."
    )


def test_the_trace_tells_the_story_of_a_message(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue(visibility_timeout=5)
    sent = queue.send(Text("job"), engine.clock.now(), sender_id="000000000000")
    receive(queue, engine)
    engine.advance(5)
    (item,) = receive(queue, engine)
    queue.delete(item.receipt_handle, engine.clock.now())

    story = [(record.at, record.verb) for record in engine.trace.of(sent.message_id)]
    assert story == [
        (1_000_000.0, "sent"),
        (1_000_000.0, "received"),
        (1_000_005.0, "returned"),
        (1_000_005.0, "received"),
        (1_000_005.0, "deleted"),
    ]
