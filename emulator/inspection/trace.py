"""A bounded record of what happened to each message and event, and why; who waits for news of it is told.

What the records say is the affair of those who write them; stories.py finds what belongs to one message.
"""

import asyncio
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, count, islice, repeat
from operator import itemgetter
from sys import getsizeof
from typing import Final, NamedTuple

from msgspec import Struct

from pocketbus.emulator.inspection.steps import ARRIVED, UNMATCHED, Step, first_number, unfolded
from pocketbus.emulator.inspection.stories import Stories
from pocketbus.emulator.latest import Held
from pocketbus.emulator.releases import Container
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


VERBS: Final = frozenset(
    {
        *("accepted", "matched", "unmatched", "published", "fired", "dropped", "archived"),
        *("sent", "appeared", "received", "returned", "hidden", "handed back", "deduplicated"),
        *("deleted", "purged", "expired", "dead-lettered", "moved"),
        *("delivered", "attempted", "undeliverable", "captured", "logged", "faulted"),
        *("carried", "arrived"),
        *("invoked", "succeeded", "failed", "filtered", "waiting", "undeleted", "attached", "detached"),
        *("piped", "enriched", "fed"),
    }
)
"""All that can happen, in the words of the records."""


class SelectionError(ValueError):
    """What is asked for does not occur; the text says what does."""


class Selection(Struct, frozen=True):
    """Which records are wanted: of a resource by ARN or name, of a verb, from `since` on and up to `until`."""

    resource: str | None = None
    verb: str | None = None
    since: float | None = None
    until: float | None = None

    def __post_init__(self) -> None:
        """Raise SelectionError for a verb that no record has."""
        if self.verb is not None and self.verb not in VERBS:
            raise SelectionError(
                f"{self.verb!r} is no verb of the trace; there are {', '.join(sorted(VERBS))}."
            )

    def admits(self, record: Record) -> bool:
        return (
            (self.verb is None or record.verb == self.verb)
            and (self.since is None or record.at >= self.since)
            and (self.until is None or record.at <= self.until)
            and (self.resource is None or _named(record.resource, self.resource))
        )


EVERYTHING = Selection()

LONG_BYTES: Final = 32 * 1024 * 1024
"""How much the records with long texts take together."""
_LONG = 512

_number = itemgetter(0)


def _size(step: Step) -> int:
    return getsizeof(step[3]) + getsizeof(step[5])


def _named(resource: str, name: str) -> bool:
    return resource == name or resource.endswith((f":{name}", f"/{name}"))


