"""When schedules invoke their targets."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.apis.scheduler.conftest import ARN, OFF, ROLE, World

TARGET = {"Arn": ARN("sqs", "q"), "RoleArn": ROLE}


def utc(*fields: int) -> datetime:
    return datetime(*fields, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.fixture(autouse=True)
def queue(world: World) -> None:
    world.queue()


def test_a_rate_fires_at_once_and_then_each_interval(world: World) -> None:
    world.schedule("rate(5 minutes)")

    world.to("2026-01-01T10:10:00Z")

    assert world.times() == ["2026-01-01T10:00:00Z", "2026-01-01T10:05:00Z", "2026-01-01T10:10:00Z"]


def test_a_rate_keeps_the_seconds_of_its_creation(world: World) -> None:
    world.to("2026-01-01T10:00:17Z")
    world.schedule("rate(1 hour)")

    world.to("2026-01-01T12:00:00Z")

    assert world.times() == ["2026-01-01T10:00:17Z", "2026-01-01T11:00:17Z"]


def test_a_rate_counts_from_its_start_date(world: World) -> None:
    world.schedule("rate(1 hour)", StartDate=utc(2026, 1, 1, 10, 30), EndDate=utc(2026, 1, 1, 12, 30))

    world.to("2026-01-02T00:00:00Z")

    assert world.times() == ["2026-01-01T10:30:00Z", "2026-01-01T11:30:00Z", "2026-01-01T12:30:00Z"]


def test_a_start_that_has_just_passed_sets_the_grid_and_is_not_made_up_for(world: World) -> None:
    world.schedule("rate(1 hour)", StartDate=utc(2026, 1, 1, 9, 57))

    world.to("2026-01-01T12:00:00Z")

    assert world.times() == ["2026-01-01T10:57:00Z", "2026-01-01T11:57:00Z"]


def test_a_cron_fires_between_its_dates_in_its_zone(world: World) -> None:
    world.schedule(
        "cron(0 9 ? * MON-FRI *)",
        ScheduleExpressionTimezone="America/New_York",
        StartDate=utc(2026, 1, 2),
        EndDate=utc(2026, 1, 6, 14),
    )

    world.to("2026-02-01T00:00:00Z")

    assert world.fired() == ["2026-01-02T14:00:00Z", "2026-01-05T14:00:00Z", "2026-01-06T14:00:00Z"]


def test_a_schedule_in_berlin_keeps_its_hour_over_both_changes_of_a_year(world: World) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    for name, expression in (("morning", "cron(0 9 * * ? *)"), ("night", "cron(30 2 * * ? *)")):
        world.schedule(expression, name, ScheduleExpressionTimezone="Europe/Berlin")

    world.to("2027-01-01T00:00:00Z")

    mornings, nights = (
        [datetime.fromisoformat(instant).astimezone(berlin) for instant in world.fired(name)]
        for name in ("morning", "night")
    )
    first = datetime(2026, 1, 2, tzinfo=berlin)
    days = [first + timedelta(days=day) for day in range(364)]
    assert mornings == [day.replace(hour=9) for day in days]
    # On 29 March half past two does not exist, on 25 October it comes twice and counts once.
    assert nights == [day.replace(hour=2, minute=30) for day in days if (day.month, day.day) != (3, 29)]
    assert {one.utcoffset() for one in mornings} == {timedelta(hours=1), timedelta(hours=2)}


def test_a_rate_of_a_day_is_24_hours_whatever_the_clocks_do(world: World) -> None:
    world.schedule(
        "rate(1 day)",
        ScheduleExpressionTimezone="Europe/Berlin",
        StartDate=utc(2026, 3, 28, 8),
        EndDate=utc(2026, 3, 30, 9),
    )

    world.to("2026-04-01T00:00:00Z")

    assert world.times() == ["2026-03-28T08:00:00Z", "2026-03-29T08:00:00Z", "2026-03-30T08:00:00Z"]


def test_a_one_time_schedule_fires_once_in_its_zone_to_the_second_and_stays(world: World) -> None:
    world.schedule("at(2026-07-01T12:00:07)", ScheduleExpressionTimezone="Asia/Tokyo")

    world.to("2026-12-31T00:00:00Z")

    assert world.fired() == ["2026-07-01T03:00:07Z"]
    assert world.scheduler.get_schedule(Name="s")["State"] == "ENABLED"


def test_a_one_time_schedule_in_the_past_fires_at_once(world: World) -> None:
    world.schedule("at(2022-12-31T23:59:59)")

    world.emulator.advance(0)

    assert world.times() == ["2022-12-31T23:59:59Z"]
    assert [record.at for record in world.emulator.trace(verb="fired")] == [world.emulator.now()]


@pytest.mark.parametrize("expression", ["rate(1 minute)", "cron(* * * * ? *)", "at(2026-01-01T10:30:00)"])
def test_a_disabled_schedule_does_not_fire(world: World, expression: str) -> None:
    world.schedule(expression, State="DISABLED")

    world.to("2026-01-01T11:00:00Z")

    assert world.bodies() == []


def test_a_one_time_schedule_that_is_enabled_too_late_fires_at_once(world: World) -> None:
    world.schedule("at(2026-01-01T10:30:00)", State="DISABLED")
    world.to("2026-01-01T11:00:00Z")

    world.scheduler.update_schedule(
        Name="s", ScheduleExpression="at(2026-01-01T10:30:00)", FlexibleTimeWindow=OFF, Target=TARGET
    )
    world.emulator.advance(0)

    assert world.times() == ["2026-01-01T10:30:00Z"]


def test_an_update_of_something_else_leaves_the_instants_of_a_rate(world: World) -> None:
    world.schedule("rate(1 hour)")
    world.to("2026-01-01T10:20:00Z")

    world.scheduler.update_schedule(
        Name="s", ScheduleExpression="rate(1 hour)", FlexibleTimeWindow=OFF, Target=TARGET, Description="d"
    )
    world.to("2026-01-01T11:30:00Z")

    assert world.times() == ["2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z"]


def test_an_update_of_the_expression_counts_anew(world: World) -> None:
    world.schedule("rate(1 hour)")
    world.to("2026-01-01T10:20:00Z")

    world.scheduler.update_schedule(
        Name="s", ScheduleExpression="rate(30 minutes)", FlexibleTimeWindow=OFF, Target=TARGET
    )
    world.to("2026-01-01T11:00:00Z")

    assert world.times() == ["2026-01-01T10:00:00Z", "2026-01-01T10:20:00Z", "2026-01-01T10:50:00Z"]


# Flexible windows


def test_a_flexible_window_postpones_by_chance_within_it(world: World) -> None:
    window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}
    world.schedule("cron(0 * * * ? *)", FlexibleTimeWindow=window)

    world.to("2026-01-02T10:00:00Z")

    fired = [record.at for record in world.emulator.trace(verb="fired")]
    offsets = [(at - 1_767_261_600) % 3600 for at in fired]
    assert len(fired) in {24, 25}
    assert all(0 <= offset <= 900 for offset in offsets)
    assert len(set(offsets)) == len(offsets)
    assert world.times()[:2] == ["2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z"]


def test_a_window_may_be_longer_than_the_interval(world: World) -> None:
    window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 10}
    world.schedule("rate(1 minute)", FlexibleTimeWindow=window, EndDate=utc(2026, 1, 1, 10, 59, 30))

    world.to("2026-01-01T12:00:00Z")

    assert sorted(world.times()) == [f"2026-01-01T10:{minute:02}:00Z" for minute in range(60)]


def test_a_schedule_deleted_in_its_window_does_not_fire(world: World) -> None:
    world.schedule(
        "at(2026-01-01T10:30:00)", FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 1440}
    )
    world.to("2026-01-01T10:30:01Z")

    world.scheduler.delete_schedule(Name="s")
    world.to("2026-01-03T00:00:00Z")

    assert world.bodies() == []


# What becomes of a schedule that is complete


@pytest.mark.parametrize("window", [OFF, {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5}])
def test_a_one_time_schedule_goes_after_its_invocation_if_told_so(world: World, window: Any) -> None:
    world.schedule("at(2026-01-01T10:30:00)", FlexibleTimeWindow=window, ActionAfterCompletion="DELETE")

    world.to("2026-01-01T10:29:59Z")
    assert len(world.emulator.look("schedules")) == 1
    world.to("2026-01-01T10:36:00Z")

    assert world.times() == ["2026-01-01T10:30:00Z"]
    assert world.emulator.look("schedules") == []


def test_a_recurring_schedule_goes_after_its_last_instant_if_told_so(world: World) -> None:
    world.schedule("rate(1 hour)", EndDate=utc(2026, 1, 1, 12, 30), ActionAfterCompletion="DELETE")

    world.to("2026-01-01T11:59:59Z")
    assert len(world.emulator.look("schedules")) == 1
    world.to("2026-01-01T12:00:00Z")

    assert len(world.times()) == 3
    assert world.emulator.look("schedules") == []


def test_a_recurring_schedule_stays_after_its_last_instant(world: World) -> None:
    world.schedule("rate(1 hour)", EndDate=utc(2026, 1, 1, 12))

    world.to("2026-01-02T00:00:00Z")

    (shown,) = world.emulator.look("schedules")
    assert (shown.name, shown.state, shown.next_at) == ("s", "ENABLED", None)


def test_a_schedule_without_an_end_never_goes(world: World) -> None:
    world.schedule("rate(1 day)", ActionAfterCompletion="DELETE")

    world.to("2026-02-01T00:00:00Z")

    assert len(world.emulator.look("schedules")) == 1


# How it is shown


def test_a_schedule_is_shown_with_its_next_instant(world: World) -> None:
    world.schedule("cron(0 9 * * ? *)", ScheduleExpressionTimezone="Europe/Berlin")

    (shown,) = world.emulator.look("schedules")

    assert (shown.arn, shown.group, shown.target) == (
        ARN("scheduler", "schedule/default/s"),
        "default",
        ARN("sqs", "q"),
    )
    assert shown.next_at == utc(2026, 1, 2, 8).timestamp()


def test_the_trace_leads_from_the_schedule_to_the_message(world: World) -> None:
    world.schedule("at(2026-01-01T10:30:00)")
    world.to("2026-01-01T10:30:00Z")

    (message,) = world.messages()

    story = world.emulator.trace(message["MessageId"])
    assert [record.verb for record in story] == ["fired", "sent", "delivered", "received"]
    assert (story[0].resource, story[0].why) == (
        ARN("scheduler", "schedule/default/s"),
        "at(2026-01-01T10:30:00)",
    )


def test_schedules_survive_an_export_in_the_middle_of_things(world: World) -> None:
    world.schedule("rate(1 hour)", "rate")
    world.schedule("cron(0 9 * * ? *)", "cron", ScheduleExpressionTimezone="Europe/Berlin")
    world.schedule("at(2026-01-01T10:30:00)", "at", ActionAfterCompletion="DELETE")
    window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 1440}
    world.schedule("at(2026-01-01T10:10:00)", "flexible", FlexibleTimeWindow=window)
    world.to("2026-01-01T10:15:00Z")
    kept = world.emulator.export_state()

    def go_on() -> list[tuple[str, str]]:
        world.to("2026-01-03T00:00:00Z")
        return [(message["MessageId"], json.loads(message["Body"])["time"]) for message in world.messages()]

    expected = go_on()
    world.emulator.import_state(kept)

    assert go_on() == expected
    assert len(expected) == 1 + 38 + 2 + 1
