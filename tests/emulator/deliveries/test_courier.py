"""The retry loop: attempts at their due instants on the emulator's clock, to success or to the dead-letter queue."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from msgspec.structs import replace

from pocketbus.emulator.config import Config
from pocketbus.emulator.deliveries.courier import Courier, Outcome
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.failures import CourierOverloaded, TargetFailed, TargetRefused
from pocketbus.emulator.deliveries.pace import Pace
from pocketbus.emulator.deliveries.retry_policy import PhasedRetries
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.message import Text
from pocketbus.emulator.queues.queue import Queue

MakeQueue = Callable[..., Queue]
START = 1_000_000.0
TO_NOWHERE = Delivery("source", "https://target", Text("hello"), "m-1")


@pytest_asyncio.fixture
async def running(engine: Engine) -> AsyncIterator[Engine]:
    async with engine:
        yield engine


class Target:
    """Fails as often as it is told to, and notes when it was tried; an attempt takes a turn of the event loop."""

    def __init__(self, engine: Engine, failures: int, error: EngineError | None = None) -> None:
        self.tried_after: list[float] = []
        self._engine = engine
        self._failures = failures
        self._error = error or TargetFailed("HTTP 500")

    async def attempt(self, _delivery: Delivery) -> str:
        self.tried_after.append(self._engine.clock.now() - START)
        await asyncio.sleep(0)
        if len(self.tried_after) <= self._failures:
            raise self._error
        return "HTTP 200"


def retrying(**phases: float) -> Delivery:
    return replace(TO_NOWHERE, retry_policy=PhasedRetries(**phases))  # type: ignore[arg-type]


async def test_every_attempt_is_made_at_its_due_instant(running: Engine) -> None:
    target = Target(running, failures=4)

    running.courier.send(
        retrying(immediate=1, pre_backoff=1, backoff=3, greatest_seconds=40), target.attempt, START
    )
    await running.elapse(3600)

    assert target.tried_after == [0, 0, 20, 40, 70]
    assert running.clock.now() == START + 3600


async def test_what_fails_to_the_end_of_its_policy_goes_to_the_dead_letter_queue(
    running: Engine, make_queue: MakeQueue
) -> None:
    target, dead = Target(running, failures=9), make_queue("dead")
    delivery = replace(retrying(backoff=2), dead_letter_target=dead.arn)

    running.courier.send(delivery, target.attempt, START)
    await running.elapse(39)
    assert list(dead) == []
    await running.elapse(1)

    assert target.tried_after == [0, 20, 40]
    assert [(message.content.body, message.sent_at) for message in dead] == [("hello", START + 40)]


async def test_a_permanent_failure_is_not_tried_again(running: Engine, make_queue: MakeQueue) -> None:
    target, dead = Target(running, failures=9, error=TargetRefused("HTTP 404")), make_queue("dead")

    running.courier.send(replace(retrying(backoff=2), dead_letter_target=dead.arn), target.attempt, START)
    await running.elapse(0)

    assert target.tried_after == [0]
    assert len(list(dead)) == 1


async def test_the_trace_tells_every_attempt_and_the_end(running: Engine) -> None:
    running.courier.send(retrying(backoff=1), Target(running, failures=9).attempt, START)
    await running.elapse(60)

    assert [(record.at - START, record.verb, record.why) for record in running.trace.of("m-1")] == [
        (0, "attempted", "attempt 1: HTTP 500; tried again after 20 seconds"),
        (20, "attempted", "attempt 2: HTTP 500"),
        (20, "undeliverable", "gave up after 2 attempts: MaximumRetryAttempts"),
    ]


async def test_the_trace_tells_which_attempt_succeeded(running: Engine) -> None:
    running.courier.send(retrying(backoff=1), Target(running, failures=1).attempt, START)
    await running.elapse(60)

    record = running.trace.of("m-1")[-1]
    assert (record.at, record.verb, record.why) == (START + 20, "delivered", "attempt 2: HTTP 200")


async def test_a_retry_that_would_come_after_the_lifetime_is_not_made(running: Engine) -> None:
    target = Target(running, failures=9)

    running.courier.send(retrying(backoff=9, lifetime_seconds=50), target.attempt, START)
    await running.elapse(3600)

    assert target.tried_after == [0, 20, 40]


async def test_a_pace_spreads_the_attempts(running: Engine) -> None:
    target, pace = Target(running, failures=0), Pace(rate=2)

    for _ in range(4):
        running.courier.send(replace(TO_NOWHERE, pace=pace), target.attempt, START)
    await running.elapse(60)

    assert target.tried_after == [0, 0.5, 1, 1.5]


async def test_more_deliveries_than_the_limit_are_refused(running: Engine) -> None:
    courier, target = Courier(running, limit=1), Target(running, failures=9)
    courier.send(retrying(backoff=9), target.attempt, START)

    with pytest.raises(CourierOverloaded):
        courier.send(TO_NOWHERE, target.attempt, START)

    await running.tasks.quiet()
    assert len(courier) == 1
    await courier.close()


async def test_a_reset_forgets_what_is_under_way_and_what_waits(running: Engine) -> None:
    waiting, under_way = Target(running, failures=9), Target(running, failures=9)
    running.courier.send(retrying(backoff=9), waiting.attempt, START)
    await running.tasks.quiet()
    running.courier.send(retrying(backoff=9), under_way.attempt, START)

    running.reset()
    await running.elapse(3600)

    assert (waiting.tried_after, under_way.tried_after) == ([0], [])
    assert len(running.courier) == 0


async def test_leaving_the_engine_breaks_off_an_attempt() -> None:
    broken_off = False

    async def attempt(_delivery: Delivery) -> str:
        nonlocal broken_off
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            broken_off = True
            raise
        return ""

    async with Engine(Config(seed=1)) as engine:
        engine.courier.send(TO_NOWHERE, attempt, engine.clock.now())
        await asyncio.sleep(0)

    assert broken_off


async def test_a_defect_in_an_attempt_is_logged_and_ends_its_delivery_only(
    running: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    target = Target(running, failures=0)

    async def broken(_delivery: Delivery) -> str:
        raise KeyError("oops")

    running.courier.send(TO_NOWHERE, broken, START)
    running.courier.send(TO_NOWHERE, target.attempt, START)
    await running.elapse(1)

    assert [record.verb for record in running.trace] == ["attempted", "undeliverable", "delivered"]
    assert "oops" in caplog.text


async def test_a_running_clock_does_not_go_back_when_time_passes() -> None:
    async def slow(_delivery: Delivery) -> str:
        for _ in range(50):
            await asyncio.sleep(0)
        return ""

    async with Engine(Config(seed=1)) as engine:
        engine.courier.send(TO_NOWHERE, slow, engine.clock.now())
        started = engine.clock.now()
        await engine.elapse(0)

        assert engine.clock.now() >= started


# Attempts at once


class TargetAtOnce:
    """Fails as often as it is told to, and notes when and with which number it was tried."""

    def __init__(self, engine: Engine, failures: int, error: Exception | None = None) -> None:
        self.tried: list[tuple[float, int]] = []
        self._engine = engine
        self._failures = failures
        self._error = error or TargetFailed("HTTP 500")

    def attempt(self, number: int) -> Outcome:
        self.tried.append((self._engine.clock.now() - START, number))
        if number <= self._failures:
            raise self._error
        return Outcome("done", "m-2")


def test_an_attempt_at_once_needs_no_event_loop_and_leads_the_story_on(engine: Engine) -> None:
    target = TargetAtOnce(engine, failures=0)

    engine.courier.try_at_once(TO_NOWHERE, target.attempt, START)

    (record,) = engine.trace.of("m-1")
    assert (record.verb, record.why, record.became) == ("delivered", "attempt 1: done", "m-2")
    assert len(engine.courier) == 0


def test_what_fails_at_once_is_tried_again_as_its_policy_says(engine: Engine) -> None:
    target = TargetAtOnce(engine, failures=2)

    engine.courier.try_at_once(retrying(immediate=1, pre_backoff=1), target.attempt, START)
    engine.advance(60)

    assert target.tried == [(0, 1), (0, 2), (20, 3)]


def test_a_defect_of_an_attempt_at_once_goes_to_the_dead_letter_queue(
    engine: Engine, make_queue: MakeQueue, caplog: pytest.LogCaptureFixture
) -> None:
    dead = make_queue("dead")
    delivery = replace(retrying(immediate=5), dead_letter_target=dead.arn)

    engine.courier.try_at_once(delivery, TargetAtOnce(engine, 9, KeyError("x")).attempt, START)

    assert [message.content.body for message in dead] == ["hello"]
    assert "failed" in caplog.text


def test_a_full_courier_takes_no_attempt_at_once_either() -> None:
    engine = Engine(Config(delivery_limit=1))
    target = TargetAtOnce(engine, failures=9)
    engine.courier.try_at_once(retrying(backoff=9), target.attempt, START)

    with pytest.raises(CourierOverloaded):
        engine.courier.try_at_once(retrying(backoff=9), target.attempt, START)
