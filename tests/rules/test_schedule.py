"""Schedule expressions: what is accepted, what is refused, and the next instant."""

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from pocketbus.rules.schedule import (
    Dialect,
    InvalidSchedule,
    Schedule,
    compile_schedule,
    scheduled_event,
    window_seconds,
)

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC).timestamp()
BOTH: tuple[Dialect, Dialect] = ("rule", "scheduler")


def at(text: str) -> float:
    """Epoch seconds of an ISO instant; without an offset it is UTC."""
    instant = datetime.fromisoformat(text)
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()


def fires(schedule: Schedule, after: str, count: int) -> list[float | None]:
    instants: list[float | None] = [at(after)]
    for _ in range(count):
        last = instants[-1]
        instants.append(None if last is None else schedule.next_after(last))
    return instants[1:]


def local(text: str, timezone: str) -> Schedule:
    return compile_schedule(text, dialect="scheduler", timezone=timezone)


def refusal(text: str, dialect: Dialect, timezone: str = "UTC") -> str:
    with pytest.raises(InvalidSchedule) as caught:
        compile_schedule(text, dialect=dialect, timezone=timezone)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("rate(1 minute)", 60),
        ("rate(2 minutes)", 120),
        ("rate(1 hour)", 3600),
        ("rate(12 hours)", 43200),
        ("rate(1 day)", 86400),
        ("rate(7 days)", 604800),
    ],
)
def test_a_rules_rate_first_fires_one_interval_after_its_start(text: str, seconds: int) -> None:
    schedule = compile_schedule(text, dialect="rule", start=NOON)

    assert schedule.next_after(NOON) == NOON + seconds
    assert schedule.next_after(NOON + seconds) == NOON + 2 * seconds
    assert schedule.next_after(NOON + seconds - 0.5) == NOON + seconds
    assert schedule.next_after(0.0) == NOON + seconds


def test_a_schedulers_rate_fires_at_its_start() -> None:
    schedule = compile_schedule("rate(5 minutes)", dialect="scheduler", start=NOON)

    assert schedule.next_after(NOON - 1) == NOON
    assert schedule.next_after(NOON) == NOON + 300


def test_a_rate_keeps_the_fraction_of_its_start() -> None:
    schedule = compile_schedule("rate(1 minute)", dialect="rule", start=1000.7)

    instant: float | None = 1000.7
    for fired in range(1, 1001):
        assert instant is not None
        instant = schedule.next_after(instant)
        assert instant == 1000.7 + 60 * fired


def test_a_rate_in_days_is_24_hours_of_clock_time_whatever_the_zone_does() -> None:
    schedule = compile_schedule(
        "rate(1 day)", dialect="scheduler", timezone="Europe/Berlin", start=at("2026-03-28T12:00:00+01:00")
    )

    assert schedule.next_after(at("2026-03-28T12:00:00+01:00")) == at("2026-03-29T13:00:00+02:00")


@pytest.mark.parametrize(
    "text",
    [
        "rate(1 minutes)",
        "rate(1 hours)",
        "rate(1 days)",
        "rate(10 minute)",
        "rate(10 hour)",
        "rate(10 day)",
    ],
)
def test_only_a_rule_minds_the_number_of_the_unit(text: str) -> None:
    assert refusal(text, "rule") == "Parameter ScheduleExpression is not valid."
    assert compile_schedule(text, dialect="scheduler", start=NOON).next_after(NOON) is not None


REFUSED = [
    "",
    "rate()",
    "rate(10)",
    "rate(0 minutes)",
    "rate(-10 minutes)",
    "rate(+10 minutes)",
    "rate(1.5 minutes)",
    "rate(10 MINUTES)",
    "rate(10 minutess)",
    "rate(10 seconds)",
    "rate(10 years)",
    "rate(foo minutes)",
    "rate( 10 minutes )",
    "rate(10  minutes)",
    "rate(10 minutes) ",
    " rate(10 minutes)",
    "Rate(10 minutes)",
    "rate(10 minutes",
    "rate(\u0665 minutes)",
    "rate(1000000000 minutes)",
    "cron()",
    "cron(INVALID)",
    "cron(0 1 * * * *)",
    "cron(0 dummy ? * MON-FRI *)",
    "cron(7 20 * * NOT *)",
    "cron(71 8 1 * ? *)",
    "cron(0 12 * * ? * *)",
    "cron( 0 12 * * ? *)",
    "cron(0 12 * * ? * )",
    "cron(0\t12 * * ? *)",
    "cron(0 12 * * ? *) ",
    "cron(cron(0 12 * * ? *))",
    " cron(0 12 * * ? *)",
    "0 12 * * ? *",
    "at(2021-12-31)",
    "at(2021-12-31T23:59:59Z)",
    "at(2021-12-31T23:59:59+01:00)",
    "at(2021-12-31T23:59)",
    "at(2021-12-31T23:59:59.5)",
    "at(2021-13-31T23:59:59)",
    "at(2021-02-30T23:59:59)",
    "at(2021-12-31T24:00:00)",
    "at(2021-12-31T23:59:60)",
    "at(0000-01-01T00:00:00)",
    "at(2021-12-31 23:59:59)",
    "at()",
]


