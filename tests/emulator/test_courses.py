"""Work in several steps: where one stands is told, and taken up with the same outcomes and nothing done twice."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from pocketbus.emulator.course import Course
from pocketbus.emulator.door import Door
from pocketbus.emulator.time.clock import Clock


class Doorway:
    """The door by which everything goes at this moment."""

    def __init__(self) -> None:
        self.door = Door(Clock())
        self.door.replaying = self.door.inside = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self.door, name)


@pytest.fixture
def door() -> Iterator[Doorway]:
    door = Doorway()
    yield door
    door.abandon()


async def nothing() -> str:
    return "nothing"


def again(course: Course, door: Doorway) -> Course:
    """Take a course up where it stands, by another door."""
    other = Course.__new__(Course)
    before, door.door = door.door, Doorway().door
    other.__setstate__({**course.__getstate__(), "_door": door.door, "heard": list(course.heard)})
    before.abandon()
    door.take_up([other])
    door.door.inside = True
    return other


async def test_one_that_is_taken_up_does_nothing_a_second_time(door: Doorway) -> None:
    done: list[str] = []

    async def work() -> None:
        door.once(lambda: done.append("before"))
        done.append(await door.outside(nothing()))

    course = door.course(work)
    course.go()
    taken_up = again(course, door)
    assert done == ["before"]

    door.hear(2, ["text", "the answer"])
    taken_up.go()
    assert (done, taken_up.over) == (["before", "the answer"], True)


async def test_one_that_has_heard_an_outcome_goes_on_with_it_in_its_next_step(door: Doorway) -> None:
    done: list[str] = []

    async def work() -> None:
        for _ in range(2):
            done.append(door.once(lambda: "begun"))
            done.append(await door.outside(nothing()))

    course = door.course(work)
    course.go()
    door.hear(2, ["text", "first"])
    done.clear()
    taken_up = again(course, door)
    assert (done, taken_up.is_due) == (["begun"], True)

    taken_up.go()
    assert done == ["begun", "first", "begun"]
    assert not taken_up.is_due


async def test_a_failure_is_raised_again(door: Doorway) -> None:
    heard: list[str] = []

    async def work() -> None:
        try:
            await door.outside(nothing())
        except Exception as error:  # noqa: BLE001 - whatever it is
            heard.append(str(error))
        await door.outside(nothing())

    course = door.course(work)
    course.go()
    door.hear(2, ["failure", "TargetTimedOut", "no answer"])
    course.go()
    again(course, door)

    assert heard == ["no answer", "no answer"]


@pytest.mark.parametrize("steps", [0, 1, 2])
async def test_one_stands_at_the_same_turn_of_the_event_loop(door: Doorway, steps: int) -> None:
    future: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def work() -> None:
        await door.wait(future)
        await door.turn()
        await door.turn()

    course = door.course(work)
    course.go()
    future.set_result("given")
    for _ in range(steps):
        course.go()
    taken_up = again(course, door)
    left = 0
    while not taken_up.over:
        taken_up.go()
        left += 1

    assert left == 3 - steps


async def test_one_that_does_not_come_to_where_it_stood_is_refused(door: Doorway) -> None:
    ways: list[Callable[[], Awaitable[str]]] = [lambda: door.outside(nothing()), nothing]

    async def work() -> None:
        await ways.pop(0)()

    course = door.course(work)
    course.go()

    with pytest.raises(LookupError, match="the course 1 is not where it was"):
        again(course, door)


async def test_what_begins_while_all_is_abandoned_is_abandoned_too(door: Doorway) -> None:
    begun: list[str] = []

    async def begin_another() -> None:
        try:
            await door.outside(nothing())
        finally:
            begun.append("another")
            door.course(begin_another)

    door.course(begin_another).go()
    door.abandon()

    assert (begun, door.courses) == (["another"], {})
