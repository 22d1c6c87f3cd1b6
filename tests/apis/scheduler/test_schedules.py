"""Schedules as boto3 creates, updates, gets, lists and deletes them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.apis.scheduler.conftest import ARN, OFF, ROLE, World, refusal

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
EVENING = datetime(2026, 1, 1, 20, tzinfo=UTC)
KEY = ARN("kms", "key/0")
TARGET = {"Arn": ARN("sqs", "q"), "RoleArn": ROLE}
DEFAULT_POLICY = {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}


def got(world: World, name: str = "s", **where: str) -> Any:
    found = world.scheduler.get_schedule(Name=name, **where)
    found.pop("ResponseMetadata")
    return found


def listed(world: World, **filters: Any) -> list[str]:
    return [
        f"{one['GroupName']}/{one['Name']}" for one in world.scheduler.list_schedules(**filters)["Schedules"]
    ]


def test_a_schedule_is_created_and_got_with_what_it_was_not_told(world: World) -> None:
    created = world.schedule("rate(5 minutes)")

    assert created["ScheduleArn"] == ARN("scheduler", "schedule/default/s")
    now = datetime(2026, 1, 1, 10, tzinfo=UTC)
    assert got(world) == {
        "Arn": ARN("scheduler", "schedule/default/s"),
        "GroupName": "default",
        "Name": "s",
        "ScheduleExpression": "rate(5 minutes)",
        "ScheduleExpressionTimezone": "UTC",
        "State": "ENABLED",
        "CreationDate": now,
        "LastModificationDate": now,
        "Target": {**TARGET, "RetryPolicy": DEFAULT_POLICY},
        "FlexibleTimeWindow": OFF,
        "ActionAfterCompletion": "NONE",
    }


def test_a_schedule_is_got_as_it_was_told(world: World) -> None:
    settings: dict[str, Any] = {
        "ScheduleExpression": "cron(0 9 * * ? *)",
        "ScheduleExpressionTimezone": "Europe/Berlin",
        "StartDate": NOON,
        "EndDate": EVENING,
        "Description": "every morning",
        "State": "DISABLED",
        "KmsKeyArn": KEY,
        "Target": {
            **TARGET,
            "Input": "good morning",
            "DeadLetterConfig": {"Arn": ARN("sqs", "dead")},
            "RetryPolicy": {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0},
            "SqsParameters": {"MessageGroupId": "g"},
        },
        "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15},
        "ActionAfterCompletion": "DELETE",
    }
    world.scheduler.create_schedule(Name="s", **settings)

    found = got(world)

    assert {name: found[name] for name in settings} == settings


def test_a_retry_policy_is_completed(world: World) -> None:
    world.schedule("rate(1 day)", target={"RetryPolicy": {"MaximumRetryAttempts": 3}})

    assert got(world)["Target"]["RetryPolicy"] == {**DEFAULT_POLICY, "MaximumRetryAttempts": 3}


def test_an_update_replaces_all_settings(world: World) -> None:
    world.schedule("rate(1 day)", Description="old", State="DISABLED", ActionAfterCompletion="DELETE")
    world.to("2026-01-01T11:00:00Z")

    updated = world.scheduler.update_schedule(
        Name="s", ScheduleExpression="rate(2 days)", FlexibleTimeWindow=OFF, Target=TARGET
    )

    found = got(world)
    assert updated["ScheduleArn"] == found["Arn"]
    assert (found["ScheduleExpression"], found["State"], found["ActionAfterCompletion"]) == (
        "rate(2 days)",
        "ENABLED",
        "NONE",
    )
    assert "Description" not in found
    assert (found["CreationDate"].hour, found["LastModificationDate"].hour) == (10, 11)


def test_schedules_of_one_name_live_in_different_groups(world: World) -> None:
    world.scheduler.create_schedule_group(Name="nightly")
    world.schedule("rate(1 day)")

    created = world.schedule("rate(2 days)", GroupName="nightly")

    assert created["ScheduleArn"] == ARN("scheduler", "schedule/nightly/s")
    assert got(world, GroupName="nightly")["ScheduleExpression"] == "rate(2 days)"
    assert got(world)["ScheduleExpression"] == "rate(1 day)"


def test_schedules_are_listed_by_group_prefix_and_state_page_by_page(world: World) -> None:
    world.scheduler.create_schedule_group(Name="nightly")
    for name in ("b1", "a1", "a2"):
        world.schedule("rate(1 day)", name, State="DISABLED" if name == "a2" else "ENABLED")
    world.schedule("rate(1 day)", "a3", GroupName="nightly")

    assert listed(world) == ["default/a1", "default/a2", "default/b1", "nightly/a3"]
    assert listed(world, GroupName="nightly") == ["nightly/a3"]
    assert listed(world, NamePrefix="a") == ["default/a1", "default/a2", "nightly/a3"]
    assert listed(world, State="DISABLED") == ["default/a2"]
    pages = world.scheduler.get_paginator("list_schedules").paginate(PaginationConfig={"PageSize": 3})
    assert [[one["Name"] for one in page["Schedules"]] for page in pages] == [["a1", "a2", "b1"], ["a3"]]


def test_a_summary_names_the_target_only(world: World) -> None:
    world.schedule("rate(1 day)", target={"Input": "x"})

    (summary,) = world.scheduler.list_schedules()["Schedules"]

    assert sorted(summary) == [
        "Arn",
        "CreationDate",
        "GroupName",
        "LastModificationDate",
        "Name",
        "State",
        "Target",
    ]
    assert summary["Target"] == {"Arn": ARN("sqs", "q")}


def test_a_token_that_is_not_ours_is_refused(world: World) -> None:
    assert refusal(world.scheduler.list_schedules, NextToken="mine") == (
        "ValidationException",
        400,
        "Invalid NextToken provided.",
    )


def test_a_deleted_schedule_is_gone(world: World) -> None:
    world.queue()
    world.schedule("rate(1 minute)")

    world.scheduler.delete_schedule(Name="s")
    world.to("2026-01-01T11:00:00Z")

    assert (listed(world), world.bodies()) == ([], [])


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("get_schedule", {}),
        ("delete_schedule", {}),
        (
            "update_schedule",
            {"ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": OFF, "Target": TARGET},
        ),
    ],
)
def test_a_schedule_that_does_not_exist_is_named(
    world: World, operation: str, arguments: dict[str, Any]
) -> None:
    call = getattr(world.scheduler, operation)

    assert refusal(call, Name="s", **arguments) == (
        "ResourceNotFoundException",
        404,
        "Schedule s does not exist.",
    )
    assert refusal(call, Name="s", GroupName="g", **arguments) == (
        "ResourceNotFoundException",
        404,
        "Schedule group g does not exist.",
    )


def test_a_schedule_needs_a_group_that_exists(world: World) -> None:
    assert refusal(world.schedule, expression="rate(1 day)", GroupName="g") == (
        "ResourceNotFoundException",
        404,
        "Schedule group g does not exist.",
    )
    assert refusal(world.scheduler.list_schedules, GroupName="g")[0] == "ResourceNotFoundException"


def test_a_second_schedule_of_a_name_is_refused(world: World) -> None:
    world.schedule("rate(1 day)")

    assert refusal(world.schedule, expression="rate(1 day)") == (
        "ConflictException",
        409,
        "Schedule s already exists.",
    )


# Client tokens


def test_the_same_call_with_the_same_token_is_answered_again(world: World) -> None:
    first = world.schedule("rate(1 day)", ClientToken="t")
    world.scheduler.delete_schedule(Name="s", ClientToken="u")

    assert world.schedule("rate(1 day)", ClientToken="t")["ScheduleArn"] == first["ScheduleArn"]
    assert (
        world.scheduler.delete_schedule(Name="s", ClientToken="u")["ResponseMetadata"]["HTTPStatusCode"]
        == 200
    )
    assert listed(world) == []


def test_another_call_with_the_same_token_is_a_conflict(world: World) -> None:
    world.schedule("rate(1 day)", ClientToken="t")

    code, status, _ = refusal(world.schedule, expression="rate(2 days)", ClientToken="t")

    assert (code, status) == ("ConflictException", 409)


def test_a_call_that_was_refused_leaves_its_token_unused(world: World) -> None:
    refusal(world.schedule, expression="rate(0 days)", ClientToken="t")

    world.schedule("rate(1 day)", ClientToken="t")

    assert listed(world) == ["default/s"]


def test_a_token_is_forgotten_in_time(world: World) -> None:
    world.schedule("rate(1 day)", State="DISABLED", ClientToken="t")
    world.emulator.advance(8 * 3600)

    world.schedule("rate(1 day)", "other", ClientToken="t")

    assert listed(world) == ["default/other", "default/s"]


# What is refused


@pytest.mark.parametrize(
    "expression",
    [
        "cron(0 1 * * * *)",
        "cron(7 20 * * NOT *)",
        "cron(INVALID)",
        "cron(0 dummy ? * MON-FRI *)",
        "cron(71 8 1 * ? *)",
        "cron()",
        "rate(10 seconds)",
        "rate(10 years)",
        "rate()",
        "rate(10)",
        "rate(10 minutess)",
        "rate(foo minutes)",
        "rate(-10 minutes)",
        "rate( 10 minutes )",
        " rate(10 minutes)",
        "at(2021-12-31T23:59:59Z)",
        "at(2021-12-31)",
    ],
)
def test_an_expression_is_refused_in_the_words_of_aws(world: World, expression: str) -> None:
    assert refusal(world.schedule, expression=expression) == (
        "ValidationException",
        400,
        f"Invalid Schedule Expression {expression}.",
    )


@pytest.mark.parametrize(
    "expression",
    [
        "cron(0-15/1 8-8 ? * 2,3,4,5,6,7 *)",
        "cron(30-30 13-13 ? * 2,4,6 *)",
        "cron(1-31/30 1-1 ? * 1,7 *)",
        "cron(0 18 ? * MON-FRI *)",
        "cron(*/15 * * * ? *)",
        "cron(0-59/10 0-23/2 ? * * *)",
        "rate(1 minutes)",
        "rate(10 minute)",
        "at(2022-12-31T23:59:59)",
    ],
)
def test_an_expression_that_aws_takes_is_taken(world: World, expression: str) -> None:
    world.schedule(expression)

    assert got(world)["ScheduleExpression"] == expression


def test_a_start_is_at_most_five_minutes_ago(world: World) -> None:
    text = "The StartDate you specify cannot be earlier than 5 minutes ago."
    early = datetime(2026, 1, 1, 9, 54, 59, tzinfo=UTC)

    assert refusal(world.schedule, expression="rate(1 day)", StartDate=early) == (
        "ValidationException",
        400,
        text,
    )
    world.schedule("rate(1 day)", StartDate=datetime(2026, 1, 1, 9, 55, tzinfo=UTC))


def test_dates_mean_nothing_to_a_schedule_that_fires_once(world: World) -> None:
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)

    world.schedule("at(2026-01-01T12:00:00)", StartDate=long_ago, EndDate=long_ago)

    assert got(world)["StartDate"] == long_ago


@pytest.mark.parametrize(
    "settings",
    [
        {"EndDate": datetime(2026, 1, 1, 9, tzinfo=UTC)},
        {"StartDate": EVENING, "EndDate": NOON},
        {"ScheduleExpressionTimezone": "Mars/Olympus"},
        {"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}},
        {"FlexibleTimeWindow": {"Mode": "OFF", "MaximumWindowInMinutes": 5}},
    ],
)
def test_what_cannot_be_is_refused(world: World, settings: dict[str, Any]) -> None:
    code, status, text = refusal(world.schedule, expression="rate(1 day)", **settings)

    assert (code, status) == ("ValidationException", 400)
    assert text
    assert listed(world) == []


def test_a_name_is_checked_as_the_model_says(world: World) -> None:
    code, status, text = refusal(world.scheduler.get_schedule, Name="a b")

    assert (code, status) == ("ValidationException", 400)
    assert text == (
        "1 validation error detected: Value 'a b' at 'name' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [0-9a-zA-Z-_.]+"
    )


@pytest.mark.parametrize(
    ("code", "status"),
    [("ThrottlingException", 429), ("InternalServerException", 500), ("ServiceQuotaExceededException", 402)],
)
def test_a_fault_answers_with_an_error_of_the_model(world: World, code: str, status: int) -> None:
    world.emulator.fault("error", operation="GetSchedule", code=code)

    assert refusal(world.scheduler.get_schedule, Name="s")[:2] == (code, status)
