"""SQS by boto3's resources against the command."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.end_to_end.conftest import Server


@pytest.fixture
def sqs(server: Server, account: str) -> Iterator[Any]:
    session = boto3.Session(aws_access_key_id=account, aws_secret_access_key="test", region_name="us-east-1")
    resource = session.resource("sqs", endpoint_url=server.url)
    yield resource
    resource.meta.client.close()


def test_a_queue_is_found_by_its_name(sqs: Any) -> None:
    queue = sqs.create_queue(QueueName="orders")

    assert sqs.get_queue_by_name(QueueName="orders").url == queue.url
    assert [found.url for found in sqs.queues.all()] == [queue.url]


def test_a_queue_knows_its_attributes(sqs: Any, account: str) -> None:
    queue = sqs.create_queue(QueueName="orders", Attributes={"DelaySeconds": "5"})

    assert queue.attributes["QueueArn"] == f"arn:aws:sqs:us-east-1:{account}:orders"
    assert queue.attributes["DelaySeconds"] == "5"
    queue.set_attributes(Attributes={"DelaySeconds": "6"})
    queue.reload()
    assert queue.attributes["DelaySeconds"] == "6"


def test_messages_are_sent_received_hidden_and_deleted(sqs: Any) -> None:
    queue = sqs.create_queue(QueueName="orders")
    queue.send_message(MessageBody="one")
    queue.send_messages(Entries=[{"Id": "2", "MessageBody": "two"}, {"Id": "3", "MessageBody": "three"}])
    one, two, three = queue.receive_messages(MaxNumberOfMessages=10, AttributeNames=["All"])

    assert [message.body for message in (one, two, three)] == ["one", "two", "three"]
    assert one.attributes["ApproximateReceiveCount"] == "1"
    one.delete()
    two.change_visibility(VisibilityTimeout=0)
    entry = {"Id": "3", "ReceiptHandle": three.receipt_handle}
    assert queue.delete_messages(Entries=[entry])["Successful"] == [{"Id": "3"}]
    assert [message.body for message in queue.receive_messages(MaxNumberOfMessages=10)] == ["two"]


def test_a_queue_is_purged_and_deleted(sqs: Any) -> None:
    queue = sqs.create_queue(QueueName="orders")
    queue.send_message(MessageBody="job")
    queue.purge()

    assert queue.receive_messages() == []
    queue.delete()
    with pytest.raises(sqs.meta.client.exceptions.QueueDoesNotExist):
        sqs.get_queue_by_name(QueueName="orders")
