"""Trouble on purpose: faults by where they strike, how often and how long; each strike is told to the trace.

What a fault does is effects.py's affair, and of the place that it strikes at: the wire, a queue, the delivery.
"""

from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from msgspec import Struct, to_builtins

from pocketbus.emulator.door import Door
from pocketbus.emulator.ids import Chance, Ids
from pocketbus.emulator.inspection.trace import Trace
from pocketbus.emulator.time.clock import Clock
from pocketbus.emulator.trouble.effects import (
    Cut,
    Duplicate,
    Effect,
    Error,
    Failure,
    FaultError,
    Latency,
    OfRequest,
    Partial,
    Reorder,
    Throttle,
    effect_of,
    kind_of,
)
from pocketbus.emulator.trouble.incident import Incident, Where

MOST_FAULTS: Final = 100
"""How many faults there can be at a time; those that are over give way."""

_REACH: Final = 16
"""How far behind the message whose turn it is another one may stand that is handed out in its place."""
_MOST_TEXT = 1024
_OF_REQUESTS = (Error, Throttle, Latency, Cut)


class Fault(Struct, eq=False):
    """One fault; it is over when it has struck `count` times, or at the instant `until`."""

    number: int
    effect: Effect
    where: Where
    probability: float
    count: int | None
    until: float | None
    chance: Chance
    struck: int = 0

    @property
    def kind(self) -> str:
        return kind_of(self.effect)

    def over(self, now: float) -> bool:
        spent = self.count is not None and self.struck >= self.count
        return spent or (self.until is not None and now >= self.until)


