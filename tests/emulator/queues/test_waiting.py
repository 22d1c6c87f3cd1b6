"""The waiting line: who waits, who is answered, what becomes of the share of one who left."""

import asyncio

import pytest

from pocketbus.emulator.door import Door
from pocketbus.emulator.queues.waiting import Waiter, WaitingLine
from pocketbus.emulator.time.clock import Clock
from pocketbus.emulator.time.timers import Timers

START = 1_000_000.0

Line = WaitingLine[str, str]


@pytest.fixture
def door() -> Door:
    return Door(Clock(frozen_at=START))


@pytest.fixture
def timers(door: Door) -> Timers:
    return Timers(Clock(frozen_at=START), door)


@pytest.fixture
def handed_back() -> list[list[str]]:
    return []


@pytest.fixture
def line(timers: Timers, door: Door, handed_back: list[list[str]]) -> Line:
    return Line(timers, door, handed_back.append)


def wait(line: Line, request: str, seconds: float = 20) -> tuple[Waiter[str, str], asyncio.Task[list[str]]]:
    waiter = line.join(request, START + seconds)
    return waiter, asyncio.ensure_future(line.answer(waiter))


async def a_turn() -> None:
    """Let everything that can go on do so, once."""
    await asyncio.sleep(0)


async def test_those_who_wait_stand_in_the_order_in_which_they_came(line: Line) -> None:
    tasks = [wait(line, request)[1] for request in ("first", "second", "third")]

    assert [waiter.request for waiter in line] == ["first", "second", "third"]
    line.release()
    await asyncio.gather(*tasks)


async def test_a_waiter_is_answered_with_what_it_is_given(line: Line) -> None:
    waiter, answer = wait(line, "one")
    waiter.give(["job"])

    assert await answer == ["job"]
    assert len(line) == 0


async def test_one_who_has_an_answer_is_not_offered_more(line: Line) -> None:
    (first, answer), (_, other) = wait(line, "first"), wait(line, "second")
    first.give(["job"])

    assert [waiter.request for waiter in line] == ["second"]
    line.release()
    assert [await answer, await other] == [["job"], []]


async def test_a_waiter_keeps_its_first_answer(line: Line) -> None:
    waiter, answer = wait(line, "one")
    waiter.give(["job"])
    waiter.give([])

    assert await answer == ["job"]


async def test_a_wait_ends_with_nothing_when_its_time_is_over(line: Line, timers: Timers) -> None:
    _, answer = wait(line, "one", seconds=20)
    timers.advance_to(START + 19.999)
    await a_turn()
    assert not answer.done()

    timers.advance_to(START + 20)
    assert await answer == []
    assert len(line) == 0


async def test_an_answered_waiter_leaves_no_timer_behind(line: Line, timers: Timers) -> None:
    waiter, answer = wait(line, "one")
    waiter.give(["job"])
    await answer

    assert len(timers) == 0


async def test_releasing_answers_everybody_with_nothing(line: Line) -> None:
    answers = [wait(line, request)[1] for request in ("first", "second")]
    line.release()

    assert await asyncio.gather(*answers) == [[], []]
    assert len(line) == 0


async def test_one_who_leaves_before_an_answer_stands_in_nobodys_way(
    line: Line, handed_back: list[list[str]]
) -> None:
    (_, leaving), (_, staying) = wait(line, "first"), wait(line, "second")
    await a_turn()
    leaving.cancel()
    await a_turn()

    assert [waiter.request for waiter in line] == ["second"]
    assert handed_back == []
    line.release()
    await staying


async def test_one_who_leaves_in_the_tick_of_its_answer_hands_it_back(
    line: Line, handed_back: list[list[str]]
) -> None:
    waiter, answer = wait(line, "one")
    await a_turn()
    waiter.give(["job"])
    answer.cancel()

    with pytest.raises(asyncio.CancelledError):
        await answer
    assert handed_back == [["job"]]


async def test_one_who_leaves_a_turn_after_its_answer_hands_it_back(
    line: Line, handed_back: list[list[str]]
) -> None:
    waiter, answer = wait(line, "one")
    await a_turn()
    waiter.give(["job"])
    await a_turn()
    answer.cancel()

    with pytest.raises(asyncio.CancelledError):
        await answer
    assert handed_back == [["job"]]


async def test_one_who_left_is_not_offered_what_comes_in_the_same_tick(
    line: Line, handed_back: list[list[str]]
) -> None:
    _, leaving = wait(line, "one")
    await a_turn()
    leaving.cancel()

    assert [waiter.request for waiter in line] == []
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert handed_back == []
