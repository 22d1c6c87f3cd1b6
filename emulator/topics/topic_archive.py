"""The message archive of a FIFO topic, and what a subscription's replay takes out of it.

https://docs.aws.amazon.com/sns/latest/dg/fifo-message-archiving-replay.html
"""

from collections.abc import Iterator
from itertools import islice
from math import floor
from typing import Any

from msgspec import Struct

from pocketbus.emulator.core import Core
from pocketbus.emulator.errors import InvalidParameterException
from pocketbus.emulator.logs.log import Log, check_texts
from pocketbus.emulator.releases import Container
from pocketbus.emulator.topics.publication import Notification, timestamp

_DAY_SECONDS = 86_400
_MILLISECONDS = 1000


class ArchivePolicy(Struct, frozen=True):
    """How long a topic keeps its messages; `text` is the policy as it was given."""

    text: str
    retention_days: int


class ReplayPolicy(Struct, frozen=True):
    """Which messages are delivered again, by when they were published, both ends included.

    Without an end the subscription goes on with new messages; with one it receives none after it.
    """

    text: str
    starting_at: float
    ending_at: float | None = None

    def has_ended(self, now: float) -> bool:
        return self.ending_at is not None and self.ending_at < now

    def status(self, now: float) -> str:
        """Say how far the replay is: what was archived is delivered at once, the rest while it is published."""
        return "Completed" if self.ending_at is None or self.has_ended(now) else "In progress"


Archived = tuple[Notification, str | None]
"""A notification and its deduplication id."""


class TopicLog(Log[Archived]):
    """The notifications that a topic made, and so no second copy of any content."""

    def size(self, item: Archived) -> int:
        return item[0].publication.size

    def write(self, item: Archived) -> list[Any]:
        notification, deduplication_id = item
        return [notification.written(), deduplication_id]

    def read(self, written: list[Any], position: int, at: float) -> Archived:  # noqa: ARG002 - it knows its instant
        told, deduplication_id = written
        if deduplication_id is not None:
            check_texts(deduplication_id)
        return Notification.of(told), deduplication_id


class TopicArchive:
    """What a topic published since it archives, oldest first."""

    def __init__(self, policy: ArchivePolicy | None, core: Core) -> None:
        self._policy = policy
        self._since = core.clock.now()
        self._core = core
        self.log: TopicLog | None = None if policy is None else TopicLog(core)

    def remains(self) -> Iterator[Container]:
        """Yield what holds the messages, which nobody needs any more."""
        if self.log is not None:
            yield from self.log.let_go()

    def configure(self, policy: ArchivePolicy | None, now: float) -> None:
        """Archive by this policy, or without one no longer; what it leaves out is forgotten for good."""
        if policy is None:
            self._close()
        elif self.log is None:
            self._since = now
            self.log = TopicLog(self._core)
        self._policy = policy
        self._expire(now)

    def _close(self) -> None:
        if self.log is not None:
            self.log.close()
            self._core.releases.add(self.log.let_go())
            self.log = None

    def beginning_at(self, now: float) -> float | None:
        """Return the earliest instant that a replay can start from, if the topic archives."""
        if self._policy is None:
            return None
        return max(self._since, now - self._policy.retention_days * _DAY_SECONDS)

    def add(self, notification: Notification, deduplication_id: str | None, now: float) -> int:
        """Archive a message, and tell how many gave way to it."""
        if self.log is None:
            return 0
        self._expire(now)
        self.log.append((notification, deduplication_id), now)
        return self.log.make_room()

    def check(self, replay: ReplayPolicy | None, now: float) -> None:
        """Refuse a replay that starts outside the archive, whose beginning is told in whole milliseconds."""
        if replay is None:
            return
        beginning_at = self.beginning_at(now)
        if beginning_at is None:
            raise _refusal("the topic does not archive its messages")
        if round(replay.starting_at * _MILLISECONDS) < floor(beginning_at * _MILLISECONDS):
            told = timestamp(beginning_at)
            raise _refusal(
                f"StartingPoint must not be before the topic's BeginningArchiveTime, which is {told}"
            )
        if replay.starting_at > now:
            raise _refusal("StartingPoint must not be in the future")

    def is_outside(self, replay: ReplayPolicy) -> bool:
        """Tell whether what a replay delivers again cannot all be read at once."""
        return self.log is not None and self.log.is_outside(*self._ends(self.log, replay))

    async def bring(self, replay: ReplayPolicy) -> str:
        """Have it where it can, and say why it cannot be brought there, if so."""
        return "" if self.log is None else await self.log.bring(*self._ends(self.log, replay))

    @staticmethod
    def _ends(log: TopicLog, replay: ReplayPolicy) -> tuple[int, int]:
        """Return the position of the first message, and that behind the last one."""
        first = log.position_at(replay.starting_at)
        return first, log.end if replay.ending_at is None else log.position_behind(replay.ending_at)

    def replayed(self, replay: ReplayPolicy, now: float) -> Iterator[tuple[Notification, str | None]]:
        """Yield what a replay delivers again, in the order in which it was published."""
        self._expire(now)
        log = self.log
        if log is None:
            return
        first, end = self._ends(log, replay)
        for notification, deduplication_id in islice(log.since(first), max(end - first, 0)):
            yield notification.again(), deduplication_id

    def _expire(self, now: float) -> None:
        """Forget what is older than the retention."""
        beginning_at = self.beginning_at(now)
        if self.log is not None and beginning_at is not None:
            self._core.releases.add(self.log.forget_before(beginning_at))


def _refusal(reason: str) -> InvalidParameterException:
    return InvalidParameterException(f"Invalid parameter: ReplayPolicy Reason: {reason}")
