"""What is under way at an instant, of which an exported state tells nothing: where each stands, and how it goes on.

What does something by itself tells where it stands by its `standing`, in values that state/moment.py can write, and
takes that up again by `stand`; its timers are set again as those of the state are. Work of several steps tells what it
was begun with and has heard since (course.py).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from pocketbus.emulator.engine import Engine
from pocketbus.emulator.time import clock

Standing = Mapping[str, Any]
Told = Mapping[str, Any]
"""What has to be known before a document is read: the instant, the clock, how many courses there were."""


class UnrestError(Exception):
    """Work is under way that cannot tell where it stands: a delivery in slices, a request that a fault delays."""


class Stands(Protocol):
    """What does something by itself."""

    def standing(self) -> Any:
        """Tell where it stands; None: there is nothing to tell."""
        ...

    def stand(self, kept: Any) -> None:
        """Stand where another one stood."""
        ...


def check(engine: Engine) -> None:
    """Raise UnrestError where not all that is under way can be told."""
    for course in engine.door.courses.values():
        if course.work is None:
            raise UnrestError(f"the course {course.number}")


def tell(engine: Engine) -> Standing:
    """Tell it."""
    told = ((one, one.standing()) for one in _standing_ones(engine))
    return {
        "standing": [[one, kept] for one, kept in told if kept is not None],
        "courses": list(engine.door.courses.values()),
        "watchers": engine.watchers,
        "branches": engine.door.branches,
    }


def told_of(engine: Engine) -> dict[str, Any]:
    """Return that, for JSON."""
    return {"at": engine.clock.now(), "clock": engine.clock.standing, "made": engine.door.made}


def prepare(engine: Engine, told: Told) -> None:
    """Be ready for the state of another engine, of the instant `at`.

    What goes on by itself in it does so at that instant, and is numbered after what was there.
    """
    engine.door.replaying = True
    engine.door.made = told["made"]
    engine.clock.stand(clock.Standing(*told["clock"]))
    engine.clock.hold_at(told["at"])


def take_up(engine: Engine, standing: Standing) -> None:
    """Stand where another engine stood, once its state is in its place. Raise LookupError."""
    engine.watchers = standing["watchers"]
    engine.door.branches = standing["branches"]
    for one, kept in standing["standing"]:
        one.stand(kept)
    engine.door.take_up(standing["courses"])


def _standing_ones(engine: Engine) -> Iterator[Any]:
    yield engine.faults
    yield from engine.components
    for scope in engine.scopes:
        for service in scope.services.values():
            yield from service.at_work()
