"""Schedules fire exactly when their expression says, whatever way the clock is moved."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from pocketbus.emulator.engine import Engine
from pocketbus.emulator.schedules.schedule import ScheduleSettings
from pocketbus.emulator.schedules.schedule_target import ScheduleTarget
from pocketbus.emulator.state.document import export_state, import_state
from pocketbus.rules.schedule import compile_schedule

# The clocks of Berlin go forward on 29 March, those of Troll by two hours; the two Australian ones go back on 5 April.
BEGIN = datetime(2026, 3, 27, 22, 30, 17, tzinfo=UTC)
DAYS = 9
END = (BEGIN + timedelta(days=DAYS)).timestamp()
ZONES = ("UTC", "Europe/Berlin", "Antarctica/Troll", "Australia/Sydney", "Australia/Lord_Howe")
MOVES = st.lists(st.floats(0, 86_400), max_size=30)


@dataclass(frozen=True)
class Rate:
    """An expression with its own idea of when it is due, by plain counting."""

    minutes: int
    delay: int

    @property
    def expression(self) -> str:
        return f"rate({self.minutes} minutes)"

    zone: ClassVar[str] = "UTC"

    @property
    def start_at(self) -> float:
        return BEGIN.timestamp() + self.delay

    def due(self) -> Iterator[float]:
        at = self.start_at
        while at <= END:
            yield at
            at += 60 * self.minutes


@dataclass(frozen=True)
class Cron:
    """The same of some minutes of some hours on some weekdays, Sunday being 1, found by asking every minute."""

    minutes: frozenset[int]
    hours: frozenset[int]
    weekdays: frozenset[int]
    zone: str

    start_at: ClassVar[float] = BEGIN.timestamp()

    @property
    def expression(self) -> str:
        fields = (",".join(map(str, sorted(values))) for values in (self.minutes, self.hours, self.weekdays))
        return "cron({} {} ? * {} *)".format(*fields)

    def due(self) -> Iterator[float]:
        zone = ZoneInfo(self.zone)
        at = math.ceil(BEGIN.timestamp() / 60) * 60
        while at <= END:
            wall = datetime.fromtimestamp(at, zone)
            if (
                wall.minute in self.minutes
                and wall.hour in self.hours
                and wall.isoweekday() % 7 + 1 in self.weekdays
                and not wall.fold
            ):
                yield float(at)
            at += 60


@dataclass(frozen=True)
class Once:
    """The same of a single instant."""

    second: int

    zone: ClassVar[str] = "UTC"
    start_at: ClassVar[float] = BEGIN.timestamp()

    @property
    def expression(self) -> str:
        return f"at({datetime.fromtimestamp(self.start_at + self.second, UTC):%Y-%m-%dT%H:%M:%S})"

    def due(self) -> Iterator[float]:
        if self.start_at + self.second <= END:
            yield self.start_at + self.second


def some(low: int, high: int) -> st.SearchStrategy[frozenset[int]]:
    return st.frozensets(st.integers(low, high), min_size=1, max_size=4)


# Clocks change in the small hours of a Sunday.
HOURS = st.just(frozenset(range(5))) | some(0, 23)
WEEKDAYS = st.just(frozenset(range(1, 8))) | some(1, 7)
EXPRESSIONS = st.one_of(
    st.builds(Rate, st.integers(7, 3000), st.integers(0, 100_000)),
    st.builds(Cron, some(0, 59), HOURS, WEEKDAYS, st.sampled_from(ZONES)),
    st.builds(Once, st.integers(0, 600_000)),
)


def settings_of(one: Rate | Cron | Once) -> ScheduleSettings:
    return ScheduleSettings(
        expression=one.expression,
        timezone=one.zone,
        counts_from_at=one.start_at,
        instants=compile_schedule(one.expression, dialect="scheduler", timezone=one.zone, start=one.start_at),
        target=ScheduleTarget(
            arn="arn:aws:scheduler:::aws-sdk:ec2:stopInstances",
            service="ec2",
            action="stopInstances",
            request=None,
            role_arn="arn:aws:iam::000000000000:role/scheduler",
            input='{"at": "<aws.scheduler.scheduled-time>", "by": "<aws.scheduler.schedule-arn>"}',
            without_input=True,
        ),
    )


@settings(max_examples=15, deadline=None)
@given(expressions=st.lists(EXPRESSIONS, min_size=1, max_size=4), moves=MOVES, again=st.booleans())
def test_schedules_fire_when_they_say_however_the_clock_is_moved(
    expressions: list[Rate | Cron | Once], moves: list[float], *, again: bool
) -> None:
    engine = Engine()
    engine.freeze()
    engine.clock.set(BEGIN.timestamp())
    group = engine.scope("000000000000", "us-east-1").scheduler.groups["default"]
    for number, one in enumerate(expressions):
        group.create(str(number), settings_of(one), BEGIN.timestamp())

    for move in moves:
        engine.advance(min(move, END - engine.clock.now()))
        if again:
            import_state(engine, export_state(engine))
    engine.advance(END - engine.clock.now())

    fired = [(captured.at, json.loads(captured.payload)) for captured in engine.outbox]
    for number, one in enumerate(expressions):
        own = [(at, told["at"]) for at, told in fired if told["by"].endswith(f"/default/{number}")]
        assert own == [(at, f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}") for at in one.due()]
