"""What of a bus's events a subscriber gets: one pattern for each scope, all of them together one pattern of rules/."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pocketbus.emulator.custombuses.event import LogEvent
from pocketbus.rules.pattern import Pattern, compile_pattern

DATA, METADATA, SYSTEM_METADATA = "DATA", "METADATA", "SYSTEM_METADATA"

_PLACES: Final[Mapping[str, str]] = {DATA: "Data", METADATA: "Metadata", SYSTEM_METADATA: "SystemMetadata"}
"""Where an event has what a scope looks at."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Texts of patterns by scope, in their order; without any, everything matches."""

    texts: tuple[tuple[str, str], ...]
    pattern: Pattern | None = None

    @property
    def looks_at_data(self) -> bool:
        return any(scope == DATA for scope, _ in self.texts)

    def admit(self, event: LogEvent, delivery_type: str) -> bool:
        """Tell whether an event matches; what is no JSON matches no filter of its data."""
        if self.pattern is None:
            return True
        if self.looks_at_data and not event.is_json:
            return False
        return self.pattern.matches(event.matchable(delivery_type))


EVERYTHING: Final = Filters(())


def compile_filters(texts: tuple[tuple[str, str], ...]) -> Filters:
    """Put patterns that are each valid together. Raise InvalidPattern if they are too complex as a whole."""
    if not texts:
        return EVERYTHING
    parts = ",".join(f'"{_PLACES[scope]}":{text}' for scope, text in texts)
    return Filters(texts, compile_pattern(f"{{{parts}}}"))
