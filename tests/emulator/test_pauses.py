"""Nothing that concerns many messages keeps the event loop from others; who looks meanwhile sees no half of it."""

import asyncio
import gc
import json
import random
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest

from pocketbus.emulator import releases, turns
from pocketbus.emulator.buses.rule import RuleSettings
from pocketbus.emulator.config import Config
from pocketbus.emulator.deliveries.carrying import SLICE, carry_in_slices
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.message import State, Text
from pocketbus.emulator.queues.queue import MOST_AT_ONCE, Queue, ReceiveRequest
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.emulator.queues.redrive import MoveStatus
from pocketbus.emulator.schedules.schedule import ScheduleSettings
from pocketbus.emulator.schedules.schedule_target import ScheduleTarget
from pocketbus.emulator.state import document as document_module
from pocketbus.emulator.state.document import (
    WHOLE,
    cut,
    export_lines,
    export_state,
    import_lines,
    import_state,
    keep_snapshot,
    restoring,
)
from pocketbus.emulator.state.text import lines_in
from pocketbus.emulator.topics.platform import EndpointSettings
from pocketbus.emulator.topics.publication import Publication
from pocketbus.emulator.topics.subscription import SubscriptionSettings
from pocketbus.emulator.topics.topic_settings import TopicSettings
from pocketbus.emulator.turns import in_slices
from pocketbus.rules.pattern import compile_pattern
from pocketbus.rules.schedule import compile_schedule

START = 1_767_225_600.0
MANY = 4 * MOST_AT_ONCE
ACCOUNT = "000000000000"


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    async with Engine(Config(seed=1)) as engine:
        engine.freeze()
        engine.clock.set(START)
        yield engine


