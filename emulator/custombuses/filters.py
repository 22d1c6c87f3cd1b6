"""What of a bus's events a subscriber gets: one pattern for each scope, all of them together one pattern of rules/."""

from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct

from pocketbus.emulator.custombuses.event import LogEvent
from pocketbus.rules.pattern import Pattern, compile_pattern

DATA, METADATA, SYSTEM_METADATA = "DATA", "METADATA", "SYSTEM_METADATA"

_PLACES: Final[Mapping[str, str]] = {DATA: "Data", METADATA: "Metadata", SYSTEM_METADATA: "SystemMetadata"}
"""Where an event has what a scope looks at."""


Admits = Callable[[LogEvent, str], bool]
"""Tells of an event and the type of its delivery whether it is let through."""


class Filters(Struct, frozen=True):
    """Texts of patterns by scope, in their order; without any, everything matches.

    The texts are all that is kept: an index has what it needs of them, and who goes through a log compiles them again.
    """

    texts: tuple[tuple[str, str], ...]

    @property
    def looks_at_data(self) -> bool:
        return any(scope == DATA for scope, _ in self.texts)

    def pattern(self) -> Pattern | None:
        """Compile all the patterns as one; None: everything matches. Raise InvalidPattern if that is too complex."""
        if not self.texts:
            return None
        parts = ",".join(f'"{_PLACES[scope]}":{text}' for scope, text in self.texts)
        return compile_pattern(f"{{{parts}}}")

    def admits(self) -> Admits:
        """Return what tells the events that match; what is no JSON matches no filter of its data."""
        pattern, looks_at_data = self.pattern(), self.looks_at_data
        if pattern is None:
            return lambda _event, _delivery_type: True

        def admit(event: LogEvent, delivery_type: str) -> bool:
            return (event.is_json or not looks_at_data) and pattern.matches(event.matchable(delivery_type))

        return admit


EVERYTHING: Final = Filters(())


def compile_filters(texts: tuple[tuple[str, str], ...]) -> Filters:
    """Put patterns that are each valid together. Raise InvalidPattern if they are too complex as a whole."""
    filters = Filters(texts)
    filters.pattern()
    return filters