@pytest.mark.parametrize("text", REFUSED)
def test_a_bad_expression_is_refused(text: str) -> None:
    assert refusal(text, "rule") == "Parameter ScheduleExpression is not valid."
    assert refusal(text, "scheduler") == f"Invalid Schedule Expression {text}."


@pytest.mark.parametrize("dialect", BOTH)
def test_an_expression_has_at_most_256_characters(dialect: Dialect) -> None:
    text = f"rate({'1 minute'.rjust(250, '0')})"

    assert len(text) == 256
    assert compile_schedule(text, dialect=dialect, start=NOON).next_after(NOON) == NOON + 60
    assert refusal(text.replace("(", "(0"), dialect)


def test_at_belongs_to_scheduler_only() -> None:
    assert refusal("at(2027-01-01T00:00:00)", "rule") == "Parameter ScheduleExpression is not valid."


def test_at_fires_once() -> None:
    schedule = compile_schedule("at(2026-11-23T12:00:30)", dialect="scheduler")

    assert fires(schedule, "2026-11-23T12:00:00", 2) == [at("2026-11-23T12:00:30"), None]


def test_at_in_the_past_is_accepted_and_never_fires() -> None:
    assert compile_schedule("at(2021-12-31T23:59:59)", dialect="scheduler").next_after(NOON) is None


def test_at_is_local_time_in_its_zone() -> None:
    assert local("at(2026-07-01T09:00:00)", "America/New_York").next_after(NOON - 1e8) == at(
        "2026-07-01T09:00:00-04:00"
    )


def test_at_heeds_neither_start_nor_end() -> None:
    schedule = compile_schedule("at(2027-01-01T00:00:00)", dialect="scheduler", start=NOON + 1e9, end=NOON)

    assert schedule.next_after(NOON) == at("2027-01-01T00:00:00")


def test_at_a_skipped_local_time_never_fires() -> None:
    assert local("at(2026-03-29T02:30:00)", "Europe/Berlin").next_after(0.0) is None


def test_at_a_repeated_local_time_fires_the_first_time() -> None:
    schedule = local("at(2026-10-25T02:30:00)", "Europe/Berlin")

    assert fires(schedule, "2026-10-01", 2) == [at("2026-10-25T02:30:00+02:00"), None]


def test_a_cron_of_a_rule_is_in_utc_and_strictly_later() -> None:
    schedule = compile_schedule("cron(0 12 * * ? *)", dialect="rule")

    assert schedule.next_after(NOON - 0.001) == NOON
    assert schedule.next_after(NOON) == NOON + 86400


def test_a_schedule_fires_neither_before_its_start_nor_after_its_end() -> None:
    schedule = compile_schedule("cron(0 * * * ? *)", dialect="scheduler", start=NOON, end=NOON + 7200)

    assert fires(schedule, "2026-01-01", 4) == [NOON, NOON + 3600, NOON + 7200, None]


def test_a_rate_stops_after_its_end() -> None:
    schedule = compile_schedule("rate(1 hour)", dialect="scheduler", start=NOON, end=NOON + 3599)

    assert fires(schedule, "2026-01-01", 2) == [NOON, None]


def test_new_yorks_skipped_hour_is_left_out() -> None:
    schedule = local("cron(30 2 * * ? *)", "America/New_York")

    assert fires(schedule, "2026-03-07", 3) == [
        at("2026-03-07T02:30:00-05:00"),
        at("2026-03-09T02:30:00-04:00"),
        at("2026-03-10T02:30:00-04:00"),
    ]


def test_new_yorks_repeated_hour_fires_once() -> None:
    schedule = local("cron(30 1 * * ? *)", "America/New_York")

    assert fires(schedule, "2026-10-31T12:00:00", 2) == [
        at("2026-11-01T01:30:00-04:00"),
        at("2026-11-02T01:30:00-05:00"),
    ]


def test_nothing_fires_in_the_second_pass_of_a_repeated_hour() -> None:
    schedule = local("cron(0/30 * * * ? *)", "America/New_York")

    assert fires(schedule, "2026-11-01T01:00:00-04:00", 3) == [
        at("2026-11-01T01:30:00-04:00"),
        at("2026-11-01T02:00:00-05:00"),
        at("2026-11-01T02:30:00-05:00"),
    ]
    assert schedule.next_after(at("2026-11-01T01:10:00-05:00")) == at("2026-11-01T02:00:00-05:00")


def test_a_minutely_schedule_goes_straight_over_berlins_gap() -> None:
    schedule = local("cron(* * * * ? *)", "Europe/Berlin")

    assert fires(schedule, "2027-03-28T01:58:00+01:00", 2) == [
        at("2027-03-28T01:59:00+01:00"),
        at("2027-03-28T03:00:00+02:00"),
    ]


def test_berlins_repeated_hour_of_2027_fires_once() -> None:
    schedule = local("cron(15 2 31 10 ? 2027)", "Europe/Berlin")

    assert fires(schedule, "2027-01-01", 2) == [at("2027-10-31T02:15:00+02:00"), None]


