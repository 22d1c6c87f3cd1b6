"""Why a message of a queue passes a mapping or a pipe, or does not, and why a schedule is due or not."""

from collections.abc import Iterator, Mapping
from typing import Any

from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import ResourceNotFoundError
from pocketbus.emulator.inspection.explanation import Verdict
from pocketbus.emulator.pipes.pipe import RUNNING, Pipe
from pocketbus.emulator.pipes.sources import completed
from pocketbus.emulator.polling.consumer import Consumer
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.schedules.schedule import Schedule
from pocketbus.emulator.time.duration import iso


def explain_consumers(engine: Engine, queue: Queue, record: Mapping[str, Any]) -> Iterator[Verdict]:
    """Ask each mapping and each pipe of a queue, in order of creation."""
    now = engine.clock.now()
    for scope in engine.scopes:
        for mapping in scope.functions.mappings_at(now).values():
            if mapping.queue_arn == queue.arn:
                against = "" if mapping.settings.enabled else f"the mapping is {mapping.state(now)}"
                yield _verdict(queue.arn, mapping.consumer, record, against)
        for pipe in scope.pipes.pipes_at(now).values():
            if pipe.source == queue.arn:
                yield explain_record(pipe, record, now)


def explain_record(pipe: Pipe, record: Mapping[str, Any], now: float) -> Verdict:
    """Ask a pipe about a record as its source gives it."""
    state = pipe.state(now)
    runs = pipe.settings.running and not state.endswith("_FAILED")
    against = "" if runs else f"the pipe is {state}, not {RUNNING}: {pipe.reason(now) or 'start it'}"
    return _verdict(pipe.source, pipe.consumer, completed(record, pipe.source, ""), against)


def _verdict(source: str, consumer: Consumer, record: Mapping[str, Any], against: str) -> Verdict:
    if against:
        return Verdict(source, consumer.arn, matches=False, why=against)
    mismatch = consumer.objection(record)
    if mismatch is not None:
        return Verdict(source, consumer.arn, matches=False, why=str(mismatch), path=mismatch.path)
    return Verdict(source, consumer.arn, matches=True, why=consumer.missing)


def find_pipe(engine: Engine, name: str, account: str | None, region: str | None) -> Pipe:
    """Find a pipe by its name or ARN. Raise ResourceNotFoundError."""
    if name.startswith("arn:") and name.count(":") == 5:
        _, _, _, region, account, _ = name.split(":")
    place = (account or engine.config.account, region or engine.config.region)
    scope = engine.existing(*place)
    pipes = {} if scope is None else scope.pipes.pipes_at(engine.clock.now())
    pipe = pipes.get(name.rpartition("/")[2])
    if pipe is None:
        raise ResourceNotFoundError(f"There is no pipe {name}.")
    return pipe


def explain_schedule(
    engine: Engine,
    name: str,
    group: str,
    at: float | None,
    place: tuple[str | None, str | None] = (None, None),
) -> Verdict:
    """Tell whether a schedule is due at an instant or, of none, ever again. Raise ResourceNotFoundError."""
    account, region = place
    scope = engine.existing(account or engine.config.account, region or engine.config.region)
    found = None if scope is None else scope.scheduler.groups.get(group)
    schedule = None if found is None else found.schedules.get(name)
    if found is None or schedule is None:
        raise ResourceNotFoundError(f"There is no schedule {name} in the group {group}.")
    matches, why = _due(schedule, engine.clock.now(), at)
    return Verdict(found.arn, schedule.arn, matches, why)


def _due(schedule: Schedule, now: float, at: float | None) -> tuple[bool, str]:
    settings = schedule.settings
    if not settings.enabled:
        return False, "the schedule is disabled"
    if at is None:
        next_at = schedule.next_at
        return next_at is not None, f"next at {iso(next_at)}" if next_at is not None else _over(schedule, now)
    due_at = settings.instants.next_after(at - 0.001)
    if due_at is not None and abs(due_at - at) < 0.001:
        return True, f"{settings.expression} names {iso(at)} in {settings.timezone}"
    if due_at is None:
        return False, _over(schedule, at)
    return False, f"{settings.expression} in {settings.timezone} names {iso(due_at)} next, not {iso(at)}"


def _over(schedule: Schedule, now: float) -> str:
    end_at = schedule.settings.end_at
    if end_at is not None and end_at <= now:
        return f"its end date, {iso(end_at)}, has passed"
    return f"{schedule.settings.expression} names no instant from {iso(now)} on"
