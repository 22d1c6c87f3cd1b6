"""The requests that were answered: how many of each operation and status, how long they took, and who hears of each."""

from bisect import bisect_left
from collections.abc import Callable
from typing import NamedTuple

from pocketbus.apis.codec.answer import Answer
from pocketbus.apis.service import Route
from pocketbus.emulator.scope import Scope
from pocketbus.emulator.time.clock import stopwatch

BOUNDS_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0, 30.0)
"""Upper bounds of the durations that are counted apart; what took longer is counted last."""

_LEAST = BOUNDS_SECONDS[0]


class Asked(NamedTuple):
    """What requests are counted by; a request that names no operation has empty names."""

    service: str
    operation: str
    status: int


class Durations:
    """How long requests took, of the bounds above."""

    __slots__ = ("counts", "seconds")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS_SECONDS) + 1)
        self.seconds = 0.0


class Answered(NamedTuple):
    """One request that was answered, without anything that it holds."""

    asked: Asked
    account: str
    region: str
    request_id: str
    seconds: float


class Requests:
    """Counts requests; `hear` hears of each, if it is set."""

    def __init__(self) -> None:
        self.counted: dict[tuple[str, str, int], Durations] = {}
        """How long requests took, by what an Asked tells."""
        self.hear: Callable[[Answered], None] | None = None

    def count(
        self, answer: Answer, began_at: float, route: Route | None = None, scope: Scope | None = None
    ) -> Answer:
        """Count a request that began at an instant of the stopwatch with its answer, which is passed on."""
        seconds = stopwatch() - began_at
        asked = ("", "", answer.status) if route is None else (route.service, route.name, answer.status)
        durations = self.counted.get(asked)
        if durations is None:
            durations = self.counted[Asked(*asked)] = Durations()
        durations.counts[bisect_left(BOUNDS_SECONDS, seconds) if seconds > _LEAST else 0] += 1
        durations.seconds += seconds
        if self.hear is not None:
            place = ("", "") if scope is None else (scope.account, scope.region)
            self.hear(Answered(Asked(*asked), *place, answer.request_id, seconds))
        return answer
