"""The engine: its scopes, its clock, its waiters, reset, and that two do not know of each other."""

import asyncio
from typing import Any

from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.message import State, Text
from pocketbus.emulator.queues.queue import Queue, Received, ReceiveRequest
from pocketbus.emulator.queues.queue_settings import QueueSettings, RedrivePolicy


def frozen_engine(seed: int = 1) -> Engine:
    engine = Engine(Config(seed=seed))
    engine.clock.freeze()
    engine.clock.set(1_000_000.0)
    return engine


def make_queue(engine: Engine, name: str = "orders", **settings: Any) -> Queue:
    scope = engine.scope("000000000000", "us-east-1")
    return scope.sqs.create_queue(name, QueueSettings(**settings), {}, engine.clock.now())


def send(queue: Queue, engine: Engine, body: str, delay: int | None = None) -> str:
    content = Text(body)
    sent = queue.send(content, engine.clock.now(), sender_id="000000000000", delay_seconds=delay)
    return sent.message_id


def poll(queue: Queue, engine: Engine, seconds: float = 20) -> asyncio.Task[list[Received]]:
    return asyncio.ensure_future(queue.wait(ReceiveRequest(), seconds, engine.clock.now()))


async def a_turn() -> None:
    await asyncio.sleep(0)


def bodies(received: list[Received]) -> list[str]:
    return [item.message.content.body for item in received]


def test_a_scope_is_made_once() -> None:
    engine = Engine()

    assert engine.scope("000000000000", "us-east-1") is engine.scope("000000000000", "us-east-1")


def test_scopes_of_other_accounts_and_regions_are_apart() -> None:
    engine = frozen_engine()
    make_queue(engine)

    assert engine.scope("111111111111", "us-east-1").sqs.queues == {}
    assert engine.scope("000000000000", "eu-west-1").sqs.queues == {}


def test_an_arn_leads_to_its_scope() -> None:
    engine = Engine()

    assert engine.scope_of("arn:aws:sqs:eu-west-1:111111111111:orders") is engine.scope(
        "111111111111", "eu-west-1"
    )


def test_two_engines_do_not_know_of_each_other() -> None:
    one, other = frozen_engine(), frozen_engine()
    make_queue(one)
    one.advance(60)

    assert other.scope("000000000000", "us-east-1").sqs.queues == {}
    assert other.clock.now() == 1_000_000.0


def test_the_same_calls_with_the_same_seed_give_the_same_answers() -> None:
    def story() -> list[object]:
        engine = frozen_engine(seed=5)
        queue = make_queue(engine)
        send(queue, engine, "a")
        send(queue, engine, "b", delay=5)
        engine.advance(5)
        received = queue.receive(ReceiveRequest(10), engine.clock.now())
        return [(item.message.message_id, item.receipt_handle) for item in received] + list(engine.trace)

    assert story() == story()


async def test_a_long_poll_of_twenty_seconds_ends_when_the_clock_is_advanced_by_twenty() -> None:
    engine = frozen_engine()
    answer = poll(make_queue(engine), engine, seconds=20)
    await a_turn()
    engine.advance(19.999)
    await a_turn()
    assert not answer.done()

    engine.advance(0.001)
    assert await answer == []


async def test_advancing_wakes_a_long_poll_when_a_delayed_message_is_due() -> None:
    engine = frozen_engine()
    queue = make_queue(engine)
    send(queue, engine, "later", delay=7)
    answer = poll(queue, engine)
    await a_turn()
    engine.advance(60)

    received = await answer
    assert bodies(received) == ["later"]
    assert received[0].message.received_at == 1_000_007.0


async def test_advancing_gives_delayed_messages_of_many_queues_at_their_own_instants() -> None:
    engine = frozen_engine()
    queues = [make_queue(engine, name) for name in ("slow", "quick")]
    for queue, delay in zip(queues, (9, 3), strict=True):
        send(queue, engine, queue.name, delay=delay)
    answers = [poll(queue, engine) for queue in queues]
    await a_turn()
    engine.advance(10)
    await asyncio.gather(*answers)

    received = [
        (record.at - 1_000_000, record.resource) for record in engine.trace if record.verb == "received"
    ]
    assert received == [
        (3.0, "arn:aws:sqs:us-east-1:000000000000:quick"),
        (9.0, "arn:aws:sqs:us-east-1:000000000000:slow"),
    ]


