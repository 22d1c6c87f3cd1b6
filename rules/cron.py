"""AWS's six-field cron expressions over wall-clock minutes; time zones are left to zone.py.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

import calendar
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

from pocketbus.rules.cron_field import (
    DAY_OF_MONTH,
    DAY_OF_WEEK,
    HOUR,
    MINUTE,
    MONTH,
    VALUE,
    YEAR,
    InvalidCron,
    next_in,
    set_of,
)
from pocketbus.rules.value import Value

_SATURDAY = 6
_SUNDAY = 0
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
_MONTH_FORM = re.compile(r"L(?:-(?P<before>[0-9]{1,2}))?|(?P<near>L|[0-9]{1,2})W")
_WEEK_FORM = re.compile(rf"(?P<nth_day>{VALUE})#(?P<nth>[1-5])|(?P<last_day>{VALUE})L")


class _Month(Value):
    """All that a day field depends on. Weekdays count from Sunday = 0."""

    first_weekday: int
    length: int

    def weekday(self, day: int) -> int:
        return (self.first_weekday + day - 1) % 7


_DayRule: TypeAlias = Callable[[_Month], int]


class Cron(Value):
    """A compiled expression: sets of minutes, hours, months and years, and the days of a month."""

    _minutes: int
    _hours: int
    _days: _DayRule
    _months: int
    _years: int

    def at_or_after(self, wall: datetime) -> datetime | None:
        """Return the first whole minute that matches, not before a naive datetime of 1970 or later.

        >>> compile_cron("0 12 29 2 ? *").at_or_after(datetime(2026, 11, 23, 7, 30))
        datetime.datetime(2028, 2, 29, 12, 0)
        """
        if wall.second or wall.microsecond:
            wall = wall.replace(second=0, microsecond=0) + _MINUTE
        day = self._day_from(wall.date())
        if day == wall.date():
            moment = self._time_from(wall.hour, wall.minute)
            if moment is not None:
                return datetime.combine(day, moment)
            day = self._day_from(day + _DAY)
        first = self._time_from(0, 0)
        return None if day is None or first is None else datetime.combine(day, first)

    def _time_from(self, hour: int, minute: int) -> time | None:
        here = next_in(self._minutes, minute) if (self._hours >> hour) & 1 else None
        if here is not None:
            return time(hour, here)
        later, first = next_in(self._hours, hour + 1), next_in(self._minutes, 0)
        return None if later is None or first is None else time(later, first)

    def _day_from(self, day: date) -> date | None:
        for year, month, start in self._months_from(day):
            found = next_in(self._days(_month(year, month)), start)
            if found is not None:
                return date(year, month, found)
        return None

    def _months_from(self, day: date) -> Iterator[tuple[int, int, int]]:
        """Yield year, month, first day: the rest of this year and the next year; no third, each has a day."""
        year = next_in(self._years, max(day.year, YEAR.low))
        if year == day.year:
            for month in _members(self._months, day.month):
                yield year, month, day.day if month == day.month else 1
            year = next_in(self._years, year + 1)
        if year is not None:
            yield from ((year, month, 1) for month in _members(self._months, 1))


def compile_cron(text: str) -> Cron:
    """Read six fields parted by spaces: minutes hours day-of-month month day-of-week year.

    >>> compile_cron("0 12 * * * *")
    Traceback (most recent call last):
    pocketbus.rules.cron_field.InvalidCron: exactly one of day-of-month and day-of-week is ?
    """
    fields = [field for field in text.upper().split(" ") if field]
    if len(fields) != 6 or not text.isascii():
        raise InvalidCron("a cron expression has six fields")
    minutes, hours, days_of_month, months, days_of_week, years = fields
    if (days_of_month == "?") == (days_of_week == "?"):
        raise InvalidCron("exactly one of day-of-month and day-of-week is ?")
    days = _days_of_month(days_of_month) if days_of_week == "?" else _days_of_week(days_of_week)
    month_set = MONTH.values(months)
    return Cron(
        MINUTE.values(minutes),
        HOUR.values(hours),
        days,
        month_set,
        _years_with_a_day(YEAR.values(years), month_set, days),
    )


def _years_with_a_day(years: int, months: int, days: _DayRule) -> int:
    """Drop the years without any matching day, so that a search never looks into one."""
    # There are fourteen calendars: a leap year or not, by the weekday it begins on.
    has_day: dict[tuple[int, bool], bool] = {}
    kept = []
    for year in _members(years, YEAR.low):
        kind = (_month(year, 1).first_weekday, calendar.isleap(year))
        if kind not in has_day:
            has_day[kind] = any(days(_month(year, month)) for month in _members(months, 1))
        if has_day[kind]:
            kept.append(year)
    return set_of(kept)


def _members(values: int, start: int) -> Iterator[int]:
    value = next_in(values, start)
    while value is not None:
        yield value
        value = next_in(values, value + 1)


def _month(year: int, month: int) -> _Month:
    first, length = calendar.monthrange(year, month)
    return _Month((first + 1) % 7, length)


def _days_of_month(text: str) -> _DayRule:
    form = _MONTH_FORM.fullmatch(text)
    if form is None:
        days = DAY_OF_MONTH.values(text)
        return lambda month: days & ((2 << month.length) - 1)
    if form["near"]:
        near = None if form["near"] == "L" else DAY_OF_MONTH.value(form["near"])
        return lambda month: _nearest_weekday(month, near or month.length)
    before = int(form["before"] or 0)
    if before > 30:
        raise InvalidCron(f"{text} is before any month")
    return lambda month: 1 << (month.length - before) if before < month.length else 0


def _nearest_weekday(month: _Month, day: int) -> int:
    """Return the weekday nearest to a day, in the same month; nothing if the month has no such day."""
    if day > month.length:
        return 0
    if month.weekday(day) == _SATURDAY:
        day += -1 if day > 1 else 2
    elif month.weekday(day) == _SUNDAY:
        day += 1 if day < month.length else -2
    return 1 << day


def _days_of_week(text: str) -> _DayRule:
    form = _WEEK_FORM.fullmatch(text)
    if form is None:
        weekdays = DAY_OF_WEEK.values("SAT" if text == "L" else text)  # L alone: the last day of the week
        return lambda month: set_of(
            day for day in range(1, month.length + 1) if (weekdays >> (month.weekday(day) + 1)) & 1
        )
    weekday = DAY_OF_WEEK.value(form["nth_day"] or form["last_day"]) - 1
    if form["nth"]:
        nth = int(form["nth"])
        return lambda month: _nth(month, weekday, nth)
    return lambda month: 1 << (month.length - (month.weekday(month.length) - weekday) % 7)


def _nth(month: _Month, weekday: int, nth: int) -> int:
    day = 1 + (weekday - month.first_weekday) % 7 + 7 * (nth - 1)
    return 1 << day if day <= month.length else 0
