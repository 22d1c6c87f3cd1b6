"""EventBridge, SQS and SNS behind a real socket, with a fresh account for each test."""

import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
import uvicorn

from pocketbus.apis.app import create_app
from pocketbus.apis.events.operations import events as events_service
from pocketbus.apis.sns.operations import sns as sns_service
from pocketbus.apis.sqs.operations import sqs as sqs_service
from pocketbus.emulator.engine import Engine

ClientOf = Callable[[str, str], Any]
MakeQueue = Callable[..., tuple[str, str]]


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
