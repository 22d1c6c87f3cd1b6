"""Named snapshots of the state, as the bytes of its document; bounded in number and size."""

from collections.abc import Iterator
from typing import Final, NamedTuple

MOST_SNAPSHOTS: Final = 100
MOST_BYTES: Final = 256 * 1024 * 1024
_MOST_NAME: Final = 256


class SnapshotError(ValueError):
    """A snapshot cannot be kept; the text says why."""


class SnapshotNotFoundError(LookupError):
    """There is no such snapshot; the text names it."""

    def __str__(self) -> str:
        return str(self.args[0])


class Snapshot(NamedTuple):
    """`taken_at` is the emulator's time."""

    name: str
    taken_at: float
    document: bytes


class Snapshots:
    """Snapshots by name; one more of a name takes the place of the one before."""

    def __init__(self) -> None:
        self._snapshots: dict[str, Snapshot] = {}

    def __iter__(self) -> Iterator[Snapshot]:
        return iter(list(self._snapshots.values()))

    def keep(self, snapshot: Snapshot) -> None:
        """Keep a snapshot. Raise SnapshotError if it does not fit in with the others."""
        if not 0 < len(snapshot.name) <= _MOST_NAME:
            raise SnapshotError(f"The name of a snapshot has 1 to {_MOST_NAME} characters.")
        others = [one for one in self if one.name != snapshot.name]
        if len(others) >= MOST_SNAPSHOTS:
            raise SnapshotError(f"There can be {MOST_SNAPSHOTS} snapshots; delete one first.")
        if sum(len(one.document) for one in (*others, snapshot)) > MOST_BYTES:
            raise SnapshotError(f"All snapshots together have at most {MOST_BYTES} bytes; delete one first.")
        self._snapshots[snapshot.name] = snapshot

    def get(self, name: str) -> Snapshot:
        """Return a snapshot. Raise SnapshotNotFoundError."""
        if name not in self._snapshots:
            raise SnapshotNotFoundError(f"There is no snapshot {name}.")
        return self._snapshots[name]

    def delete(self, name: str) -> None:
        """Let go of a snapshot. Raise SnapshotNotFoundError."""
        self.get(name)
        del self._snapshots[name]
