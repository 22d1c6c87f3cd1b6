"""Every operation of SQS once as it is meant, with something to show."""

from collections.abc import Callable
from typing import Any

from pocketbus import Emulator

Call = Callable[..., dict[str, Any]]
"""Performs an operation by its method's name."""

ARN = "arn:aws:sqs:us-east-1:000000000000:{}".format
REDRIVE = '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":"1"}'


def queues(call: Call) -> tuple[str, str]:
    dead = call("create_queue", QueueName="dead")["QueueUrl"]
    url = call("create_queue", QueueName="q", Attributes={"RedrivePolicy": REDRIVE}, tags={"a": "b"})[
        "QueueUrl"
    ]
    call("get_queue_url", QueueName="q")
    call("list_queues", QueueNamePrefix="q", MaxResults=1)
    call("list_dead_letter_source_queues", QueueUrl=dead)
    call("set_queue_attributes", QueueUrl=url, Attributes={"VisibilityTimeout": "10"})
    call("get_queue_attributes", QueueUrl=url, AttributeNames=["All"])
    call("add_permission", QueueUrl=url, Label="l", AWSAccountIds=["111111111111"], Actions=["SendMessage"])
    call("remove_permission", QueueUrl=url, Label="l")
    call("tag_queue", QueueUrl=url, Tags={"c": "d"})
    call("untag_queue", QueueUrl=url, TagKeys=["c"])
    call("list_queue_tags", QueueUrl=url)
    return url, dead


def messages(call: Call, url: str, emulator: Emulator) -> None:
    attributes = {"n": {"DataType": "Number", "StringValue": "1"}}
    call("send_message", QueueUrl=url, MessageBody="0", MessageAttributes=attributes)
    entries = [{"Id": number, "MessageBody": number} for number in "123"]
    call("send_message_batch", QueueUrl=url, Entries=entries)
    received = call("receive_message", QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
    first, second, third, _ = (message["ReceiptHandle"] for message in received["Messages"])
    call("change_message_visibility", QueueUrl=url, ReceiptHandle=first, VisibilityTimeout=5)
    timeouts = [{"Id": "1", "ReceiptHandle": first, "VisibilityTimeout": 6}]
    call("change_message_visibility_batch", QueueUrl=url, Entries=timeouts)
    call("delete_message", QueueUrl=url, ReceiptHandle=second)
    call("delete_message_batch", QueueUrl=url, Entries=[{"Id": "1", "ReceiptHandle": third}])
    emulator.advance(10)
    call("receive_message", QueueUrl=url, MaxNumberOfMessages=10)


def everything(call: Call, emulator: Emulator) -> None:
    url, dead = queues(call)
    messages(call, url, emulator)
    task = call("start_message_move_task", SourceArn=ARN("dead"), MaxNumberOfMessagesPerSecond=1)
    call("list_message_move_tasks", SourceArn=ARN("dead"))
    call("cancel_message_move_task", TaskHandle=task["TaskHandle"])
    call("purge_queue", QueueUrl=dead)
    call("delete_queue", QueueUrl=url)
