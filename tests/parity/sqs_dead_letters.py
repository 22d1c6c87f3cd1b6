"""Dead-letter queues: which queues have one as theirs."""

import json

from tests.parity.aws import Aws


def the_sources_of_a_dead_letter_queue_are_listed(aws: Aws) -> None:
    dead = aws.make_queue("dead")
    policy = json.dumps({"deadLetterTargetArn": aws.arn_of(dead), "maxReceiveCount": 2})
    aws("none", "sqs.list_dead_letter_source_queues", QueueUrl=dead)
    aws.make_queue("a", RedrivePolicy=policy)
    aws.make_queue("b", RedrivePolicy=policy)
    aws.make_queue("c")
    aws("two", "sqs.list_dead_letter_source_queues", QueueUrl=dead)
    aws("of an absent queue", "sqs.list_dead_letter_source_queues", QueueUrl=dead + "er")
