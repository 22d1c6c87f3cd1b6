"""Timers: callbacks fired by a clock moved by hand, or by the event loop."""

import asyncio

from pocketbus.emulator.door import Door
from pocketbus.emulator.time.clock import Clock
from pocketbus.emulator.time.timers import Callback, Timers

START = 1_000_000.0


def frozen() -> tuple[Clock, Timers]:
    clock = Clock(frozen_at=START)
    return clock, Timers(clock, Door(clock))


def test_advancing_fires_what_is_due_on_the_way_in_order_each_at_its_own_instant() -> None:
    clock, timers = frozen()
    fired: list[tuple[str, float, float]] = []

    def note(name: str) -> Callback:
        return lambda now: fired.append((name, now, clock.now()))

    for name, after in (("third", 30), ("first", 10), ("second", 20), ("never", 31)):
        timers.call_at(START + after, note(name))
    timers.advance_to(START + 30)

    assert [(name, now - START, told - START) for name, now, told in fired] == [
        ("first", 10, 10),
        ("second", 20, 20),
        ("third", 30, 30),
    ]
    assert clock.now() == START + 30


def test_a_callback_set_on_the_way_fires_on_the_way() -> None:
    _, timers = frozen()
    fired: list[float] = []

    def every_ten_seconds(now: float) -> None:
        fired.append(now - START)
        timers.call_at(now + 10, every_ten_seconds)

    timers.call_at(START + 10, every_ten_seconds)
    timers.advance_to(START + 35)

    assert fired == [10, 20, 30]


def test_a_timer_fires_once() -> None:
    _, timers = frozen()
    fired: list[float] = []
    timers.call_at(START + 1, fired.append)
    timers.advance_to(START + 1)
    timers.advance_to(START + 2)

    assert fired == [START + 1]


def test_a_cancelled_timer_does_not_fire() -> None:
    _, timers = frozen()
    fired: list[float] = []
    timers.cancel(timers.call_at(START + 1, fired.append))
    timers.advance_to(START + 1)

    assert fired == []


def test_what_is_overdue_fires_without_moving_the_clock_back() -> None:
    clock, timers = frozen()
    told: list[float] = []
    timers.call_at(START - 50, lambda _: told.append(clock.now()))
    timers.advance_to(START + 10)

    assert told == [START]


def test_moving_the_clock_back_fires_nothing() -> None:
    clock, timers = frozen()
    fired: list[float] = []
    timers.call_at(START + 1, fired.append)
    timers.advance_to(START - 100)

    assert fired == []
    assert clock.now() == START - 100


def test_timers_count_what_is_still_to_fire() -> None:
    _, timers = frozen()
    timers.call_at(START + 1, lambda _: None)
    timers.cancel(timers.call_at(START + 2, lambda _: None))
    assert len(timers) == 1
    assert timers.next_at == START + 1

    timers.clear()
    assert len(timers) == 0


async def test_the_loop_fires_timers_of_a_running_clock_in_order() -> None:
    clock = Clock()
    timers = Timers(clock, Door(clock))
    timers.attach(asyncio.get_running_loop())
    fired: list[str] = []
    done = asyncio.Event()
    start = clock.now()
    timers.call_at(start + 0.02, lambda _: done.set())
    timers.call_at(start + 0.01, lambda _: fired.append("second"))
    timers.call_at(start, lambda _: fired.append("first"))
    await asyncio.wait_for(done.wait(), 5)
    timers.detach()

    assert fired == ["first", "second"]


async def test_no_timer_fires_by_itself_while_the_clock_is_frozen() -> None:
    clock = Clock()
    timers = Timers(clock, Door(clock))
    timers.attach(asyncio.get_running_loop())
    fired: list[float] = []
    timers.call_at(clock.now(), fired.append)
    clock.freeze()
    timers.rearm()
    await asyncio.wait_for(asyncio.to_thread(lambda: None), 5)

    assert fired == []


async def test_a_thawed_clock_fires_what_has_become_due() -> None:
    clock = Clock(frozen_at=START)
    timers = Timers(clock, Door(clock))
    timers.attach(asyncio.get_running_loop())
    fired = asyncio.Event()
    timers.call_at(START, lambda _: fired.set())
    clock.thaw()
    timers.rearm()

    await asyncio.wait_for(fired.wait(), 5)
    timers.detach()


async def test_advancing_a_running_clock_reaches_far_deadlines_at_once() -> None:
    clock = Clock()
    timers = Timers(clock, Door(clock))
    timers.attach(asyncio.get_running_loop())
    fired: list[float] = []
    in_an_hour = clock.now() + 3600
    timers.call_at(in_an_hour, fired.append)
    timers.advance_to(in_an_hour + 1)
    timers.detach()

    assert fired == [in_an_hour]
    assert clock.now() >= in_an_hour + 1


async def test_detached_timers_leave_the_loop_alone() -> None:
    clock = Clock()
    timers = Timers(clock, Door(clock))
    timers.attach(asyncio.get_running_loop())
    fired: list[float] = []
    timers.call_at(clock.now(), fired.append)
    timers.detach()
    await asyncio.wait_for(asyncio.to_thread(lambda: None), 5)

    assert fired == []
