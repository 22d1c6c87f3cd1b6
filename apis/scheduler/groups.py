"""Schedule groups: create, get, list, delete."""

from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.paging import named
from pocketbus.apis.scheduler.find import find_group, once, read_page
from pocketbus.apis.scheduler.service import scheduler
from pocketbus.apis.scheduler.tags import read_tags
from pocketbus.emulator.errors import ConflictException, ValidationException
from pocketbus.emulator.schedules.schedule_group import DELETING, ScheduleGroup
from pocketbus.emulator.schedules.scheduler_scope import DEFAULT_GROUP


@scheduler.operation
def create_schedule_group(
    call: Call, *, name: str, tags: list[dict[str, str]] | None = None, client_token: str | None = None
) -> dict[str, Any]:
    def create() -> str:
        if name in call.scope.scheduler.groups_at(call.now):
            raise ConflictException(f"Schedule group {name} already exists.")
        return call.scope.scheduler.create_group(name, read_tags(tags), call.now).arn

    request = {"name": name, "tags": tags}
    return {"ScheduleGroupArn": once(call, client_token, "CreateScheduleGroup", request, create)}


@scheduler.operation
def get_schedule_group(call: Call, *, name: str) -> dict[str, Any]:
    return _write(find_group(call, name))


@scheduler.operation
def list_schedule_groups(
    call: Call, *, name_prefix: str = "", next_token: str | None = None, max_results: int | None = None
) -> dict[str, Any]:
    groups = call.scope.scheduler.groups_at(call.now)
    page, token = read_page(named(groups, name_prefix), lambda group: group.name, next_token, max_results)
    return {"ScheduleGroups": [_write(group) for group in page], "NextToken": token}


@scheduler.operation
def delete_schedule_group(call: Call, *, name: str, client_token: str | None = None) -> dict[str, Any]:
    def delete() -> str:
        group = find_group(call, name)
        if name == DEFAULT_GROUP:
            raise ValidationException("The default schedule group cannot be deleted.")
        if group.state == DELETING:
            raise ConflictException(f"Schedule group {name} is being deleted.")
        group.delete(call.now)
        return ""

    once(call, client_token, "DeleteScheduleGroup", {"name": name}, delete)
    return {}


def _write(group: ScheduleGroup) -> dict[str, Any]:
    return {
        "Arn": group.arn,
        "Name": group.name,
        "State": group.state,
        "CreationDate": group.created_at,
        "LastModificationDate": group.modified_at,
    }
