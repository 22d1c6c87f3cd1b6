"""EventBridge, SQS and SNS behind a real socket, with a fresh account for each test."""

import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import boto3
import pytest
import uvicorn
from botocore.config import Config

from pocketbus import Emulator
from pocketbus.apis.app import create_app
from pocketbus.apis.events.operations import events as events_service
from pocketbus.apis.sns.operations import sns as sns_service
from pocketbus.apis.sqs.operations import sqs as sqs_service
from pocketbus.emulator.engine import Engine

ClientOf = Callable[[str, str], Any]
MakeQueue = Callable[..., tuple[str, str]]

ONCE = Config(retries={"total_max_attempts": 1})
"""botocore takes some refusals for passing ones, and would wait and ask again."""


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    app = create_app(Engine(), [events_service, sns_service, sqs_service])
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def account_numbers() -> Iterator[int]:
    return itertools.count(100_000_000_001)


@pytest.fixture
def account(account_numbers: Iterator[int]) -> str:
    return str(next(account_numbers))


@pytest.fixture
def client_of(endpoint: str) -> ClientOf:
    def client(service: str, account: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id=account,
            aws_secret_access_key="test",
            config=ONCE,
        )

    return client


@pytest.fixture
def events(client_of: ClientOf, account: str) -> Any:
    return client_of("events", account)


@pytest.fixture
def sqs(client_of: ClientOf, account: str) -> Any:
    return client_of("sqs", account)


@pytest.fixture
def sns(client_of: ClientOf, account: str) -> Any:
    return client_of("sns", account)


@pytest.fixture
def make_queue(sqs: Any) -> MakeQueue:
    """Make a queue; return its URL and its ARN."""

    def make(name: str = "q", **attributes: str) -> tuple[str, str]:
        url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, found["Attributes"]["QueueArn"]

    return make


class World:
    """An emulator of a test's own whose clock stands at NOW, 10:00 on 1 January 2026, until the test moves it."""

    NOW = 1_767_261_600.0
    ACCOUNT = "000000000000"

    def __init__(self) -> None:
        self.emulator = Emulator(seed=1)
        self.client = cache(self._client)

    def _client(self, service: str, region: str = "us-east-1", account: str = ACCOUNT) -> Any:
        return self.emulator.client(service, region_name=region, aws_access_key_id=account, config=ONCE)

    @property
    def events(self) -> Any:
        return self.client("events")

    @property
    def sqs(self) -> Any:
        return self.client("sqs")

    def queue(self, name: str = "q", region: str = "us-east-1") -> tuple[str, str]:
        """Make a queue; return its URL and its ARN."""
        url = self.client("sqs", region).create_queue(QueueName=name)["QueueUrl"]
        return url, f"arn:aws:sqs:{region}:{self.ACCOUNT}:{name}"

    def bodies(self, url: str, region: str = "us-east-1") -> list[str]:
        """Take everything out of a queue."""
        sqs = self.client("sqs", region)
        found: list[str] = []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            found += [message["Body"] for message in messages]
        return found


@pytest.fixture(scope="session")
def one_world() -> Iterator[World]:
    world = World()
    with world.emulator:
        yield world


@pytest.fixture
def world(one_world: World) -> Iterator[World]:
    one_world.emulator.freeze()
    one_world.emulator.set(World.NOW)
    yield one_world
    one_world.emulator.reset()
