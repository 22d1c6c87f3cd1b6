"""Schedules: create, update, get, list, delete."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.scheduler.find import find_group, find_schedule, once, read_page
from pocketbus.apis.scheduler.service import scheduler
from pocketbus.apis.scheduler.settings import read_settings, write_settings
from pocketbus.apis.scheduler.targets import write_target
from pocketbus.emulator.errors import ConflictException
from pocketbus.emulator.schedules.schedule import Schedule
from pocketbus.emulator.schedules.schedule_group import DELETING, ScheduleGroup
from pocketbus.emulator.schedules.scheduler_scope import DEFAULT_GROUP


@scheduler.operation
def create_schedule(
    call: Call, *, name: str, group_name: str = DEFAULT_GROUP, client_token: str | None = None, **given: Any
) -> dict[str, Any]:
    def create() -> str:
        group = find_group(call, group_name)
        if group.state == DELETING:
            raise ConflictException(f"Schedule group {group_name} is being deleted.")
        if name in group.schedules:
            raise ConflictException(f"Schedule {name} already exists.")
        return group.create(name, read_settings(call, given, None), call.now).arn

    request = {"name": name, "group": group_name, **given}
    return {"ScheduleArn": once(call, client_token, "CreateSchedule", request, create)}


@scheduler.operation
def update_schedule(
    call: Call, *, name: str, group_name: str = DEFAULT_GROUP, client_token: str | None = None, **given: Any
) -> dict[str, Any]:
    def update() -> str:
        schedule = find_schedule(call, group_name, name)
        schedule.configure(read_settings(call, given, schedule.settings), call.now)
        return schedule.arn

    request = {"name": name, "group": group_name, **given}
    return {"ScheduleArn": once(call, client_token, "UpdateSchedule", request, update)}


@scheduler.operation
def get_schedule(call: Call, *, name: str, group_name: str = DEFAULT_GROUP) -> dict[str, Any]:
    schedule = find_schedule(call, group_name, name)
    return {
        **_summary(group_name, schedule),
        **write_settings(schedule.settings),
        "Target": write_target(schedule.settings.target),
    }


@scheduler.operation
def list_schedules(
    call: Call,
    *,
    group_name: str | None = None,
    name_prefix: str = "",
    state: str | None = None,
    next_token: str | None = None,
    max_results: int | None = None,
) -> dict[str, Any]:
    groups = call.scope.scheduler.groups_at(call.now)
    only = None if group_name is None else find_group(call, group_name)

    def behind(place: str) -> Iterator[tuple[ScheduleGroup, Schedule]]:
        last_group, _, last_name = place.partition("/")
        first = only or groups.get(last_group)
        others = () if only else groups.behind(last_group)
        for group in chain([first] if first else [], others):
            last = last_name if group.name == last_group else ""
            for schedule in group.schedules.behind(last, name_prefix):
                if state in {None, schedule.settings.state}:
                    yield group, schedule

    page, token = read_page(behind, _place, next_token, max_results)
    schedules = [
        {**_summary(group.name, schedule), "Target": {"Arn": schedule.settings.target.arn}}
        for group, schedule in page
    ]
    return {"Schedules": schedules, "NextToken": token}


@scheduler.operation
def delete_schedule(
    call: Call, *, name: str, group_name: str = DEFAULT_GROUP, client_token: str | None = None
) -> dict[str, Any]:
    def delete() -> str:
        find_schedule(call, group_name, name)
        find_group(call, group_name).forget(name)
        return ""

    once(call, client_token, "DeleteSchedule", {"name": name, "group": group_name}, delete)
    return {}


def _place(found: tuple[ScheduleGroup, Schedule]) -> str:
    group, schedule = found
    return f"{group.name}/{schedule.name}"


def _summary(group_name: str, schedule: Schedule) -> dict[str, Any]:
    return {
        "Arn": schedule.arn,
        "GroupName": group_name,
        "Name": schedule.name,
        "State": schedule.settings.state,
        "CreationDate": schedule.created_at,
        "LastModificationDate": schedule.modified_at,
    }