async def test_a_running_engine_wakes_a_long_poll_by_itself() -> None:
    async with Engine() as engine:
        answer = poll(make_queue(engine), engine, seconds=0.01)

        assert await asyncio.wait_for(answer, 5) == []


async def test_the_end_of_an_engine_answers_every_long_poll_with_nothing() -> None:
    async with frozen_engine() as engine:
        answers = [poll(make_queue(engine, name), engine) for name in ("a", "b")]
        await a_turn()

    assert await asyncio.gather(*answers) == [[], []]


async def test_a_reset_answers_every_long_poll_and_forgets_every_queue() -> None:
    engine = frozen_engine()
    queue = make_queue(engine)
    send(queue, engine, "later", delay=60)
    answer = poll(queue, engine)
    await a_turn()
    engine.reset()

    assert await answer == []
    assert queue.arn not in engine.resources
    assert engine.scope("000000000000", "us-east-1").sqs.queues == {}
    assert list(engine.trace) == []
    assert len(engine.timers) == 0


def test_a_reset_leaves_the_clock_as_it_is() -> None:
    engine = frozen_engine()
    engine.advance(60)
    engine.reset()

    assert engine.clock.now() == 1_000_060.0
    assert engine.clock.frozen


async def test_a_message_is_not_lost_when_its_receiver_leaves_in_the_tick_of_the_send() -> None:
    engine = frozen_engine()
    queue = make_queue(engine)
    answer = poll(queue, engine)
    await a_turn()
    send(queue, engine, "job")
    answer.cancel()
    await asyncio.wait([answer])

    (item,) = queue.receive(ReceiveRequest(), engine.clock.now())
    assert (item.message.content.body, item.message.receive_count) == ("job", 1)


async def test_a_message_goes_to_the_next_in_line_when_its_receiver_leaves_in_the_tick_of_the_send() -> None:
    engine = frozen_engine()
    queue = make_queue(engine)
    leaving, staying = poll(queue, engine), poll(queue, engine)
    await a_turn()
    send(queue, engine, "job")
    leaving.cancel()

    assert bodies(await staying) == ["job"]
    assert queue.count(State.IN_FLIGHT) == 1


async def test_a_receiver_that_left_before_the_send_does_not_take_the_message() -> None:
    engine = frozen_engine()
    queue = make_queue(engine)
    answer = poll(queue, engine)
    await a_turn()
    answer.cancel()
    send(queue, engine, "job")
    await asyncio.wait([answer])

    assert queue.count(State.READY) == 1


async def test_a_receive_whose_receiver_left_does_not_count_towards_the_dead_letter_queue() -> None:
    engine = frozen_engine()
    dead = make_queue(engine, "dead")
    queue = make_queue(engine, redrive_policy=RedrivePolicy(dead.arn, 1))
    answer = poll(queue, engine)
    await a_turn()
    send(queue, engine, "job")
    answer.cancel()
    await asyncio.wait([answer])

    assert bodies(queue.receive(ReceiveRequest(), engine.clock.now())) == ["job"]
    assert dead.count(State.READY) == 0


async def test_a_group_keeps_its_order_when_a_receiver_leaves_in_the_tick_of_the_send() -> None:
    engine = frozen_engine()
    queue = make_queue(engine, "orders.fifo", fifo=True, content_based_deduplication=True)
    leaving = poll(queue, engine)
    await a_turn()
    for body in ("first", "second"):
        queue.send(Text(body), engine.clock.now(), sender_id="000000000000", group_id="g")
    leaving.cancel()
    await asyncio.wait([leaving])

    assert bodies(queue.receive(ReceiveRequest(10), engine.clock.now())) == ["first", "second"]
