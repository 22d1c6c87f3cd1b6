"""Work in several steps, each of them an input; where one stands can be told, and taken up by another engine."""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from contextlib import AbstractContextManager
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from pocketbus.emulator.errors import EngineError

STEP, BREAK = "step", "break"
"""The steps of courses as inputs: the next one, and the one by which it is broken off."""

T = TypeVar("T")
Work = Callable[..., Coroutine[Any, Any, Any]]


class Heard(NamedTuple):
    """What a course has been told, or has done: one of the kinds below, and what came of it."""

    kind: str
    what: Any = None


DID, FAILED, ASKED, TOLD, PASSED = "did", "failed", "asked", "told", "passed"
"""Something done once, and its result or failure; work outside by its number, then its outcome; a wait that is over."""


class Doorway(Protocol):
    """What a course needs of the door."""

    courses: "dict[int, Course]"
    stepping: "Course | None"

    def entry(self, name: str, *arguments: Any) -> AbstractContextManager[None]: ...
    def step(self, course: "Course", error: BaseException | None = None) -> None: ...


class Course:
    """Work in several steps. It may await futures of the engine, outcomes, and nothing else.

    Where it stands is told by what it was begun with, `work` and its `args`, and by what it has `heard` since. Begun
    anew with that, it comes to where it stood: whatever it does to the state before its last step, and whatever it
    finds there, it does and finds `once`. Without `work` it cannot be told of.
    """

    def __init__(self, door: Doorway, number: int, work: Work | None, args: tuple[Any, ...]) -> None:
        self.number = number
        self.work = work
        self.args = args
        self.heard: list[Heard] = []
        self.waits_for: asyncio.Future[Any] | None = None
        self.for_a_client = False
        """Whether somebody waits for what comes of it who is gone when a replay has come to the present."""
        self.is_slicing = False
        self.on_live: Callable[[Course], object] | None = None
        """What has it carried then, if it is not a task of its own."""
        self._told: list[Callable[[Course], object]] = []
        self._door = door
        self._open()

    @classmethod
    def of(cls, door: Doorway, number: int, coroutine: Coroutine[Any, Any, Any]) -> "Course":
        """Make a course of work that is there already."""
        course = cls(door, number, None, ())
        course._coroutine = coroutine
        return course

    def _open(self) -> None:
        self.begun = self.over = False
        self.task: asyncio.Task[Any] | None = None
        """What carries it, once something does."""
        self._coroutine: Coroutine[Any, Any, Any] | None = None
        self._place = len(self.heard)
        """How much of what it has heard it knows; it is less while it is begun anew."""
        self._taken_up = True
        """Whether it is where it stands, and not on its way there."""
        self._held_back: asyncio.Future[None] | None = None
        self._result: Any = None
        self._raised: BaseException | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Tell where it stands."""
        return {name: getattr(self, name) for name in _KEPT}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.waits_for = None
        for name, part in state.items():
            setattr(self, name, part)
        begun = self.begun
        self._open()
        self.begun = begun

    # Its steps

    def go(self, error: BaseException | None = None) -> None:
        """Take the next step, or have `error` raised where the course stands."""
        waits_for, self.waits_for = self.waits_for, None
        before, self._door.stepping = self._door.stepping, self
        try:
            self.waits_for = self._step(waits_for, error)
        except StopIteration as end:
            self._end(end.value, None)
        except (Exception, asyncio.CancelledError) as raised:  # noqa: BLE001 - who awaits the course gets it
            self._end(None, raised)
        except BaseException as raised:
            self._end(None, raised)
            raise
        finally:
            self._door.stepping = before

    def _step(
        self, waits_for: "asyncio.Future[Any] | None", error: BaseException | None
    ) -> "asyncio.Future[Any] | None":
        if error is not None:
            if waits_for is not None and not waits_for.done():
                waits_for.cancel()
            if not self.begun:
                raise error
        if self._coroutine is None:
            if self.work is None:
                raise RuntimeError("a course without work")
            self._coroutine = self.work(*self.args)
        self.begun = True
        found: asyncio.Future[Any] | None = (
            self._coroutine.send(None) if error is None else self._coroutine.throw(error)
        )
        return found

    def _end(self, result: Any, raised: BaseException | None) -> None:
        self._result, self._raised = result, raised
        self.over = True
        self.close()
        self._door.courses.pop(self.number, None)
        told, self._told = self._told, []
        for tell in told:
            tell(self)

    def close(self) -> None:
        """Let go of the work."""
        coroutine, self._coroutine = self._coroutine, None
        self.heard = []
        self._place = 0
        if coroutine is not None:
            coroutine.close()

    def break_off(self) -> None:
        """End it here and now."""
        while not self.over:
            with self._door.entry(BREAK, self.number):
                self.go(asyncio.CancelledError())

    @property
    def is_due(self) -> bool:
        """Whether nothing has to come about for its next step."""
        return self.waits_for is None or self.waits_for.done()

    # Begun anew

    def goes_on_by(self, work: Work, *args: Any) -> None:
        """Tell that from here on it is nothing else than this, as far as the state is concerned."""
        if self._place == len(self.heard):
            self.work, self.args, self.heard, self._place = work, args, [], 0

    def goes_on_in_slices(self) -> None:
        """Tell that from here on it waits for nothing but its next turn, until it is over, and cannot be told of."""
        self.is_slicing, self.work = True, None

    def take_up(self) -> None:
        """Come to where it stood. Raise LookupError where it does not."""
        if not self.begun:
            return
        self._place, self._taken_up = 0, False
        self.go()
        if self.over or self._place != len(self.heard):
            raise LookupError(f"the course {self.number} is not where it was")
        self._taken_up = True
        if self._held_back is not None:
            self._held_back.set_result(None)
            self._held_back = None

    def again(self, *kinds: str) -> Heard | None:
        """Return what it heard at this place before; None: it comes here for the first time."""
        if self._place == len(self.heard):
            return None
        heard = self.heard[self._place]
        if heard.kind not in kinds:
            raise LookupError(f"the course {self.number} heard {heard.kind} where it asks for {kinds}")
        self._place += 1
        return heard

    def is_told(self, number: int, outcome: list[Any]) -> None:
        """Hear what came of work outside that it asked for."""
        for place in range(len(self.heard) - 1, -1, -1):  # mostly the last
            if self.heard[place] == (ASKED, number):
                self.heard[place] = Heard(TOLD, outcome)
                return

    def note(self, heard: Heard) -> int:
        """Note what it hears for the first time, and return the place of that."""
        self.heard.append(heard)
        self._place = len(self.heard)
        return self._place - 1

    def once(self, work: Callable[[], T]) -> T:
        """Do something once, however often the course is begun anew."""
        heard = self.again(DID, FAILED)
        if heard is None:
            try:
                heard = Heard(DID, work())
            except EngineError as error:
                heard = Heard(FAILED, error)
            self.note(heard)
        if heard.kind == FAILED:
            raise heard.what
        found: T = heard.what
        return found

    async def wait(self, future: "asyncio.Future[T]") -> T:
        """Wait for a future of the engine; where a course that is begun anew stood here, it stands here again."""
        if self.again(PASSED) is not None:
            return await future
        if future.done() and not self._taken_up:
            self._held_back = asyncio.get_running_loop().create_future()
            await self._held_back  # what has come about is for its next step
        try:
            return await future
        finally:
            self.note(Heard(PASSED))

    async def turn(self) -> None:
        """Wait for a turn of the event loop."""
        if self.again(PASSED) is None:
            await asyncio.sleep(0)
            self.note(Heard(PASSED))

    # What carries it

    def go_live(self) -> None:
        """Hear that a replay has come to the present."""
        if self.for_a_client:
            self.break_off()
        elif self.on_live is not None:
            self.on_live(self)
        else:
            self.begin()

    async def carry(self) -> Any:
        """Take step after step as what is waited for comes about, and return the result."""
        while not self.over:
            error = None
            if self.begun:
                awaited = self.waits_for
                try:
                    await _come_about(awaited)
                except asyncio.CancelledError as broken_off:
                    error = broken_off
                if self.over or (error is None and self.waits_for is not awaited):
                    continue  # somebody else has taken the step
            self._door.step(self, error)
        if self._raised is not None:
            raise self._raised
        return self._result

    def begin(self) -> None:
        """Have it carried by a task of its own."""
        self.task = asyncio.get_running_loop().create_task(self.carry())
        self.task.add_done_callback(self._carried)

    def _carried(self, task: "asyncio.Task[Any]") -> None:
        """Hear that the task has ended: if it was broken off before it began, so is the course."""
        if not self.over:
            with self._door.entry(BREAK, self.number):
                self.go(asyncio.CancelledError())
        if not task.cancelled():
            task.exception()

    # As a task is used

    def add_done_callback(self, tell: Callable[["Course"], object]) -> None:
        """Tell of the end, within the step that it comes with."""
        if self.over:
            tell(self)
        else:
            self._told.append(tell)

    def cancel(self) -> None:
        """Have it broken off soon. In a replay that comes by itself."""
        if self.task is not None:
            self.task.cancel()

    def cancelled(self) -> bool:
        return isinstance(self._raised, asyncio.CancelledError)

    def exception(self) -> BaseException | None:
        """Return what ended it, if that was a failure."""
        return self._raised

    def __await__(self) -> Generator[Any, None, Any]:
        if self.task is not None:
            yield from self.task.__await__()
        return self._result


_KEPT: Final = ("number", "work", "args", "heard", "begun", "for_a_client", "on_live", "_told", "_door")


async def _come_about(awaited: "asyncio.Future[Any] | None") -> None:
    """Wait until a future is done; nothing but the course itself may break it off. None: for a turn."""
    if awaited is None:
        await asyncio.sleep(0)
        return
    done = asyncio.get_running_loop().create_future()
    awaited.add_done_callback(lambda _awaited: None if done.done() else done.set_result(None))
    await done