def test_lord_howe_skips_and_repeats_half_an_hour() -> None:
    spring = local("cron(0,15,45 2 4 10 ? 2026)", "Australia/Lord_Howe")
    autumn = local("cron(15,45 1 5 4 ? 2026)", "Australia/Lord_Howe")

    assert fires(spring, "2026-10-01", 2) == [at("2026-10-04T02:45:00+11:00"), None]
    assert fires(autumn, "2026-04-01", 3) == [
        at("2026-04-05T01:15:00+11:00"),
        at("2026-04-05T01:45:00+11:00"),
        None,
    ]


def test_apia_skipped_a_whole_day() -> None:
    schedule = local("cron(0 12 * * ? *)", "Pacific/Apia")

    assert fires(schedule, "2011-12-29T12:00:00-10:00", 1) == [at("2011-12-31T12:00:00+14:00")]


def test_a_cron_that_always_falls_into_a_gap_never_fires() -> None:
    schedule = local("cron(30 2 ? 3 1#2 2007-2199)", "America/New_York")

    assert schedule.next_after(at("2007-01-01")) is None


@pytest.mark.parametrize("dialect", BOTH)
def test_a_past_only_year_is_accepted_and_never_fires(dialect: Dialect) -> None:
    assert compile_schedule("cron(15 10 ? * 6L 2002-2005)", dialect=dialect).next_after(NOON) is None


@pytest.mark.parametrize(
    "name", ["Mars/Olympus", "America", "", "../etc/passwd", "x" * 51, "\ud800", "europe/berlin "]
)
def test_an_unknown_zone_is_refused(name: str) -> None:
    assert refusal("rate(1 day)", "scheduler", name) == f"Invalid Schedule Expression Timezone {name}."


def test_without_a_zone_database_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(key: str) -> ZoneInfo:
        raise ZoneInfoNotFoundError(key)

    monkeypatch.setattr("zoneinfo.ZoneInfo", missing)

    assert refusal("rate(1 day)", "scheduler", "Europe/Berlin") == (
        "No time zone database was found, so the zone Europe/Berlin is unknown here:"
        " install your system's tzdata package, or run: pip install tzdata"
    )
    assert compile_schedule("rate(1 day)", dialect="scheduler", timezone="UTC").next_after(0.0) == 86400.0


@pytest.mark.parametrize(
    "text", ["rate(1 minute)", "cron(* * * * ? *)", "cron(0 0 31 2 ? *)", "at(9999-12-31T23:59:59)"]
)
@pytest.mark.parametrize("t", [math.inf, math.nan, 1e300, 253402300799.0])
def test_there_is_nothing_after_the_end_of_time(text: str, t: float) -> None:
    assert local(text, "America/New_York").next_after(t) is None


@pytest.mark.parametrize("t", [-math.inf, -1e300, -1.0])
def test_an_instant_before_the_epoch_is_before_every_schedule(t: float) -> None:
    assert compile_schedule("rate(1 minute)", dialect="rule").next_after(t) == 60.0
    assert compile_schedule("cron(* * * * ? *)", dialect="rule").next_after(t) == 0.0
    assert compile_schedule("at(1970-01-01T00:00:00)", dialect="scheduler").next_after(t) == 0.0


def test_a_cron_without_any_start_begins_in_1970() -> None:
    schedule = compile_schedule(
        "cron(0 0 * * ? *)", dialect="scheduler", timezone="Asia/Tokyo", start=-math.inf
    )

    assert schedule.next_after(-math.inf) == at("1970-01-01T00:00:00+09:00")


def test_an_interval_beyond_the_year_9999_never_fires() -> None:
    assert compile_schedule("rate(999999999 days)", dialect="rule", start=NOON).next_after(NOON) is None


def test_a_scheduled_event_names_its_rule_and_has_an_empty_detail() -> None:
    event = scheduled_event(
        "arn:aws:events:us-east-1:000000000000:rule/nightly",
        event_id="89d1a02d-5ec7-412e-82f5-13505f849b41",
        account="000000000000",
        region="us-east-1",
        fired_at=NOON + 0.9,
    )

    assert event == {
        "version": "0",
        "id": "89d1a02d-5ec7-412e-82f5-13505f849b41",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": "2026-11-23T12:00:00Z",
        "region": "us-east-1",
        "resources": ["arn:aws:events:us-east-1:000000000000:rule/nightly"],
        "detail": {},
    }


def test_a_flexible_time_window_is_off_or_1_to_1440_minutes() -> None:
    assert window_seconds("OFF", None) == 0
    assert window_seconds("FLEXIBLE", 1) == 60
    assert window_seconds("FLEXIBLE", 1440) == 86400


@pytest.mark.parametrize("minutes", [None, 0, 1441])
def test_another_flexible_time_window_is_refused(minutes: int | None) -> None:
    with pytest.raises(InvalidSchedule, match="1 to 1440"):
        window_seconds("FLEXIBLE", minutes)


def test_a_window_that_is_off_has_no_length() -> None:
    with pytest.raises(InvalidSchedule, match="FlexibleTimeWindow is OFF"):
        window_seconds("OFF", 5)
