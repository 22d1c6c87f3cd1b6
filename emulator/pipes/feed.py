"""Records that a test feeds to a pipe whose source is not emulated, handled in order as a stream's are.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-kinesis.html
"""

import json
import logging
from collections import deque
from collections.abc import Iterable, Mapping
from functools import partial
from itertools import takewhile
from typing import Any

from msgspec import Struct

from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.carrying import carry
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.message import Text
from pocketbus.emulator.pipes.pipe_consumer import PipeConsumer
from pocketbus.emulator.pipes.pipe_settings import NO_LIMIT, StreamPolicy
from pocketbus.emulator.polling.batch import Batch
from pocketbus.emulator.time.alarm import Alarm
from pocketbus.emulator.time.duration import iso
from pocketbus.emulator.time.tasks import Task

_log = logging.getLogger("pocketbus")
_LONGEST_DELAY_SECONDS = 60
_OF_THE_MOMENT = ("_consumer", "_policy", "_task", "_alarm", "_said")
_RETRIES_EXHAUSTED, _TOO_OLD = "RetryAttemptsExhausted", "RecordAgeExceeded"


class Fed(Struct):
    """A record that was fed at an instant, and how often it has failed."""

    at: float
    record_id: str
    record: dict[str, Any]
    failures: int = 0


