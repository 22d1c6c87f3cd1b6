"""Groups of schedules, and their tags."""

from typing import Any

import pytest

from tests.apis.scheduler.conftest import ARN, World, refusal

NIGHTLY = ARN("scheduler", "schedule-group/nightly")


def names(world: World, **filters: Any) -> list[str]:
    return [one["Name"] for one in world.scheduler.list_schedule_groups(**filters)["ScheduleGroups"]]


def tags(world: World, arn: str = NIGHTLY) -> dict[str, str]:
    return {
        tag["Key"]: tag["Value"] for tag in world.scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"]
    }


def test_a_group_is_created_and_got(world: World) -> None:
    created = world.scheduler.create_schedule_group(Name="nightly")

    found = world.scheduler.get_schedule_group(Name="nightly")
    assert created["ScheduleGroupArn"] == found["Arn"] == NIGHTLY
    assert (found["Name"], found["State"]) == ("nightly", "ACTIVE")
    assert found["CreationDate"] == found["LastModificationDate"]


def test_the_default_group_is_there_and_stays(world: World) -> None:
    assert names(world) == ["default"]
    assert refusal(world.scheduler.delete_schedule_group, Name="default")[:2] == ("ValidationException", 400)


def test_groups_are_listed_by_prefix_page_by_page(world: World) -> None:
    for name in ("b1", "a1", "a2"):
        world.scheduler.create_schedule_group(Name=name)

    assert names(world, NamePrefix="a") == ["a1", "a2"]
    pages = world.scheduler.get_paginator("list_schedule_groups").paginate(PaginationConfig={"PageSize": 3})
    assert [[one["Name"] for one in page["ScheduleGroups"]] for page in pages] == [
        ["a1", "a2", "b1"],
        ["default"],
    ]


def test_a_deleted_group_takes_its_schedules_along(world: World) -> None:
    world.queue()
    world.scheduler.create_schedule_group(Name="nightly")
    world.schedule("rate(1 minute)", GroupName="nightly")

    world.scheduler.delete_schedule_group(Name="nightly")

    assert world.scheduler.get_schedule_group(Name="nightly")["State"] == "DELETING"
    assert world.scheduler.list_schedules()["Schedules"] == []
    world.to("2026-01-01T11:00:00Z")
    assert names(world) == ["default"]
    assert world.bodies() == []


def test_a_group_that_is_being_deleted_takes_nothing_new(world: World) -> None:
    world.scheduler.create_schedule_group(Name="nightly")
    world.scheduler.delete_schedule_group(Name="nightly")

    for call, arguments in (
        (world.schedule, {"expression": "rate(1 day)", "GroupName": "nightly"}),
        (world.scheduler.create_schedule_group, {"Name": "nightly"}),
        (world.scheduler.delete_schedule_group, {"Name": "nightly"}),
    ):
        assert refusal(call, **arguments)[:2] == ("ConflictException", 409)


def test_a_name_is_free_again_when_its_group_has_gone(world: World) -> None:
    world.scheduler.create_schedule_group(Name="nightly")
    world.scheduler.delete_schedule_group(Name="nightly")
    world.emulator.advance(1)

    world.scheduler.create_schedule_group(Name="nightly")

    assert world.scheduler.get_schedule_group(Name="nightly")["State"] == "ACTIVE"


def test_a_second_group_of_a_name_is_refused(world: World) -> None:
    world.scheduler.create_schedule_group(Name="nightly")

    assert refusal(world.scheduler.create_schedule_group, Name="nightly") == (
        "ConflictException",
        409,
        "Schedule group nightly already exists.",
    )


@pytest.mark.parametrize("operation", ["get_schedule_group", "delete_schedule_group"])
def test_a_group_that_does_not_exist_is_named(world: World, operation: str) -> None:
    assert refusal(getattr(world.scheduler, operation), Name="g") == (
        "ResourceNotFoundException",
        404,
        "Schedule group g does not exist.",
    )


def test_a_group_is_made_and_deleted_once_for_one_token(world: World) -> None:
    first = world.scheduler.create_schedule_group(Name="nightly", ClientToken="t")

    again = world.scheduler.create_schedule_group(Name="nightly", ClientToken="t")

    assert again["ScheduleGroupArn"] == first["ScheduleGroupArn"]
    for _ in range(2):
        world.scheduler.delete_schedule_group(Name="nightly", ClientToken="u")


# Tags


def test_tags_are_given_changed_and_taken_away(world: World) -> None:
    world.scheduler.create_schedule_group(Name="nightly", Tags=[{"Key": "team", "Value": "a"}])
    world.scheduler.tag_resource(
        ResourceArn=NIGHTLY, Tags=[{"Key": "team", "Value": "b"}, {"Key": "cost", "Value": "1"}]
    )

    assert tags(world) == {"team": "b", "cost": "1"}
    world.scheduler.untag_resource(ResourceArn=NIGHTLY, TagKeys=["team", "nothing"])
    assert tags(world) == {"cost": "1"}


@pytest.mark.parametrize("arn", [NIGHTLY, NIGHTLY.replace("us-east-1", "eu-west-1")])
def test_only_what_exists_has_tags(world: World, arn: str) -> None:
    assert refusal(world.scheduler.list_tags_for_resource, ResourceArn=arn) == (
        "ResourceNotFoundException",
        404,
        "Schedule group nightly does not exist.",
    )


def test_a_schedule_has_no_tags(world: World) -> None:
    arn = ARN("scheduler", "schedule/default/s")

    assert refusal(world.scheduler.list_tags_for_resource, ResourceArn=arn)[:2] == (
        "ValidationException",
        400,
    )
