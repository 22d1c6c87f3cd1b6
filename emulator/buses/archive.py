"""An archive: a log of the events of one bus that match its pattern, kept for a time.

A rule that it manages on the bus brings the events; replay.py sends them again.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from pocketbus.emulator.buses.bus import Bus
from pocketbus.emulator.buses.bus_event import BusEvent
from pocketbus.emulator.buses.rule import RuleSettings
from pocketbus.emulator.buses.target import RuleDelivery, Target
from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.errors import MalformedDetail
from pocketbus.emulator.logs.log import Log
from pocketbus.emulator.releases import Container
from pocketbus.rules.pattern import Pattern, compile_pattern

MANAGED_BY = "prod.vhs.events.aws.internal"
_NOT_REPLAYED = '"replay-name":[{"exists":false}]'
_DAY_SECONDS = 86_400


class ArchiveSettings(Struct, frozen=True):
    """What an archive's owner sets; 0 days keep the events for good. The key is stored and has no effect here."""

    pattern: Pattern | None = None
    retention_days: int = 0
    description: str | None = None
    kms_key_identifier: str | None = None


class ArchiveLog(Log[BusEvent]):
    """Events by when they came, and in the order of their own times."""

    timed = True

    def size(self, item: BusEvent) -> int:
        return item.size

    def time(self, item: BusEvent) -> float:
        return item.envelope.at

    def write(self, item: BusEvent) -> list[Any]:
        return [item.body, item.trace_header]

    def read(self, written: list[Any], position: int, at: float) -> BusEvent:  # noqa: ARG002 - an event knows no place
        body, trace_header = written
        return BusEvent.of(body, trace_header)


class Archive:
    """One archive of one bus; `settings` are replaced as a whole."""

    def __init__(self, arn: str, bus: Bus, settings: ArchiveSettings, core: Core, now: float) -> None:
        self.arn = arn
        self.name = arn.rpartition("/")[2]
        self.bus = bus
        self.created_at = now
        self.log = ArchiveLog(core)
        self._core = core
        self.configure(settings, now)

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
        self.log.append(delivery.event, now)
        gone = self.log.make_room()
        if gone:
            why = f"{gone} events gave way: the logs hold no more"
            self._core.trace.record(now, "dropped", self.arn, self.name, why)
        self._core.trace.record(now, "archived", self.arn, delivery.subject)
        return ()

    def advance(self, now: float) -> None:
        """Let go of the events whose retention is over."""
        if self.settings.retention_days == 0:
            return
        oldest_at = now - self.settings.retention_days * _DAY_SECONDS
        if len(self.log) and self.log.first_at <= oldest_at:
            self._core.releases.add(self.log.forget_to(self.log.position_behind(oldest_at)))

    def close(self) -> None:
        """Nobody waits at an archive."""

    def remains(self) -> Iterator[Container]:
        """Yield what holds the events, once the archive was deleted."""
        yield from self.log.let_go()

    def withdraw(self) -> None:
        """Let go of the archive's rule, unless it went before; to be called when the archive is deleted."""
        rule = self.bus.rules.get(f"Events-Archive-{self.name}")
        if rule is not None:
            self.bus.delete_rule(rule)


def _without_replays(pattern: Pattern | None) -> Pattern:
    """Return the pattern, which replayed events must not match: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-archive.html"""
    if pattern is None:
        return compile_pattern(f"{{{_NOT_REPLAYED}}}")
    return compile_pattern(f"{pattern.text.rstrip().removesuffix('}')},{_NOT_REPLAYED}}}")
