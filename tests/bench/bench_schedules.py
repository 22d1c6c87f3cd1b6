"""What many schedules cost: a tick of 10 due ones among 100,000, against the same 10 among 1,000."""

import gc
from statistics import median
from time import perf_counter

from pocketbus.emulator.config import Config
from pocketbus.emulator.deliveries.request_template import Slot
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.emulator.schedules.schedule import ScheduleSettings
from pocketbus.emulator.schedules.schedule_target import ScheduleTarget
from pocketbus.rules.schedule import compile_schedule
from tests.bench.table import Row

FEW, MANY, DUE = 1_000, 100_000, 10
TICKS, ROUNDS = 20, 15
START = 1_767_225_600.0
ARN = "arn:aws:kinesis:us-east-1:000000000000:stream/s"
ROLE = "arn:aws:iam::000000000000:role/scheduler"
TARGET = ScheduleTarget(ARN, "kinesis", "putRecord", {"Data": Slot.TEXT}, ROLE, input="x")


def _settings(expression: str) -> ScheduleSettings:
    instants = compile_schedule(expression, dialect="scheduler", start=START)
    return ScheduleSettings(expression, "UTC", START, instants, TARGET)


def _filled(schedules: int) -> Engine:
    """Make an engine in which 10 schedules are due each minute and the others once, in a year."""
    engine = Engine(Config(seed=1))
    engine.freeze()
    engine.clock.set(START)
    scope = engine.scope("000000000000", "us-east-1")
    scope.sqs.create_queue("q", QueueSettings(), {}, START)
    group = scope.scheduler.groups["default"]
    due, rare = _settings("rate(1 minute)"), _settings("at(2027-01-01T00:00:00)")
    for number in range(schedules):
        group.create(f"s{number}", due if number < DUE else rare, START)
    engine.advance(0)
    return engine


def _seconds(engine: Engine) -> float:
    started = perf_counter()
    engine.advance(60 * TICKS)
    return perf_counter() - started


def rows() -> list[Row]:
    few, many = _filled(FEW), _filled(MANY)
    gc.collect()
    ratio = median(_seconds(few) / _seconds(many) for _ in range(ROUNDS))
    return [Row("schedules: a tick of 10 due ones among 100,000, against 1,000", ratio, 0.8)]
