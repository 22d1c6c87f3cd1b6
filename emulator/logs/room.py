"""The memory that all logs of one engine share."""

from typing import Final

from pocketbus.emulator.component import Component
from pocketbus.emulator.latest import Held

LOG_BYTES: Final = 1024 * 1024 * 1024
"""How much the items of all logs may take together."""


class LogRoom(Component):
    """Counts what the logs hold; which of them is full is none of its business."""

    def __init__(self, most_bytes: int = LOG_BYTES) -> None:
        self.most_bytes = most_bytes
        self.items = 0
        self.bytes = 0
        self.dropped = 0

    def add(self, items: int, size: int) -> None:
        """Count so many items, of so many bytes, in; or out."""
        self.items += items
        self.bytes += size

    def clear(self) -> None:
        """Count from nothing: the logs are gone."""
        self.items = self.bytes = 0

    def held(self) -> Held:
        return Held(self.items, self.bytes, self.items, self.most_bytes, self.dropped)
