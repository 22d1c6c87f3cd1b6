"""Tags on schedule groups; schedules have none."""

from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.scheduler.find import find_group
from pocketbus.apis.scheduler.service import scheduler
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.errors import ResourceNotFoundException
from pocketbus.emulator.schedules.schedule_group import ScheduleGroup


@scheduler.operation
def tag_resource(call: Call, *, resource_arn: str, tags: list[dict[str, str]]) -> dict[str, Any]:
    _find(call, resource_arn).tags.update(read_tags(tags))
    return {}


@scheduler.operation
def untag_resource(call: Call, *, resource_arn: str, tag_keys: list[str]) -> dict[str, Any]:
    group = _find(call, resource_arn)
    for key in tag_keys:
        group.tags.pop(key, None)
    return {}


@scheduler.operation
def list_tags_for_resource(call: Call, *, resource_arn: str) -> dict[str, Any]:
    tags = _find(call, resource_arn).tags
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def read_tags(tags: list[dict[str, str]] | None) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags or ()}


def _find(call: Call, text: str) -> ScheduleGroup:
    """Find a group of the caller's by its ARN, which the model's pattern has checked."""
    arn = Arn.parse(text)
    name = text.rpartition("/")[2]
    if arn is None or (arn.account, arn.region) != (call.scope.account, call.scope.region):
        raise ResourceNotFoundException(f"Schedule group {name} does not exist.")
    return find_group(call, name)
