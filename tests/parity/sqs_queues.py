"""Queues: making, finding, listing, configuring, tagging, purging, deleting."""

import json

from tests.parity.aws import Aws


def a_queue_is_made_found_listed_and_deleted(aws: Aws) -> None:
    url = aws("create", "sqs.create_queue", QueueName="orders")["QueueUrl"]
    aws("create again", "sqs.create_queue", QueueName="orders")
    aws("find", "sqs.get_queue_url", QueueName="orders")
    aws("list", "sqs.list_queues")
    aws("delete", "sqs.delete_queue", QueueUrl=url)
    aws("list after the deletion", "sqs.list_queues")
    aws("find after the deletion", "sqs.get_queue_url", QueueName="orders")


def queues_are_listed_by_prefix_and_in_pages(aws: Aws) -> None:
    for name in ("a1", "a2", "a3", "b1"):
        aws.make_queue(name)
    aws("with a prefix", "sqs.list_queues", QueueNamePrefix="a")
    aws("with a prefix of none", "sqs.list_queues", QueueNamePrefix="z")
    page = aws("the first page", "sqs.list_queues", QueueNamePrefix="a", MaxResults=2)
    aws("the next page", "sqs.list_queues", QueueNamePrefix="a", MaxResults=2, NextToken=page["NextToken"])
    aws("a page too long", "sqs.list_queues", MaxResults=1001)


def a_queue_that_is_absent_is_refused_by_every_operation(aws: Aws) -> None:
    url = aws.make_queue("gone")
    aws("delete", "sqs.delete_queue", QueueUrl=url)
    entry = [{"Id": "1", "ReceiptHandle": "handle"}]
    hidden = [{"Id": "1", "ReceiptHandle": "handle", "VisibilityTimeout": 0}]
    aws("delete again", "sqs.delete_queue", QueueUrl=url)
    aws("purge", "sqs.purge_queue", QueueUrl=url)
    aws("send", "sqs.send_message", QueueUrl=url, MessageBody="job")
    aws("send a batch", "sqs.send_message_batch", QueueUrl=url, Entries=[{"Id": "1", "MessageBody": "job"}])
    aws("receive", "sqs.receive_message", QueueUrl=url)
    aws("delete a message", "sqs.delete_message", QueueUrl=url, ReceiptHandle="handle")
    aws("delete a batch", "sqs.delete_message_batch", QueueUrl=url, Entries=entry)
    aws("hide", "sqs.change_message_visibility", QueueUrl=url, ReceiptHandle="handle", VisibilityTimeout=0)
    aws("hide a batch", "sqs.change_message_visibility_batch", QueueUrl=url, Entries=hidden)
    aws("get the attributes", "sqs.get_queue_attributes", QueueUrl=url, AttributeNames=["All"])
    aws("set the attributes", "sqs.set_queue_attributes", QueueUrl=url, Attributes={"DelaySeconds": "1"})
    aws("tag", "sqs.tag_queue", QueueUrl=url, Tags={"team": "blue"})
    aws("untag", "sqs.untag_queue", QueueUrl=url, TagKeys=["team"])
    aws("list the tags", "sqs.list_queue_tags", QueueUrl=url)


def a_name_is_refused_for_its_characters_its_length_or_its_suffix(aws: Aws) -> None:
    fifo = {"FifoQueue": "true"}
    aws("a space", "sqs.create_queue", QueueName="two words")
    aws("nothing", "sqs.create_queue", QueueName="")
    aws("80 characters", "sqs.create_queue", QueueName="q" * 80)
    aws("81 characters", "sqs.create_queue", QueueName="q" * 81)
    aws("a suffix without the attribute", "sqs.create_queue", QueueName="orders.fifo")
    aws("the attribute without a suffix", "sqs.create_queue", QueueName="orders", Attributes=fifo)


