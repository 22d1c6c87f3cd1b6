"""Scheduler by boto3 and over raw HTTP against the command: paths as they come over a socket."""

from collections.abc import Callable
from typing import Any

import httpx

from tests.end_to_end.conftest import Server

Connect = Callable[..., Any]


def test_every_operation_of_scheduler_works_over_a_socket(connect: Connect, account: str) -> None:
    scheduler = connect("scheduler")
    target = {
        "Arn": f"arn:aws:sqs:us-east-1:{account}:q",
        "RoleArn": f"arn:aws:iam::{account}:role/scheduler",
        "Input": "ring",
    }
    window = {"Mode": "OFF"}
    group = scheduler.create_schedule_group(Name="g.1_x-y", Tags=[{"Key": "a b", "Value": "ü"}])[
        "ScheduleGroupArn"
    ]
    scheduler.tag_resource(ResourceArn=group, Tags=[{"Key": "c&d", "Value": "e"}])
    scheduler.untag_resource(ResourceArn=group, TagKeys=["c&d"])
    place = {"Name": "bell", "GroupName": "g.1_x-y"}
    made = scheduler.create_schedule(
        **place, ScheduleExpression="rate(1 day)", FlexibleTimeWindow=window, Target=target, State="DISABLED"
    )
    scheduler.update_schedule(
        **place, ScheduleExpression="rate(2 days)", FlexibleTimeWindow=window, Target=target, State="DISABLED"
    )

    found = scheduler.get_schedule(**place)
    assert (found["Arn"], found["ScheduleExpression"]) == (made["ScheduleArn"], "rate(2 days)")
    assert scheduler.list_tags_for_resource(ResourceArn=group)["Tags"] == [{"Key": "a b", "Value": "ü"}]
    assert [one["Name"] for one in scheduler.list_schedules(GroupName="g.1_x-y")["Schedules"]] == ["bell"]
    assert len(scheduler.list_schedule_groups()["ScheduleGroups"]) == 2
    assert scheduler.get_schedule_group(Name="g.1_x-y")["State"] == "ACTIVE"
    scheduler.delete_schedule(**place)
    scheduler.delete_schedule_group(Name="g.1_x-y")
    assert [one["Name"] for one in scheduler.list_schedule_groups()["ScheduleGroups"]] == ["default"]


def test_a_rate_schedule_rings_by_itself_on_a_running_clock(connect: Connect, account: str) -> None:
    sqs = connect("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    connect("scheduler").create_schedule(
        Name="bell",
        ScheduleExpression="rate(1 hour)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={
            "Arn": f"arn:aws:sqs:us-east-1:{account}:q",
            "RoleArn": f"arn:aws:iam::{account}:role/scheduler",
            "Input": "ring",
        },
    )

    assert [one["Body"] for one in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]] == [
        "ring"
    ]


def test_an_unsigned_request_finds_its_operation_by_its_path(server: Server) -> None:
    answer = httpx.get(f"{server.url}/schedules/none")

    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (404, "ResourceNotFoundException")
    assert answer.json() == {"Message": "Schedule none does not exist."}
