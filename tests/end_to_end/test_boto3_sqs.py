"""SQS by boto3 against the command: what a user's code does first, and what it does at its limits."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.end_to_end.conftest import Server

Connect = Callable[..., Any]


@pytest.fixture
def sqs(connect: Connect) -> Any:
    return connect("sqs")


def create_queue(sqs: Any, name: str = "orders", **attributes: str) -> str:
    url: str = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url


def test_a_queue_url_names_the_server_the_account_and_the_queue(
    sqs: Any, server: Server, account: str
) -> None:
    assert create_queue(sqs) == f"{server.url}/{account}/orders"


def test_a_message_with_attributes_comes_back_as_it_was_sent(sqs: Any) -> None:
    url = create_queue(sqs)
    attributes = {
        "city": {"DataType": "String", "StringValue": "Zürich"},
        "photo": {"DataType": "Binary", "BinaryValue": bytes(range(256))},
    }
    sqs.send_message(QueueUrl=url, MessageBody="déjà vu \U0001f600", MessageAttributes=attributes)
    (message,) = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]

    assert message["Body"] == "déjà vu \U0001f600"
    assert message["MessageAttributes"] == attributes


def test_a_message_of_a_mebibyte_passes_and_a_byte_more_does_not(sqs: Any) -> None:
    url = create_queue(sqs)
    body = "x" * 1_048_576
    sent = sqs.send_message(QueueUrl=url, MessageBody=body)

    assert sent["MD5OfMessageBody"] == hashlib.md5(body.encode()).hexdigest()
    with pytest.raises(sqs.exceptions.ClientError, match="Message must be shorter than 1048576 bytes"):
        sqs.send_message(QueueUrl=url, MessageBody=body + "x")


def test_the_paginator_finds_every_queue(sqs: Any) -> None:
    names = {f"queue-{number:02}" for number in range(25)}
    for name in names:
        create_queue(sqs, name)
    pages = list(sqs.get_paginator("list_queues").paginate(PaginationConfig={"PageSize": 10}))

    assert [len(page["QueueUrls"]) for page in pages] == [10, 10, 5]
    assert {url.rpartition("/")[2] for page in pages for url in page["QueueUrls"]} == names


def test_other_accounts_and_other_regions_have_queues_of_their_own(connect: Connect) -> None:
    create_queue(connect("sqs"))

    assert "QueueUrls" not in connect("sqs", region_name="eu-west-1").list_queues()


def test_an_error_has_a_class_of_its_own(sqs: Any) -> None:
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.get_queue_url(QueueName="absent")


def test_a_fifo_queue_keeps_the_order_of_each_group(sqs: Any) -> None:
    url = create_queue(sqs, "orders.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    for number in range(9):
        sqs.send_message(QueueUrl=url, MessageBody=f"job {number}", MessageGroupId=f"group {number % 3}"[-1])
    bodies: dict[str, list[str]] = {}
    while messages := sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=2, AttributeNames=["MessageGroupId"]
    ).get("Messages"):
        for message in messages:
            bodies.setdefault(message["Attributes"]["MessageGroupId"], []).append(message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    assert bodies == {
        "0": ["job 0", "job 3", "job 6"],
        "1": ["job 1", "job 4", "job 7"],
        "2": ["job 2", "job 5", "job 8"],
    }


def test_poison_messages_end_in_the_dead_letter_queue(sqs: Any, account: str) -> None:
    dead = create_queue(sqs, "dead")
    policy = {"deadLetterTargetArn": f"arn:aws:sqs:us-east-1:{account}:dead", "maxReceiveCount": 1}
    url = create_queue(sqs, RedrivePolicy=json.dumps(policy), VisibilityTimeout="0")
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    sqs.receive_message(QueueUrl=url)

    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    assert [message["Body"] for message in sqs.receive_message(QueueUrl=dead)["Messages"]] == ["poison"]


def test_many_consumers_get_every_message_once(connect: Connect) -> None:
    sqs = connect("sqs")
    url = create_queue(sqs)

    def consume(_number: int) -> list[str]:
        """Take messages until one says that there are no more."""
        consumer = connect("sqs")
        bodies: list[str] = []
        while True:
            for message in consumer.receive_message(QueueUrl=url, WaitTimeSeconds=20).get("Messages", []):
                consumer.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                if message["Body"] == "end":
                    return bodies
                bodies.append(message["Body"])

    with ThreadPoolExecutor(4) as pool:
        consumers = pool.map(consume, range(4))
        for start in range(0, 200, 10):
            entries = [{"Id": str(n), "MessageBody": f"job {n}"} for n in range(start, start + 10)]
            assert "Failed" not in sqs.send_message_batch(QueueUrl=url, Entries=entries)
        for _ in range(4):
            sqs.send_message(QueueUrl=url, MessageBody="end")
        received = Counter(body for bodies in consumers for body in bodies)

    assert received == Counter(f"job {n}" for n in range(200))
