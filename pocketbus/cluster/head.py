"""Which messages of which streams are the log: its epochs, each with one writer.

A log has a stream or two, each with a leader of its own among the servers. An epoch goes on in one of them, behind a
message of the stream that is its `base`, with the message of the number `first`. An epoch ends where the next one
begins: what stands in its stream behind that is not part of the log. So a writer whose stream has lost its leader goes
on in the other one, and need not wait until the servers have chosen another.
"""

from typing import Final, NamedTuple, Self

import orjson

_SNAPSHOTS: Final = 2


class Epoch(NamedTuple):
    """A part of a log that one writer has written to one stream."""

    number: int
    stream: int
    first: int
    base: int
    writer: str

    def sequence(self, number: int) -> int:
        """Return where in the stream the message of a number is."""
        return self.base + number - self.first + 1


class Head(NamedTuple):
    """The epochs of a log as far as they are kept, the latest last."""

    epochs: tuple[Epoch, ...] = ()
    snapshots: tuple[int, ...] = ()
    """The numbers of the messages behind which there are snapshots, the newest first."""

    @classmethod
    def loads(cls, value: bytes) -> Self:
        if not value:
            return cls()
        found = orjson.loads(value)
        return cls(tuple(Epoch(*one) for one in found["epochs"]), tuple(found["snapshots"]))

    def dumps(self) -> bytes:
        return orjson.dumps({"epochs": [list(epoch) for epoch in self.epochs], "snapshots": self.snapshots})

    @property
    def latest(self) -> Epoch | None:
        return self.epochs[-1] if self.epochs else None

    def begun(self, epoch: Epoch) -> "Head":
        """Return the head with one epoch more."""
        return self._replace(epochs=(*self.epochs, epoch))

    def with_snapshot(self, number: int) -> "Head":
        """Return the head with one snapshot more, and without what is before the oldest that is kept."""
        snapshots = (number, *self.snapshots)[:_SNAPSHOTS]
        kept = snapshots[-1] if len(snapshots) == _SNAPSHOTS else 0
        first = max((index for index, epoch in enumerate(self.epochs) if epoch.first <= kept + 1), default=0)
        return Head(self.epochs[first:], snapshots)

    @property
    def kept(self) -> int:
        """The number of the message up to which the log may be gone."""
        return self.snapshots[-1] if len(self.snapshots) == _SNAPSHOTS else 0

    def needed(self, stream: int) -> int:
        """Return the place in a stream that nothing before is needed of, 0 if nothing can be said."""
        for epoch in self.epochs:
            if epoch.stream == stream:
                return max(epoch.base, epoch.sequence(self.kept))
        return 0

    def holds(self, number: int, epoch: int) -> bool:
        """Tell whether a message is still of the epoch in which it was read, as far as is known.

        It may have been given up there, and written again elsewhere.
        """
        found = self.part(number)
        return found is None or found[0].number == epoch

    def part(self, number: int) -> tuple[Epoch, int | None] | None:
        """Return the epoch of a message, and the number of its last one; None for either: not known yet."""
        end: int | None = None
        for epoch in reversed(self.epochs):
            if epoch.first <= number:
                return epoch, end
            end = epoch.first - 1
        return None
