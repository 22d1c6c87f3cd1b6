"""Every operation of Scheduler once as it is meant, with something to show."""

from collections.abc import Callable
from typing import Any

from pocketbus import Emulator

Call = Callable[..., dict[str, Any]]
"""Performs an operation by its method's name."""

SETTINGS = {
    "ScheduleExpression": "rate(5 minutes)",
    "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 1},
    "Target": {
        "Arn": "arn:aws:sqs:us-east-1:000000000000:q",
        "RoleArn": "arn:aws:iam::000000000000:role/scheduler",
        "Input": "ring",
    },
}


def everything(call: Call, _emulator: Emulator) -> None:
    group = call("create_schedule_group", Name="g", Tags=[{"Key": "a", "Value": "b"}])["ScheduleGroupArn"]
    call("get_schedule_group", Name="g")
    call("list_schedule_groups", NamePrefix="g", MaxResults=1)
    call("tag_resource", ResourceArn=group, Tags=[{"Key": "c", "Value": "d"}])
    call("untag_resource", ResourceArn=group, TagKeys=["c"])
    call("list_tags_for_resource", ResourceArn=group)
    call("create_schedule", Name="s", GroupName="g", **SETTINGS)
    call("update_schedule", Name="s", GroupName="g", **SETTINGS, State="DISABLED")
    call("get_schedule", Name="s", GroupName="g")
    call("list_schedules", GroupName="g", State="DISABLED", MaxResults=1)
    call("delete_schedule", Name="s", GroupName="g")
    call("delete_schedule_group", Name="g")
