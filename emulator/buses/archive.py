"""An archive: the events of one bus that match its pattern, kept for a time and counted.

A rule that it manages on the bus brings the events; replay.py sends them again.
"""

from bisect import bisect_left, insort_right
from collections import deque
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any, NamedTuple

from msgspec import Struct

from pocketbus.emulator.buses.bus import Bus
from pocketbus.emulator.buses.bus_event import BusEvent
from pocketbus.emulator.buses.rule import RuleSettings
from pocketbus.emulator.buses.target import RuleDelivery, Target
from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.errors import MalformedDetail
from pocketbus.emulator.releases import Container
from pocketbus.rules.pattern import Pattern, compile_pattern

MANAGED_BY = "prod.vhs.events.aws.internal"
_NOT_REPLAYED = '"replay-name":[{"exists":false}]'
_DAY_SECONDS = 86_400
_ROWS = frozenset({"_events", "_by_time"})
_SLACK = 64


class ArchiveSettings(Struct, frozen=True):
    """What an archive's owner sets; 0 days keep the events for good. The key is stored and has no effect here."""

    pattern: Pattern | None = None
    retention_days: int = 0
    description: str | None = None
    kms_key_identifier: str | None = None


class Archived(NamedTuple):
    """An event as it was kept: `event_at` is its own time, `kept_at` the instant it came."""

    event_at: float
    kept_at: float
    event: BusEvent


_event_at = attrgetter("event_at")


class Archive:
    """One archive of one bus; `settings` are replaced as a whole."""

    def __init__(self, arn: str, bus: Bus, settings: ArchiveSettings, core: Core, now: float) -> None:
        self.arn = arn
        self.name = arn.rpartition("/")[2]
        self.bus = bus
        self.created_at = now
        self.size = 0
        self._events: deque[Archived] = deque()
        self._by_time: list[Archived] = []
        """The same in order of their own time; some that are gone are still there."""
        self._core = core
        self.configure(settings, now)

    def __getstate__(self) -> dict[str, Any]:
        """Tell what the rows do not."""
        return {name: part for name, part in vars(self).items() if name not in _ROWS}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._events, self._by_time = deque(), []

    def rows(self) -> Iterator[list[Any]]:
        """Yield the events, for a state to be kept."""
        return map(list, self._events)

    def take(self, row: list[Any]) -> None:
        """Have again what a row tells."""
        self._keep(Archived(*row))

    def configure(self, settings: ArchiveSettings, now: float) -> None:
        """Replace the settings; what no longer matches the pattern stays until its time is over."""
        self.settings = settings
        name = f"Events-Archive-{self.name}"
        rule = self.bus.put_rule(
            name,
            RuleSettings(pattern=_without_replays(settings.pattern)),
            created_by=self.bus.owner,
            tags={},
            now=now,
            managed_by=MANAGED_BY,
        )
        rule.targets = {name: Target(name, self.arn)}
        self.advance(now)

    def accept(self, delivery: Delivery, now: float) -> Iterable[Delivery]:
        """Keep what the archive's own rule brings."""
        if not isinstance(delivery, RuleDelivery):
            raise MalformedDetail("Only a rule delivers to an archive.")
        self.advance(now)
        event = delivery.event
        self._keep(Archived(event.envelope.at, now, event))
        self.size += event.size
        self._core.trace.record(now, "archived", self.arn, delivery.subject)
        return ()

    def _keep(self, archived: Archived) -> None:
        self._events.append(archived)
        insort_right(self._by_time, archived, key=_event_at)
        if len(self._by_time) > 2 * len(self._events) + _SLACK:
            self._by_time = sorted(self._events, key=_event_at)

    def advance(self, now: float) -> None:
        """Let go of the events whose retention is over."""
        if self.settings.retention_days == 0:
            return
        oldest_at = now - self.settings.retention_days * _DAY_SECONDS
        while self._events and self._events[0].kept_at <= oldest_at:
            self.size -= self._events.popleft().event.size

    def between(self, start_at: float, end_at: float, now: float) -> list[Archived]:
        """Return the events of a time from `start_at` on and before `end_at`, in order of their time."""
        self.advance(now)
        begin, end = (bisect_left(self._by_time, at, key=_event_at) for at in (start_at, end_at))
        found = self._by_time[begin:end]
        if len(self._by_time) == len(self._events):
            return found
        if not self._events:
            return []
        oldest_at = self._events[0].kept_at
        return [archived for archived in found if archived.kept_at >= oldest_at]

    def close(self) -> None:
        """Nobody waits at an archive."""

    def remains(self) -> Iterator[Container]:
        """Yield what holds the events, once the archive was deleted."""
        yield self._events
        yield self._by_time

    def withdraw(self) -> None:
        """Let go of the archive's rule, unless it went before; to be called when the archive is deleted."""
        rule = self.bus.rules.get(f"Events-Archive-{self.name}")
        if rule is not None:
            self.bus.delete_rule(rule)

    def __len__(self) -> int:
        return len(self._events)

    def __iter__(self) -> Iterator[Archived]:
        return iter(self._events)


def _without_replays(pattern: Pattern | None) -> Pattern:
    """Return the pattern, which replayed events must not match: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-archive.html"""
    if pattern is None:
        return compile_pattern(f"{{{_NOT_REPLAYED}}}")
    return compile_pattern(f"{pattern.text.rstrip().removesuffix('}')},{_NOT_REPLAYED}}}")
