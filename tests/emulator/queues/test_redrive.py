"""Dead-letter queues and the tasks that empty them."""

from collections.abc import Callable

import pytest

from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import (
    CouldNotDetermineMessageSource,
    InvalidParameterValueException,
    QueueDoesNotExist,
)
from pocketbus.emulator.inspection.trace import Selection
from pocketbus.emulator.message import State, Text
from pocketbus.emulator.queues.queue import Queue, ReceiveRequest
from pocketbus.emulator.queues.queue_settings import RedrivePolicy
from pocketbus.emulator.queues.redrive import MoveStatus, sources_of

MakeQueue = Callable[..., Queue]


def send(queue: Queue, engine: Engine, *bodies: str, group: str | None = None) -> None:
    for body in bodies:
        queue.send(
            Text(body), engine.clock.now(), sender_id="1", group_id=group, deduplication_id=group and body
        )


def bodies(queue: Queue, engine: Engine, limit: int = 10) -> list[str]:
    received = queue.receive(ReceiveRequest(limit, 0), engine.clock.now())
    return [item.message.content.body for item in received]


def fail(queue: Queue, engine: Engine) -> None:
    """Receive everything until nothing is left but dead letters."""
    while bodies(queue, engine):
        pass


@pytest.fixture
def dead(make_queue: MakeQueue) -> Queue:
    return make_queue("dead")


@pytest.fixture
def source(make_queue: MakeQueue, dead: Queue) -> Queue:
    return make_queue("source", redrive_policy=RedrivePolicy(dead.arn, 1))


def test_sources_are_the_queues_that_dead_letter_to_a_queue(
    engine: Engine, make_queue: MakeQueue, source: Queue, dead: Queue
) -> None:
    another = make_queue("another", redrive_policy=RedrivePolicy(dead.arn, 5))

    assert sources_of(dead, engine) == [source, another]
    assert sources_of(source, engine) == []


def test_a_chain_of_dead_letter_queues_counts_the_receives_of_each_queue_alone(
    engine: Engine, make_queue: MakeQueue
) -> None:
    last = make_queue("last")
    middle = make_queue("middle", redrive_policy=RedrivePolicy(last.arn, 2))
    first = make_queue("first", redrive_policy=RedrivePolicy(middle.arn, 3))
    send(first, engine, "poison")

    assert [bodies(first, engine) for _ in range(4)] == [["poison"], ["poison"], ["poison"], []]
    assert [bodies(middle, engine) for _ in range(3)] == [["poison"], ["poison"], []]
    (letter,) = last.receive(ReceiveRequest(), engine.clock.now())
    assert letter.message.receive_count == 6
    assert letter.message.dead_letter_source == middle.arn


def test_a_fifo_dead_letter_starts_its_retention_anew(engine: Engine, make_queue: MakeQueue) -> None:
    dead = make_queue("dead.fifo", fifo=True, message_retention_period=60)
    source = make_queue("source.fifo", fifo=True, redrive_policy=RedrivePolicy(dead.arn, 1))
    send(source, engine, "poison", group="g")
    engine.advance(59)
    fail(source, engine)
    engine.advance(59)

    assert bodies(dead, engine) == ["poison"]


def test_a_standard_dead_letter_keeps_its_age(engine: Engine, make_queue: MakeQueue) -> None:
    dead = make_queue("dead", message_retention_period=60)
    source = make_queue("source", redrive_policy=RedrivePolicy(dead.arn, 1))
    send(source, engine, "poison")
    engine.advance(59)
    fail(source, engine)
    engine.advance(1)

    assert bodies(dead, engine) == []


def test_a_dead_letter_expires_before_what_was_there_already(engine: Engine, make_queue: MakeQueue) -> None:
    dead = make_queue("dead", message_retention_period=60)
    source = make_queue("source", redrive_policy=RedrivePolicy(dead.arn, 1))
    send(source, engine, "poison")
    engine.advance(50)
    send(dead, engine, "young")
    assert bodies(dead, engine) == ["young"]
    fail(source, engine)
    engine.advance(10)

    assert bodies(dead, engine) == ["young"]


def test_a_task_without_a_rate_moves_everything_in_small_steps(
    engine: Engine, source: Queue, dead: Queue
) -> None:
    send(source, engine, *map(str, range(1200)))
    fail(source, engine)
    task = engine.scope_of(dead.arn).sqs.start_move(dead, None, None, engine.clock.now())

    assert (task.moved, task.to_move) == (0, 1200)
    engine.advance(0)
    assert (task.moved, task.status) == (500, MoveStatus.RUNNING)
    engine.advance(0.02)
    assert (task.moved, task.status) == (1200, MoveStatus.COMPLETED)
    assert bodies(source, engine, limit=3) == ["0", "1", "2"]


def test_a_task_keeps_the_order_of_a_fifo_group(engine: Engine, make_queue: MakeQueue) -> None:
    dead = make_queue("dead.fifo", fifo=True)
    source = make_queue("source.fifo", fifo=True, redrive_policy=RedrivePolicy(dead.arn, 1))
    send(source, engine, "a1", "a2", group="a")
    send(source, engine, "b1", group="b")
    fail(source, engine)
    engine.scope_of(dead.arn).sqs.start_move(dead, None, 1, engine.clock.now())
    engine.advance(10)

    assert bodies(source, engine) == ["a1", "a2", "b1"]


