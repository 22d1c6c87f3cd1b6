"""Every operation of Pipes once as it is meant, with something to show."""

from collections.abc import Callable
from typing import Any

from pocketbus import Emulator

Call = Callable[..., dict[str, Any]]
"""Performs an operation by its method's name."""

ARN = "arn:aws:{}:us-east-1:000000000000:{}".format
SETTINGS = {"RoleArn": "arn:aws:iam::000000000000:role/pipe"}


def everything(call: Call, emulator: Emulator) -> None:
    sqs = emulator.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    sqs.create_queue(QueueName="to")
    pipe = call(
        "create_pipe",
        Name="p",
        Source=ARN("sqs", "q"),
        Target=ARN("sqs", "to"),
        SourceParameters={
            "FilterCriteria": {"Filters": [{"Pattern": '{"body": ["x"]}'}]},
            "SqsQueueParameters": {"BatchSize": 5},
        },
        TargetParameters={"InputTemplate": '{"is": <$.body>}'},
        Tags={"a": "b"},
        **SETTINGS,
    )["Arn"]
    sqs.send_message(QueueUrl=url, MessageBody="x")
    emulator.advance(1)
    call("describe_pipe", Name="p")
    call("list_pipes", NamePrefix="p", Limit=1)
    call("tag_resource", resourceArn=pipe, tags={"c": "d"})
    call("untag_resource", resourceArn=pipe, tagKeys=["c"])
    call("list_tags_for_resource", resourceArn=pipe)
    call("stop_pipe", Name="p")
    emulator.advance(1)
    call("start_pipe", Name="p")
    emulator.advance(1)
    call("update_pipe", Name="p", Description="x", **SETTINGS)
    emulator.advance(1)
    call("delete_pipe", Name="p")