@pytest.fixture
def short_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each slice be one step, however fast the machine is."""
    monkeypatch.setattr(turns, "SLICE_SECONDS", 0)


def make_queue(engine: Engine, name: str = "orders", count: int = MANY, **settings: Any) -> Queue:
    scope = engine.scope(ACCOUNT, "us-east-1")
    queue = scope.sqs.create_queue(name, QueueSettings(**settings), {}, engine.clock.now())
    for number in range(count):
        queue.send(Text(f"message {number}"), engine.clock.now(), sender_id=ACCOUNT)
    return queue


def receive_all(queue: Queue, engine: Engine, timeout: int = 60) -> None:
    while queue.receive(ReceiveRequest(10, timeout), engine.clock.now()):
        pass


async def most_in_a_turn(work: Awaitable[object], measure: Callable[[], int]) -> int:
    """Return how much a number changes at most between two turns of the event loop."""
    task = asyncio.ensure_future(work)
    most, last = 0, measure()
    while not task.done():
        await asyncio.sleep(0)
        most, last = max(most, abs(measure() - last)), measure()
    await task
    return most


@pytest.mark.parametrize(("receives", "seconds"), [(False, 345_600), (True, 60)], ids=["expiry", "return"])
async def test_what_is_due_at_one_instant_is_moved_in_slices(
    engine: Engine, short_slices: None, *, receives: bool, seconds: float
) -> None:
    queue = make_queue(engine)
    if receives:
        receive_all(queue, engine)

    assert await most_in_a_turn(engine.elapse(seconds), lambda: engine.trace.last) <= 2 * MOST_AT_ONCE
    assert queue.count(State.IN_FLIGHT) == 0
    assert queue.count(State.READY) == (MANY if receives else 0)


async def test_a_crash_returns_messages_in_slices_those_received_first_before_the_others(
    engine: Engine, short_slices: None
) -> None:
    queue = make_queue(engine)
    receive_all(queue, engine)
    assert queue.begin_return(engine.clock.now()) == MANY

    assert await most_in_a_turn(queue.settled(), lambda: engine.trace.last) <= 2 * MOST_AT_ONCE
    (first,) = queue.receive(ReceiveRequest(), engine.clock.now())
    assert first.message.content.body == "message 0"


async def test_a_verb_in_the_midst_of_a_crash_sees_all_of_it(engine: Engine) -> None:
    queue = make_queue(engine)
    receive_all(queue, engine)
    queue.begin_return(engine.clock.now())
    queue.settle(engine.clock.now())

    queue.advance(engine.clock.now())
    assert (queue.count(State.READY), queue.count(State.IN_FLIGHT)) == (MANY, 0)


async def test_a_waiting_receiver_is_served_though_much_returns(engine: Engine) -> None:
    queue = make_queue(engine)
    receive_all(queue, engine)
    poll = asyncio.create_task(queue.wait(ReceiveRequest(), 600, engine.clock.now()))
    await asyncio.sleep(0)

    await engine.elapse(60)
    (received,) = await poll
    assert received.message.receive_count == 2


class Tracked(Text):
    """Content that can be told to have gone."""

    __slots__ = ("__weakref__",)


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("verb", ["purge", "delete", "reset"])
async def test_what_was_deleted_is_let_go_of_in_slices_and_without_the_collector(
    engine: Engine, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releases, "SLICE_SECONDS", 0)
    queue = make_queue(engine, count=0)
    alive: weakref.WeakSet[Tracked] = weakref.WeakSet()
    for number in range(1000):
        content = Tracked(f"message {number}")
        alive.add(content)
        queue.send(content, START, sender_id=ACCOUNT)
    del content
    queue.receive(ReceiveRequest(10, 60), START)

    async def work() -> None:
        nonlocal queue
        if verb == "purge":
            queue.purge(START)
        elif verb == "delete":
            engine.scope(ACCOUNT, "us-east-1").sqs.delete_queue(queue, START)
        else:
            engine.reset()
        queue = make_queue(engine, "another", 0)
        for _ in range(200):
            await asyncio.sleep(0)

    assert await most_in_a_turn(work(), lambda: len(alive)) <= 100
    assert len(alive) == 0


@pytest.mark.usefixtures("no_collector")
async def test_a_reset_leaves_no_resource_to_the_collector(engine: Engine) -> None:
    scope = engine.scope(ACCOUNT, "us-east-1")
    made = [make_queue(engine, count=1), scope.sns.create_topic("news", TopicSettings(), {}), scope]
    gone = [weakref.ref(made.pop()) for _ in range(3)]
    del scope
    engine.reset()
    for _ in range(10):
        await asyncio.sleep(0)

    assert [one() for one in gone] == [None, None, None]


async def test_an_export_is_of_its_instant_whatever_happens_meanwhile(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document_module, "_FEW", 0)
    queue = make_queue(engine)
    before = b"".join(export_lines(engine))

    chunks = cut(engine)
    written = [await anext(chunks)]
    queue.purge(START)
    written += [chunk async for chunk in chunks]
    assert b"".join(written) == before


async def test_an_import_goes_on_in_slices_and_takes_its_place_at_once(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_queue(engine)
    lines = list(lines_in(export_lines(engine)))
    engine.reset()
    monkeypatch.setattr(turns, "SLICE_SECONDS", 0)

    def held() -> int:
        queue = engine.scope(ACCOUNT, "us-east-1").sqs.queues.get("orders")
        return 0 if queue is None else queue.count(State.READY)

    seen = set()
    task = asyncio.create_task(in_slices(import_lines(engine, lines)))
    turns_taken = 0
    while not task.done():
        await asyncio.sleep(0)
        turns_taken += 1
        seen.add(held())
    await task

    assert turns_taken > MANY / 100
    assert seen == {0, MANY}


def make_schedules(engine: Engine, count: int) -> None:
    instants = compile_schedule("rate(1 hour)", dialect="scheduler", start=START)
    target = ScheduleTarget("arn:aws:sqs:us-east-1:000000000000:orders", "sqs", "sendMessage", {}, "role")
    settings = ScheduleSettings("rate(1 hour)", "UTC", START, instants, target)
    for number in range(count):
        engine.scope(ACCOUNT, "us-east-1").scheduler.groups["default"].create(f"{number}", settings, START)


def make_rules(engine: Engine, count: int) -> None:
    settings = RuleSettings(pattern=compile_pattern('{"source": ["shop"]}'))
    bus = engine.scope(ACCOUNT, "us-east-1").events.buses["default"]
    for number in range(count):
        bus.put_rule(f"{number}", settings, created_by=ACCOUNT, tags={}, now=START)


def make_devices(engine: Engine, count: int) -> None:
    application = engine.scope(ACCOUNT, "us-east-1").sns.create_platform_application("GCM", "phone", {})
    for number in range(count):
        application.create_endpoint(EndpointSettings(f"token {number}"))


@pytest.mark.parametrize("make", [make_schedules, make_rules, make_devices])
async def test_no_line_of_an_export_grows_with_what_there_is(
    engine: Engine, make: Callable[[Engine, int], None]
) -> None:
    make(engine, 1000)
    lines = list(lines_in(export_lines(engine)))

    assert len(lines) > 1000
    assert max(map(len, lines)) < 10_000
    import_state(engine, json.loads(b"".join(lines)))
    assert list(lines_in(export_lines(engine))) == lines


async def test_the_timers_of_an_import_are_set_in_slices_and_take_their_place_at_once(
    engine: Engine, short_slices: None
) -> None:
    make_schedules(engine, 500)
    lines = list(lines_in(export_lines(engine)))
    engine.reset()
    seen = set()
    task = asyncio.create_task(in_slices(import_lines(engine, lines)))
    turns_taken = 0
    while not task.done():
        await asyncio.sleep(0)
        turns_taken += 1
        seen.add(len(engine.timers))
    await task

    # The schedules are read, completed and timed each in a turn of its own.
    assert turns_taken > 3 * 500
    assert seen == {0, 500}


async def test_a_snapshot_is_restored_in_slices(engine: Engine) -> None:
    queue = make_queue(engine, count=10)
    keep_snapshot(engine, "before", WHOLE, [chunk async for chunk in cut(engine)], START)
    queue.purge(START)

    await in_slices(restoring(engine, "before"))
    assert len(list(engine.scope(ACCOUNT, "us-east-1").sqs.queues["orders"])) == 10


async def test_a_snapshot_is_of_the_instant_at_which_it_was_asked_for(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document_module, "_FEW", 0)
    queue = make_queue(engine, count=10)
    chunks = cut(engine)
    written = [await anext(chunks)]
    queue.purge(START)
    written += [chunk async for chunk in chunks]
    keep_snapshot(engine, "before", WHOLE, written, START)

    await in_slices(restoring(engine, "before"))
    assert engine.scope(ACCOUNT, "us-east-1").sqs.queues["orders"].count(State.READY) == 10


async def test_a_move_task_moves_a_burst_between_two_turns(engine: Engine) -> None:
    source, target = make_queue(engine), make_queue(engine, "target", 0)
    task = engine.scope(ACCOUNT, "us-east-1").sqs.start_move(source, target, None, START)

    most = await most_in_a_turn(engine.elapse(1), lambda: target.count(State.READY))
    assert (task.status, target.count(State.READY)) == (MoveStatus.COMPLETED, MANY)
    assert most <= MOST_AT_ONCE


async def test_a_publish_to_many_reaches_some_between_two_turns(engine: Engine) -> None:
    queue = make_queue(engine, count=0)
    topic = engine.scope(ACCOUNT, "us-east-1").sns.create_topic("news", TopicSettings(), {})
    for _ in range(MANY):
        topic.subscribe("sqs", queue.arn, ACCOUNT, SubscriptionSettings(), "http://localhost")

    rest = carry_in_slices(topic.publish(Publication("news"), START).deliveries, engine, START)
    assert rest is not None
    assert await most_in_a_turn(rest, lambda: queue.count(State.READY)) <= SLICE
    assert queue.count(State.READY) == MANY


def play(engine: Engine, choices: random.Random, steps: int) -> list[Any]:
    """Do this and that with two queues, and return what was answered."""
    heard: list[Any] = []
    queues = engine.scope(ACCOUNT, "us-east-1").sqs.queues
    handles: list[list[str]] = [[], []]
    for _ in range(steps):
        which = choices.randrange(2)
        queue, now = queues[("orders", "orders.fifo")[which]], engine.clock.now()
        match choices.randrange(6):
            case 0 | 1:
                group = choices.choice((None, "a", "b", "c")) if which == 0 else choices.choice("abc")
                unique = str(choices.random()) if which else None
                body, delay = str(choices.random()), choices.choice((None, 3)) if not which else None
                heard.append(
                    queue.send(
                        Text(body),
                        now,
                        sender_id="1",
                        group_id=group,
                        deduplication_id=unique,
                        delay_seconds=delay,
                    )
                )
            case 2 | 3:
                received = queue.receive(ReceiveRequest(choices.randrange(1, 4), choices.randrange(8)), now)
                handles[which] += [item.receipt_handle for item in received]
                heard.append([(item.message.message_id, item.receipt_handle) for item in received])
            case 4 if handles[which]:
                handle = handles[which].pop(choices.randrange(len(handles[which])))
                try:
                    queue.delete(handle, now)
                except Exception as error:  # noqa: BLE001 - the same error is the same answer
                    heard.append(str(error))
            case _:
                engine.advance(choices.randrange(5))
    return heard


@pytest.mark.parametrize("seed", range(12))
def test_a_state_that_was_imported_goes_on_as_the_one_it_came_from(seed: int) -> None:
    one, other = (Engine(Config(seed=seed)) for _ in range(2))
    for engine in (one, other):
        engine.freeze()
        engine.clock.set(START)
    make_queue(one, count=0)
    make_queue(one, "orders.fifo", count=0, fifo=True)
    play(one, random.Random(seed), 200)
    import_state(other, json.loads(json.dumps(export_state(one))))

    assert play(other, random.Random(seed + 1), 200) == play(one, random.Random(seed + 1), 200)
    assert export_state(other) == export_state(one)
