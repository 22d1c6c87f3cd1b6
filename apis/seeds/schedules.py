"""The sections of EventBridge Scheduler: groups of schedules, and schedules."""

from collections.abc import Iterator

from pocketbus.apis.scheduler.service import scheduler
from pocketbus.apis.seeds.operations import Operations
from pocketbus.apis.seeds.section import Parameters, Reference, Section, present, tags_of
from pocketbus.emulator.errors import ResourceNotFoundException
from pocketbus.emulator.schedules.scheduler_scope import DEFAULT_GROUP

_SETTINGS = (
    "ScheduleExpression",
    "ScheduleExpressionTimezone",
    "EndDate",
    "Description",
    "State",
    "KmsKeyArn",
    "FlexibleTimeWindow",
    "ActionAfterCompletion",
    "Target",
)


def _group_keys(operations: Operations) -> Iterator[Parameters]:
    for group in operations.pages(scheduler, "ListScheduleGroups", "ScheduleGroups"):
        if group["Name"] != DEFAULT_GROUP:
            yield {"Name": group["Name"]}


def _read_group(operations: Operations, key: Parameters) -> Parameters | None:
    try:
        group = operations(scheduler, "GetScheduleGroup", Name=key["Name"])
    except ResourceNotFoundException:
        return None
    tags = operations(scheduler, "ListTagsForResource", ResourceArn=group["Arn"])["Tags"]
    return present({"Name": key["Name"], "Tags": tags_of(tags)})


def _change_group(operations: Operations, there: Parameters, differing: Parameters) -> None:
    arn = operations(scheduler, "GetScheduleGroup", Name=there["Name"])["Arn"]
    operations(scheduler, "TagResource", ResourceArn=arn, Tags=differing["Tags"])


SCHEDULE_GROUPS = Section(
    name="schedule_groups",
    service=scheduler,
    making="CreateScheduleGroup",
    key=("Name",),
    keys=_group_keys,
    read=_read_group,
    change=_change_group,
    leave_out=frozenset({"ClientToken"}),
)


def _keys(operations: Operations) -> Iterator[Parameters]:
    for schedule in operations.pages(scheduler, "ListSchedules", "Schedules"):
        yield {"Name": schedule["Name"], "GroupName": schedule["GroupName"]}


def _read(operations: Operations, key: Parameters) -> Parameters | None:
    name, group = key["Name"], key.get("GroupName", DEFAULT_GROUP)
    try:
        schedule = operations(scheduler, "GetSchedule", Name=name, GroupName=group)
    except ResourceNotFoundException:
        return None
    settings = {setting: schedule[setting] for setting in _SETTINGS}
    return present({"Name": name, "GroupName": group, **settings})


def _change(operations: Operations, there: Parameters, differing: Parameters) -> None:
    operations(scheduler, "UpdateSchedule", **(there | differing))


SCHEDULES = Section(
    name="schedules",
    service=scheduler,
    making="CreateSchedule",
    key=("Name", "GroupName"),
    keys=_keys,
    read=_read,
    change=_change,
    leave_out=frozenset({"ClientToken", "StartDate"}),  # no date that has passed is taken
    references=(
        Reference(("Target", "Arn"), ("queue", "topic", "bus", "function")),
        Reference(("Target", "DeadLetterConfig", "Arn"), ("queue",)),
    ),
)
