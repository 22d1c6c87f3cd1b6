"""The log of a custom event bus."""

from typing import Any

from pocketbus.emulator.custombuses.event import LogEvent
from pocketbus.emulator.logs.log import Log


class EventLog(Log[LogEvent]):
    """Events, each of which knows its position and its instant."""

    def add(self, event: LogEvent, now: float) -> None:
        """Take an event, and tell it where it is."""
        event.position = self.end
        self.append(event, now)
        event.at = self.latest_at

    def size(self, item: LogEvent) -> int:
        return item.size

    def write(self, item: LogEvent) -> list[Any]:
        return item.written()

    def read(self, written: list[Any], position: int, at: float) -> LogEvent:
        event = LogEvent.of(written)
        event.position, event.at = position, at
        return event
