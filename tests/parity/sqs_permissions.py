"""Permissions on a queue: statements of its policy."""

import json

from tests.parity.aws import Aws

OTHER = "111122223333"


def _policy(aws: Aws, url: str, step: str) -> None:
    """Note the policy itself in the place of its text, whose order of keys means nothing."""
    result = aws(step, "sqs.get_queue_attributes", QueueUrl=url, AttributeNames=["Policy"])
    if "Attributes" in result:
        policy = json.loads(result["Attributes"]["Policy"])
        aws.transcript[step]["result"] = {"Attributes": {"Policy": policy}}


def permissions_are_added_and_removed(aws: Aws) -> None:
    url = aws.make_queue()
    add, who = "sqs.add_permission", [OTHER]
    aws("add", add, QueueUrl=url, Label="one", AWSAccountIds=who, Actions=["ReceiveMessage"])
    aws("add the same", add, QueueUrl=url, Label="one", AWSAccountIds=who, Actions=["SendMessage"])
    both = ["SendMessage", "DeleteMessage"]
    aws("add two actions", add, QueueUrl=url, Label="two", AWSAccountIds=who, Actions=both)
    _policy(aws, url, "the policy with two statements")
    aws("remove", "sqs.remove_permission", QueueUrl=url, Label="one")
    aws("remove it again", "sqs.remove_permission", QueueUrl=url, Label="one")
    _policy(aws, url, "the policy with one statement")


def permissions_are_checked(aws: Aws) -> None:
    url = aws.make_queue()
    add, who = "sqs.add_permission", [OTHER]
    aws("an action of the owner", add, QueueUrl=url, Label="a", AWSAccountIds=who, Actions=["DeleteQueue"])
    aws("an action that is none", add, QueueUrl=url, Label="a", AWSAccountIds=who, Actions=["Dance"])
    aws("an absent queue", add, QueueUrl=url + "s", Label="a", AWSAccountIds=who, Actions=["SendMessage"])
    aws("an absent label", "sqs.remove_permission", QueueUrl=url, Label="a")
