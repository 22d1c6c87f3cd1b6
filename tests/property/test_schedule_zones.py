"""Cron across the transitions of real zones, against a search minute by minute."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from pocketbus.rules.schedule import compile_schedule

DAY = 86400
# A day with a transition in each zone: hours of a half, a whole and a day, spring and autumn.
TRANSITIONS = [
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2027-11-07"),
    ("Europe/Berlin", "2027-03-28"),
    ("Europe/Berlin", "2026-10-25"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Australia/Lord_Howe", "2026-04-05"),
    ("America/Santiago", "2026-09-06"),
    ("Africa/Casablanca", "2026-02-15"),
    ("Pacific/Apia", "2011-12-30"),
    ("Asia/Kathmandu", "1986-01-01"),
]


def matches(wall: datetime, minutes: list[int], hours: list[int]) -> bool:
    return wall.fold == 0 and wall.minute in minutes and wall.hour in hours


@settings(max_examples=100, deadline=None)
@given(
    transition=st.sampled_from(TRANSITIONS),
    minutes=st.lists(st.integers(0, 59), min_size=1, max_size=3),
    hours=st.lists(st.sampled_from([0, 1, 2, 3, 23]), min_size=1, max_size=3),
    offset=st.integers(-DAY, DAY),
)
def test_a_local_time_fires_unless_skipped_and_only_in_its_first_pass(
    transition: tuple[str, str], minutes: list[int], hours: list[int], offset: int
) -> None:
    name, day = transition
    zone = ZoneInfo(name)
    t = int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) + offset
    fields = f"{','.join(map(str, minutes))} {','.join(map(str, hours))}"

    found = compile_schedule(f"cron({fields} * * ? *)", dialect="scheduler", timezone=name).next_after(t)

    instants = range(t // 60 * 60 + 60, t + 3 * DAY, 60)
    expected = (i for i in instants if matches(datetime.fromtimestamp(i, zone), minutes, hours))
    assert found == next(expected)
