"""Moves of the clock at the same time queue up; what a move back means for each thing that has a deadline."""

import asyncio
from typing import Any

import pytest

from pocketbus.emulator.buses.rule import RuleSettings
from pocketbus.emulator.buses.target import Target
from pocketbus.emulator.config import Config
from pocketbus.emulator.deliveries.pace import Pace
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import InvalidParameterException, PurgeQueueInProgress, QueueDeletedRecently
from pocketbus.emulator.message import State, Text
from pocketbus.emulator.queues.queue import Queue, ReceiveRequest
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.emulator.queues.redrive import MoveStatus
from pocketbus.emulator.schedules.schedule import ScheduleSettings
from pocketbus.emulator.schedules.schedule_target import ScheduleTarget
from pocketbus.emulator.topics.publication import Publication
from pocketbus.emulator.topics.topic_settings import TopicSettings
from pocketbus.emulator.trouble.incident import Where
from pocketbus.rules.schedule import compile_schedule

START = 1_000_000.0
HOUR = 3600.0


@pytest.fixture
def engine() -> Engine:
    engine = Engine(Config(seed=1, strict=True))
    engine.clock.freeze()
    engine.clock.set(START)
    return engine


@pytest.fixture
def make_queue(engine: Engine) -> Any:
    def make(name: str = "orders", **settings: Any) -> Queue:
        scope = engine.scope("000000000000", "us-east-1")
        return scope.sqs.create_queue(name, QueueSettings(**settings), {}, engine.clock.now())

    return make


def send(queue: Queue, engine: Engine, body: str = "a", **options: Any) -> str:
    return queue.send(Text(body), engine.clock.now(), sender_id="1", **options).message_id


def count(queue: Queue, state: State, engine: Engine) -> int:
    queue.advance(engine.clock.now())
    return queue.count(state)


# At the same time


async def test_two_advances_at_once_move_the_clock_by_their_sum(engine: Engine, make_queue: Any) -> None:
    queue = make_queue(message_retention_period=60)
    send(queue, engine)  # so that both have something to do on the way

    await asyncio.gather(engine.elapse(HOUR), engine.elapse(HOUR))

    assert engine.clock.now() == START + 2 * HOUR


async def test_each_move_tells_what_happened_in_its_own_time(engine: Engine, make_queue: Any) -> None:
    send(make_queue("first"), engine, delay_seconds=60)
    send(make_queue("second"), engine, delay_seconds=120)

    first, second = await asyncio.gather(engine.elapse(60), engine.elapse(60))

    assert [record.resource.rpartition(":")[2] for record in engine.trace.after(first)] == ["first", "second"]
    assert [record.resource.rpartition(":")[2] for record in engine.trace.after(second)] == ["second"]


async def test_a_move_to_the_next_deadline_waits_for_the_one_before_it(
    engine: Engine, make_queue: Any
) -> None:
    send(make_queue(), engine, delay_seconds=60)
    send(make_queue("later"), engine, delay_seconds=100)

    await asyncio.gather(engine.elapse(60), engine.elapse_to_next())

    assert engine.clock.now() == START + 100


async def test_a_move_whose_client_left_lets_the_next_one_begin(engine: Engine, make_queue: Any) -> None:
    send(make_queue(), engine, delay_seconds=60)
    moves = [asyncio.create_task(engine.elapse(HOUR)) for _ in range(3)]
    await asyncio.sleep(0)
    moves[1].cancel()

    await asyncio.gather(*moves, return_exceptions=True)

    assert engine.clock.now() == START + 2 * HOUR


# Back


async def test_messages_keep_their_deadlines(engine: Engine, make_queue: Any) -> None:
    queue = make_queue(message_retention_period=HOUR)
    send(queue, engine)
    queue.receive(ReceiveRequest(1, 30), engine.clock.now())
    send(queue, engine, "later", delay_seconds=30)
    await engine.elapse_to(START - HOUR)

    await engine.elapse_to(START + 29)
    assert (count(queue, State.IN_FLIGHT, engine), count(queue, State.DELAYED, engine)) == (1, 1)
    await engine.elapse_to(START + 30)
    assert count(queue, State.READY, engine) == 2
    await engine.elapse_to(START + HOUR)
    assert list(queue) == []


async def test_a_message_of_a_later_time_expires_later_and_one_sent_now_does_not_wait_for_it(
    engine: Engine, make_queue: Any
) -> None:
    queue = make_queue(message_retention_period=60)
    send(queue, engine, "of a later time")
    await engine.elapse_to(START - HOUR)
    send(queue, engine, "sent now")

    await engine.elapse(60)

    assert [message.content.body for message in queue] == ["of a later time"]


async def test_long_polls_are_answered(engine: Engine, make_queue: Any) -> None:
    queue = make_queue()
    poll = asyncio.create_task(queue.wait(ReceiveRequest(), 20, engine.clock.now()))
    await asyncio.sleep(0)

    await engine.elapse_to(START - HOUR)

    assert await poll == []


async def test_a_deduplication_id_of_a_later_time_is_free(engine: Engine, make_queue: Any) -> None:
    queue = make_queue("q.fifo", fifo=True)
    before = send(queue, engine, group_id="g", deduplication_id="before")
    await engine.elapse(HOUR)
    of_later = send(queue, engine, group_id="g", deduplication_id="1")
    await engine.elapse_to(START + 60)

    assert send(queue, engine, group_id="g", deduplication_id="1") != of_later
    again = send(queue, engine, group_id="g", deduplication_id="before")
    assert again != before  # its five minutes were over once, and it was forgotten


