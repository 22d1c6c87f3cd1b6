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


class Request:
    """One request on its way. What is known of it is put in as it becomes known."""

    __slots__ = ("_began_at", "_request_id", "_requests", "route", "scope")

    def __init__(self, requests: "Requests", request_id: str) -> None:
        self._requests = requests
        self._request_id = request_id
        self._began_at = stopwatch()
        self.route: Route | None = None
        self.scope: Scope | None = None

    def end(self, answer: Answer) -> Answer:
        """Count the request with its answer, which is passed on."""
        seconds = stopwatch() - self._began_at
        route, requests = self.route, self._requests
        asked = (
            ("", "", answer.status) if route is None else (route.service, route.operation.name, answer.status)
        )
        durations = requests.counted.get(asked)
        if durations is None:
            durations = requests.counted[Asked(*asked)] = Durations()
        durations.counts[bisect_left(BOUNDS_SECONDS, seconds)] += 1
        durations.seconds += seconds
        if requests.hear is not None:
            scope = self.scope
            place = ("", "") if scope is None else (scope.account, scope.region)
            requests.hear(Answered(Asked(*asked), *place, self._request_id, seconds))
        return answer


class Requests:
    """Counts requests; `hear` hears of each, if it is set."""

    def __init__(self) -> None:
        self.counted: dict[tuple[str, str, int], Durations] = {}
        """How long requests took, by what an Asked tells."""
        self.hear: Callable[[Answered], None] | None = None

    def begin(self, request_id: str) -> Request:
        return Request(self, request_id)
