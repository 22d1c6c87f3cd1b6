"""Messages of standard queues: sending, receiving, hiding, deleting."""

from typing import Any

from tests.parity.aws import Aws

_ATTRIBUTES = {
    "city": {"DataType": "String", "StringValue": "Zürich"},
    "price": {"DataType": "Number", "StringValue": "12.50"},
    "photo": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    "price.currency": {"DataType": "String.iso", "StringValue": "CHF"},
}


def a_message_is_sent_received_and_deleted(aws: Aws) -> None:
    url = aws.make_queue()
    aws("send", "sqs.send_message", QueueUrl=url, MessageBody="déjà vu \U0001f600 <&> \"'\t\r\n")
    (message,) = aws("receive", "sqs.receive_message", QueueUrl=url)["Messages"]
    aws("receive while it is hidden", "sqs.receive_message", QueueUrl=url)
    aws("delete", "sqs.delete_message", QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    aws("delete again", "sqs.delete_message", QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    aws.advance(60)
    aws("receive after the deletion", "sqs.receive_message", QueueUrl=url)


def message_attributes_come_back_as_they_were_sent(aws: Aws) -> None:
    url = aws.make_queue(VisibilityTimeout="0")
    aws("send", "sqs.send_message", QueueUrl=url, MessageBody="job", MessageAttributes=_ATTRIBUTES)
    for step, names in (
        ("none", []),
        ("all", ["All"]),
        ("one", ["city"]),
        ("two", ["city", "photo"]),
        ("a prefix", ["price.*"]),
        ("every name", [".*"]),
        ("one that is absent", ["colour"]),
    ):
        aws(f"receive {step}", "sqs.receive_message", QueueUrl=url, MessageAttributeNames=names)


def message_attributes_are_checked(aws: Aws) -> None:
    url = aws.make_queue()

    def send(step: str, name: str, **attribute: Any) -> None:
        aws(step, "sqs.send_message", QueueUrl=url, MessageBody="job", MessageAttributes={name: attribute})

    send("an empty text", "city", DataType="String", StringValue="")
    send("an unknown type", "city", DataType="Text", StringValue="Bern")
    send("no value", "city", DataType="String")
    send("a number that is none", "price", DataType="Number", StringValue="much")
    send("a name with a space", "the city", DataType="String", StringValue="Bern")
    send("a reserved name", "AWS.city", DataType="String", StringValue="Bern")
    send("a control character", "city", DataType="String", StringValue="Be\x07rn")
    eleven = {f"name{number}": {"DataType": "String", "StringValue": "x"} for number in range(11)}
    aws("eleven", "sqs.send_message", QueueUrl=url, MessageBody="job", MessageAttributes=eleven)


def a_trace_header_travels_with_the_message(aws: Aws) -> None:
    url = aws.make_queue()
    header = {
        "AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793"}
    }
    aws("send", "sqs.send_message", QueueUrl=url, MessageBody="job", MessageSystemAttributes=header)
    aws("receive", "sqs.receive_message", QueueUrl=url, MessageSystemAttributeNames=["AWSTraceHeader"])


def a_received_message_tells_its_system_attributes(aws: Aws) -> None:
    url = aws.make_queue(VisibilityTimeout="0")
    aws("send", "sqs.send_message", QueueUrl=url, MessageBody="job")
    aws("all", "sqs.receive_message", QueueUrl=url, AttributeNames=["All"])
    count = ["ApproximateReceiveCount"]
    aws("the count", "sqs.receive_message", QueueUrl=url, AttributeNames=count)
    aws("the count by its newer name", "sqs.receive_message", QueueUrl=url, MessageSystemAttributeNames=count)
    aws("an unknown one", "sqs.receive_message", QueueUrl=url, AttributeNames=["Colour"])


def a_body_is_refused_when_empty_too_long_or_not_text(aws: Aws) -> None:
    url = aws.make_queue(MaximumMessageSize="1024")
    attributes = {"a": {"DataType": "String", "StringValue": "x"}}
    aws("empty", "sqs.send_message", QueueUrl=url, MessageBody="")
    aws("1024 bytes", "sqs.send_message", QueueUrl=url, MessageBody="x" * 1024)
    aws("1025 bytes", "sqs.send_message", QueueUrl=url, MessageBody="x" * 1025)
    aws("1026 bytes of 513 characters", "sqs.send_message", QueueUrl=url, MessageBody="é" * 513)
    aws(
        "1024 bytes and an attribute",
        "sqs.send_message",
        QueueUrl=url,
        MessageBody="x" * 1024,
        MessageAttributes=attributes,
    )
    aws("a control character", "sqs.send_message", QueueUrl=url, MessageBody="a\x00b")


def numbers_out_of_their_range_are_refused(aws: Aws) -> None:
    url = aws.make_queue()
    receive = "sqs.receive_message"
    for number in (0, 11):
        aws(f"{number} messages", receive, QueueUrl=url, MaxNumberOfMessages=number)
    for seconds in (-1, 21):
        aws(f"a wait of {seconds}", receive, QueueUrl=url, WaitTimeSeconds=seconds)
    for seconds in (-1, 43_201):
        aws(f"a timeout of {seconds}", receive, QueueUrl=url, VisibilityTimeout=seconds)
    for seconds in (-1, 901):
        aws(f"a delay of {seconds}", "sqs.send_message", QueueUrl=url, MessageBody="x", DelaySeconds=seconds)


def a_message_returns_after_its_visibility_timeout(aws: Aws) -> None:
    url = aws.make_queue(VisibilityTimeout="30")
    aws("send", "sqs.send_message", QueueUrl=url, MessageBody="job")
    aws("receive", "sqs.receive_message", QueueUrl=url)
    aws.advance(25)
    aws("after 25 seconds", "sqs.receive_message", QueueUrl=url)
    aws.advance(10)
    aws("after 35 seconds", "sqs.receive_message", QueueUrl=url, AttributeNames=["ApproximateReceiveCount"])
    aws.advance(60)
    aws("for 5 seconds", "sqs.receive_message", QueueUrl=url, VisibilityTimeout=5)
    aws.advance(6)
    aws("after 6 seconds", "sqs.receive_message", QueueUrl=url)


def a_visibility_timeout_is_changed(aws: Aws) -> None:
    url = aws.make_queue()
    hide = "sqs.change_message_visibility"
    aws("send", "sqs.send_message", QueueUrl=url, MessageBody="job")
    handle = aws.handle(url)
    aws("to a minute", hide, QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=60)
    aws.advance(45)
    aws("receive after 45 seconds", "sqs.receive_message", QueueUrl=url)
    aws("to nothing", hide, QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
    aws("when it is no longer in flight", hide, QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=5)
    aws("receive", "sqs.receive_message", QueueUrl=url)
    aws("too long", hide, QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=43_201)
    aws("negative", hide, QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=-1)
    aws("a handle that is none", hide, QueueUrl=url, ReceiptHandle="none", VisibilityTimeout=5)


def an_older_handle_deletes_a_message(aws: Aws) -> None:
    url = aws.make_queue(VisibilityTimeout="0")
    aws("send", "sqs.send_message", QueueUrl=url, MessageBody="job")
    older, newer = aws.handle(url), aws.handle(url)
    aws("by the older handle", "sqs.delete_message", QueueUrl=url, ReceiptHandle=older)
    aws("receive", "sqs.receive_message", QueueUrl=url)
    aws("by a handle that is none", "sqs.delete_message", QueueUrl=url, ReceiptHandle="none")
    aws("by the newer handle", "sqs.delete_message", QueueUrl=url, ReceiptHandle=newer)


def a_delayed_message_appears_when_its_delay_is_over(aws: Aws) -> None:
    url = aws.make_queue(DelaySeconds="10")
    aws("send", "sqs.send_message", QueueUrl=url, MessageBody="by the queue's delay")
    aws("send for longer", "sqs.send_message", QueueUrl=url, MessageBody="by its own", DelaySeconds=20)
    aws("send without", "sqs.send_message", QueueUrl=url, MessageBody="at once", DelaySeconds=0)
    for seconds in (0, 11, 21):
        aws(f"receive after {seconds} seconds", "sqs.receive_message", QueueUrl=url, MaxNumberOfMessages=10)
        aws.advance(10.5)


def the_counts_follow_the_messages(aws: Aws) -> None:
    url = aws.make_queue()
    counts = [
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed",
    ]
    for body in ("a", "b", "c"):
        aws(f"send {body}", "sqs.send_message", QueueUrl=url, MessageBody=body)
    aws("send a delayed one", "sqs.send_message", QueueUrl=url, MessageBody="d", DelaySeconds=60)
    handle = aws.handle(url)
    aws("one in flight", "sqs.get_queue_attributes", QueueUrl=url, AttributeNames=counts)
    aws("delete", "sqs.delete_message", QueueUrl=url, ReceiptHandle=handle)
    aws("one deleted", "sqs.get_queue_attributes", QueueUrl=url, AttributeNames=counts)


def a_message_received_too_often_goes_to_the_dead_letter_queue(aws: Aws) -> None:
    dead = aws.make_queue("dead")
    policy = f'{{"deadLetterTargetArn":"{aws.arn_of(dead)}","maxReceiveCount":2}}'
    url = aws.make_queue(VisibilityTimeout="0", RedrivePolicy=policy)
    names = ["ApproximateReceiveCount", "DeadLetterQueueSourceArn"]
    aws("send", "sqs.send_message", QueueUrl=url, MessageBody="poison")
    for count in (1, 2, 3):
        aws(f"receive {count}", "sqs.receive_message", QueueUrl=url, AttributeNames=names)
    aws("receive from the dead letters", "sqs.receive_message", QueueUrl=dead, AttributeNames=names)


def a_message_leaves_after_its_retention_period(aws: Aws) -> None:
    url = aws.make_queue(MessageRetentionPeriod="60")
    aws("send", "sqs.send_message", QueueUrl=url, MessageBody="job")
    aws.advance(61)
    aws("receive", "sqs.receive_message", QueueUrl=url)


def a_standard_queue_takes_a_message_group(aws: Aws) -> None:
    url = aws.make_queue()
    aws("send", "sqs.send_message", QueueUrl=url, MessageBody="job", MessageGroupId="tenant")
    aws("receive", "sqs.receive_message", QueueUrl=url, AttributeNames=["MessageGroupId"])
    aws("a deduplication id", "sqs.send_message", QueueUrl=url, MessageBody="job", MessageDeduplicationId="1")
    aws("a group with a space", "sqs.send_message", QueueUrl=url, MessageBody="job", MessageGroupId="a b")