class Faults:
    """The faults in order of their making; `active` are those that may strike, so that without any nothing is asked."""

    def __init__(self, clock: Clock, ids: Ids, trace: Trace, door: Door) -> None:
        self._clock = clock
        self._door = door
        self._ids = ids
        self._trace = trace
        self._all: list[Fault] = []
        self._made = 0
        self._operations: dict[str, Collection[str]] = {}
        self._batches: set[str] = set()
        self.active: list[Fault] = []

    def know(self, service: str, operations: Collection[str], batches: Collection[str]) -> None:
        """Learn a service's operations, and those whose entries can fail one by one: a fault for others is refused."""
        self._operations[service] = operations
        self._batches.update(batches)

    def add(
        self,
        kind: str,
        where: Where,
        details: Mapping[str, Any],
        *,
        probability: float = 1.0,
        count: int | None = None,
        seconds: float | None = None,
        seed: int | None = None,
    ) -> Fault:
        """Make a fault that strikes with this probability, at most `count` times and for so long. Raise FaultError.

        Its choices come from `seed`, else from the emulator's own.
        """
        effect = effect_of(kind, details)
        self._check(effect, where)
        if not 0 < probability <= 1:
            raise FaultError("probability is not valid: give a number above 0 and up to 1.")
        if count is not None and count < 1:
            raise FaultError("count is not valid: give at least 1.")
        with self._door.entry("fault", kind, to_builtins(where), details, probability, count, seconds, seed):
            now = self._clock.now()
            self._make_room(now)
            self._made += 1
            until = None if seconds is None else now + seconds
            fault = Fault(self._made, effect, where, probability, count, until, self._ids.chance(seed))
            self._all.append(fault)
            self.active.append(fault)
        return fault

    def standing(self) -> Any:
        """Tell all of them, with what is left of each, and how many were made so far."""
        return {"all": self._all, "active": self.active, "made": self._made}

    def stand(self, kept: Mapping[str, Any]) -> None:
        self._all, self.active, self._made = kept["all"], kept["active"], kept["made"]

    def __iter__(self) -> Iterator[Fault]:
        return iter(list(self._all))

    def clear(self, number: int | None = None, account: str | None = None) -> int:
        """Take faults away: all, the one of a number, or those of an account alone; return how many there were."""
        kept = [
            fault
            for fault in self._all
            if number not in (None, fault.number) or account not in (None, fault.where.account)
        ]
        gone = len(self._all) - len(kept)
        with self._door.entry("clear faults", number, account):
            self._all = kept
            self.active = [fault for fault in self.active if fault in kept]
        return gone

    # Where faults strike

    def of_request(self, incident: Incident) -> Iterator[OfRequest]:
        """Yield what happens to a request, one thing after another, for as long as the caller goes on with it."""
        after = 0
        while struck := self.next_of_request(incident, after):
            after, effect = struck
            yield effect

    def next_of_request(self, incident: Incident, after: int) -> tuple[int, OfRequest] | None:
        """Return what happens to a request next, and the number of the fault; it is `after` that of the one before."""
        for fault in self._striking(incident, *_OF_REQUESTS, after=after):
            if isinstance(fault.effect, _OF_REQUESTS):
                return fault.number, fault.effect
        return None

    def of_entry(self, incident: Incident) -> None:
        """Raise what the entry of a batch fails with, if it does."""
        for fault in self._striking(incident, Partial):
            if isinstance(fault.effect, Partial):
                raise fault.effect.error()

    def duplicates(self, incident: Incident) -> bool:
        """Tell whether a message or a delivery comes twice."""
        return next(self._striking(incident, Duplicate), None) is not None

    def displacement(self, incident: Incident, ready: int) -> int:
        """Return how many ready messages to pass over before the next is handed out; 0 where it is the only one."""
        fault = next(self._striking(incident, Reorder), None) if ready > 1 else None
        return 0 if fault is None else fault.chance.randint(1, min(ready, _REACH) - 1)

    def of_delivery(self, incident: Incident) -> None:
        """Raise what a delivery fails with, if it does."""
        for fault in self._striking(incident, Failure):
            if isinstance(fault.effect, Failure):
                fault.effect.fail()

    def _striking(self, incident: Incident, *kinds: type[Effect], after: int = 0) -> Iterator[Fault]:
        """Yield the faults that strike, each counted and told to the trace."""
        now = self._clock.now()
        self.active = [fault for fault in self.active if not fault.over(now)]
        for fault in self.active:
            if fault.number <= after:
                continue
            if not isinstance(fault.effect, kinds) or not fault.where.covers(incident) or fault.over(now):
                continue
            if fault.chance.random() < fault.probability:
                fault.struck += 1
                why = f"fault {fault.number}: {fault.kind} at {incident.operation}"
                self._trace.record(now, "faulted", incident.resource, incident.subject, why)
                yield fault

    # What is refused

    def _check(self, effect: Effect, where: Where) -> None:
        for text in (where.service, where.operation, where.resource, where.account, where.region):
            if text is not None and not 0 < len(text) <= _MOST_TEXT:
                raise FaultError(f"A name is not valid: give 1 to {_MOST_TEXT} characters.")
        kind = kind_of(effect)
        if isinstance(effect, Failure) and where.resource is None:
            raise FaultError("A fault of the kind failure needs resource: the target's name, ARN or URL.")
        if not isinstance(effect, (*_OF_REQUESTS, Partial)):
            if where.operation is not None:
                raise FaultError(f"A fault of the kind {kind} strikes at no operation; leave it out.")
            if where.service is not None:
                raise FaultError(f"A fault of the kind {kind} is not for one service; name a resource.")
        self._check_operation(where, kind, self._batches if isinstance(effect, Partial) else None)

    def _check_operation(self, where: Where, kind: str, only: Collection[str] | None) -> None:
        if where.service is not None and self._operations and where.service not in self._operations:
            raise FaultError(f"{where.service!r} is no service; there are {', '.join(self._operations)}.")
        known = [
            name
            for service, names in self._operations.items()
            if where.service in (None, service)
            for name in names
            if only is None or name in only
        ]
        pattern = where.operation or "*"
        if self._operations and not any(fnmatchcase(name, pattern) for name in known):
            raise FaultError(f"No operation that {kind} can strike at is named {pattern}.")

    def _make_room(self, now: float) -> None:
        if len(self._all) >= MOST_FAULTS:
            self._all = [fault for fault in self._all if not fault.over(now)]
        if len(self._all) >= MOST_FAULTS:
            raise FaultError(f"There can be {MOST_FAULTS} faults at a time; take some away first.")


PRESETS: Final[Mapping[str, tuple[str, ...]]] = {"at-least-once": ("duplicate", "reorder")}
"""Faults that belong together, by name. At least once: everything comes twice, and out of order."""


def make_preset(faults: Faults, name: str, where: Where) -> list[Fault]:
    """Make the faults of a preset, all or none. Raise FaultError."""
    kinds = PRESETS.get(name)
    if kinds is None:
        raise FaultError(f"{name!r} is no preset; there is {', '.join(PRESETS)}.")
    made: list[Fault] = []
    try:
        made.extend(faults.add(kind, where, {}) for kind in kinds)
    except FaultError:
        for fault in made:
            faults.clear(fault.number)
        raise
    return made


def view(fault: Fault, now: float) -> dict[str, Any]:
    """Show a fault as a small record that is ready for JSON; what it is not told is left out."""
    where = {name: text for name, text in to_builtins(fault.where).items() if text is not None}
    limits = {"count": fault.count, "until": fault.until}
    return {
        "number": fault.number,
        "kind": fault.kind,
        **where,
        **{name: detail for name, detail in to_builtins(fault.effect).items() if detail is not None},
        "probability": fault.probability,
        **{name: limit for name, limit in limits.items() if limit is not None},
        "struck": fault.struck,
        "over": fault.over(now),
    }
