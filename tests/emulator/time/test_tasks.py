"""Tasks that a clock moved by hand waits for."""

import asyncio

from pocketbus.emulator.door import Door
from pocketbus.emulator.time.clock import Clock
from pocketbus.emulator.time.tasks import Tasks


async def test_all_is_quiet_when_every_task_is_done_those_begun_meanwhile_too() -> None:
    tasks = Tasks(Door(Clock()))
    told: list[str] = []

    async def second() -> None:
        await asyncio.sleep(0)
        told.append("second")

    async def first() -> None:
        tasks.start(second)
        told.append("first")

    tasks.start(first)
    await tasks.quiet()

    assert told == ["first", "second"]


async def test_nobody_waits_for_a_task_that_is_excused() -> None:
    tasks, never = Tasks(Door(Clock())), asyncio.Event()

    async def hang() -> None:
        tasks.excuse(asyncio.current_task())
        await never.wait()

    task = tasks.start(hang)
    await tasks.quiet()

    assert isinstance(task, asyncio.Task)
    assert not task.done()
    await tasks.close()
    assert task.cancelled()


async def test_nothing_begins_while_tasks_are_broken_off_at_the_end() -> None:
    tasks = Tasks(Door(Clock()))
    told: list[object] = []

    async def begin_another() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            # Whoever begins another one whenever one has ended would do so for ever.
            tasks.start(begin_another).add_done_callback(told.append)

    task = tasks.start(begin_another)
    await asyncio.sleep(0)
    await tasks.close()

    assert (task.cancelled(), told) == (True, [])


async def test_a_task_of_somebody_else_needs_no_excuse() -> None:
    tasks = Tasks(Door(Clock()))
    tasks.excuse(asyncio.current_task())

    await tasks.quiet()