def a_queue_has_the_default_attributes(aws: Aws) -> None:
    url = aws.make_queue()
    aws("all", "sqs.get_queue_attributes", QueueUrl=url, AttributeNames=["All"])
    aws("one", "sqs.get_queue_attributes", QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    aws("none", "sqs.get_queue_attributes", QueueUrl=url)
    aws("one that is unset", "sqs.get_queue_attributes", QueueUrl=url, AttributeNames=["RedrivePolicy"])
    aws("one that is unknown", "sqs.get_queue_attributes", QueueUrl=url, AttributeNames=["Colour"])


def a_fifo_queue_has_the_default_attributes(aws: Aws) -> None:
    url = aws.make_queue("orders.fifo")
    aws("all", "sqs.get_queue_attributes", QueueUrl=url, AttributeNames=["All"])


def attributes_are_set_and_read_back(aws: Aws) -> None:
    url = aws.make_queue()
    attributes = {
        "DelaySeconds": "5",
        "MaximumMessageSize": "2048",
        "MessageRetentionPeriod": "600",
        "ReceiveMessageWaitTimeSeconds": "3",
        "VisibilityTimeout": "7",
    }
    aws("set", "sqs.set_queue_attributes", QueueUrl=url, Attributes=attributes)
    aws("get", "sqs.get_queue_attributes", QueueUrl=url, AttributeNames=list(attributes))
    for name in attributes:
        aws(f"a bad {name}", "sqs.set_queue_attributes", QueueUrl=url, Attributes={name: "-1"})
    aws("an unknown name", "sqs.set_queue_attributes", QueueUrl=url, Attributes={"Colour": "blue"})
    aws("a name of FIFO queues", "sqs.set_queue_attributes", QueueUrl=url, Attributes={"FifoQueue": "true"})


def a_queue_is_made_again_only_with_the_same_attributes(aws: Aws) -> None:
    five, six = {"DelaySeconds": "5"}, {"DelaySeconds": "6"}
    aws("create", "sqs.create_queue", QueueName="orders", Attributes=five)
    aws("with the same", "sqs.create_queue", QueueName="orders", Attributes=five)
    aws("with none", "sqs.create_queue", QueueName="orders")
    aws("with others", "sqs.create_queue", QueueName="orders", Attributes=six)


def attributes_of_fifo_queues_are_refused_elsewhere(aws: Aws) -> None:
    for name, value in (
        ("ContentBasedDeduplication", "true"),
        ("DeduplicationScope", "queue"),
        ("FifoThroughputLimit", "perQueue"),
        ("FifoQueue", "false"),
    ):
        aws(f"{name} {value}", "sqs.create_queue", QueueName="orders", Attributes={name: value})


def a_redrive_policy_is_checked(aws: Aws) -> None:
    dead = aws.arn_of(aws.make_queue("dead"))
    dead_fifo = aws.arn_of(aws.make_queue("dead.fifo"))
    url = aws.make_queue()
    for step, policy in (
        ("good", {"deadLetterTargetArn": dead, "maxReceiveCount": 3}),
        ("a count as text", {"deadLetterTargetArn": dead, "maxReceiveCount": "3"}),
        ("no count", {"deadLetterTargetArn": dead}),
        ("no target", {"maxReceiveCount": 3}),
        ("a count of zero", {"deadLetterTargetArn": dead, "maxReceiveCount": 0}),
        ("a target that is absent", {"deadLetterTargetArn": dead + "er", "maxReceiveCount": 3}),
        ("a target of another type", {"deadLetterTargetArn": dead_fifo, "maxReceiveCount": 3}),
    ):
        attributes = {"RedrivePolicy": json.dumps(policy)}
        aws(step, "sqs.set_queue_attributes", QueueUrl=url, Attributes=attributes)
    aws("taken away", "sqs.set_queue_attributes", QueueUrl=url, Attributes={"RedrivePolicy": ""})
    aws("read", "sqs.get_queue_attributes", QueueUrl=url, AttributeNames=["RedrivePolicy"])


def tags_are_set_and_taken_away(aws: Aws) -> None:
    url = aws("create", "sqs.create_queue", QueueName="orders", tags={"team": "blue"})["QueueUrl"]
    aws("list", "sqs.list_queue_tags", QueueUrl=url)
    aws("tag", "sqs.tag_queue", QueueUrl=url, Tags={"team": "red", "stage": "test"})
    aws("list two", "sqs.list_queue_tags", QueueUrl=url)
    aws("untag", "sqs.untag_queue", QueueUrl=url, TagKeys=["team", "absent"])
    aws("list one", "sqs.list_queue_tags", QueueUrl=url)
    aws("untag the last", "sqs.untag_queue", QueueUrl=url, TagKeys=["stage"])
    aws("list none", "sqs.list_queue_tags", QueueUrl=url)
    too_many = {f"key{number}": "value" for number in range(51)}
    aws("too many tags", "sqs.tag_queue", QueueUrl=url, Tags=too_many)


def a_purge_takes_every_message(aws: Aws) -> None:
    url = aws.make_queue(VisibilityTimeout="0")
    aws("send", "sqs.send_message", QueueUrl=url, MessageBody="job")
    aws("send a delayed one", "sqs.send_message", QueueUrl=url, MessageBody="later", DelaySeconds=5)
    aws("purge", "sqs.purge_queue", QueueUrl=url)
    aws.advance(10)
    aws("receive", "sqs.receive_message", QueueUrl=url, MaxNumberOfMessages=10)