async def test_a_deduplication_id_does_not_stay_a_duplicate_for_ever(engine: Engine, make_queue: Any) -> None:
    queue = make_queue("q.fifo", fifo=True)
    send(queue, engine, group_id="g", deduplication_id="of a later time")
    await engine.elapse_to(START - HOUR)
    first = send(queue, engine, group_id="g", deduplication_id="1")
    assert send(queue, engine, group_id="g", deduplication_id="1") == first

    await engine.elapse(300)

    assert send(queue, engine, group_id="g", deduplication_id="1") != first


async def test_a_topics_deduplication_id_of_a_later_time_is_free(engine: Engine) -> None:
    scope = engine.scope("000000000000", "us-east-1")
    topic = scope.sns.create_topic("t.fifo", TopicSettings(fifo=True), {})

    def publish() -> str:
        publication = Publication("hi", group_id="g", deduplication_id="1")
        return topic.publish(publication, engine.clock.now()).message_id

    first = publish()
    assert publish() == first
    await engine.elapse_to(START - HOUR)

    assert publish() != first


async def test_a_receive_of_a_later_time_is_not_repeated(engine: Engine, make_queue: Any) -> None:
    queue = make_queue("q.fifo", fifo=True)
    send(queue, engine, group_id="g", deduplication_id="1")
    request = ReceiveRequest(attempt_id="attempt")
    assert queue.receive(request, engine.clock.now()) == queue.receive(request, engine.clock.now())
    await engine.elapse_to(START - HOUR)

    assert queue.receive(request, engine.clock.now()) == []


async def test_a_purge_of_a_later_time_hinders_none(engine: Engine, make_queue: Any) -> None:
    queue = make_queue()
    queue.purge(engine.clock.now())
    with pytest.raises(PurgeQueueInProgress):
        queue.purge(engine.clock.now())
    await engine.elapse_to(START - HOUR)

    queue.purge(engine.clock.now())


async def test_a_name_that_rests_from_a_later_time_is_free(engine: Engine, make_queue: Any) -> None:
    scope = engine.scope("000000000000", "us-east-1")
    scope.sqs.delete_queue(make_queue(), engine.clock.now())
    with pytest.raises(QueueDeletedRecently):
        make_queue()
    await engine.elapse_to(START - HOUR)

    assert make_queue().name == "orders"


async def test_a_number_that_was_opted_in_at_a_later_time_can_be_opted_in(engine: Engine) -> None:
    sms = engine.scope("000000000000", "us-east-1").sns.sms
    sms.opt_out("+15551234567")
    sms.opt_in("+15551234567", engine.clock.now())
    sms.opt_out("+15551234567")
    with pytest.raises(InvalidParameterException):
        sms.opt_in("+15551234567", engine.clock.now())
    await engine.elapse_to(START - HOUR)

    sms.opt_in("+15551234567", engine.clock.now())

    assert not sms.opted_out


@pytest.mark.parametrize(
    ("expression", "expected"), [("rate(1 minute)", START - HOUR + 60), ("cron(0 * * * ? *)", 997_200.0)]
)
async def test_a_schedule_counts_anew(engine: Engine, expression: str, expected: float) -> None:
    bus = engine.scope("000000000000", "us-east-1").events.buses["default"]
    schedule = compile_schedule(expression, dialect="rule", start=START)
    settings = RuleSettings(schedule_expression=expression, schedule=schedule)
    rule = bus.put_rule("r", settings, created_by=bus.owner, tags={}, now=START)
    rule.targets["t"] = Target("t", "arn:aws:sqs:us-east-1:000000000000:q")

    await engine.elapse_to(START - HOUR)

    assert engine.next_at == expected


async def test_a_schedule_of_the_scheduler_is_due_after_the_new_time(engine: Engine) -> None:
    scheduler = engine.scope("000000000000", "us-east-1").scheduler
    target = ScheduleTarget("arn:aws:sqs:us-east-1:000000000000:q", "sqs", "sendMessage", None, "role")
    instants = compile_schedule("cron(0 * * * ? *)", dialect="scheduler")
    settings = ScheduleSettings("cron(0 * * * ? *)", "UTC", START, instants, target)
    scheduler.groups["default"].create("hourly", settings, START)

    await engine.elapse_to(START - HOUR)

    assert engine.next_at == 997_200.0


async def test_a_move_task_goes_on_when_the_clock_is_there_again(engine: Engine, make_queue: Any) -> None:
    dead, live = make_queue("dead"), make_queue("live")
    send(dead, engine)
    task = engine.scope_of(dead.arn).sqs.start_move(dead, live, 1, engine.clock.now())
    await engine.elapse_to(START - HOUR)

    await engine.elapse(HOUR)
    assert task.moved == 0
    await engine.elapse(1)
    assert task.status is MoveStatus.COMPLETED


async def test_a_fault_ends_when_the_clock_is_there_again(engine: Engine) -> None:
    fault = engine.faults.add("throttle", Where(), {}, seconds=60)
    await engine.elapse_to(START - HOUR)

    await engine.elapse(HOUR)
    assert not fault.over(engine.clock.now())
    await engine.elapse(60)
    assert fault.over(engine.clock.now())


def test_an_api_destination_is_not_held_up_by_requests_of_a_later_time() -> None:
    pace = Pace(1)
    assert [pace.reserve(START) for _ in range(3)] == [START, START + 1, START + 2]

    assert [pace.reserve(START - HOUR) for _ in range(2)] == [START - HOUR, START - HOUR + 1]
