"""Workers that attach over Lambda's Runtime API: each asks for the next invocation, and posts what came of it.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from msgspec import Struct

from pocketbus.emulator.course import Course
from pocketbus.emulator.door import Door
from pocketbus.emulator.functions.invocation import Invocation, Result, exited, timed_out
from pocketbus.emulator.functions.workers import Workers
from pocketbus.emulator.time.tasks import Tasks
from pocketbus.emulator.time.timers import KeptTimers, Timer, Timers

PATIENCE_SECONDS = 10
"""How long, in real time, a clock moved by hand waits for a worker: somebody may stand in a debugger."""

_REMEMBERED = 1000


class Handed(Struct, eq=False):
    """An invocation on its way through a worker; `worker` is the one that has it, `timer` ends its time."""

    invocation: Invocation
    result: asyncio.Future[Result]
    late: "Callable[[Handed], None]"
    worker: str = ""
    timer: Timer | None = None

    def time_out(self, _now: float) -> None:
        self.late(self)

    def set_timers_again(self, timers: KeptTimers) -> None:
        if self.timer is not None:
            self.timer = timers.call_again(self.timer, self.time_out)


class _Poll(Struct, eq=False):
    worker: str
    timed: bool
    answer: asyncio.Future[Handed | None]


class Attached(Workers):
    """The workers of one function, and the invocations that wait for one of them; `tell` hears of each new room."""

    kind = "attached"

    def __init__(self, arn: str, door: Door, timers: Timers, tasks: Tasks, tell: Callable[[], None]) -> None:
        self._arn = arn
        self._door = door
        self._timers = timers
        self._tasks = tasks
        self._tell = tell
        self._idle: dict[_Poll, None] = {}
        self._waiting: deque[Handed] = deque()
        self._under_way: dict[str, Handed] = {}
        self._over: dict[str, None] = {}
        self.present = False
        """Whether a worker has attached and not said that it left: it is waited for, be it busy or restarted."""

    @property
    def capacity(self) -> int:
        return len(self._idle) + len(self._under_way)

    @property
    def idle(self) -> int:
        return len(self._idle)

    async def run(self, invocation: Invocation) -> Result:
        """Wait for a free worker, then for its answer, for as long as the function may take."""
        handed = self._door.once(partial(self._line_up, invocation))
        patience = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self._tasks.excuse, self._carrier)
        try:
            return await self._door.wait(handed.result)
        finally:
            patience.cancel()
            self._forget(handed)

    @property
    def _carrier(self) -> Course | asyncio.Task[Any] | None:
        return self._door.stepping or asyncio.current_task()

    def _line_up(self, invocation: Invocation) -> Handed:
        handed = Handed(invocation, asyncio.get_running_loop().create_future(), self._time_out)
        self._waiting.append(handed)
        self._match()
        return handed

    async def next(self, worker: str = "", *, timed: bool = True) -> Invocation | None:
        """Wait for an invocation; None: the worker is to go. One that is not `timed` may take as long as it likes.

        One that goes away before it has heard hands the invocation back.
        """
        with self._door.entry("worker asks", self._arn, worker, timed):
            asking = self.ask(worker, timed=timed)
        invocation: Invocation | None = await asking
        return invocation

    def ask(self, worker: str, *, timed: bool) -> Coroutine[Any, Any, Invocation | None]:
        """Return what waits; whoever asks has to be here when a replay comes to the present."""
        if not self._door.kept:
            return self._next(worker, timed)
        course = self._door.course(self._next, worker, timed)
        course.for_a_client = True
        return course.carry()

    async def _next(self, worker: str, timed: bool) -> Invocation | None:
        poll = self._door.once(partial(self._come, worker, timed))
        try:
            handed = await self._door.wait(poll.answer)
            # A disconnect that came in with the answer still counts, as with a queue's long polls.
            await self._door.turn()
            await self._door.turn()
        except asyncio.CancelledError:
            if poll.answer.done() and not poll.answer.cancelled():
                self._hand_back(poll.answer.result())
            raise
        finally:
            self._idle.pop(poll, None)
        return None if handed is None else handed.invocation

    def _come(self, worker: str, timed: bool) -> _Poll:
        self.present = True
        poll = _Poll(worker, timed, asyncio.get_running_loop().create_future())
        self._idle[poll] = None
        self._match()
        self._tell()
        return poll

    def answer(self, request_id: str, result: Result) -> bool:
        """Take what a worker says of an invocation; False: there was none of this id.

        What comes after its time is taken and means nothing.
        """
        handed = self._under_way.get(request_id)
        if handed is None:
            return request_id in self._over
        with self._door.entry("worker answers", self._arn, request_id, list(result)):
            self._end(handed, result)
        return True

    def leave(self, worker: str, reason: str) -> None:
        """Hear that a worker has ended: what it was given has failed."""
        with self._door.entry("worker leaves", self._arn, worker, reason):
            self._send_away(worker)
            for handed in [one for one in self._under_way.values() if one.worker == worker]:
                self._end(handed, exited(handed.invocation, reason))
            self.present = bool(self._idle or self._under_way)

    def clear(self) -> None:
        """Break off every invocation; the workers stay."""
        for handed in (*self._waiting, *self._under_way.values()):
            handed.result.cancel()

    def release(self) -> None:
        """Send every worker away that waits."""
        with self._door.entry("workers are sent away", self._arn):
            for worker in dict.fromkeys(poll.worker for poll in self._idle):
                self._send_away(worker)

    def _send_away(self, worker: str) -> None:
        for poll in [poll for poll in self._idle if poll.worker == worker]:
            del self._idle[poll]
            if not poll.answer.done():
                poll.answer.set_result(None)

    def _match(self) -> None:
        while self._idle and self._waiting:
            poll = next(iter(self._idle))
            del self._idle[poll]
            if poll.answer.done():
                continue
            handed = self._waiting.popleft()
            self._hand(handed, poll)

    def _hand(self, handed: Handed, poll: _Poll) -> None:
        invocation = handed.invocation
        handed.worker = poll.worker
        self._under_way[invocation.request_id] = handed
        if poll.timed:
            at = self._timers.now() + invocation.timeout_seconds
            handed.timer = self._timers.call_at(at, handed.time_out)
        poll.answer.set_result(handed)

    def _time_out(self, handed: Handed) -> None:
        self._end(handed, timed_out(handed.invocation))

    def _hand_back(self, handed: Handed | None) -> None:
        if handed is None or handed.result.done():
            return
        self._forget(handed)
        self._over.pop(handed.invocation.request_id, None)
        self._waiting.appendleft(handed)
        self._match()

    def _end(self, handed: Handed, result: Result) -> None:
        self._forget(handed)
        if not handed.result.done():
            handed.result.set_result(result)

    def _forget(self, handed: Handed) -> None:
        if handed.timer is not None:
            self._timers.cancel(handed.timer)
            handed.timer = None
        if handed in self._waiting:
            self._waiting.remove(handed)
        request_id = handed.invocation.request_id
        if self._under_way.pop(request_id, None) is not None:
            self._over[request_id] = None
            if len(self._over) > _REMEMBERED:
                del self._over[next(iter(self._over))]
