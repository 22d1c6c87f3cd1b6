"""A pipe: from one source through an enrichment to one target."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pocketbus.emulator.core import Core
from pocketbus.emulator.errors import InvalidParameterException, LimitExceededException
from pocketbus.emulator.pipes.feed import Feed
from pocketbus.emulator.pipes.pipe_consumer import PipeConsumer
from pocketbus.emulator.pipes.pipe_settings import PipeSettings
from pocketbus.emulator.pipes.sources import SourceKind, completed, kind_of
from pocketbus.emulator.polling.poller import Poller
from pocketbus.emulator.queues.queue import Queue
from pocketbus.rules.json_text import load

CREATING, UPDATING, STARTING, STOPPING, DELETING = (
    "CREATING",
    "UPDATING",
    "STARTING",
    "STOPPING",
    "DELETING",
)
RUNNING, STOPPED, DELETED = "RUNNING", "STOPPED", "DELETED"
_FAILED = {CREATING: "CREATE_FAILED", UPDATING: "UPDATE_FAILED", STARTING: "START_FAILED"}

MOST_FED = 100_000
"""How many records wait in a pipe at most."""

_NO_QUEUE = (
    "Input parameter is invalid from the request due to : Error occurred while ReceiveMessage. "
    "SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
    "SQS Error Message: The specified queue does not exist."
)


class Pipe:
    """One pipe. A change is over, and a deleted pipe gone, as soon as the clock has moved.

    A queue is polled; what other sources would give, a test feeds.
    """

    def __init__(
        self,
        arn: str,
        name: str,
        source: str,
        settings: PipeSettings,
        tags: Mapping[str, str],
        core: Core,
        now: float,
    ) -> None:
        self.arn = arn
        self.name = name
        self.source = source
        self.settings = settings
        self.tags = dict(tags)
        self.created_at = self.modified_at = now
        self._change = CREATING
        self._reason: str | None = None
        self._core = core
        self._feed = Feed(arn, source, core)
        self._poller = Poller(source, core)
        self._begin(CREATING, now)

    def __getstate__(self) -> dict[str, Any]:
        """Tell what is set, and what was fed. What came from a queue is in flight there, and comes back to it."""
        return {name: part for name, part in vars(self).items() if name != "_poller"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._poller = Poller(self.source, self._core)

    def standing(self) -> Any:
        """Tell what it has received and is handling."""
        return {"poller": self._poller, "feed": self._feed.standing()}

    def stand(self, kept: Mapping[str, Any]) -> None:
        self._poller = kept["poller"]
        self._feed.stand(kept["feed"])

    # States

    def state(self, now: float) -> str:
        if self._change == DELETING or now <= self.modified_at:
            return self._change
        if self._reason is not None:
            return _FAILED[self._change]
        return RUNNING if self.settings.running else STOPPED

    @property
    def desired_state(self) -> str:
        """Return what was asked for last."""
        if self._change == DELETING:
            return DELETED
        return RUNNING if self.settings.running else STOPPED

    def reason(self, now: float) -> str | None:
        """Return why the latest change failed, once it has."""
        return self._reason if now > self.modified_at else None

    def in_transition(self, now: float) -> bool:
        return self._change == DELETING or now <= self.modified_at

    def gone(self, now: float) -> bool:
        return self._change == DELETING and now > self.modified_at

    def configure(self, settings: PipeSettings, change: str, now: float) -> None:
        """Replace the settings; what has been received ends by the old ones."""
        self._stop(now)
        self.settings = settings
        self._begin(change, now)

    def delete(self, now: float) -> None:
        """Receive no more; the pipe is gone when the clock has moved."""
        self._stop(now)
        self._change = DELETING
        self.modified_at = now

    def _begin(self, change: str, now: float) -> None:
        self._change = change
        self.modified_at = now
        is_missing = self.polls and not isinstance(self._core.resources.get(self.source), Queue)
        self._reason = _NO_QUEUE if is_missing and change in _FAILED else None
        self.resume()

    # What comes in

    @property
    def kind(self) -> SourceKind:
        kind = kind_of(self.source)
        if kind is None:
            raise ValueError(f"{self.source} is no source")
        return kind

    @property
    def polls(self) -> bool:
        """Tell whether the source is here; others have nothing to read from but what a test feeds."""
        return self.kind.name == "aws:sqs"

    @property
    def consumer(self) -> PipeConsumer:
        """Who handles what comes in by these settings."""
        return PipeConsumer(self.arn, self.source, self.kind, self.settings, self._core)

    def resume(self) -> None:
        """Begin to receive, if the pipe is to run."""
        if not self.settings.running or self._change == DELETING or self._reason is not None:
            return
        if self.polls:
            self._poller.start(self.consumer)
        else:
            self._feed.start(self.consumer, self.settings.stream)

    def feed(self, records: Iterable[Mapping[str, Any]], now: float) -> list[str]:
        """Take records as the source would give them, and return their ids.

        Raise InvalidParameterException, LimitExceededException.
        """
        records = [_plain(record) for record in records]
        if self.waiting + len(records) > MOST_FED:
            raise LimitExceededException(f"No more than {MOST_FED} records can wait in a pipe.")
        identifier = self.kind.identifier
        taken = []
        with self._core.door.entry("feed", self.arn, records, now):
            for record in records:
                given = record.get(identifier)
                record_id = given if isinstance(given, str) and given else self._core.ids.uuid()
                taken.append((record_id, completed(record, self.source, record_id)))
            self._feed.add(taken, now)
        return [record_id for record_id, _ in taken]

    def begin_anew(self, now: float) -> None:
        """Go on by a clock that has gone back: what was gathered does not wait for its window a second time."""
        self._poller.end_window(now)

    def close(self) -> None:
        """Let go of everything at once; what was received returns to its queue."""
        self._poller.close()
        self._feed.close()

    def _stop(self, now: float) -> None:
        self._poller.stop(now)
        self._feed.stop()

    @property
    def under_way(self) -> int:
        """Count the executions under way."""
        return self._poller.under_way + self._feed.under_way

    @property
    def waiting(self) -> int:
        """Count the records that were fed and are not handled."""
        return len(self._feed)


def _plain(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record as the JSON object that it is. Raise InvalidParameterException for what is none."""
    try:
        plain = load(json.dumps(record))
    except (TypeError, ValueError, RecursionError):
        plain = None
    if not isinstance(plain, dict):
        raise InvalidParameterException("A record is no JSON object, or nested too deeply.")
    return plain
