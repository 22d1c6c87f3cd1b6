"""Message move tasks. Only our own ways in are compared: moto has none."""

import json

from tests.parity.aws import Aws


def _dead_letters(aws: Aws) -> tuple[str, str, str]:
    """Return the URL of a queue, the URL of its dead-letter queue with two messages, and the latter's ARN."""
    dead = aws.make_queue("dead")
    arn = aws.arn_of(dead)
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})
    url = aws.make_queue(VisibilityTimeout="0", RedrivePolicy=policy)
    for body in ("first", "second"):
        aws(f"send the {body}", "sqs.send_message", QueueUrl=url, MessageBody=body)
    for number in range(2):
        aws(f"receive {number}", "sqs.receive_message", QueueUrl=url, MaxNumberOfMessages=10)
    return url, dead, arn


def dead_letters_move_back_to_where_they_came_from(aws: Aws) -> None:
    url, dead, arn = _dead_letters(aws)
    aws("start", "sqs.start_message_move_task", SourceArn=arn)
    aws.advance(5)
    aws("list", "sqs.list_message_move_tasks", SourceArn=arn)
    aws("receive from the queue", "sqs.receive_message", QueueUrl=url, MaxNumberOfMessages=10)
    aws("receive from the dead letters", "sqs.receive_message", QueueUrl=dead)


def a_move_task_is_cancelled(aws: Aws) -> None:
    _, _, arn = _dead_letters(aws)
    slow = {"SourceArn": arn, "MaxNumberOfMessagesPerSecond": 1}
    task = aws("start", "sqs.start_message_move_task", **slow)["TaskHandle"]
    aws("start another", "sqs.start_message_move_task", **slow)
    aws.advance(1.5)
    aws("list while it runs", "sqs.list_message_move_tasks", SourceArn=arn)
    aws("cancel", "sqs.cancel_message_move_task", TaskHandle=task)
    aws("cancel again", "sqs.cancel_message_move_task", TaskHandle=task)
    aws("list", "sqs.list_message_move_tasks", SourceArn=arn, MaxResults=10)


def what_move_tasks_refuse(aws: Aws) -> None:
    url, _, arn = _dead_letters(aws)
    absent = f"{arn}er"
    start = "sqs.start_message_move_task"
    aws("a source that is no dead-letter queue", start, SourceArn=aws.arn_of(url))
    aws("an absent source", start, SourceArn=absent)
    aws("an absent destination", start, SourceArn=arn, DestinationArn=absent)
    aws("too many a second", start, SourceArn=arn, MaxNumberOfMessagesPerSecond=501)
    aws("list of an absent source", "sqs.list_message_move_tasks", SourceArn=absent)
    aws("a handle that is none", "sqs.cancel_message_move_task", TaskHandle="none")
