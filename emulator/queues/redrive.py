"""Dead-letter queues: whose they are, and the tasks that move their messages elsewhere on the engine's clock."""

from enum import StrEnum
from typing import Final

from msgspec import Struct

from pocketbus.emulator.core import Core
from pocketbus.emulator.errors import (
    CouldNotDetermineMessageSource,
    EngineError,
    QueueDoesNotExist,
)
from pocketbus.emulator.message import Message
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.time.timers import KeptTimers, Timer

# A task without a rate of its own moves this many messages every so many seconds, and serves requests in between.
_BURST: Final = 500
_BURST_SECONDS: Final = 0.01


class MoveStatus(StrEnum):
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


def sources_of(target: Queue, core: Core) -> list[Queue]:
    """Return the queues that have this one as their dead-letter queue, in order of creation."""
    queues = (resource for resource in core.resources.values() if isinstance(resource, Queue))
    return [queue for queue in queues if _dead_letters_to(queue, target)]


def _dead_letters_to(queue: Queue, target: Queue) -> bool:
    policy = queue.settings.redrive_policy
    return policy is not None and policy.dead_letter_target == target.arn


class MoveTask(Struct, eq=False):
    """Moves the messages that a dead-letter queue holds at the start to `destination`, else each to its source.

    `per_second` is the rate asked for, None moves as fast as the engine can. Instants are epoch seconds.
    """

    task_id: str
    source: Queue
    destination: str | None
    per_second: int | None
    started_at: float
    to_move: int
    core: Core
    moved: int = 0
    status: MoveStatus = MoveStatus.RUNNING
    failure: EngineError | None = None
    timer: Timer | None = None

    def cancel(self) -> None:
        """Stop; what was moved already stays where it is."""
        self._end(MoveStatus.CANCELLED)

    def schedule(self) -> None:
        """Set the timer for the next step."""
        if self.per_second is None:
            seconds = _BURST_SECONDS * (self.moved // _BURST)
        else:
            seconds = (self.moved + 1) / self.per_second
        self.timer = self.core.timers.call_at(self.started_at + seconds, self._step)

    def set_timers_again(self, timers: KeptTimers) -> None:
        """Set the timer again that a state was kept with."""
        if self.timer is not None and self.status is MoveStatus.RUNNING:
            self.timer = timers.call_again(self.timer, self._step)

    def _step(self, now: float) -> None:
        limit = min(self.to_move - self.moved, _BURST if self.per_second is None else 1)
        try:
            done = self._move(limit, now) < limit or self.moved == self.to_move
        except EngineError as error:
            self.failure = error
            self._end(MoveStatus.FAILED)
            return
        if done:
            self._end(MoveStatus.COMPLETED)
        else:
            self.schedule()

    def _move(self, limit: int, now: float) -> int:
        """Move up to `limit` messages and return how many there were."""
        if self.core.resources.get(self.source.arn) is not self.source:
            raise QueueDoesNotExist
        for number in range(limit):
            if not self.source.move_next(self._route, now):
                return number
            self.moved += 1
        return limit

    def _route(self, message: Message) -> Queue:
        arn = self.destination or message.dead_letter_source
        if arn is None:
            raise CouldNotDetermineMessageSource
        queue = self.core.resources.get(arn)
        if not isinstance(queue, Queue):
            raise QueueDoesNotExist
        return queue

    def _end(self, status: MoveStatus) -> None:
        self.status = status
        if self.timer is not None:
            self.core.timers.cancel(self.timer)
