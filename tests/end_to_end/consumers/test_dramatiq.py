"""Dramatiq workers with the SQS broker and its dead-letter queues."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.end_to_end.consumers.conftest import Start
from tests.end_to_end.consumers.program import Program

pytestmark = pytest.mark.usefixtures("python_consumers")


@pytest.fixture
def worker(start: Start) -> Program:
    """Return a worker that is ready."""
    program = start("dramatiq", "--processes", "1", "--threads", "1", "dramatiq_actors")
    program.wait_for("Worker process is ready")
    return program


@pytest.fixture
def send(start: Start) -> Callable[..., None]:
    """Send one message to an actor."""

    def send(actor: str, argument: str, delay_milliseconds: int = 0) -> None:
        start("python", "dramatiq_actors.py", actor, argument, str(delay_milliseconds)).end()

    return send


def test_a_message_that_its_dramatiq_actor_refuses_ends_in_the_dead_letter_queue(
    worker: Program,
    send: Callable[..., None],
    connect: Callable[..., Any],
    wait_until_empty: Callable[[Any, str], None],
) -> None:
    send("refuse", "order 17")

    worker.wait_for("ValueError: order 17")
    sqs = connect("sqs")
    dead = sqs.get_queue_url(QueueName="shop_default_dlq")["QueueUrl"]
    (message,) = sqs.receive_message(QueueUrl=dead, WaitTimeSeconds=10)["Messages"]
    content = json.loads(base64.b64decode(message["Body"]))
    assert (content["actor_name"], content["args"]) == ("refuse", ["order 17"])
    wait_until_empty(sqs, sqs.get_queue_url(QueueName="shop_default")["QueueUrl"])


def test_a_delayed_dramatiq_message_is_handled_when_it_is_due(
    worker: Program, send: Callable[..., None]
) -> None:
    before = time.time()

    send("greet", "Ada", delay_milliseconds=1000)

    (greeting,) = worker.wait_for("^hello Ada")
    assert float(greeting.split()[-1]) >= before + 1
