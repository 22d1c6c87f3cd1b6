"""Named snapshots of the state, as the bytes of its document; bounded in number and size."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from pocketbus.emulator.errors import ResourceNotFoundError
from pocketbus.emulator.state.text import lines_in

MOST_SNAPSHOTS: Final = 100
MOST_BYTES: Final = 1024 * 1024 * 1024
_MOST_NAME: Final = 256


class SnapshotError(ValueError):
    """A snapshot cannot be kept; the text says why."""


class Snapshot(NamedTuple):
    """The state of an account, or of all if it is None; `taken_at` is the emulator's time."""

    name: str
    account: str | None
    taken_at: float
    chunks: tuple[bytes, ...]

    @property
    def size(self) -> int:
        """Count the bytes of the document."""
        return sum(map(len, self.chunks))

    def lines(self) -> Iterator[bytes]:
        """Yield the lines of the document, without their ends."""
        return lines_in(self.chunks)


class Snapshots:
    """Snapshots by account and name; one more of a name takes the place of the one before."""

    def __init__(self) -> None:
        self._snapshots: dict[_Key, Snapshot] = {}

    def __iter__(self) -> Iterator[Snapshot]:
        return iter(list(self._snapshots.values()))

    def of(self, account: str | None) -> list[Snapshot]:
        """Return the snapshots of an account, or of the whole state, oldest first."""
        return [snapshot for snapshot in self if snapshot.account == account]

    def keep(self, snapshot: Snapshot) -> None:
        """Keep a snapshot. Raise SnapshotError if it does not fit in with the others."""
        if not 0 < len(snapshot.name) <= _MOST_NAME:
            raise SnapshotError(f"The name of a snapshot has 1 to {_MOST_NAME} characters.")
        key = (snapshot.account, snapshot.name)
        others = [one for kept, one in self._snapshots.items() if kept != key]
        if len(others) >= MOST_SNAPSHOTS:
            raise SnapshotError(f"There can be {MOST_SNAPSHOTS} snapshots; delete one first.")
        if sum(one.size for one in (*others, snapshot)) > MOST_BYTES:
            raise SnapshotError(f"All snapshots together have at most {MOST_BYTES} bytes; delete one first.")
        self._snapshots.pop(key, None)
        self._snapshots[key] = snapshot

    def get(self, name: str, account: str | None = None) -> Snapshot:
        """Return a snapshot. Raise ResourceNotFoundError."""
        if (account, name) not in self._snapshots:
            where = "" if account is None else f" of the account {account}"
            raise ResourceNotFoundError(f"There is no snapshot {name}{where}.")
        return self._snapshots[account, name]

    def delete(self, name: str, account: str | None = None) -> None:
        """Let go of a snapshot. Raise ResourceNotFoundError."""
        self.get(name, account)
        del self._snapshots[account, name]


_Key = tuple[str | None, str]
