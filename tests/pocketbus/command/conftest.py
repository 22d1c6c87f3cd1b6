"""A running server with something in it, and the command as a shell would run it, without a process of its own."""

import json
import shlex
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from pocketbus import Emulator
from pocketbus.__main__ import main

QUEUE = "arn:aws:sqs:us-east-1:000000000000:jobs"


class Done(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Done]


@pytest.fixture(scope="module")
def served() -> Iterator[Emulator]:
    with Emulator(serve=True) as emulator:
        yield emulator


@pytest.fixture
def emulator(served: Emulator) -> Emulator:
    """Queues jobs (with the dead-letter queue jobs-dlq) and mails.fifo, a topic with a subscription, a rule."""
    served.reset()
    served.follow_the_system()
    sqs, sns, events = (served.client(name) for name in ("sqs", "sns", "events"))
    sqs.create_queue(QueueName="jobs-dlq")
    policy = json.dumps({"deadLetterTargetArn": f"{QUEUE}-dlq", "maxReceiveCount": 1})
    sqs.create_queue(QueueName="jobs", Attributes={"RedrivePolicy": policy})
    sqs.create_queue(QueueName="mails.fifo", Attributes={"FifoQueue": "true"})
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=QUEUE, Attributes={"FilterPolicy": '{"color": ["red"]}'}
    )
    pattern = '{"detail": {"total": [{"numeric": [">", 1000]}]}}'
    events.put_rule(Name="high-value", EventPattern=pattern)
    events.put_targets(Rule="high-value", Targets=[{"Id": "1", "Arn": QUEUE}])
    return served


@pytest.fixture
def send(emulator: Emulator) -> Callable[[str], str]:
    """Send a text to the queue jobs and return its id."""

    def send(text: str) -> str:
        url = "http://localhost:4566/000000000000/jobs"
        message_id: str = emulator.client("sqs").send_message(QueueUrl=url, MessageBody=text)["MessageId"]
        return message_id

    return send


@pytest.fixture
def run(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], Done]:
    """Run a command line, which finds the server by its environment."""
    monkeypatch.setenv("POCKETBUS_URL", emulator.url)
    monkeypatch.setenv("COLUMNS", "80")

    def run(line: str) -> Done:
        program, *arguments = shlex.split(line)
        assert program == "pocketbus"
        try:
            status = main(arguments)
        except SystemExit as end:
            status = int(end.code or 0)
        return Done(status, *capsys.readouterr())

    return run
