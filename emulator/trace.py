"""A bounded record of what happened to each message and event, and why."""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple


class Record(NamedTuple):
    """One step in the story of a message: `subject` is its id, `resource` the ARN it happened at."""

    at: float
    verb: str
    resource: str
    subject: str
    why: str = ""


class Trace:
    """Keeps the latest `limit` records, oldest first."""

    def __init__(self, limit: int) -> None:
        # Plain tuples until somebody reads them: a record is written for every step of every message.
        self._records: deque[tuple[float, str, str, str, str]] = deque(maxlen=limit)

    def record(self, at: float, verb: str, resource: str, subject: str, why: str = "") -> None:
        self._records.append((at, verb, resource, subject, why))

    def of(self, subject: str) -> list[Record]:
        """Return the story of one message or event."""
        return [record for record in self if record.subject == subject]

    def clear(self) -> None:
        self._records.clear()

    def __iter__(self) -> Iterator[Record]:
        return map(Record._make, self._records)

    def __len__(self) -> int:
        return len(self._records)
