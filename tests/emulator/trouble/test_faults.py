"""Trouble on purpose, in the engine: which faults are made, where they strike, and what queues and targets then do."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from msgspec.structs import replace

from pocketbus.emulator.deliveries.carrying import carry
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.retry_policy import PhasedRetries
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.message import State, Text
from pocketbus.emulator.queues.queue import Queue, ReceiveRequest
from pocketbus.emulator.queues.queue_settings import RedrivePolicy
from pocketbus.emulator.trouble import faults as faults_module
from pocketbus.emulator.trouble.effects import FaultError
from pocketbus.emulator.trouble.faults import Fault, make_preset
from pocketbus.emulator.trouble.incident import Where

MakeQueue = Callable[..., Queue]
START = 1_000_000.0
RULE = "arn:aws:events:us-east-1:000000000000:rule/high-value"


@pytest_asyncio.fixture
async def running(engine: Engine) -> AsyncIterator[Engine]:
    async with engine:
        yield engine


def make(engine: Engine, kind: str, **options: Any) -> Fault:
    where = {name: options.pop(name) for name in ("resource", "account", "region") if name in options}
    limits = {
        name: options.pop(name) for name in ("probability", "count", "seconds", "seed") if name in options
    }
    return engine.faults.add(kind, Where(**where), options, **limits)


def send(queue: Queue, *bodies: str) -> None:
    for body in bodies:
        queue.send(Text(body), START, sender_id="me", group_id="g" if queue.settings.fifo else None)


def consume(queue: Queue, now: float = START) -> list[str]:
    """Receive and delete one message after another until there is none."""
    bodies = []
    while received := queue.receive(ReceiveRequest(), now):
        ((message, handle),) = received
        bodies.append(message.content.body)
        queue.delete(handle, now)
    return bodies


def test_a_duplicated_message_is_received_twice_though_it_was_deleted(
    engine: Engine, make_queue: MakeQueue
) -> None:
    queue = make_queue()
    make(engine, "duplicate")
    send(queue, "one", "two")

    assert consume(queue) == ["one", "two", "one", "two"]


def test_both_copies_of_a_message_have_its_id_and_a_receive_count_of_their_own(
    engine: Engine, make_queue: MakeQueue
) -> None:
    queue = make_queue()
    make(engine, "duplicate")
    send(queue, "one")

    (first,) = queue.receive(ReceiveRequest(), START)
    (second,) = queue.receive(ReceiveRequest(), START)

    assert first.message.message_id == second.message.message_id
    assert first.receipt_handle != second.receipt_handle
    assert (first.message.receive_count, second.message.receive_count) == (1, 1)


def test_a_message_that_returns_is_not_duplicated_again(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue()
    make(engine, "duplicate")
    send(queue, "one")
    queue.receive(ReceiveRequest(limit=10), START)
    queue.receive(ReceiveRequest(limit=10), START)

    assert len(queue.receive(ReceiveRequest(limit=10), START + 31)) == 2
    assert queue.receive(ReceiveRequest(limit=10), START + 31) == []


def test_a_reordering_queue_never_hands_out_the_message_whose_turn_it_is(
    engine: Engine, make_queue: MakeQueue
) -> None:
    queue = make_queue()
    make(engine, "reorder")
    send(queue, "one", "two")

    assert consume(queue) == ["two", "one"]


def test_a_reordering_queue_loses_no_message(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue()
    make(engine, "reorder")
    send(queue, *map(str, range(50)))

    consumed = consume(queue)
    assert consumed != sorted(consumed, key=int)
    assert sorted(consumed, key=int) == list(map(str, range(50)))


@pytest.mark.parametrize("kind", ["duplicate", "reorder"])
def test_a_fifo_queue_keeps_its_promises(engine: Engine, make_queue: MakeQueue, kind: str) -> None:
    queue = make_queue("orders.fifo", fifo=True, content_based_deduplication=True)
    make(engine, kind)
    send(queue, "one", "two", "three")

    assert consume(queue) == ["one", "two", "three"]


def test_at_least_once_delivers_everything_twice_and_out_of_order(
    engine: Engine, make_queue: MakeQueue
) -> None:
    queue = make_queue()
    make_preset(engine.faults, "at-least-once", Where())
    send(queue, "one", "two", "three")

    consumed = consume(queue)
    assert sorted(consumed) == ["one", "one", "three", "three", "two", "two"]
    assert consumed[0] != "one"


def test_a_poison_message_reaches_its_dead_letter_queue_in_spite_of_trouble(
    engine: Engine, make_queue: MakeQueue
) -> None:
    dead = make_queue("dead")
    queue = make_queue(redrive_policy=RedrivePolicy(dead.arn, 1))
    make_preset(engine.faults, "at-least-once", Where(resource="orders"))
    send(queue, "poison")

    for seconds in (0, 31, 62):
        queue.receive(ReceiveRequest(limit=10), START + seconds)
    assert dead.count(State.READY) == 2


def test_a_crashed_consumers_messages_come_back_at_once(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue(visibility_timeout=600)
    send(queue, "one", "two", "three")
    queue.receive(ReceiveRequest(limit=2), START)

    assert queue.return_all(START) == 2
    assert consume(queue) == ["one", "two", "three"]
    assert [record.why for record in engine.trace if record.verb == "returned"] == ["consumer crashed"] * 2


def test_a_crashed_consumer_unlocks_its_group_in_order(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue("orders.fifo", fifo=True, content_based_deduplication=True)
    send(queue, "one", "two")
    queue.receive(ReceiveRequest(limit=2), START)

    queue.return_all(START)
    assert consume(queue) == ["one", "two"]


async def test_a_crashed_consumers_message_goes_to_who_waits(running: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue()
    send(queue, "one")
    queue.receive(ReceiveRequest(), START)
    assert running
    poll = asyncio.create_task(queue.wait(ReceiveRequest(), 20, START))
    await asyncio.sleep(0)

    queue.return_all(START)
    ((message, _),) = await poll
    assert message.content.body == "one"


def test_a_target_that_fails_sends_what_comes_to_its_dead_letter_queue(
    engine: Engine, make_queue: MakeQueue
) -> None:
    target, dead = make_queue("orders"), make_queue("dead")
    make(engine, "failure", resource="orders")
    delivery = Delivery(RULE, target.arn, Text("order"), "e-1", dead_letter_target=dead.arn)

    carry([delivery], engine, START)
    assert (target.count(State.READY), dead.count(State.READY)) == (0, 1)
    assert [record.why for record in engine.trace.of("e-1")] == [
        "fault 1: failure at a delivery",
        "HTTP 503",
        RULE,
    ]


@pytest.mark.parametrize(
    ("details", "why"),
    [
        ({}, "HTTP 503"),
        ({"status": 500}, "HTTP 500"),
        ({"reason": "timeout"}, "no answer came in time"),
        ({"reason": "unreachable"}, "no connection could be made"),
    ],
)
async def test_a_webhook_that_fails_for_a_while_is_tried_again(
    running: Engine, details: dict[str, Any], why: str
) -> None:
    make(running, "failure", resource="https://target*", count=1, **details)
    attempts = []

    async def attempt(_delivery: Delivery) -> str:
        attempts.append(running.clock.now() - START)
        return "HTTP 200"

    delivery = Delivery(
        RULE, "https://target/hook", Text("hello"), "m-1", retry_policy=PhasedRetries(backoff=2)
    )
    running.courier.send(delivery, attempt, START)
    await running.elapse(60)

    verbs = [(record.verb, record.why) for record in running.trace.of("m-1")]
    assert verbs[1][0] == "attempted"
    assert verbs[1][1].startswith(f"attempt 1: {why}; tried again after")
    assert verbs[-1] == ("delivered", "attempt 2: HTTP 200")
    assert len(attempts) == 1


async def test_a_status_that_is_final_is_not_tried_again(running: Engine, make_queue: MakeQueue) -> None:
    dead = make_queue("dead")
    make(running, "failure", resource="https://target*", status=403)
    delivery = Delivery(
        RULE, "https://target/hook", Text("hello"), "m-1", retry_policy=PhasedRetries(backoff=2)
    )

    async def attempt(_delivery: Delivery) -> str:
        raise AssertionError

    running.courier.send(replace(delivery, dead_letter_target=dead.arn), attempt, START)
    await running.elapse(60)
    assert dead.count(State.READY) == 1


async def test_a_duplicated_delivery_over_a_network_is_made_twice(running: Engine) -> None:
    make(running, "duplicate", resource="https://target*")
    bodies = []

    async def attempt(delivery: Delivery) -> str:
        bodies.append(delivery.content.body)
        return "HTTP 200"

    running.courier.send(Delivery(RULE, "https://target/hook", Text("hello"), "m-1"), attempt, START)
    await running.elapse(1)
    assert bodies == ["hello", "hello"]


# How often, how long, and where


def test_a_fault_is_over_when_it_has_struck_so_often(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue()
    fault = make(engine, "duplicate", count=1)
    send(queue, "one", "two")

    assert consume(queue) == ["one", "two", "one"]
    assert (fault.struck, fault.over(START)) == (1, True)


def test_a_fault_is_over_when_its_time_is(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue()
    make(engine, "duplicate", seconds=60)
    send(queue, "one")
    engine.advance(60)

    assert consume(queue, START + 60) == ["one"]
    assert engine.faults.active == []


@pytest.mark.parametrize(
    ("where", "strikes"),
    [
        ({"resource": "orders"}, True),
        ({"resource": "ord*"}, True),
        ({"resource": "arn:aws:sqs:*:orders"}, True),
        ({"resource": "order"}, False),
        ({"account": "000000000000"}, True),
        ({"account": "111111111111"}, False),
        ({"region": "us-east-1"}, True),
        ({"region": "eu-west-1"}, False),
    ],
)
def test_a_fault_strikes_where_it_says(
    engine: Engine, make_queue: MakeQueue, where: dict[str, str], strikes: bool
) -> None:
    queue = make_queue()
    make(engine, "duplicate", **where)
    send(queue, "one")

    assert consume(queue) == (["one", "one"] if strikes else ["one"])


def test_a_probable_fault_makes_the_same_choices_from_the_same_seed(
    engine: Engine, make_queue: MakeQueue
) -> None:
    consumed = []
    for name in ("first", "second"):
        queue = make_queue(name)
        make(engine, "duplicate", resource=name, probability=0.5, seed=7)
        send(queue, *"abcdef")
        consumed.append(consume(queue))

    assert consumed[0] == consumed[1]
    assert 6 < len(consumed[0]) < 12


def test_every_strike_is_told_to_the_trace(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue()
    make(engine, "duplicate")
    send(queue, "one")
    (received,) = queue.receive(ReceiveRequest(), START)

    story = engine.trace.story(received.message.message_id)
    assert [(record.verb, record.why) for record in story] == [
        ("sent", ""),
        ("received", ""),
        ("faulted", "fault 1: duplicate at a receive"),
    ]


def test_faults_are_taken_away_by_number_by_account_or_all(engine: Engine) -> None:
    make(engine, "duplicate")
    make(engine, "duplicate", account="111111111111")
    make(engine, "duplicate", account="222222222222")

    assert engine.faults.clear(account="111111111111") == 1
    assert engine.faults.clear(number=1) == 1
    assert [fault.number for fault in engine.faults] == [3]
    assert engine.faults.clear() == 1
    assert engine.faults.active == []


def test_a_reset_takes_the_faults_away(engine: Engine) -> None:
    make(engine, "duplicate")

    engine.reset()
    assert list(engine.faults) == []


def test_faults_that_are_over_give_way_to_new_ones(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults_module, "MOST_FAULTS", 2)
    make(engine, "duplicate", seconds=1)
    make(engine, "duplicate")
    with pytest.raises(FaultError, match="There can be 2 faults at a time; take some away first"):
        make(engine, "duplicate")
    engine.advance(1)
    make(engine, "duplicate")

    assert [fault.number for fault in engine.faults] == [2, 3]


def test_a_preset_is_made_whole_or_not_at_all(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults_module, "MOST_FAULTS", 1)

    with pytest.raises(FaultError, match="There can be 1 faults at a time"):
        make_preset(engine.faults, "at-least-once", Where())
    assert list(engine.faults) == []


@pytest.mark.parametrize(
    ("kind", "options", "why"),
    [
        ("flood", {}, "'flood' is no kind of fault; there are error, throttle, latency, cut, partial, "),
        ("error", {}, "A fault of the kind error needs code."),
        ("error", {"code": 7}, "code is not valid: 7 is no text."),
        (
            "error",
            {"code": "X\r\nSet-Cookie: a=b"},
            "code is not valid: 'X\\r\\nSet-Cookie: a=b' is no error code",
        ),
        ("partial", {"code": "<b>"}, "code is not valid: '<b>' is no error code of AWS, such as "),
        ("error", {"code": "X", "status": 200}, "status is not valid: 200 is no HTTP status of a failure"),
        (
            "error",
            {"code": "X", "delay": 1},
            "A fault of the kind error has no delay; it has code, message, ",
        ),
        ("latency", {"delay": -1}, "delay is not valid: give 0 to 900 seconds."),
        ("cut", {"when": "during"}, "when is not valid: 'during' is neither before nor after."),
        ("failure", {}, "A fault of the kind failure needs resource"),
        ("failure", {"resource": "x", "reason": "mood"}, "reason is not valid: 'mood' is none of status, "),
        (
            "failure",
            {"resource": "x", "reason": "timeout", "status": 500},
            "status is not valid: a target has ",
        ),
        ("duplicate", {"probability": 0}, "probability is not valid"),
        ("duplicate", {"count": 0}, "count is not valid"),
        ("duplicate", {"resource": ""}, "A name is not valid"),
    ],
)
def test_a_mistaken_fault_is_refused(engine: Engine, kind: str, options: dict[str, Any], why: str) -> None:
    with pytest.raises(FaultError) as refusal:
        make(engine, kind, **options)

    assert str(refusal.value).startswith(why)
    assert list(engine.faults) == []
