"""FIFO queues: order, groups, deduplication."""

from typing import Any

from tests.parity.aws import Aws


def _send(aws: Aws, url: str, step: str, body: str, group: str = "g", **params: Any) -> None:
    aws(step, "sqs.send_message", QueueUrl=url, MessageBody=body, MessageGroupId=group, **params)


def a_group_keeps_its_order(aws: Aws) -> None:
    url = aws.make_queue("orders.fifo", ContentBasedDeduplication="true")
    for body in ("first", "second", "third"):
        _send(aws, url, f"send {body}", body)
    aws("receive two", "sqs.receive_message", QueueUrl=url, MaxNumberOfMessages=2, AttributeNames=["All"])
    aws("receive while the group is locked", "sqs.receive_message", QueueUrl=url)


def a_group_is_unlocked_by_a_deletion(aws: Aws) -> None:
    url = aws.make_queue("orders.fifo", ContentBasedDeduplication="true")
    for body, group in (("a1", "a"), ("b1", "b"), ("a2", "a")):
        _send(aws, url, f"send {body}", body, group)
    (first,) = aws("receive the first", "sqs.receive_message", QueueUrl=url)["Messages"]
    aws("receive of the other group", "sqs.receive_message", QueueUrl=url)
    aws("receive while both are locked", "sqs.receive_message", QueueUrl=url)
    aws("delete", "sqs.delete_message", QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
    aws("receive the next", "sqs.receive_message", QueueUrl=url)


def a_duplicate_within_five_minutes_is_answered_as_the_first(aws: Aws) -> None:
    url = aws.make_queue("orders.fifo")
    _send(aws, url, "send", "job", MessageDeduplicationId="1")
    _send(aws, url, "send a duplicate", "another job", MessageDeduplicationId="1")
    _send(aws, url, "send a duplicate of another group", "job", "h", MessageDeduplicationId="1")
    aws("receive", "sqs.receive_message", QueueUrl=url, MaxNumberOfMessages=10)
    aws.advance(301)
    _send(aws, url, "send after five minutes", "job", MessageDeduplicationId="1")


def deduplication_by_content_and_by_group(aws: Aws) -> None:
    attributes = {"DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"}
    url = aws.make_queue("orders.fifo", ContentBasedDeduplication="true", **attributes)
    _send(aws, url, "send", "job")
    _send(aws, url, "send a duplicate", "job")
    _send(aws, url, "send to another group", "job", "h")
    aws("receive", "sqs.receive_message", QueueUrl=url, MaxNumberOfMessages=10)


def what_a_fifo_queue_refuses(aws: Aws) -> None:
    url = aws.make_queue("orders.fifo")
    send = "sqs.send_message"
    aws("no group", send, QueueUrl=url, MessageBody="job", MessageDeduplicationId="1")
    _send(aws, url, "no deduplication id", "job")
    _send(aws, url, "a delay", "job", MessageDeduplicationId="1", DelaySeconds=2)
    _send(aws, url, "an empty group", "job", "", MessageDeduplicationId="1")
    _send(aws, url, "a group of 129 characters", "job", "g" * 129, MessageDeduplicationId="1")
    _send(aws, url, "a deduplication id with a space", "job", MessageDeduplicationId="a b")
    entries = [{"Id": "1", "MessageBody": "job", "MessageDeduplicationId": "1"}]
    aws("a batch without a group", "sqs.send_message_batch", QueueUrl=url, Entries=entries)


def a_handle_that_has_expired_is_refused(aws: Aws) -> None:
    url = aws.make_queue("orders.fifo", ContentBasedDeduplication="true", VisibilityTimeout="1")
    _send(aws, url, "send", "job")
    handle = aws.handle(url)
    aws.advance(2)
    aws("delete", "sqs.delete_message", QueueUrl=url, ReceiptHandle=handle)


def a_batch_keeps_its_order(aws: Aws) -> None:
    url = aws.make_queue("orders.fifo", ContentBasedDeduplication="true")
    entries = [
        {"Id": str(number), "MessageBody": f"job {number}", "MessageGroupId": "g"} for number in range(4)
    ]
    aws("send", "sqs.send_message_batch", QueueUrl=url, Entries=entries)
    names = ["SequenceNumber", "MessageGroupId"]
    aws("receive", "sqs.receive_message", QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=names)


def a_queue_stays_of_its_type(aws: Aws) -> None:
    url = aws.make_queue("orders.fifo")
    for value in ("false", "true"):
        aws(f"FifoQueue {value}", "sqs.set_queue_attributes", QueueUrl=url, Attributes={"FifoQueue": value})
