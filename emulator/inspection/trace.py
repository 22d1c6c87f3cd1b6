"""A bounded record of what happened to each message and event, and why; who waits for news of it is told.

What the records say is the affair of those who write them; stories.py finds what belongs to one message.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from pocketbus.emulator.inspection.stories import Step, Stories
from pocketbus.emulator.tally import Tally


class Record(NamedTuple):
    """One step in the story of a message: `subject` is its id, `resource` the ARN it happened at.

    Records are numbered from 1 on; `became` is the id under which the story goes on elsewhere.
    """

    number: int
    at: float
    verb: str
    resource: str
    subject: str
    why: str = ""
    became: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records are wanted: of a resource by ARN or name, of a verb, from `since` on and up to `until`."""

    resource: str | None = None
    verb: str | None = None
    since: float | None = None
    until: float | None = None

    def admits(self, record: Record) -> bool:
        return (
            (self.verb is None or record.verb == self.verb)
            and (self.since is None or record.at >= self.since)
            and (self.until is None or record.at <= self.until)
            and (self.resource is None or _named(record.resource, self.resource))
        )


EVERYTHING = Selection()


def _named(resource: str, name: str) -> bool:
    return resource == name or resource.endswith((f":{name}", f"/{name}"))


class Trace:
    """Keeps the latest `limit` records, oldest first; `last` is the number of the newest there ever was."""

    def __init__(self, limit: int) -> None:
        # Plain tuples until somebody reads them: a record is written for every step of every message.
        self._records: deque[Step] = deque(maxlen=limit)
        self._stories = Stories()
        self.tally = Tally()
        """How many records there ever were, by resource and verb; a reset forgets none."""
        self._watchers: set[asyncio.Future[None]] = set()
        self.closed = False
        self.last = 0

    def record(
        self, at: float, verb: str, resource: str, subject: str, why: str = "", became: str = ""
    ) -> None:
        self.last = number = self.last + 1
        self._records.append((number, at, verb, resource, subject, why, became))
        self.tally[resource][verb] += 1
        if self._watchers:
            self._tell_watchers()

    def of(self, subject: str) -> list[Record]:
        """Return what was recorded under one id."""
        return list(map(Record._make, self._up_to_date().of(subject)))

    def story(self, subject: str) -> list[Record]:
        """Return the whole story of a message or event: where it came from, and all that it became."""
        return list(map(Record._make, self._up_to_date().whole(subject)))

    def descendants(self, subject: str) -> set[str]:
        """Return a message or event and all that it became."""
        return set(self._up_to_date().descendants(subject))

    def after(self, number: int) -> Iterator[Record]:
        """Yield the records kept that are newer than a number, oldest first."""
        return map(Record._make, self._newer_than(number))

    def _newer_than(self, number: int) -> Iterator[Step]:
        # From the newest back: whoever follows the trace has most of it behind.
        count = max(0, min(self.last - number, len(self._records)))
        return reversed(list(islice(reversed(self._records), count)))

    def clear(self) -> None:
        """Forget every record; the numbers go on."""
        self._records.clear()
        self._stories.clear()

    def open(self) -> None:
        self.closed = False

    def close(self) -> None:
        """Send those away who wait for news."""
        self.closed = True
        self._tell_watchers()

    async def news(self) -> bool:
        """Wait for the next record and return True, or False when the trace is closed."""
        if not self.closed:
            watcher = asyncio.get_running_loop().create_future()
            self._watchers.add(watcher)
            try:
                await watcher
            finally:
                self._watchers.discard(watcher)
        return not self.closed

    def _tell_watchers(self) -> None:
        watchers, self._watchers = self._watchers, set()
        for watcher in watchers:
            if not watcher.done():
                watcher.set_result(None)

    def _up_to_date(self) -> Stories:
        first = self._records[0][0] if self._records else self.last + 1
        self._stories.update(self._newer_than(self._stories.last), first, self.last)
        return self._stories

    def __iter__(self) -> Iterator[Record]:
        return map(Record._make, self._records)

    def __len__(self) -> int:
        return len(self._records)
