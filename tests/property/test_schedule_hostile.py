"""Any text is a schedule or a rejection, any instant has an answer, and soon."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketbus.rules.schedule import Dialect, InvalidSchedule, compile_schedule
from tests.soon import is_soon

ZONES = ["UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Monrovia"]
FRAGMENTS = [
    "rate(",
    "cron(",
    "at(",
    ")",
    " ",
    "1",
    "59",
    "*",
    "?",
    "/",
    "-",
    ",",
    "L",
    "W",
    "#",
    "MON",
    "JAN",
    "minutes",
    "2026",
    "2026-01-01T00:00:00",
    "9" * 60,
]
DIALECTS: list[Dialect] = ["rule", "scheduler"]


@settings(max_examples=200, deadline=None)
@given(
    text=st.text(max_size=40) | st.lists(st.sampled_from(FRAGMENTS), max_size=14).map("".join),
    dialect=st.sampled_from(DIALECTS),
    zone=st.sampled_from(ZONES) | st.text(max_size=6),
    t=st.floats(),
)
def test_any_text_is_a_schedule_or_a_rejection(text: str, dialect: Dialect, zone: str, t: float) -> None:
    try:
        schedule = compile_schedule(text, dialect=dialect, timezone=zone)
    except InvalidSchedule:
        return

    instant = schedule.next_after(t)

    assert instant is None or instant > t


@settings(max_examples=200, deadline=None)
@given(
    minutes=st.sampled_from(["*", "0", "30", "0/7", "59"]),
    hours=st.sampled_from(["*", "0", "1", "2", "23"]),
    days=st.sampled_from(["* * ?", "? * 1", "L * ?", "1W * ?", "? 6 1#2", "29 2 ?"]),
    zone=st.sampled_from(ZONES),
    t=st.floats(-1e6, 7e9),
)
def test_a_schedule_in_a_zone_is_strictly_later_and_monotonic(
    minutes: str, hours: str, days: str, zone: str, t: float
) -> None:
    schedule = compile_schedule(f"cron({minutes} {hours} {days} *)", dialect="scheduler", timezone=zone)

    instant = schedule.next_after(t)

    assert instant is not None
    assert instant > t
    assert schedule.next_after((t + instant) / 2) == instant or (t + instant) / 2 == instant


@pytest.mark.parametrize("head", ["rate(", "cron(", "at(", "(", "", "\ud800", "cron(0 0 ? * "])
@pytest.mark.parametrize("body", ["9", "*", " ", ",", "(", "1-", "\ud800"])
def test_a_text_of_a_megabyte_is_refused_at_once(head: str, body: str) -> None:
    text = head + body * 1_000_000

    def refuse() -> None:
        with pytest.raises(InvalidSchedule):
            compile_schedule(text, dialect="scheduler")

    assert is_soon(refuse)


@pytest.mark.parametrize(
    "text", ["cron(0 0 31 2 ? *)", "cron(0 0 1 1 ? 1970)", "cron(0 0 29 2 ? 2196)", "cron(* * * * ? *)"]
)
def test_the_next_instant_costs_the_same_however_far_it_is(text: str) -> None:
    schedule = compile_schedule(text, dialect="rule")
    assert is_soon(lambda: [schedule.next_after(1.8e9 + t) for t in range(1000)])
