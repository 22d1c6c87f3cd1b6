"""The latest events and publications, kept for a while so that one can be explained after it has passed."""

from collections.abc import Collection

from msgspec import Struct

from pocketbus.emulator.latest import Latest

_ITEMS = 10_000
_BYTES = 8 * 1024 * 1024


class Passage(Struct, frozen=True, gc=False):
    """What passed a bus or a topic (`resource`, an ARN) under the id `subject`; nothing there leads back to it."""

    subject: str
    resource: str
    content: object
    size: int


class Recent(Latest[Passage]):
    """Keeps as many as fit into bounds of number and size; the oldest give way."""

    def __init__(self) -> None:
        super().__init__(_ITEMS, _BYTES, lambda passed: passed.size)

    def of(self, subjects: Collection[str]) -> list[Passage]:
        """Return what passed under some ids, and where; an event that was forwarded passed several buses."""
        return [passed for passed in self if passed.subject in subjects]
