"""The one door by which all comes in that changes the state, so that a journal can keep it and a replay repeat it.

What comes in is an input: an operation, a control call, the ring of a timer, what came of work outside. An input is
carried out at one instant, without a turn of the event loop; what it causes meanwhile is part of it. Work that takes
several turns is a course: each of its steps is an input. Without a journal the door stands open and costs nothing.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from pocketbus.emulator import outcomes
from pocketbus.emulator.course import ASKED, BREAK, STEP, TOLD, Course, Heard, Work
from pocketbus.emulator.time.clock import Clock

START, ADVANCE, RAISED = "start", "advance", "raised"
"""A server's start, a clock moved by hand, and what is kept of an input that raised something."""

MOST_BRANCHES: Final = 1000

T = TypeVar("T")

_OPEN: Final[AbstractContextManager[None]] = nullcontext()


Past = Callable[[str], Awaitable[AsyncIterator[bytes]]]


class Place(NamedTuple):
    """Whose an input is, and how its client addressed the server."""

    account: str
    region: str
    base_url: str
    signed: bool


class Branch(NamedTuple):
    """What came before somebody went back to an earlier state, and stays in the journal: up to an input's number.

    It was left at an instant of the emulator's, for what was there `to` another instant or number, as it was asked for.
    """

    before: int
    left_at: float
    to: str


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
        self.stepping: Course | None = None
        """The one whose step is taken now."""
        self.operations: Callable[..., Coroutine[Any, Any, Any]] | None = None
        """Carries out an operation by its name, place, input and circumstances, where courses are taken up."""
        self.branches: deque[Branch] = deque(maxlen=MOST_BRANCHES)
        """The latest of which the journal knows."""
        self.made = 0
        """How many courses were made so far, and how often work outside was asked for: their numbers."""
        self._abandoned = False
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

    def branch_off(self, branch: Branch) -> None:
        """Know of what was left when somebody went back."""
        with self.entry("branch", *branch):
            self.branches.append(branch)

    # Courses

    def course(self, work: Work, *args: Any) -> Course:
        """Make a course of work that the input under way begins."""
        return self._add(Course(self, self._next(), work, args))

    def course_of(self, coroutine: Coroutine[Any, Any, Any]) -> Course:
        """Make one of work that is there already, of which only its parts can tell where they stand."""
        return self._add(Course.of(self, self._next(), coroutine))

    def _next(self) -> int:
        self.made += 1
        return self.made

    def _add(self, course: Course) -> Course:
        if self._abandoned:
            course.close()
        else:
            self.courses[course.number] = course
        return course

    def step(self, course: Course, error: BaseException | None = None) -> None:
        """Have a course take its next step, or be broken off by an error."""
        with self.entry(STEP if error is None else BREAK, course.number):
            course.go(error)

    async def operation(self, *what: Any) -> None:
        """Carry out an operation, for a course that is taken up."""
        if self.operations is None:
            raise LookupError("nobody carries out operations here")
        await self.operations(*what)

    def finish_slices(self) -> Iterator[None]:
        """Take all the steps of courses that only wait for their turns."""
        for course in [course for course in self.courses.values() if course.is_slicing]:
            while not course.over:
                self.step(course)
                yield

    def go_on(self, number: int, *, broken_off: bool = False) -> None:
        """Repeat the next step of a course."""
        self.courses[number].go(asyncio.CancelledError() if broken_off else None)

    def forget_what_cannot_be_told(self) -> None:
        """Finish what goes on in slices, and break off for whom nobody waits after a replay."""
        for _ in self.finish_slices():
            pass
        for course in [course for course in self.courses.values() if course.work is None]:
            course.break_off()

    # What a course says of its work; whoever is in none does it and is done

    def once(self, work: Callable[[], T]) -> T:
        """Do or find something that the course does not do or find a second time when it is taken up elsewhere."""
        return work() if self.stepping is None else self.stepping.once(work)

    def goes_on_by(self, work: Work, *args: Any) -> None:
        """Say that from here on the course is nothing else than this: whoever began it only hears what comes of it."""
        if self.stepping is not None:
            self.stepping.goes_on_by(work, *args)

    async def wait(self, future: "asyncio.Future[T]") -> T:
        """Wait for a future of the engine."""
        course = self.stepping
        return await (future if course is None else course.wait(future))

    async def turn(self) -> None:
        """Wait for a turn of the event loop."""
        course = self.stepping
        await (asyncio.sleep(0) if course is None else course.turn())

    # Work outside

    def outside(self, work: Coroutine[Any, Any, Any]) -> Awaitable[Any]:
        """Have work done of which only the outcome is an input: by a network, another thread, in real time.

        To be awaited by a course; in a replay nothing is done, and the outcome is the one that was kept.
        """
        if not (self.kept and self.inside):
            return work
        return self.wait(self.ask(work))

    def ask(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Future[Any]":
        """Do the same, and return where the outcome will be, to `wait` for."""
        if not (self.kept and self.inside):
            return asyncio.ensure_future(work)
        answer = asyncio.get_running_loop().create_future()
        course = self.stepping
        heard = None if course is None else course.again(ASKED, TOLD)
        if heard is not None and heard.kind == TOLD:
            _Question(answer, work).take(heard.what)
            return answer
        if heard is not None:
            number = int(heard.what)
        else:
            number = self._next()
            if course is not None:
                course.note(Heard(ASKED, number))
        question = self._questions[number] = _Question(answer, work, course)
        answer.add_done_callback(lambda _answer: self._forget(number))
        if not self.replaying:
            self._ask(number, question)
        return answer

    def hear(self, number: int, outcome: list[Any]) -> None:
        """Take what came of work outside."""
        question = self._questions.pop(number, None)
        if question is not None:
            if question.course is not None:
                question.course.is_told(number, outcome)
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

    # From a kept state to a replay, and from that to the present

    def take_up(self, courses: Iterable[Course]) -> None:
        """Have courses under way, each where it stood. Raise LookupError."""
        self.courses = {course.number: course for course in courses}
        self.inside = True
        try:
            for course in self.courses.values():
                course.take_up()
        finally:
            self.inside = False

    def go_live(self, journal: Journal | None) -> None:
        """Let inputs come in from now on: time passes, and what was asked for outside is asked for again."""
        self.replaying = False
        self.journal = journal
        self._clock.let_go()
        for course in list(self.courses.values()):
            course.go_live()
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
        self._abandoned = True
        for question in list(self._questions.values()):
            question.drop()
        self._questions.clear()
        for course in list(self.courses.values()):
            course.close()
        self.courses.clear()


class _Through:
    """The way through the door for one input after the other."""

    __slots__ = ("_door",)

    def __init__(self, door: Door) -> None:
        self._door = door

    def __enter__(self) -> None:
        """The journal has been told."""

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self._door.leave(error)


class _Question:
    """Work outside, and where its outcome is waited for."""

    __slots__ = ("answer", "course", "task", "work")

    def __init__(
        self, answer: "asyncio.Future[Any]", work: Coroutine[Any, Any, Any], course: Course | None = None
    ) -> None:
        self.answer = answer
        self.work = work
        self.course = course
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
