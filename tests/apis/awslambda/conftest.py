"""Lambda beside SQS, SNS and EventBridge, in an emulator whose clock a test moves."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from pocketbus import Emulator

ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/function"
ARN = "arn:aws:{}:us-east-1:000000000000:{}".format
FUNCTION = ARN("lambda", "function:orders")
QUEUE = ARN("sqs", "q")
START = 1_767_225_600

_ONCE = Config(retries={"total_max_attempts": 1})


class World:
    """An emulator of a test's own whose clock stands at START until the test moves it.

    `events` are what the function `orders` was given, `answers` what it answers: each in turn, the last one for ever.
    An answer that is an exception is raised.
    """

    def __init__(self, **settings: Any) -> None:
        self.emulator = Emulator(seed=1, **settings)
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """Return the one client of a service: to make one takes longer than most tests."""
        if service not in self._clients:
            self._clients[service] = self.emulator.client(service, config=_ONCE)
        return self._clients[service]

    def begin(self) -> None:
        self.emulator.freeze()
        self.emulator.set(START)
        self.functions = self.client("lambda")
        self.sqs = self.client("sqs")
        self.events: list[Any] = []
        self.answers: list[Any] = [None]

    def run(self, name: str = "orders") -> None:
        """Let this process run the function."""

        def handler(event: Any, _context: Any) -> Any:
            self.events.append(event)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            answer = answer(event) if callable(answer) else answer
            if isinstance(answer, Exception):
                raise answer
            return answer

        self.emulator.on_lambda(ARN("lambda", f"function:{name}"), handler)

    def create(self, name: str = "orders", **settings: Any) -> Any:
        """Create a function."""
        return self.functions.create_function(
            **{
                "FunctionName": name,
                "Role": ROLE,
                "Runtime": "python3.13",
                "Handler": "app.handler",
                "Code": {"ZipFile": b"zip"},
                **settings,
            }
        )

    def queue(self, name: str = "q", **attributes: str) -> str:
        """Make a queue; return its URL."""
        url: str = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        return url

    def url(self, name: str = "q") -> str:
        return f"http://localhost:4566/{ACCOUNT}/{name}"

    def send(self, *bodies: str, queue: str = "q", **more: Any) -> list[str]:
        """Send messages and let the function take them; return their ids."""
        ids = [
            self.sqs.send_message(QueueUrl=self.url(queue), MessageBody=body, **more)["MessageId"]
            for body in bodies
        ]
        self.emulator.advance(0)
        return ids

    def map(self, queue: str = "q", function: str = "orders", **settings: Any) -> Any:
        """Map a queue to a function; return the mapping."""
        return self.functions.create_event_source_mapping(
            EventSourceArn=ARN("sqs", queue), FunctionName=function, **settings
        )

    def held(self, queue: str = "q") -> list[str]:
        """Return the bodies of all that a queue has, whatever its state."""
        return [message.body for message in self.emulator.messages(queue)]

    def batches(self) -> list[list[str]]:
        """Return the bodies of the messages of each invocation."""
        return [[record["body"] for record in event["Records"]] for event in self.events]

    def advance(self, seconds: float) -> None:
        self.emulator.advance(seconds)

    def messages(self, queue: str) -> list[Any]:
        """Receive what a queue has."""
        found: list[Any] = self.sqs.receive_message(
            QueueUrl=self.url(queue), MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages", [])
        return found


@pytest.fixture(scope="module")
def one_world() -> Iterator[World]:
    world = World()
    with world.emulator:
        yield world


@pytest.fixture
def world(one_world: World) -> Iterator[World]:
    one_world.emulator.call(lambda engine: engine.functions.forget_handlers())
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


def report(*message_ids: str) -> dict[str, Any]:
    """Return what a function answers that could not handle some messages."""
    return {"batchItemFailures": [{"itemIdentifier": one} for one in message_ids]}


def payload(answer: Any) -> Any:
    return json.loads(answer["Payload"].read())
