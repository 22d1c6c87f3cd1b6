"""EventBridge's Custom Event Bus beside the other services, in an emulator whose clock a test moves."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from pocketbus import Emulator

ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/subscriber"
ARN = "arn:aws:{}:us-east-1:000000000000:{}".format
NOON = "2026-01-01T12:00:00Z"

_ONCE = Config(retries={"total_max_attempts": 1}, parameter_validation=False)


class World:
    """An emulator of a test's own whose clock stands at NOON until the test moves it."""

    def __init__(self) -> None:
        self.emulator = Emulator(seed=1)
        self.client = cache(self._client)

    def _client(self, service: str, account: str = ACCOUNT, region: str = "us-east-1") -> Any:
        return self.emulator.client(service, config=_ONCE, aws_access_key_id=account, region_name=region)

    def begin(self) -> None:
        self.emulator.freeze()
        self.emulator.set(NOON)

    @property
    def buses(self) -> Any:
        return self.client("eventbridgev2")

    @property
    def sqs(self) -> Any:
        return self.client("sqs")

    def bus(self, name: str = "shop", days: int = 1, **settings: Any) -> str:
        """Make a bus, wait until it is active, and return its ARN."""
        storage = {"RetentionPeriodInDays": days}
        arn = self.buses.create_event_bus(Name=name, StorageConfiguration=storage, **settings)["EventBusArn"]
        self.emulator.advance(1)
        return str(arn)

    def queue(self, name: str = "q", **attributes: str) -> str:
        """Make a queue; return its ARN."""
        self.sqs.create_queue(QueueName=name, Attributes=attributes)
        return ARN("sqs", name)

    def subscribe(self, bus: str, name: str = "s", target: str | None = None, **settings: Any) -> str:
        """Make a subscriber that sends to the queue q, if nothing else is said; return its ARN."""
        invoke = {"TargetArn": target or ARN("sqs", "q"), "RoleArn": ROLE} | settings.pop("Invoke", {})
        made = self.buses.create_subscriber(
            Name=name, EventBusArn=bus, InvokeConfiguration=invoke, **settings
        )
        return str(made["SubscriberArn"])

    def put(self, bus: str, *details: Any, source: str = "shop", kind: str = "placed", **ids: str) -> Any:
        """Put events, each with a detail of its own; return what is answered for them."""
        entries: list[dict[str, Any]] = [
            {"Source": source, "DetailType": kind, "Detail": json.dumps(detail)} for detail in details
        ]
        for entry in entries if ids else ():
            entry["SystemMetadata"] = ids
        return self.buses.put_events(EventBusArn=bus, Entries=entries)["Entries"]

    def put_raw(
        self, bus: str, *data: bytes, kind: str = "application/json", metadata: Any = None, **ids: str
    ) -> Any:
        """Put raw events; return what is answered for them."""
        entries = [
            {"Data": one, "SystemMetadata": {"ContentType": kind, **ids}, "Metadata": metadata or {}}
            for one in data
        ]
        return self.buses.put_raw_events(EventBusArn=bus, Entries=entries)["Entries"]

    def messages(self, name: str = "q") -> list[Any]:
        """Take everything out of a queue."""
        found: list[Any] = []
        url = f"http://localhost:4566/{ACCOUNT}/{name}"
        while messages := self.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], AttributeNames=["All"]
        ).get("Messages"):
            found += messages
            for message in messages:
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def bodies(self, name: str = "q") -> list[str]:
        return [message["Body"] for message in self.messages(name)]

    def details(self, name: str = "q") -> list[Any]:
        """Take the envelopes out of a queue, and return their details."""
        return [json.loads(body)["detail"] for body in self.bodies(name)]

    def advance(self, seconds: float) -> None:
        self.emulator.advance(seconds)


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
