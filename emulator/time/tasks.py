"""What goes on beside the clock: whoever moves it by hand waits for that."""

import asyncio
from contextlib import suppress
from typing import Any

from pocketbus.emulator.course import Course, Work
from pocketbus.emulator.door import Door

Task = asyncio.Task[None] | Course
"""Work that was started: it can be cancelled, and tells when it has ended."""


class Tasks:
    """Tasks that time waits for, until they are done or excused."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._under_way: dict[asyncio.Task[None], None] = {}
        self._excused: dict[asyncio.Task[None], None] = {}
        self._quiet: asyncio.Future[None] | None = None
        self._closed = False

    def start(self, work: Work, *args: Any) -> Task:
        """Start a task. It exists from this call on, so that whoever moved the clock here can wait for it."""
        if self._closed:
            return Course(self._door, 0, None, ())  # which never begins, and never ends
        if not self._door.kept:
            return self._watch(asyncio.get_running_loop().create_task(work(*args)))
        course = self._door.course(work, *args)
        course.on_live = self._carry
        if not self._door.replaying:
            self._carry(course)
        return course

    def start_apart(self, work: Work) -> None:
        """Start one whose steps are not inputs, because all that it changes is; a replay has no use for it."""
        if not (self._closed or self._door.replaying):
            self._watch(asyncio.get_running_loop().create_task(work()))

    def _carry(self, course: Course) -> None:
        course.begin()
        if course.task is not None:
            self._watch(course.task)

    def _watch(self, task: asyncio.Task[None]) -> asyncio.Task[None]:
        self._under_way[task] = None
        task.add_done_callback(self._end)
        return task

    def excuse(self, work: Course | asyncio.Task[Any] | None) -> None:
        """Let time go on without a task that takes longer than anybody waits."""
        task = work.task if isinstance(work, Course) else work
        if task in self._under_way:
            self._excused[task] = None
            self._end(task, excused=True)

    async def quiet(self) -> None:
        """Wait until no task is under way but those excused."""
        while self._under_way:
            if self._quiet is None:
                self._quiet = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._quiet)

    async def close(self) -> None:
        """Break off whatever is under way, and wait until it has ended; nothing more begins."""
        self._closed = True
        tasks = [*self._under_way, *self._excused]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task

    def _end(self, task: asyncio.Task[None], *, excused: bool = False) -> None:
        self._under_way.pop(task, None)
        if not excused:
            self._excused.pop(task, None)
        if not self._under_way and self._quiet is not None:
            self._quiet.set_result(None)
            self._quiet = None
