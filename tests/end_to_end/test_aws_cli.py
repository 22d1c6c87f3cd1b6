"""SQS by the AWS CLI against the command."""

import json
import os
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.conftest import Server

Run = Callable[..., Any]


@pytest.fixture
def aws(server: Server, account: str, tmp_path: Path) -> Run:
    """Run `aws sqs …` with nothing from the user's own settings, and return what it prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "AWS_PAGER": "",
    }
    program = Path(sys.executable).with_name("aws")

    def run(*arguments: str, fails: bool = False) -> Any:
        done = subprocess.run(
            [program, "--endpoint-url", server.url, "sqs", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert bool(done.returncode) == fails, done.stderr
        if fails:
            return done.stderr
        return json.loads(done.stdout) if done.stdout else None

    return run


def test_a_message_is_sent_received_and_deleted(aws: Run, server: Server, account: str) -> None:
    url = aws("create-queue", "--queue-name", "orders")["QueueUrl"]
    attributes = '{"city":{"DataType":"String","StringValue":"Bern"}}'
    aws("send-message", "--queue-url", url, "--message-body", "job", "--message-attributes", attributes)
    received = aws("receive-message", "--queue-url", url, "--message-attribute-names", "All")
    (message,) = received["Messages"]
    aws("delete-message", "--queue-url", url, "--receipt-handle", message["ReceiptHandle"])
    counts = aws("get-queue-attributes", "--queue-url", url, "--attribute-names", "All")["Attributes"]

    assert url == f"{server.url}/{account}/orders"
    assert (message["Body"], message["MessageAttributes"]) == ("job", json.loads(attributes))
    assert counts["ApproximateNumberOfMessages"] == counts["ApproximateNumberOfMessagesNotVisible"] == "0"


def test_a_fifo_queue_answers_a_duplicate_as_the_first(aws: Run) -> None:
    attributes = "FifoQueue=true,ContentBasedDeduplication=true"
    url = aws("create-queue", "--queue-name", "orders.fifo", "--attributes", attributes)["QueueUrl"]
    message = ("--queue-url", url, "--message-body", "job", "--message-group-id", "g")
    first = aws("send-message", *message)

    assert aws("send-message", *message) == first
    assert len(first["SequenceNumber"]) == 20


def test_binary_attributes_keep_their_bytes(aws: Run) -> None:
    url = aws("create-queue", "--queue-name", "photos")["QueueUrl"]
    attributes = '{"photo":{"DataType":"Binary","BinaryValue":"pixels"}}'
    aws("send-message", "--queue-url", url, "--message-body", "job", "--message-attributes", attributes)
    (received,) = aws("receive-message", "--queue-url", url, "--message-attribute-names", "All")["Messages"]

    assert b64decode(received["MessageAttributes"]["photo"]["BinaryValue"]) == b"pixels"


def test_an_error_is_told_as_aws_tells_it(aws: Run) -> None:
    told = aws("get-queue-url", "--queue-name", "absent", fails=True)

    assert "(AWS.SimpleQueueService.NonExistentQueue)" in told
    assert "The specified queue does not exist." in told
