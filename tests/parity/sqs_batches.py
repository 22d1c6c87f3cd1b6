"""Batches: their outcomes, entry by entry, and what refuses them as a whole."""

from tests.parity.aws import Aws


def a_batch_is_sent_received_and_deleted(aws: Aws) -> None:
    url = aws.make_queue()
    attributes = {"city": {"DataType": "String", "StringValue": "Bern"}}
    entries = [
        {"Id": "one", "MessageBody": "first"},
        {"Id": "two", "MessageBody": "second", "MessageAttributes": attributes},
        {"Id": "three", "MessageBody": "third", "DelaySeconds": 60},
    ]
    aws("send", "sqs.send_message_batch", QueueUrl=url, Entries=entries)
    handles = [aws.handle(url), aws.handle(url)]
    deletions = [{"Id": f"d{number}", "ReceiptHandle": handle} for number, handle in enumerate(handles)]
    aws("delete", "sqs.delete_message_batch", QueueUrl=url, Entries=deletions)
    aws.advance(61)
    aws("receive", "sqs.receive_message", QueueUrl=url, MaxNumberOfMessages=10)


def entries_that_fail_do_not_keep_the_others_back(aws: Aws) -> None:
    url = aws.make_queue(MaximumMessageSize="1024")
    empty = {"city": {"DataType": "String", "StringValue": ""}}
    entries = [
        {"Id": "good", "MessageBody": "job"},
        {"Id": "long", "MessageBody": "x" * 1025},
        {"Id": "late", "MessageBody": "job", "DelaySeconds": 901},
        {"Id": "empty", "MessageBody": "job", "MessageAttributes": empty},
    ]
    aws("send one", "sqs.send_message", QueueUrl=url, MessageBody="job")
    handle = aws.handle(url)
    aws("send", "sqs.send_message_batch", QueueUrl=url, Entries=entries)
    deletions = [{"Id": "good", "ReceiptHandle": handle}, {"Id": "bad", "ReceiptHandle": "none"}]
    aws("delete", "sqs.delete_message_batch", QueueUrl=url, Entries=deletions)


def visibility_timeouts_are_changed_in_a_batch(aws: Aws) -> None:
    url = aws.make_queue()
    for body in ("a", "b"):
        aws(f"send {body}", "sqs.send_message", QueueUrl=url, MessageBody=body)
    entries = [
        {"Id": "at-once", "ReceiptHandle": aws.handle(url), "VisibilityTimeout": 0},
        {"Id": "later", "ReceiptHandle": aws.handle(url), "VisibilityTimeout": 600},
        {"Id": "bad", "ReceiptHandle": "none", "VisibilityTimeout": 5},
    ]
    aws("change", "sqs.change_message_visibility_batch", QueueUrl=url, Entries=entries)
    aws("receive", "sqs.receive_message", QueueUrl=url, MaxNumberOfMessages=10)


def a_batch_is_refused_as_a_whole(aws: Aws) -> None:
    url = aws.make_queue()
    for step, ids in (
        ("no entries", []),
        ("eleven entries", [str(number) for number in range(11)]),
        ("twice the same id", ["one", "two", "one"]),
        ("an id with a colon", ["one:two"]),
        ("an id of 81 letters", ["x" * 81]),
    ):
        sent = [{"Id": name, "MessageBody": "job"} for name in ids]
        gone = [{"Id": name, "ReceiptHandle": "none"} for name in ids]
        hidden = [{"Id": name, "ReceiptHandle": "none", "VisibilityTimeout": 5} for name in ids]
        aws(f"send {step}", "sqs.send_message_batch", QueueUrl=url, Entries=sent)
        aws(f"delete {step}", "sqs.delete_message_batch", QueueUrl=url, Entries=gone)
        aws(f"hide {step}", "sqs.change_message_visibility_batch", QueueUrl=url, Entries=hidden)


def a_batch_is_refused_for_its_size(aws: Aws) -> None:
    url = aws.make_queue()
    half = "x" * 524_288
    fitting = [{"Id": "a", "MessageBody": half}, {"Id": "b", "MessageBody": half}]
    oversized = [{"Id": "a", "MessageBody": half}, {"Id": "b", "MessageBody": half + "x"}]
    aws("a mebibyte", "sqs.send_message_batch", QueueUrl=url, Entries=fitting)
    aws("a byte more", "sqs.send_message_batch", QueueUrl=url, Entries=oversized)
