"""Schedule expressions of rules and of Scheduler: rate(), cron(), at(), and the next instant after t.

What a schedule sets off, and the clock, are left to the caller. Cron fields are cron.py, time zones zone.py.
"""

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol

from pocketbus.rules.cron import Cron, compile_cron
from pocketbus.rules.cron_field import InvalidCron
from pocketbus.rules.value import Value
from pocketbus.rules.zone import NoZoneDatabase, UnknownZone, Zone, find_zone

MAX_EXPRESSION = 256  # characters, at PutRule and CreateSchedule
_LAST_INSTANT = 253402300799.0  # the last second of the year 9999
# Every instant of a cron year, 1970 to 2199, in any zone, with two days to spare.
_FIRST_CRON_INSTANT, _LAST_CRON_INSTANT = -172800.0, 7258291200.0
_UNIT_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
# At most nine digits, so that every interval can be added to an instant.
_RATE = re.compile(r"rate\(0*([1-9][0-9]{0,8}) (minute|hour|day)(s?)\)")
_CRON = re.compile(r"cron\(([^\s()][^()]*[^\s()])\)")
# 24:00 is midnight to some versions of fromisoformat; it is no hour here.
_AT = re.compile(r"at\(([0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2})\)")

Dialect = Literal["rule", "scheduler"]
_REFUSALS: dict[Dialect, str] = {
    "rule": "Parameter ScheduleExpression is not valid.",
    "scheduler": "Invalid Schedule Expression {}.",
}


class InvalidSchedule(ValueError):
    """The text is the service's own ValidationException."""


class Schedule(Protocol):
    """Instants, in epoch seconds."""

    def next_after(self, t: float) -> float | None:
        """Return the first instant strictly after t; None: there is none."""


class Rate(Value):
    """Every so many seconds from a first instant on; a day is 24 hours whatever the clocks do."""

    first: float
    interval_seconds: int

    def next_after(self, t: float) -> float | None:
        if not t < _LAST_INSTANT:
            return None
        # The quotient may round to either side of a whole number, and a sum may round down to t.
        count = math.floor((max(t, self.first) - self.first) / self.interval_seconds)
        instants = (self.first + (count + more) * self.interval_seconds for more in range(3))
        return next((instant for instant in instants if t < instant <= _LAST_INSTANT), None)


class Recurring(Value):
    """A cron expression in a zone: a skipped local time is left out, a repeated one counts once."""

    cron: Cron
    zone: Zone

    def next_after(self, t: float) -> float | None:
        if not t < _LAST_CRON_INSTANT:
            return None
        wall = self.cron.at_or_after(self._wall_after(max(t, _FIRST_CRON_INSTANT)))
        while wall is not None:
            instant = self.zone.instant(wall)
            if instant is not None:
                return float(instant)
            wall = self.cron.at_or_after(self.zone.past_transition(wall))
        return None

    def _wall_after(self, t: float) -> datetime:
        wall, is_second_pass = self.zone.wall(math.floor(t))
        if is_second_pass:
            return self.zone.past_transition(wall)
        return wall.replace(second=0) + timedelta(minutes=1)


class Once(Value):
    """A single instant; None if the zone's clocks skip it."""

    instant: float | None

    def next_after(self, t: float) -> float | None:
        return self.instant if self.instant is not None and t < self.instant <= _LAST_INSTANT else None


class Bounded(Value):
    """A schedule with nothing before its start and nothing after its end; both may be instants of it."""

    schedule: Schedule
    start: float
    end: float

    def next_after(self, t: float) -> float | None:
        instant = self.schedule.next_after(max(t, math.nextafter(self.start, -math.inf)))
        return instant if instant is not None and instant <= self.end else None


def compile_schedule(
    text: str, *, dialect: Dialect, timezone: str = "UTC", start: float = 0.0, end: float = math.inf
) -> Schedule:
    """Compile a rule's or a Scheduler schedule's expression.

    A rate counts from start, in epoch seconds: a rule's first instant is one interval later, Scheduler's is
    start itself. No instant of a rate or cron is before start or after end; at() heeds neither, as at AWS.
    Raise InvalidSchedule with the text the service answers.

    >>> compile_schedule("rate(5 minutes)", dialect="rule", start=1000.0).next_after(1000.0)
    1300.0
    >>> compile_schedule("rate(5 minute)", dialect="rule")
    Traceback (most recent call last):
    pocketbus.rules.schedule.InvalidSchedule: Parameter ScheduleExpression is not valid.
    """
    zone = _zone(timezone)
    if len(text) <= MAX_EXPRESSION:
        repeating = _rate(text, dialect, start) or _recurring(text, zone)
        if repeating is not None:
            return Bounded(repeating, start, end)
        once = _once(text, zone) if dialect == "scheduler" else None
        if once is not None:
            return once
    raise InvalidSchedule(_REFUSALS[dialect].format(text))


def _zone(name: str) -> Zone:
    try:
        return find_zone(name)
    except UnknownZone:
        raise InvalidSchedule(f"Invalid Schedule Expression Timezone {name}.") from None
    except NoZoneDatabase as error:
        raise InvalidSchedule(str(error)) from None


def _rate(text: str, dialect: Dialect, start: float) -> Rate | None:
    match = _RATE.fullmatch(text)
    if match is None:
        return None
    count = int(match[1])
    # A rule's unit is singular exactly when the value is 1; Scheduler takes either.
    if dialect == "rule" and (count == 1) == bool(match[3]):
        return None
    interval_seconds = count * _UNIT_SECONDS[match[2]]
    return Rate(start + (interval_seconds if dialect == "rule" else 0), interval_seconds)


def _recurring(text: str, zone: Zone) -> Recurring | None:
    match = _CRON.fullmatch(text)
    try:
        return Recurring(compile_cron(match[1]), zone) if match else None
    except InvalidCron:
        return None


def _once(text: str, zone: Zone) -> Once | None:
    match = _AT.fullmatch(text)
    if match is None:
        return None
    try:
        instant = zone.instant(datetime.fromisoformat(match[1]))
    except ValueError:
        return None
    return Once(None if instant is None else float(instant))


def scheduled_event(
    rule_arn: str, *, event_id: str, account: str, region: str, fired_at: float
) -> dict[str, object]:
    """Return the event that a rule's schedule puts on the default bus at an instant, to whole seconds.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html
    """
    return {
        "version": "0",
        "id": event_id,
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": account,
        "time": datetime.fromtimestamp(math.floor(fired_at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": [rule_arn],
        "detail": {},
    }


def window_seconds(mode: Literal["OFF", "FLEXIBLE"], maximum_minutes: int | None) -> int:
    """Return how long after its instant Scheduler may still invoke: FlexibleTimeWindow, 1 to 1440 minutes.

    >>> window_seconds("FLEXIBLE", 15)
    900
    """
    if mode == "OFF" and maximum_minutes is None:
        return 0
    if mode == "FLEXIBLE" and maximum_minutes is not None and 1 <= maximum_minutes <= 1440:
        return maximum_minutes * 60
    raise InvalidSchedule(
        "FlexibleTimeWindow is OFF, or FLEXIBLE with MaximumWindowInMinutes from 1 to 1440."
    )