class Trace:
    """Keeps the latest `limit` steps, oldest first; `last` is the number of the newest record there ever was."""

    def __init__(self, limit: int) -> None:
        # Plain tuples until somebody reads them: a record is written for every step of every message.
        self._steps: deque[Step] = deque(maxlen=limit)
        self._limit = limit
        self._long: deque[Step] = deque()
        """Those that take much memory; short ones are bounded by their number."""
        self._long_bytes = 0
        self._stories = Stories()
        self.tally = Tally()
        """How many records there ever were, by resource and verb; a reset forgets none.

        What arrived in a queue counts as sent alone.
        """
        self._watchers: set[asyncio.Future[None]] = set()
        self.closed = False
        self.last = 0
        self.cleared = 0
        """The number of the last record that a reset has forgotten."""
        self.followers = 0
        """Those who follow the trace in any way: they share what it may cost the others."""

    def record(
        self, at: float, verb: str, resource: str, subject: str, why: str = "", became: str = ""
    ) -> None:
        self.last = number = self.last + 1
        self._steps.append((number, at, verb, resource, subject, why, became))
        self.tally[resource][verb] += 1
        if why and len(why) + len(resource) > _LONG:
            self._bound_long_ones()
        if self._watchers:
            self._tell_watchers()

    def record_arrival(self, at: float, queue: str, subject: str, source: str, message_id: str) -> None:
        """Record that a message was sent to a queue, and that this delivered a publication or event (`subject`).

        The ARNs are bounded, and shared with what they name.
        """
        self.last = number = self.last + 2
        self._steps.append((number, at, ARRIVED, queue, subject, source, message_id))
        self.tally[queue]["sent"] += 1
        if self._watchers:
            self._tell_watchers()

    def record_unmatched(self, at: float, bus: str, subject: str, why: str) -> None:
        """Record that a bus took an event and why no rule made anything of it, in few words."""
        self.last = number = self.last + 2
        self._steps.append((number, at, UNMATCHED, bus, subject, why, ""))
        counts = self.tally[bus]
        counts["accepted"] += 1
        counts["unmatched"] += 1
        if self._watchers:
            self._tell_watchers()

    def _bound_long_ones(self) -> None:
        """Count the newest record among the long ones, and let the oldest of all go while those take too much."""
        steps, long = self._steps, self._long
        if not steps:
            return
        long.append(steps[-1])
        self._long_bytes += _size(steps[-1])
        while long and (long[0][0] < steps[0][0] or (self._long_bytes > LONG_BYTES and len(long) > 1)):
            gone = long.popleft()
            self._long_bytes -= _size(gone)
            while steps[0][0] <= gone[0]:
                steps.popleft()

    def held(self) -> Held:
        """Tell what is held; the bytes are those of long records."""
        return Held(len(self._steps), self._long_bytes, self._limit, LONG_BYTES, self.dropped())

    def record_all(self, at: float, verb: str, resource: str, subjects: Iterable[str]) -> None:
        """Record the same of many messages."""
        told = list(subjects)
        first, self.last = self.last + 1, self.last + len(told)
        same = (repeat(at), repeat(verb), repeat(resource))
        self._steps.extend(zip(count(first), *same, told, repeat(""), repeat("")))
        if self._watchers and told:
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

    def after(self, number: int, until: int | None = None) -> Iterator[Record]:
        """Yield the records kept that are newer than a number, up to and with another one, oldest first."""
        return map(Record._make, self._newer_than(number, until))

    def steps(self) -> list[Step]:
        """Return what is kept as it is, oldest first, for who counts the records."""
        return list(self._steps)

    def _newer_than(self, number: int, until: int | None = None) -> Iterator[Step]:
        """Yield a step for each record that is newer than a number, up to and with another one."""
        steps, count = self._steps, len(self._steps)
        last = self.last if until is None else min(until, self.last)
        begin = bisect_right(steps, number, key=_number)
        # What stands for two counts by the second of them; of those at either end, one may be wanted.
        end = count if last == self.last else min(count, bisect_right(steps, last, key=_number) + 1)
        if end < count - begin:
            found = list(islice(steps, begin, end))
        else:  # from the newest back: whoever follows the trace has most of it behind
            found = list(islice(reversed(steps), count - end, count - begin))[::-1]
        records = unfolded(found)
        if found and first_number(found[0]) <= number:
            next(records)
        return islice(records, max(0, last - max(number, self._first - 1)))

    def dropped(self, after: int = 0) -> int:
        """Count the records newer than a number that gave way to others before anybody forgot them by a reset."""
        return max(0, self._first - 1 - max(after, self.cleared))

    def clear(self) -> Iterator[Container]:
        """Forget every record; the numbers go on. Return what held the records, to be let go of."""
        steps, stories, long = self._steps, self._stories, self._long
        self.cleared = self.last
        self._steps = deque(maxlen=steps.maxlen)
        self._stories = Stories()
        self._long, self._long_bytes = deque(), 0
        return chain((steps, long), stories.containers())

    def open(self) -> None:
        self.closed = False

    def close(self) -> None:
        """Send those away who wait for news."""
        self.closed = True
        self._tell_watchers()

    def wake(self) -> None:
        """Have those who wait for news look, though nothing was recorded."""
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
        self._stories.update(self._newer_than(self._stories.last), self._first, self.last)
        return self._stories

    @property
    def _first(self) -> int:
        """The number of the oldest record kept, or of the next one."""
        return first_number(self._steps[0]) if self._steps else self.last + 1

    def __iter__(self) -> Iterator[Record]:
        return map(Record._make, unfolded(self._steps))

    def __len__(self) -> int:
        return self.last + 1 - self._first
