"""What time alone will do next: messages that turn ready or expire, schedules, attempts over a network."""

import heapq
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from pocketbus.emulator.buses.bus import Bus
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.message import IN_FLIGHT
from pocketbus.emulator.queues.queue import Queue


class Due(NamedTuple):
    """One thing that is due at an instant: at a resource, to the message or event `subject` if it is about one."""

    at: float
    what: str
    resource: str
    subject: str = ""


def ahead(engine: Engine, limit: int) -> list[Due]:
    """Return what is due next, the earliest first."""
    lines = [_of_queue(resource) for resource in engine.resources.values() if isinstance(resource, Queue)]
    others = (_of_rules(engine), _of_schedules(engine), _of_courier(engine))
    return list(islice(heapq.merge(*lines, *map(sorted, others)), limit))


def _of_queue(queue: Queue) -> Iterator[Due]:
    expiring = [_expiry(queue, queue.oldest_sent_at)] if queue.oldest_sent_at is not None else []
    return heapq.merge(expiring, _turning_ready(queue))


def _expiry(queue: Queue, oldest_sent_at: float) -> Due:
    at = oldest_sent_at + queue.settings.message_retention_period
    return Due(at, "the oldest message expires", queue.arn)


def _turning_ready(queue: Queue) -> Iterator[Due]:
    for message in queue.turning_ready():
        if message.deadline is not None:
            what = "a visibility timeout is over" if message.state is IN_FLIGHT else "a delay is over"
            yield Due(message.deadline.at, what, queue.arn, message.message_id)


def _of_rules(engine: Engine) -> Iterator[Due]:
    for resource in engine.resources.values():
        if isinstance(resource, Bus):
            for rule in resource.rules.values():
                if rule.due_at is not None:
                    yield Due(
                        rule.due_at, f"the schedule {rule.settings.schedule_expression} is due", rule.arn
                    )


def _of_schedules(engine: Engine) -> Iterator[Due]:
    for scope in engine.scopes:
        for _, schedule in scope.scheduler.schedules:
            if schedule.next_at is not None:
                yield Due(
                    schedule.next_at, f"the schedule {schedule.settings.expression} is due", schedule.arn
                )


def _of_courier(engine: Engine) -> Iterator[Due]:
    for at, delivery in engine.courier.waiting:
        yield Due(at, "an attempt to deliver is due", delivery.target, delivery.subject)
