"""Cron in UTC against aws-croniter, and against an obvious search day by day."""

import calendar
from datetime import UTC, date, datetime, timedelta

from aws_croniter import AwsCroniter
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketbus.rules.schedule import compile_schedule

MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]


def item(
    values: st.SearchStrategy[str], *, ranges: st.SearchStrategy[str], steps: int
) -> st.SearchStrategy[str]:
    step = st.integers(1, steps).map(str)
    return st.one_of(
        values,
        ranges,
        st.builds("{}/{}".format, values, step),
        st.builds("{}/{}".format, ranges, step),
        st.builds("*/{}".format, step),
    )


def field(
    low: int, high: int, names: list[str] | None = None, *, wraps: bool = True
) -> st.SearchStrategy[str]:
    values = st.integers(low, high).map(str)
    if names:
        values = values | st.sampled_from(names) | st.sampled_from(names).map(str.lower)
    pairs = st.tuples(st.integers(low, high), st.integers(low, high))
    ranges = (pairs if wraps else pairs.map(lambda pair: (min(pair), max(pair)))).map(
        lambda pair: f"{pair[0]}-{pair[1]}"
    )
    items = st.lists(item(values, ranges=ranges, steps=high if high < 1970 else 1), min_size=1, max_size=3)
    return st.just("*") | items.map(",".join)


def no_steps(text: str) -> bool:
    return "/" not in text


# aws-croniter takes no step in the day of the week and none below 1970 in the year, fails on LW, reads L alone in
# the day of the week as no day, and lets a range of years run over its end. So none of these is generated.
DAYS_OF_MONTH = (
    field(1, 31) | st.just("L") | st.integers(1, 30).map("L-{}".format) | st.integers(1, 31).map("{}W".format)
).map(lambda text: (text, "?"))
DAYS_OF_WEEK = (
    field(1, 7, WEEKDAYS).filter(no_steps)
    | st.integers(1, 7).map("{}L".format)
    | st.builds("{}#{}".format, st.integers(1, 7), st.integers(1, 5))
).map(lambda text: ("?", text))
YEARS = st.just("*") | field(2020, 2060, wraps=False).filter(no_steps)
CRONS = st.builds(
    lambda minutes, hours, days, months, years: f"{minutes} {hours} {days[0]} {months} {days[1]} {years}",
    field(0, 59),
    field(0, 23),
    DAYS_OF_MONTH | DAYS_OF_WEEK,
    field(1, 12, MONTHS),
    YEARS,
)
INSTANTS = st.integers(0, 2_840_140_800)  # 1970 to 2060


def oracle(cron: AwsCroniter, t: float) -> float | None:
    found = cron.get_next(datetime.fromtimestamp(t, UTC))[0]
    return None if found is None else float(found.timestamp())


@settings(max_examples=400, deadline=None)
@given(fields=CRONS, t=INSTANTS)
def test_cron_agrees_with_aws_croniter(fields: str, t: int) -> None:
    cron = AwsCroniter(fields)
    expected = oracle(cron, t)

    found = compile_schedule(f"cron({fields})", dialect="rule").next_after(t)

    if expected is None and found is not None:
        # The oracle gives up after ten steps: it must still know the instant when asked close to it.
        assert oracle(cron, found - 60) == found
        assert (found - t) > 28 * 86400
    else:
        assert found == expected


def nearest_weekday(day: date) -> date:
    shift = {5: -1, 6: 1}.get(day.weekday(), 0)
    if (day + timedelta(shift)).month != day.month:
        shift = 2 if shift < 0 else -2
    return day + timedelta(shift)


def day_matches(day: date, form: str, number: int, nth: int) -> bool:
    """Say whether a day matches, by the words of the documentation and nothing clever."""
    length = calendar.monthrange(day.year, day.month)[1]
    weekday = (day.weekday() + 1) % 7 + 1
    if form == "W":
        return number <= length and nearest_weekday(day.replace(day=number)) == day
    if form == "LW":
        return nearest_weekday(day.replace(day=length)) == day
    if form == "#":
        return weekday == (number - 1) % 7 + 1 and (day.day - 1) // 7 + 1 == nth
    return weekday == (number - 1) % 7 + 1 and day.day + 7 > length


@settings(max_examples=100, deadline=None)
@given(
    form=st.sampled_from(["W", "LW", "#", "L"]),
    number=st.integers(1, 31),
    nth=st.integers(1, 5),
    start=st.dates(date(1970, 1, 2), date(2190, 1, 1)),
)
def test_the_special_days_agree_with_a_search_day_by_day(
    form: str, number: int, nth: int, start: date
) -> None:
    weekday = (number - 1) % 7 + 1
    fields = {"W": f"{number}W * ?", "LW": "LW * ?", "#": f"? * {weekday}#{nth}", "L": f"? * {weekday}L"}[
        form
    ]
    midnight = datetime(start.year, start.month, start.day, tzinfo=UTC)

    found = compile_schedule(f"cron(0 0 {fields} *)", dialect="rule").next_after(midnight.timestamp() - 1)

    expected = start
    while not day_matches(expected, form, number, nth):
        expected += timedelta(1)
    assert found == datetime(expected.year, expected.month, expected.day, tzinfo=UTC).timestamp()
