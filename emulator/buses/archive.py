"""An archive: the events of one bus that match its pattern, kept for a time and counted.

A rule that it manages on the bus brings the events; replay.py sends them again.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple

from pocketbus.emulator.batches import Batches
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


@dataclass(frozen=True, slots=True)
class ArchiveSettings:
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


def _no_events() -> Batches[Archived]:
    return Batches(
        kept_at=attrgetter("kept_at"),
        at=attrgetter("event_at"),
        size=lambda archived: archived.event.size,
    )


class Archive:
    """One archive of one bus; `settings` are replaced as a whole."""

    def __init__(self, arn: str, bus: Bus, settings: ArchiveSettings, core: Core, now: float) -> None:
        self.arn = arn
        self.name = arn.rpartition("/")[2]
        self.bus = bus
        self.created_at = now
        self._events = _no_events()
        self._core = core
        self.configure(settings, now)

    def __getstate__(self) -> dict[str, Any]:
        """Tell what the rows do not."""
        return {name: part for name, part in vars(self).items() if name != "_events"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._events = _no_events()

    def rows(self) -> Iterator[list[Any]]:
        """Yield the events, for a state to be kept."""
        return map(list, self._events)

    def take(self, row: list[Any]) -> None:
        """Have again what a row tells."""
        self._events.append(Archived(*row))

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
        self._events.append(Archived(event.envelope.at, now, event))
        self._core.trace.record(now, "archived", self.arn, delivery.subject)
        return ()

    def advance(self, now: float) -> None:
        """Let go of the events whose retention is over."""
        days = self.settings.retention_days
        if days and (gone := self._events.pop_until(now - days * _DAY_SECONDS)):
            self._core.releases.add(gone)

    def between(self, start_at: float, end_at: float, now: float) -> Iterator[list[Archived]]:
        """Return the events of a time from `start_at` on and before `end_at`: some lists, each in order of their time.

        Events of one time are in their order of arrival in the lists, and in that of the lists.
        """
        self.advance(now)
        return self._events.between(start_at, end_at)

    def close(self) -> None:
        """Nobody waits at an archive."""

    def remains(self) -> Iterator[Container]:
        """Yield what holds the events, once the archive was deleted."""
        return self._events.containers()

    def withdraw(self) -> None:
        """Let go of the archive's rule, unless it went before; to be called when the archive is deleted."""
        rule = self.bus.rules.get(f"Events-Archive-{self.name}")
        if rule is not None:
            self.bus.delete_rule(rule)

    @property
    def size(self) -> int:
        """How many bytes the events have together."""
        return self._events.size

    def __len__(self) -> int:
        return len(self._events)

    def __iter__(self) -> Iterator[Archived]:
        return iter(self._events)


def _without_replays(pattern: Pattern | None) -> Pattern:
    """Return the pattern, which replayed events must not match: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-archive.html"""
    if pattern is None:
        return compile_pattern(f"{{{_NOT_REPLAYED}}}")
    return compile_pattern(f"{pattern.text.rstrip().removesuffix('}')},{_NOT_REPLAYED}}}")
