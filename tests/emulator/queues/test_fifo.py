"""A FIFO queue: order in a group, locked groups, deduplication."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import InvalidParameterValueException, MissingRequiredParameterException
from pocketbus.emulator.message import State, Text
from pocketbus.emulator.queues.queue import Queue, Received, ReceiveRequest, Sent
from pocketbus.emulator.queues.queue_settings import RedrivePolicy

MakeQueue = Callable[..., Queue]


def send(queue: Queue, engine: Engine, body: str, group: str | None = "g", dedup: str | None = None) -> Sent:
    return queue.send(
        Text(body),
        engine.clock.now(),
        sender_id="000000000000",
        group_id=group,
        deduplication_id=dedup or f"{group}-{body}",
    )


def receive(queue: Queue, engine: Engine, limit: int = 10) -> list[Received]:
    return queue.receive(ReceiveRequest(limit), engine.clock.now())


def bodies(received: list[Received]) -> list[str]:
    return [item.message.content.body for item in received]


def delete(queue: Queue, engine: Engine, item: Received) -> None:
    queue.delete(item.receipt_handle, engine.clock.now())


@pytest.fixture
def queue(make_queue: MakeQueue) -> Queue:
    return make_queue("orders.fifo", fifo=True, visibility_timeout=30)


def test_one_receive_takes_what_there_is_of_one_group_before_the_next(engine: Engine, queue: Queue) -> None:
    for body, group in [("a1", "a"), ("b1", "b"), ("a2", "a"), ("b2", "b"), ("a3", "a")]:
        send(queue, engine, body, group)

    assert bodies(receive(queue, engine, limit=4)) == ["a1", "a2", "a3", "b1"]


def test_a_group_is_locked_while_one_of_its_messages_is_in_flight(engine: Engine, queue: Queue) -> None:
    for body, group in [("a1", "a"), ("a2", "a"), ("b1", "b")]:
        send(queue, engine, body, group)
    receive(queue, engine, limit=1)

    assert bodies(receive(queue, engine)) == ["b1"]
    assert receive(queue, engine) == []


def test_deleting_the_message_in_flight_unlocks_its_group(engine: Engine, queue: Queue) -> None:
    send(queue, engine, "a1", "a")
    send(queue, engine, "a2", "a")
    (first,) = receive(queue, engine, limit=1)
    delete(queue, engine, first)

    assert bodies(receive(queue, engine)) == ["a2"]


def show(queue: Queue, engine: Engine, item: Received) -> None:
    queue.change_visibility(item.receipt_handle, 0, engine.clock.now())


def test_a_message_that_returns_is_given_again_while_later_ones_are_in_flight(
    engine: Engine, queue: Queue
) -> None:
    for body in ("1", "2", "3", "4"):
        send(queue, engine, body)
    first, _, _ = receive(queue, engine, limit=3)
    show(queue, engine, first)

    assert bodies(receive(queue, engine)) == ["1"]
    assert receive(queue, engine) == []


def test_a_message_that_returns_waits_for_an_earlier_one_in_flight(engine: Engine, queue: Queue) -> None:
    for body in ("1", "2", "3", "4"):
        send(queue, engine, body)
    first, second, _ = receive(queue, engine, limit=3)
    show(queue, engine, second)
    assert receive(queue, engine) == []
    show(queue, engine, first)

    assert bodies(receive(queue, engine)) == ["1", "2"]


def test_deleting_the_earlier_message_lets_the_returned_one_through(engine: Engine, queue: Queue) -> None:
    for body in ("1", "2", "3", "4"):
        send(queue, engine, body)
    first, second, third = receive(queue, engine, limit=3)
    show(queue, engine, second)
    delete(queue, engine, first)

    assert bodies(receive(queue, engine)) == ["2"]
    delete(queue, engine, third)
    assert receive(queue, engine) == []


def test_a_timeout_that_ends_gives_its_message_again_while_others_were_extended(
    engine: Engine, queue: Queue
) -> None:
    for body in ("1", "2", "3"):
        send(queue, engine, body)
    first, second, third = receive(queue, engine)
    for item in (second, third):
        queue.change_visibility(item.receipt_handle, 100, engine.clock.now())
    engine.advance(30)

    (again,) = receive(queue, engine)
    assert again.message is first.message
    delete(queue, engine, again)
    show(queue, engine, third)
    assert receive(queue, engine) == []


def test_messages_that_return_keep_their_order(engine: Engine, queue: Queue) -> None:
    for body in ("1", "2", "3", "4"):
        send(queue, engine, body)
    for item in reversed(receive(queue, engine, limit=3)):
        show(queue, engine, item)

    assert bodies(receive(queue, engine)) == ["1", "2", "3", "4"]


def test_a_group_that_was_served_goes_behind_those_that_were_not(engine: Engine, queue: Queue) -> None:
    for body, group in [("m1", "g1"), ("m1", "g2"), ("m2", "g2"), ("m1", "g3"), ("m2", "g1")]:
        queue.send(
            Text(f"{group}-{body}"),
            engine.clock.now(),
            sender_id="1",
            group_id=group,
            deduplication_id=group + body,
        )
    at_once = ReceiveRequest(3, 0)
    assert bodies(queue.receive(at_once, engine.clock.now())) == ["g1-m1", "g1-m2", "g2-m1"]

    assert bodies(receive(queue, engine)) == ["g3-m1", "g1-m1", "g1-m2", "g2-m1", "g2-m2"]


def test_a_group_that_is_always_refilled_does_not_starve_another(engine: Engine, queue: Queue) -> None:
    send(queue, engine, "0", "busy")
    send(queue, engine, "quiet", "quiet")
    order = []
    for number in range(1, 4):
        (item,) = receive(queue, engine, limit=1)
        order += bodies([item])
        send(queue, engine, str(number), "busy")
        delete(queue, engine, item)

    assert order == ["0", "quiet", "1"]


def test_ten_thousand_groups_come_and_go(engine: Engine, queue: Queue) -> None:
    for number in range(10_000):
        send(queue, engine, "x", f"group-{number}")
    while items := receive(queue, engine):
        for item in items:
            delete(queue, engine, item)

    assert [queue.count(state) for state in (State.READY, State.DELAYED, State.IN_FLIGHT)] == [0, 0, 0]


@pytest.mark.parametrize("seconds", [0, 10])
@pytest.mark.parametrize("received_since", [False, True])
def test_visibility_cannot_be_changed_by_a_handle_that_has_expired(
    engine: Engine, queue: Queue, seconds: int, received_since: bool
) -> None:
    send(queue, engine, "1")
    (item,) = receive(queue, engine)
    engine.advance(30)
    if received_since:
        receive(queue, engine)

    with pytest.raises(InvalidParameterValueException) as refusal:
        queue.change_visibility(item.receipt_handle, seconds, engine.clock.now())

    assert refusal.value.message == (
        f"Value {item.receipt_handle} for parameter ReceiptHandle is invalid. "
        "Reason: The receipt handle has expired."
    )


def test_purging_forgets_the_deduplication_ids(engine: Engine, queue: Queue) -> None:
    first = send(queue, engine, "order", dedup="one")
    queue.purge(engine.clock.now())
    again = send(queue, engine, "order", dedup="one")

    assert again.message_id != first.message_id
    assert bodies(receive(queue, engine)) == ["order"]


def rescope(queue: Queue, engine: Engine, scope: str) -> None:
    queue.configure(replace(queue.settings, deduplication_scope=scope), engine.clock.now())


def test_a_new_scope_of_deduplication_rules_after_five_minutes(engine: Engine, queue: Queue) -> None:
    known = send(queue, engine, "x", "a", dedup="known")
    rescope(queue, engine, "messageGroup")
    assert send(queue, engine, "x", "b", dedup="known") == known
    new = send(queue, engine, "x", "a", dedup="new")
    assert send(queue, engine, "x", "b", dedup="new") == new
    engine.advance(299)
    late = send(queue, engine, "x", "a", dedup="late")
    engine.advance(1)
    assert send(queue, engine, "x", "b", dedup="late") == late
    mine = send(queue, engine, "x", "a", dedup="mine")

    assert send(queue, engine, "x", "b", dedup="mine") != mine


def test_a_new_scope_of_deduplication_rules_at_once_where_nothing_was_sent(
    engine: Engine, queue: Queue
) -> None:
    rescope(queue, engine, "messageGroup")
    send(queue, engine, "x", "a", dedup="one")
    send(queue, engine, "x", "b", dedup="one")

    assert queue.count(State.READY) == 2


def test_a_visibility_timeout_unlocks_the_group_in_order(engine: Engine, queue: Queue) -> None:
    send(queue, engine, "1")
    send(queue, engine, "2")
    receive(queue, engine, limit=1)
    engine.advance(30)

    assert bodies(receive(queue, engine)) == ["1", "2"]


def test_a_message_cannot_be_deleted_after_its_visibility_timeout(engine: Engine, queue: Queue) -> None:
    send(queue, engine, "1")
    (item,) = receive(queue, engine)
    engine.advance(30)

    with pytest.raises(InvalidParameterValueException) as refusal:
        delete(queue, engine, item)

    assert refusal.value.message == (
        f"Value {item.receipt_handle} for parameter ReceiptHandle is invalid. "
        "Reason: The receipt handle has expired."
    )


def test_a_duplicate_within_five_minutes_is_answered_as_the_first_was(engine: Engine, queue: Queue) -> None:
    first = send(queue, engine, "order", dedup="one")
    engine.advance(299)
    again = send(queue, engine, "other body", dedup="one")

    assert again == first
    assert bodies(receive(queue, engine)) == ["order"]


def test_deduplication_outlives_the_message(engine: Engine, queue: Queue) -> None:
    send(queue, engine, "order", dedup="one")
    (item,) = receive(queue, engine)
    delete(queue, engine, item)
    send(queue, engine, "order", dedup="one")

    assert receive(queue, engine) == []


def test_after_five_minutes_the_same_id_is_a_new_message(engine: Engine, queue: Queue) -> None:
    first = send(queue, engine, "order", dedup="one")
    engine.advance(300)
    again = send(queue, engine, "order", dedup="one")

    assert again.message_id != first.message_id
    assert queue.count(State.READY) == 2


def test_deduplication_can_be_of_each_group(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue("groups.fifo", fifo=True, deduplication_scope="messageGroup")
    send(queue, engine, "x", "a", dedup="one")
    send(queue, engine, "x", "b", dedup="one")

    assert queue.count(State.READY) == 2


def test_content_based_deduplication_looks_at_the_body(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue("content.fifo", fifo=True, content_based_deduplication=True)
    for body in ("same", "same", "other"):
        queue.send(Text(body), engine.clock.now(), sender_id="000000000000", group_id="g")

    received = receive(queue, engine)
    assert bodies(received) == ["same", "other"]
    assert received[0].message.deduplication_id == (
        "0967115f2813a3541eaef77de9d9d5773f1c0c04314b0bbfe4ff3b3b1c55b5d5"
    )


def test_a_message_needs_a_group(engine: Engine, queue: Queue) -> None:
    with pytest.raises(MissingRequiredParameterException) as refusal:
        send(queue, engine, "x", None, dedup="one")

    assert refusal.value.message == "The request must contain the parameter MessageGroupId."


def test_a_message_needs_a_deduplication_id(engine: Engine, queue: Queue) -> None:
    with pytest.raises(InvalidParameterValueException) as refusal:
        queue.send(Text("x"), engine.clock.now(), sender_id="000000000000", group_id="g")

    assert refusal.value.message == (
        "The queue should either have ContentBasedDeduplication enabled or "
        "MessageDeduplicationId provided explicitly"
    )


def test_sequence_numbers_have_twenty_digits_and_grow(engine: Engine, queue: Queue) -> None:
    first, second = send(queue, engine, "1"), send(queue, engine, "2")

    assert first.sequence_number == "18849496460467696384"
    assert second.sequence_number == "18849496460467696640"


def test_a_delayed_queue_keeps_the_order(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue("later.fifo", fifo=True, delay_seconds=10)
    send(queue, engine, "1")
    engine.advance(5)
    send(queue, engine, "2")
    engine.advance(10)

    assert bodies(receive(queue, engine)) == ["1", "2"]


def test_a_dead_letter_unlocks_its_group_in_the_same_receive(engine: Engine, make_queue: MakeQueue) -> None:
    dead = make_queue("dead.fifo", fifo=True)
    queue = make_queue("q.fifo", fifo=True, visibility_timeout=1, redrive_policy=RedrivePolicy(dead.arn, 1))
    send(queue, engine, "poison")
    send(queue, engine, "fine")
    assert bodies(receive(queue, engine, limit=1)) == ["poison"]
    engine.advance(1)

    assert bodies(receive(queue, engine)) == ["fine"]
    assert bodies(receive(dead, engine)) == ["poison"]


def test_an_expired_head_lets_the_next_of_its_group_through(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue("short.fifo", fifo=True, message_retention_period=60)
    send(queue, engine, "old")
    engine.advance(30)
    send(queue, engine, "young")
    engine.advance(30)

    assert bodies(receive(queue, engine)) == ["young"]