def test_a_moved_message_is_no_duplicate_of_itself(engine: Engine, make_queue: MakeQueue) -> None:
    dead = make_queue("dead.fifo", fifo=True)
    source = make_queue("source.fifo", fifo=True, redrive_policy=RedrivePolicy(dead.arn, 1))
    send(source, engine, "once", group="g")
    fail(source, engine)
    engine.scope_of(dead.arn).sqs.start_move(dead, None, None, engine.clock.now())
    engine.advance(0)

    assert source.count(State.READY) == 1


def test_messages_in_flight_stay_where_they_are(engine: Engine, source: Queue, dead: Queue) -> None:
    send(source, engine, "busy", "idle")
    fail(source, engine)
    dead.receive(ReceiveRequest(1, 30), engine.clock.now())
    task = engine.scope_of(dead.arn).sqs.start_move(dead, None, None, engine.clock.now())
    engine.advance(0)

    assert task.status is MoveStatus.COMPLETED
    assert dead.count(State.IN_FLIGHT) == 1
    assert bodies(source, engine) == ["idle"]


def test_a_task_ends_when_its_messages_were_deleted_meanwhile(
    engine: Engine, source: Queue, dead: Queue
) -> None:
    send(source, engine, "a", "b")
    fail(source, engine)
    task = engine.scope_of(dead.arn).sqs.start_move(dead, None, 1, engine.clock.now())
    engine.advance(1)
    dead.purge(engine.clock.now())
    engine.advance(1)

    assert (task.status, task.moved) == (MoveStatus.COMPLETED, 1)


def test_a_second_task_is_refused_while_one_runs(engine: Engine, source: Queue, dead: Queue) -> None:
    send(source, engine, "a")
    fail(source, engine)
    task = engine.scope_of(dead.arn).sqs.start_move(dead, None, 1, engine.clock.now())

    with pytest.raises(InvalidParameterValueException, match="already a task running"):
        engine.scope_of(dead.arn).sqs.start_move(dead, None, 1, engine.clock.now())
    task.cancel()
    engine.scope_of(dead.arn).sqs.start_move(dead, None, 1, engine.clock.now())
    assert len(engine.scope_of(dead.arn).sqs.move_tasks["dead"]) == 2


def test_a_message_sent_to_the_dead_letter_queue_itself_has_no_source(
    engine: Engine, source: Queue, dead: Queue
) -> None:
    send(dead, engine, "stray")
    task = engine.scope_of(dead.arn).sqs.start_move(dead, None, None, engine.clock.now())
    engine.advance(0)

    assert task.status is MoveStatus.FAILED
    assert isinstance(task.failure, CouldNotDetermineMessageSource)
    assert bodies(dead, engine) == ["stray"]
    assert source.count(State.READY) == 0


def test_a_message_too_long_for_its_destination_stays(
    engine: Engine, make_queue: MakeQueue, source: Queue, dead: Queue
) -> None:
    small = make_queue("small", maximum_message_size=1024)
    send(source, engine, "short", "x" * 1025)
    fail(source, engine)
    task = engine.scope_of(dead.arn).sqs.start_move(dead, small, None, engine.clock.now())
    engine.advance(0)

    assert (task.status, task.moved) == (MoveStatus.FAILED, 1)
    assert (small.count(State.READY), dead.count(State.READY)) == (1, 1)


def test_a_task_whose_dead_letter_queue_is_deleted_fails(engine: Engine, source: Queue, dead: Queue) -> None:
    send(source, engine, "a")
    fail(source, engine)
    task = engine.scope_of(dead.arn).sqs.start_move(dead, None, 1, engine.clock.now())
    engine.scope_of(dead.arn).sqs.delete_queue(dead, engine.clock.now())
    engine.advance(1)

    assert isinstance(task.failure, QueueDoesNotExist)
    assert source.count(State.READY) == 0


def test_the_trace_follows_a_message_through_its_move(engine: Engine, source: Queue, dead: Queue) -> None:
    send(source, engine, "a")
    (message,) = source
    fail(source, engine)
    engine.scope_of(dead.arn).sqs.start_move(dead, None, None, engine.clock.now())
    engine.advance(0)

    story = engine.trace.story(message.message_id)
    assert [(record.verb, record.resource.rpartition(":")[2]) for record in story] == [
        ("sent", "source"),
        ("received", "source"),
        ("returned", "source"),
        ("dead-lettered", "source"),
        ("delivered", "dead"),
        ("moved", "dead"),
        ("sent", "source"),
    ]
    (moved,) = (record for record in story if record.verb == "moved")
    assert story[-1].subject == moved.became


def test_a_dead_letter_queue_tells_where_its_messages_came_from(
    engine: Engine, source: Queue, dead: Queue
) -> None:
    send(source, engine, "a")
    (message,) = source
    fail(source, engine)

    (record,) = filter(Selection(resource="dead").admits, engine.trace)
    assert (record.verb, record.subject, record.why) == ("delivered", message.message_id, source.arn)
