"""What an exported state leaves out and a journal cannot do without: the clock, the counts, and who waits at queues.

All else that a state leaves out, such as a delivery that is tried again later, has to come to its end before the
journal can begin anew at a snapshot.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pocketbus.emulator.custombuses.bus import CustomBus
from pocketbus.emulator.door import Course
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.queues.long_polls import ReceiveRequest
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.queues.waiting import Waiter
from pocketbus.emulator.time.clock import Standing

Told = dict[str, Any]


class UnrestError(Exception):
    """Something is under way of which an exported state tells nothing; the text says what."""


def tell(engine: Engine) -> Told:
    """Tell it, for JSON. Raise UnrestError."""
    if engine.clock.frozen:
        raise UnrestError("the clock is frozen")
    if list(engine.faults):
        raise UnrestError("faults are set")
    if len(engine.courier) or engine.door.asks:
        raise UnrestError("deliveries over a network are under way")
    if not engine.functions.at_rest:
        raise UnrestError("functions have workers")
    if any(bus.subscribers for bus in engine.resources.values() if isinstance(bus, CustomBus)):
        raise UnrestError("subscribers of custom event buses are where they are")
    if any(pipe.settings.running for scope in engine.scopes for pipe in scope.pipes.pipes.values()):
        raise UnrestError("pipes run")
    polls = list(_polls(engine))
    if len(polls) != len(engine.door.courses):
        raise UnrestError("operations are under way")
    return {
        "clock": engine.clock.standing,
        "made": engine.door.made,
        "faults": engine.faults.made,
        "polls": polls,
    }


def prepare(engine: Engine, told: Mapping[str, Any]) -> None:
    """Be ready for the state of another engine, of the instant `at`.

    What goes on by itself in it does so at that instant, and is numbered after what was there.
    """
    engine.door.replaying = True
    engine.door.made = told["made"]
    engine.clock.stand(Standing(*told["clock"]))
    engine.clock.hold_at(told["at"])


def take_up(engine: Engine, told: Mapping[str, Any]) -> None:
    """Stand where another engine stood, once its state has been imported."""
    made = engine.door.made
    engine.clock.stand(Standing(*told["clock"]))
    engine.faults.begin_at(told["faults"])
    for number, arn, limit, visibility_timeout, attempt_id, until in told["polls"]:
        queue = engine.resources[arn]
        if isinstance(queue, Queue):
            engine.door.made = number - 1
            _wait(engine, queue, ReceiveRequest(limit, visibility_timeout, attempt_id), until)
    engine.door.made = made


def _polls(engine: Engine) -> Iterator[list[Any]]:
    """Yield who waits, queue by queue, in order: the number of the course, the queue, the request, its end."""
    courses = {course.waits_for: course.number for course in engine.door.courses.values()}
    for arn, queue in engine.resources.items():
        if not isinstance(queue, Queue):
            continue
        for waiter in queue.long_polls.waiters:
            if not isinstance(waiter, Waiter) or waiter.timer is None or waiter.answer not in courses:
                raise UnrestError(f"somebody else than a client waits at {arn}")
            request = waiter.request
            yield [
                courses[waiter.answer],
                arn,
                request.limit,
                request.visibility_timeout,
                request.attempt_id,
                waiter.timer.at,
            ]


def _wait(engine: Engine, queue: Queue, request: ReceiveRequest, until: float) -> None:
    """Have somebody wait again, as a course of the number that is next."""
    course = engine.door.course(queue.long_polls.wait(request, until))
    course.on_live = Course.break_off
    course.go()
