"""SQS in one account and region: the queues by name, and the tasks that move dead letters."""

from collections import deque
from collections.abc import Iterable, Mapping

from pocketbus.emulator.catalogue import Catalogue
from pocketbus.emulator.errors import InvalidParameterValueException, QueueDeletedRecently
from pocketbus.emulator.limits import DELETED_NAME_SECONDS, MOVE_TASKS_KEPT
from pocketbus.emulator.message import State
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.emulator.queues.redrive import MoveStatus, MoveTask
from pocketbus.emulator.service_scope import ServiceScope


class SqsScope(ServiceScope):
    """The move tasks are by the name of the queue they empty, the newest first."""

    service = "sqs"
    owns = ("sqs",)
    holds = ("queues", "move_tasks", "_queues_deleted_at")

    def begin(self, now: float) -> None:  # noqa: ARG002
        self.queues: Catalogue[Queue] = Catalogue()
        self.move_tasks: dict[str, deque[MoveTask]] = {}
        self._queues_deleted_at: dict[str, float] = {}

    def resources(self) -> Iterable[Queue]:
        return self.queues.values()

    def at_work(self) -> Iterable[Queue]:
        return self.queues.values()

    def end(self) -> None:
        for tasks in self.move_tasks.values():
            for task in tasks:
                task.cancel()

    def create_queue(self, name: str, settings: QueueSettings, tags: Mapping[str, str], now: float) -> Queue:
        """Make a queue of a name that is not taken; by AWS's strict rules a name rests 60 seconds after its queue."""
        deleted_at = self._queues_deleted_at.get(name)
        if deleted_at is not None and 0 <= now - deleted_at < DELETED_NAME_SECONDS:
            raise QueueDeletedRecently
        queue = Queue(self.arn(name), self.account, settings, self._core, now)
        queue.tags.update(tags)
        self.queues[name] = self._core.resources[queue.arn] = queue
        self._core.announce(queue.arn)
        return queue

    def delete_queue(self, queue: Queue, now: float) -> None:
        """Let a queue go with all its messages; who waits there is answered with nothing."""
        if self._core.config.strict:
            self._queues_deleted_at[queue.name] = now
        self.move_tasks.pop(queue.name, None)
        del self.queues[queue.name]
        del self._core.resources[queue.arn]
        queue.close()
        self._core.releases.add(queue.remains())

    def start_move(
        self, source: Queue, destination: Queue | None, per_second: int | None, now: float
    ) -> MoveTask:
        """Start moving messages out of a dead-letter queue, which has at most one running task."""
        tasks = self.move_tasks.setdefault(source.name, deque(maxlen=MOVE_TASKS_KEPT))
        if any(task.status is MoveStatus.RUNNING for task in tasks):
            raise InvalidParameterValueException(
                "There is already a task running. "
                "Only one active task is allowed for a source queue arn at a given time."
            )
        source.advance(now)
        task = MoveTask(
            self._core.ids.uuid(),
            source,
            None if destination is None else destination.arn,
            per_second,
            started_at=now,
            to_move=source.count(State.READY),
            core=self._core,
        )
        tasks.appendleft(task)
        task.schedule()
        return task
