"""The latest events and publications, kept for a while so that one can be explained after it has passed."""

from collections.abc import Collection, Iterator

from msgspec import Struct

from pocketbus.emulator.latest import Held, Latest

_ITEMS = 10_000
_BYTES = 8 * 1024 * 1024


class Passed(Struct, frozen=True, gc=False):
    """What passed a bus or a topic (`resource`, an ARN) under the id `subject`; nothing there leads back to it."""

    subject: str
    resource: str
    content: object
    size: int


class Recent:
    """Keeps as many as fit into bounds of number and size; the oldest give way."""

    def __init__(self) -> None:
        self._passed: Latest[Passed] = Latest(_ITEMS, _BYTES, lambda passed: passed.size)

    def keep(self, subject: str, resource: str, content: object, size: int) -> None:
        self._passed.add(Passed(subject, resource, content, size), size)

    def of(self, subjects: Collection[str]) -> list[Passed]:
        """Return what passed under some ids, and where; an event that was forwarded passed several buses."""
        return [passed for passed in self._passed if passed.subject in subjects]

    def __reversed__(self) -> Iterator[Passed]:
        """Yield the latest first."""
        return reversed(self._passed)

    def clear(self) -> None:
        self._passed.clear()

    def held(self) -> Held:
        return self._passed.held()
