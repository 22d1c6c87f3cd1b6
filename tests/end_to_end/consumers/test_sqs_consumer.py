"""Node's sqs-consumer with the AWS SDK for JavaScript."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.end_to_end.consumers.conftest import PACKAGES, Start
from tests.end_to_end.consumers.program import Program


@pytest.fixture
def sqs(connect: Callable[..., Any]) -> Any:
    return connect("sqs")


@pytest.fixture
def queue_url(sqs: Any) -> str:
    """Return the URL of a queue whose messages return late, unless they are made visible."""
    attributes = {"VisibilityTimeout": "300"}
    url: str = sqs.create_queue(QueueName="orders", Attributes=attributes)["QueueUrl"]
    return url


@pytest.fixture
def consumer(start: Start, node: str, queue_url: str) -> Program:
    """Return a consumer of the queue that is ready."""
    program = start(node, "sqs_consumer.cjs", queue_url, NODE_PATH=str(PACKAGES))
    program.wait_for("^ready")
    return program


def test_a_node_consumer_handles_ten_messages(
    consumer: Program, sqs: Any, queue_url: str, wait_until_empty: Callable[[Any, str], None]
) -> None:
    entries = [{"Id": str(number), "MessageBody": f"order {number}"} for number in range(10)]

    sqs.send_message_batch(QueueUrl=queue_url, Entries=entries)

    assert sorted(consumer.wait_for("^handled", times=10)) == [
        f"handled order {number}" for number in range(10)
    ]
    wait_until_empty(sqs, queue_url)


def test_a_message_that_a_node_consumer_could_not_handle_returns(
    consumer: Program, sqs: Any, queue_url: str, wait_until_empty: Callable[[Any, str], None]
) -> None:
    sqs.send_message(QueueUrl=queue_url, MessageBody="fail once, please")

    assert consumer.wait_for("^handled") == ["handled fail once, please"]
    assert len(consumer.said("^refused")) == 1
    wait_until_empty(sqs, queue_url)


def test_a_node_consumer_that_stopped_amid_a_long_poll_takes_no_message(
    consumer: Program, sqs: Any, queue_url: str, wait_until_empty: Callable[[Any, str], None]
) -> None:
    sqs.send_message(QueueUrl=queue_url, MessageBody="order 1")
    wait_until_empty(sqs, queue_url)

    consumer.terminate()
    consumer.end()
    sqs.send_message(QueueUrl=queue_url, MessageBody="order 2")

    (message,) = sqs.receive_message(QueueUrl=queue_url)["Messages"]
    assert message["Body"] == "order 2"
