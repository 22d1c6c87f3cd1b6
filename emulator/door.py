"""The one door by which all comes in that changes the state, so that a journal can keep it and a replay repeat it.

What comes in is an input: an operation, a control call, the ring of a timer, what came of work outside. An input is
carried out at one instant, without a turn of the event loop; what it causes meanwhile is part of it. Work that takes
several turns is a course: each of its steps is an input. Without a journal the door stands open and costs nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Any, Final, NamedTuple, Protocol

from pocketbus.emulator import outcomes
from pocketbus.emulator.time.clock import Clock

START, ADVANCE, STEP, BREAK, RAISED = "start", "advance", "step", "break", "raised"
"""A server's start, a clock moved by hand, the steps of courses, and what is kept of an input that raised something."""

_OPEN: Final[AbstractContextManager[None]] = nullcontext()


Past = Callable[[str], Awaitable[AsyncIterator[bytes]]]


class Place(NamedTuple):
    """Whose an input is, and how its client addressed the server."""

    account: str
    region: str
    base_url: str
    signed: bool


class Journal(Protocol):
    """Keeps inputs in their order."""

    def append(
        self, system_at: float, at: float, place: Place | None, name: str, arguments: tuple[Any, ...]
    ) -> None:
        """Keep one; nothing that depends on it may leave before the journal has it safe.

        It comes in by the system's time and at an instant of the emulator's.
        """
        ...

    def when_safe(self, work: Coroutine[Any, Any, Any]) -> Coroutine[Any, Any, Any]:
        """Return work that goes outside, to begin when what was appended so far is safe; it begins in a later turn."""
        ...


class Door:
    """Tells the `journal`, if there is one, of each input before it is carried out; in a replay, none comes in here."""

    def __init__(self, clock: Clock) -> None:
        self.journal: Journal | None = None
        self.past: Past | None = None
        """Writes the state at an instant, where a journal tells it."""
        self.replaying = False
        self.inside = False
        """Whether an input is being carried out: whatever happens is part of it."""
        self.courses: dict[int, Course] = {}
        """Those that are under way, in the order in which they were made."""
        self.made = 0
        """How many courses were made so far, and how often work outside was asked for: their numbers."""
        self._clock = clock
        self._questions: dict[int, _Question] = {}
        self._through = _Through(self)

    @property
    def kept(self) -> bool:
        """Whether inputs have to be told apart: they are kept, or repeated."""
        return self.journal is not None or self.replaying

    @property
    def notes(self) -> bool:
        """Whether what comes in now is an input that the journal has to be told of."""
        return self.journal is not None and not self.inside

    def entry(self, name: str, *arguments: Any, place: Place | None = None) -> AbstractContextManager[None]:
        """Let an input in; the block carries it out. Within another one it is part of that."""
        if self.journal is None or self.inside:
            return _OPEN
        self.enter(name, arguments, place)
        self._through.name = name
        return self._through

    def enter(self, name: str, arguments: tuple[Any, ...], place: Place | None) -> float:
        """Let an input in that is to be noted, and return its instant; `leave` has to follow."""
        clock = self._clock
        system_at = clock.hold()
        at = clock.now()
        try:
            self.journal.append(system_at, at, place, name, arguments)  # type: ignore[union-attr]
        except BaseException:
            clock.let_go()
            raise
        self.inside = True
        return at

    def leave(self, error: type[BaseException] | None) -> None:
        """Hear that an input was carried out, or what it raised: a replay has to raise the same."""
        if error is not None and self.journal is not None:
            self.journal.append(self._clock.hold(), self._clock.now(), None, RAISED, (error.__name__,))
        self.inside = False
        self._clock.let_go()

    @contextmanager
    def repeating(self, system_at: float) -> Generator[None, None, None]:
        """Let the block carry out an input of a replay, at the system's time that it came in by."""
        self._clock.hold(system_at)
        self.inside = True
        try:
            yield
        finally:
            self.inside = False

    # Courses

    def course(self, work: Coroutine[Any, Any, Any]) -> "Course":
        """Make a course of work that the input under way begins."""
        self.made += 1
        course = self.courses[self.made] = Course(self, self.made, work)
        return course

    def go_on(self, number: int, *, broken_off: bool = False) -> None:
        """Repeat the next step of a course; what it raises, it raised before."""
        self.courses[number].go(asyncio.CancelledError() if broken_off else None)

    # Work outside

    def outside(self, work: Coroutine[Any, Any, Any]) -> Awaitable[Any]:
        """Have work done of which only the outcome is an input: by a network, another thread, in real time.

        To be awaited by a course; in a replay nothing is done, and the outcome is the one that was kept.
        """
        if not (self.kept and self.inside):
            return work
        self.made += 1
        number = self.made
        answer = asyncio.get_running_loop().create_future()
        question = self._questions[number] = _Question(answer, work)
        answer.add_done_callback(lambda _answer: self._forget(number))
        if not self.replaying:
            self._ask(number, question)
        return answer

    def hear(self, number: int, outcome: list[Any]) -> None:
        """Take what came of work outside."""
        question = self._questions.pop(number, None)
        if question is not None:
            question.take(outcome)

    def _ask(self, number: int, question: "_Question") -> None:
        work = question.work if self.journal is None else self.journal.when_safe(question.work)
        question.task = asyncio.get_running_loop().create_task(work)
        question.task.add_done_callback(lambda task: self._answered(number, task))
        question.task.add_done_callback(lambda _task: question.work.close())  # it may not have begun

    def _answered(self, number: int, task: "asyncio.Task[Any]") -> None:
        if task.cancelled() or number not in self._questions:
            return
        error = task.exception()
        outcome = outcomes.written(task.result() if error is None else error)
        with self.entry("outcome", number, outcome):
            self.hear(number, outcome)

    def _forget(self, number: int) -> None:
        question = self._questions.pop(number, None)
        if question is not None:
            question.drop()

    @property
    def asks(self) -> bool:
        """Whether work outside is under way."""
        return bool(self._questions)

    # From a replay to the present

    def go_live(self, journal: Journal | None) -> None:
        """Let inputs come in from now on: time passes, and what was asked for outside is asked for again."""
        self.replaying = False
        self.journal = journal
        self._clock.let_go()
        for course in list(self.courses.values()):
            course.on_live(course)
        for number, question in list(self._questions.items()):
            if question.answer.done():
                self._forget(number)
            else:
                self._ask(number, question)

    def close(self) -> None:
        """Let nothing be kept any more: what is broken off at the end is gone on with at the next start."""
        self.journal = None

    def abandon(self) -> None:
        """Let go of all that a replay has begun and nobody will go on with."""
        for question in list(self._questions.values()):
            question.drop()
        self._questions.clear()
        for course in list(self.courses.values()):
            course.work.close()
        self.courses.clear()