class Feed:
    """The records that wait, oldest first; one batch of them is under way at a time."""

    def __init__(self, arn: str, source: str, core: Core) -> None:
        self._arn = arn
        self._source = source
        self._core = core
        self._waiting: deque[Fed] = deque()
        self._sizes: deque[int] = deque()
        """The sizes of the batches that one was cut into, or is to be tried again in."""
        self._attempts = 0
        """How often the first batch has failed in a row."""
        self._again_at: float | None = None
        self._open()

    def _open(self) -> None:
        self._consumer: PipeConsumer | None = None
        self._policy = StreamPolicy()
        self._task: Task | None = None
        self._alarm = Alarm(self._core.timers, self._go_on)
        self._said = ""

    def __getstate__(self) -> dict[str, Any]:
        """Tell what waits; what is under way waits for its end."""
        return {name: part for name, part in vars(self).items() if name not in _OF_THE_MOMENT}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._open()

    def standing(self) -> dict[str, Any]:
        """Tell who handles the records, and what of them is under way."""
        told = {name: getattr(self, name) for name in _OF_THE_MOMENT}
        return told | {"_alarm": self._alarm.standing()}

    def stand(self, kept: Mapping[str, Any]) -> None:
        alarm = self._alarm
        vars(self).update(kept)
        self._alarm = alarm
        alarm.stand(kept["_alarm"])

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def under_way(self) -> int:
        return int(self._task is not None)

    def start(self, consumer: PipeConsumer, policy: StreamPolicy) -> None:
        self._consumer = consumer
        self._policy = policy
        consumer.listen(self._look)
        self._look()

    def stop(self) -> None:
        """Begin nothing more; what is under way goes on."""
        if self._consumer is not None:
            self._consumer.unlisten(self._look)
        self._consumer = None
        self._alarm.set(None)

    def close(self) -> None:
        """Break off what is under way; its records stay."""
        self.stop()
        if self._task is not None:
            self._task.cancel()

    def add(self, records: Iterable[tuple[str, dict[str, Any]]], now: float) -> None:
        """Take records by their ids."""
        for record_id, record in records:
            self._waiting.append(Fed(now, record_id, record))
            self._core.trace.record(now, "fed", self._arn, record_id, self._source)
        self._go_on(now)

    def _look(self) -> None:
        self._go_on(self._core.clock.now())

    def _go_on(self, now: float) -> None:
        """Begin the next batch, or wait for the instant at which it begins."""
        consumer = self._consumer
        if self._task is not None or consumer is None:
            return
        self._drop_the_old(now)
        head = self._head(consumer, now)
        begins_at = self._begins_at(consumer, head)
        self._alarm.set(begins_at if begins_at is not None and begins_at > now else None)
        if begins_at is not None and begins_at <= now and self._has_room(consumer, now):
            self._begin(consumer, head, now)

    def _has_room(self, consumer: PipeConsumer, now: float) -> bool:
        """Tell whether the functions that take part have room; say once what is missing."""
        said = consumer.missing
        if said and said != self._said:
            self._core.trace.record(now, "waiting", self._arn, consumer.subject, said)
        self._said = said
        return consumer.room > 0

    def _begin(self, consumer: PipeConsumer, head: list[Fed], now: float) -> None:
        batch = Batch()
        taken = list(takewhile(lambda fed: batch.add(fed.record_id, fed.record), head))
        self._again_at = None
        # It is set before a place is taken: that tells of less room, to this one too.
        self._task = self._core.tasks.start(self._handle, consumer, batch, taken, now)
        self._task.add_done_callback(partial(self._end, consumer, batch))
        consumer.enter(batch)

    def _end(self, consumer: PipeConsumer, batch: Batch, task: Task) -> None:
        now = self._core.clock.now()
        defect = None if task.cancelled() else task.exception()
        if defect is not None:
            _log.error("a batch of %s failed", self._arn, exc_info=defect)
            self._again_at = now + _LONGEST_DELAY_SECONDS
        consumer.leave(batch)
        self._task = None
        self._go_on(now)

    def _head(self, consumer: PipeConsumer, now: float) -> list[Fed]:
        """Return the first records that the filters let through, as many as the next batch has; forget the others."""
        size = self._sizes[0] if self._sizes else consumer.batch_size
        head: list[Fed] = []
        while self._waiting and len(head) < size:
            fed = self._waiting.popleft()
            objection = consumer.objection(fed.record)
            if objection is None:
                head.append(fed)
            else:
                self._core.trace.record(now, "filtered", self._arn, fed.record_id, str(objection))
        self._waiting.extendleft(reversed(head))
        return head

    def _begins_at(self, consumer: PipeConsumer, head: list[Fed]) -> float | None:
        """Return when a batch begins: what has failed after a pause, what is not full after its window."""
        if not head:
            return None
        if self._again_at is not None:
            return self._again_at
        if self._sizes or len(head) == consumer.batch_size:
            return 0.0
        return head[0].at + consumer.window_seconds

    async def _handle(self, consumer: PipeConsumer, batch: Batch, taken: list[Fed], now: float) -> None:
        counts = True
        try:
            handled = await consumer.handle(batch, now)
            failed = set(handled.failed)
        except EngineError as error:  # nobody was reached: that is not counted
            failed, counts = set(batch.message_ids), False
            for fed in taken:
                self._core.trace.record(now, "attempted", consumer.target, fed.record_id, error.message)
        self._settle(taken, failed, self._core.clock.now(), counts=counts)

    def _settle(self, taken: list[Fed], failed: set[str], now: float, *, counts: bool) -> None:
        """Go on behind what was handled; from the first record that failed on, all come again, in order."""
        if self._sizes:
            self._sizes.popleft()
        done = next((place for place, fed in enumerate(taken) if fed.record_id in failed), len(taken))
        for _ in range(done):
            self._waiting.popleft()
        rest = taken[done:]
        if done:
            self._attempts = 0
        if not rest:
            return
        if self._policy.bisects and len(rest) > 1:
            self._sizes.extendleft((len(rest) - len(rest) // 2, len(rest) // 2))
            return
        for fed in rest:
            fed.failures += counts
        limit = self._policy.maximum_retries
        if limit != NO_LIMIT and rest[0].failures > limit:
            for _ in rest:
                self._waiting.popleft()
            self._attempts = 0
            self._give_up(rest, _RETRIES_EXHAUSTED, now)
        else:
            self._sizes.appendleft(len(rest))
            self._again_at = now + min(2.0 ** min(self._attempts, 6), _LONGEST_DELAY_SECONDS)
            self._attempts += 1

    def _drop_the_old(self, now: float) -> None:
        age = self._policy.maximum_age_seconds
        old: list[Fed] = []
        while age != NO_LIMIT and self._waiting and now - self._waiting[0].at > age:
            old.append(self._waiting.popleft())
        if old:
            self._sizes.clear()
            self._again_at = None
            self._attempts = 0
            self._give_up(old, _TOO_OLD, now)

    def _give_up(self, records: list[Fed], condition: str, now: float) -> None:
        """Tell the dead-letter target, if there is one, which records were not handled."""
        for fed in records:
            self._core.trace.record(now, "undeliverable", self._arn, fed.record_id, condition)
        target = self._policy.dead_letter_target
        if target is not None:
            letter = Text(json.dumps(self._letter(records, condition, now), separators=(",", ":")))
            subject = records[0].record_id
            delivery = Delivery(self._arn, target, letter, subject, counts=False)
            carry((delivery,), self._core, now)

    def _letter(self, records: list[Fed], condition: str, now: float) -> dict[str, Any]:
        first, last = records[0], records[-1]
        kinesis = ":kinesis:" in self._source
        return {
            "context": {"partnerResourceArn": self._arn, "condition": condition},
            "version": "1.0",
            "timestamp": iso(now),
            "KinesisBatchInfo" if kinesis else "DDBStreamBatchInfo": {
                "shardId": first.record_id.partition(":")[0] if kinesis else "",
                "startSequenceNumber": _sequence_number(first),
                "endSequenceNumber": _sequence_number(last),
                "approximateArrivalOfFirstRecord": iso(first.at),
                "approximateArrivalOfLastRecord": iso(last.at),
                "batchSize": len(records),
                "streamArn": self._source,
            },
        }


def _sequence_number(fed: Fed) -> str:
    change = fed.record.get("dynamodb")
    holder = change if isinstance(change, dict) else fed.record
    return str(holder.get("sequenceNumber") or holder.get("SequenceNumber") or fed.record_id)
