"""One field of a cron expression as a set of numbers; what the numbers mean is left to cron.py.

A set is an int whose bit n says that n is in it.
"""

import functools
import re
from collections.abc import Iterable

from pocketbus.rules.value import Value

VALUE = "[A-Z]{3}|[0-9]{1,4}"
_ITEM = re.compile(
    rf"(?:(?P<every>\*)|(?P<first>{VALUE})(?:-(?P<last>{VALUE}))?)(?:/(?P<step>[0-9]{{1,4}}))?"
)


class InvalidCron(ValueError):
    """The text says which field is wrong; AWS's own answer names only the expression."""


def set_of(values: Iterable[int]) -> int:
    return functools.reduce(int.__or__, (1 << value for value in values), 0)


def next_in(values: int, start: int) -> int | None:
    """Return the least value of a set that is not below start.

    >>> next_in(set_of([5, 35]), 6)
    35
    """
    rest = values >> start
    return start + (rest & -rest).bit_length() - 1 if rest else None


class Field(Value):
    """A field's range, the names of its values, and whether a range such as FRI-MON runs over the end."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    wraps: bool = True

    def value(self, text: str) -> int:
        number = self.names.index(text) + self.low if text in self.names else self._number(text)
        if not self.low <= number <= self.high:
            raise InvalidCron(f"{text} is not a {self.name}")
        return number

    def values(self, text: str) -> int:
        """Read a list of values, ranges and steps into a set.

        >>> Field("hour", 0, 23).values("0,20/2") == set_of([0, 20, 22])
        True
        """
        return functools.reduce(int.__or__, map(self._item, text.split(",")))

    def _number(self, text: str) -> int:
        if not text.isdecimal():
            raise InvalidCron(f"{text} is not a {self.name}")
        return int(text)

    def _item(self, text: str) -> int:
        match = _ITEM.fullmatch(text)
        if match is None:
            raise InvalidCron(f"{text} is not a list of values of {self.name}")
        start = self.low if match["every"] else self.value(match["first"])
        step = int(match["step"] or 1)
        end = self._end(match, start)
        if not 0 < step <= self.high or (end < start and not self.wraps):
            raise InvalidCron(f"{text} is not a range of {self.name}")
        size = self.high - self.low + 1
        offsets = range(start - self.low, start - self.low + (end - start) % size + 1, step)
        return set_of(self.low + offset % size for offset in offsets)

    def _end(self, match: re.Match[str], start: int) -> int:
        if match["last"]:
            return self.value(match["last"])
        # n/s runs from n to the end of the field; n alone is n.
        return self.high if match["every"] or match["step"] else start


MINUTE = Field("minute", 0, 59)
HOUR = Field("hour", 0, 23)
DAY_OF_MONTH = Field("day of the month", 1, 31)
MONTH = Field(
    "month", 1, 12, ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
)
DAY_OF_WEEK = Field("day of the week", 1, 7, ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"))
YEAR = Field("year", 1970, 2199, wraps=False)