class _Through:
    """The way through the door for one input after the other."""

    __slots__ = ("_door", "name")

    def __init__(self, door: Door) -> None:
        self._door = door
        self.name = ""

    def __enter__(self) -> None:
        """The journal has been told."""

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        # Whatever is broken off raises something, and who had it broken off decides what.
        self._door.leave(None if self.name == BREAK else error)


class _Question:
    """Work outside, and where its outcome is waited for."""

    __slots__ = ("answer", "task", "work")

    def __init__(self, answer: "asyncio.Future[Any]", work: Coroutine[Any, Any, Any]) -> None:
        self.answer = answer
        self.work = work
        self.task: asyncio.Task[Any] | None = None

    def take(self, outcome: list[Any]) -> None:
        self.drop()
        if self.answer.done():
            return
        found = outcomes.read(outcome)
        if isinstance(found, BaseException):
            self.answer.set_exception(found)
            self.answer.exception()  # whoever waited may be gone
        else:
            self.answer.set_result(found)

    def drop(self) -> None:
        if self.task is None:
            self.work.close()
        else:
            self.task.cancel()


class Course:
    """Work in several steps, each of them an input. It may await futures of the engine, outcomes, and nothing else."""

    def __init__(self, door: Door, number: int, work: Coroutine[Any, Any, Any]) -> None:
        self.number = number
        self.work = work
        self.waits_for: asyncio.Future[Any] | None = None
        self.begun = self.over = False
        self.task: asyncio.Task[Any] | None = None
        """What carries it, once something does."""
        self.on_live: Callable[[Course], object] = Course.begin
        """What has it carried when a replay has come to the present."""
        self._door = door
        self._result: Any = None
        self._raised: BaseException | None = None
        self._told: list[Callable[[Course], object]] = []

    def go(self, error: BaseException | None = None) -> None:
        """Take the next step, or have `error` raised where the course stands; raise what ends it."""
        waits_for, self.waits_for = self.waits_for, None
        try:
            if error is None:
                self.waits_for = self.work.send(None)
            else:
                if waits_for is not None and not waits_for.done():
                    waits_for.cancel()
                self.waits_for = self.work.throw(error)
            self.begun = True
        except StopIteration as end:
            self._result = end.value
            self._end()
        except BaseException as raised:
            self._raised = raised
            self._end()
            raise

    def _end(self) -> None:
        self.over = True
        self._door.courses.pop(self.number, None)
        told, self._told = self._told, []
        for tell in told:
            tell(self)

    def break_off(self) -> None:
        """End it here and now."""
        while not self.over:
            with suppress(Exception, asyncio.CancelledError), self._door.entry(BREAK, self.number):
                self.go(asyncio.CancelledError())

    async def carry(self) -> Any:
        """Take step after step as what is waited for comes about, and return the result."""
        while not self.over:
            error = None
            if self.begun:
                try:
                    await _come_about(self.waits_for)
                except asyncio.CancelledError as broken_off:
                    error = broken_off
            with self._door.entry(STEP if error is None else BREAK, self.number):
                self.go(error)
        return self._result

    def begin(self) -> None:
        """Have it carried by a task of its own."""
        self.task = asyncio.get_running_loop().create_task(self.carry())
        self.task.add_done_callback(self._carried)

    def _carried(self, task: "asyncio.Task[Any]") -> None:
        """Hear that the task has ended: if it was broken off before it began, so is the course."""
        if not self.over:
            with suppress(asyncio.CancelledError), self._door.entry(BREAK, self.number):
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


async def _come_about(awaited: "asyncio.Future[Any] | None") -> None:
    """Wait until a future is done; nothing but the course itself may break it off. None: for a turn."""
    if awaited is None:
        await asyncio.sleep(0)
        return
    done = asyncio.get_running_loop().create_future()
    awaited.add_done_callback(lambda _awaited: None if done.done() else done.set_result(None))
    await done
