"""Scheduler beside SQS, SNS and EventBridge, in an emulator whose clock a test moves."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from pocketbus import Emulator

ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/scheduler"
ARN = "arn:aws:{}:us-east-1:000000000000:{}".format
OFF = {"Mode": "OFF"}
START = "2026-01-01T10:00:00Z"

_ONCE = Config(retries={"total_max_attempts": 1})


class World:
    """An emulator of a test's own whose clock stands at START until the test moves it."""

    def __init__(self) -> None:
        self.emulator = Emulator(seed=1)

    def client(self, service: str) -> Any:
        return self.emulator.client(service, config=_ONCE)

    def begin(self) -> None:
        self.emulator.freeze()
        self.emulator.set(START)
        self.scheduler = self.client("scheduler")
        self.sqs = self.client("sqs")

    def queue(self, name: str = "q", **attributes: str) -> str:
        """Make a queue; return its ARN."""
        self.sqs.create_queue(QueueName=name, Attributes=attributes)
        return ARN("sqs", name)

    def url(self, name: str = "q") -> str:
        return f"http://localhost:4566/{ACCOUNT}/{name}"

    def schedule(self, expression: str, name: str = "s", target: Any = None, **settings: Any) -> Any:
        """Make a schedule that sends to the queue q, if nothing else is said."""
        return self.scheduler.create_schedule(
            **{
                "Name": name,
                "ScheduleExpression": expression,
                "FlexibleTimeWindow": OFF,
                "Target": {"Arn": ARN("sqs", "q"), "RoleArn": ROLE, **(target or {})},
                **settings,
            }
        )

    def messages(self, name: str = "q") -> list[Any]:
        """Take everything out of a queue."""
        found: list[Any] = []
        while messages := self.sqs.receive_message(
            QueueUrl=self.url(name), MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages"):
            found += messages
        return found

    def bodies(self, name: str = "q") -> list[str]:
        return [message["Body"] for message in self.messages(name)]

    def times(self, name: str = "q") -> list[str]:
        """Take the notifications out of a queue, and return the instants that they tell."""
        return [json.loads(body)["time"] for body in self.bodies(name)]

    def fired(self, name: str = "s") -> list[str]:
        """Return the instants at which a schedule fired, as the trace tells."""
        records = self.emulator.trace(resource=name, verb="fired")
        return [datetime.fromtimestamp(record.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for record in records]

    def to(self, instant: str) -> None:
        """Move the clock on to an instant."""
        self.emulator.advance(datetime.fromisoformat(instant).timestamp() - self.emulator.now())


@pytest.fixture(scope="session")
def one_world() -> Iterator[World]:
    world = World()
    with world.emulator:
        yield world


@pytest.fixture
def world(one_world: World) -> Iterator[World]:
    one_world.begin()
    yield one_world
    one_world.emulator.reset()


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[str, int, str]:
    """Return the code, the status and the text that a call is refused with."""
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    response = raised.value.response
    return (
        response["Error"]["Code"],
        response["ResponseMetadata"]["HTTPStatusCode"],
        response["Error"]["Message"],
    )
