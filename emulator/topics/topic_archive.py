"""The message archive of a FIFO topic, and what a subscription's replay takes out of it.

https://docs.aws.amazon.com/sns/latest/dg/fifo-message-archiving-replay.html
"""

from collections import deque
from collections.abc import Iterator
from math import floor
from typing import Any

from msgspec import Struct

from pocketbus.emulator.errors import InvalidParameterException
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


class TopicArchive:
    """What a topic published since it archives, oldest first, each with its deduplication id.

    It holds the notifications that the topic made, and so no second copy of any content.
    """

    def __init__(self, policy: ArchivePolicy | None, now: float) -> None:
        self._policy = policy
        self._since = now
        self._archived: deque[tuple[Notification, str | None]] = deque()

    def __getstate__(self) -> dict[str, Any]:
        """Tell what the rows do not."""
        return {"policy": self._policy, "since": self._since}

    def __setstate__(self, state: dict[str, Any]) -> None:
        TopicArchive.__init__(self, state["policy"], state["since"])

    def containers(self) -> Iterator[Container]:
        """Yield what holds the messages."""
        yield self._archived

    def rows(self) -> Iterator[list[Any]]:
        """Yield what is archived, for a state to be kept."""
        return map(list, self._archived)

    def take(self, row: list[Any]) -> None:
        """Have again what a row tells."""
        notification, deduplication_id = row
        self._archived.append((notification, deduplication_id))

    def configure(self, policy: ArchivePolicy | None, now: float) -> None:
        """Archive by this policy, or without one no longer; what it leaves out is forgotten for good."""
        if policy is None:
            self._archived.clear()
        elif self._policy is None:
            self._since = now
        self._policy = policy
        self._expire(now)

    def beginning_at(self, now: float) -> float | None:
        """Return the earliest instant that a replay can start from, if the topic archives."""
        if self._policy is None:
            return None
        return max(self._since, now - self._policy.retention_days * _DAY_SECONDS)

    def add(self, notification: Notification, deduplication_id: str | None, now: float) -> None:
        if self._policy is not None:
            self._expire(now)
            self._archived.append((notification, deduplication_id))

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

    def replayed(self, replay: ReplayPolicy, now: float) -> Iterator[tuple[Notification, str | None]]:
        """Yield what a replay delivers again, in the order in which it was published."""
        self._expire(now)
        for notification, deduplication_id in list(self._archived):
            at = notification.published_at
            if at >= replay.starting_at and not replay.has_ended(at):
                yield notification.again(), deduplication_id

    def _expire(self, now: float) -> None:
        """Forget what is older than the retention."""
        beginning_at = self.beginning_at(now)
        if beginning_at is not None:
            while self._archived and self._archived[0][0].published_at < beginning_at:
                self._archived.popleft()


def _refusal(reason: str) -> InvalidParameterException:
    return InvalidParameterException(f"Invalid parameter: ReplayPolicy Reason: {reason}")
