"""The real application with SQS and SNS under uvicorn, and clients of a fresh account for each test."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import boto3
import pytest
import uvicorn
from botocore.config import Config
from botocore.exceptions import ClientError

from pocketbus.apis.app import create_app
from pocketbus.apis.sns.operations import sns
from pocketbus.apis.sqs.operations import sqs
from pocketbus.emulator.engine import Engine

_accounts = count(100_000_000_000)


@pytest.fixture(scope="session")
def sns_engine() -> Engine:
    return Engine()


@pytest.fixture(scope="session")
def sns_url(sns_engine: Engine) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(create_app(sns_engine, (sqs, sns)), log_level="warning"))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def session() -> Any:
    return boto3.Session()


@dataclass(frozen=True)
class Account:
    """One AWS account: its id, and clients in any region."""

    id: str
    client: Callable[..., Any]


@pytest.fixture
def account(sns_url: str, session: Any) -> Account:
    number = str(next(_accounts))

    def client(service: str, region: str = "us-east-1") -> Any:
        return session.client(
            service,
            endpoint_url=sns_url,
            region_name=region,
            aws_access_key_id=number,
            aws_secret_access_key="x",
            config=Config(parameter_validation=False, retries={"max_attempts": 1, "mode": "standard"}),
        )

    return Account(number, client)


@pytest.fixture
def sns_client(account: Account) -> Any:
    return account.client("sns")


@pytest.fixture
def sqs_client(account: Account) -> Any:
    return account.client("sqs")


@pytest.fixture
def topic_arn(sns_client: Any) -> str:
    arn: str = sns_client.create_topic(Name="news")["TopicArn"]
    return arn


@pytest.fixture
def fifo_topic_arn(sns_client: Any) -> str:
    arn: str = sns_client.create_topic(Name="news.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    return arn


@dataclass(frozen=True)
class Endpoint:
    """A queue to subscribe, and what it received since it was last asked."""

    arn: str
    url: str
    receive: Callable[[], list[dict[str, Any]]]

    def bodies(self) -> list[str]:
        return [message["Body"] for message in self.receive()]

    def messages(self) -> list[str]:
        """Return the published messages that the envelopes hold."""
        return [json.loads(body)["Message"] for body in self.bodies()]


@pytest.fixture
def make_endpoint(account: Account, sqs_client: Any) -> Callable[..., Endpoint]:
    def make(name: str = "orders", **attributes: str) -> Endpoint:
        url = sqs_client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

        def receive() -> list[dict[str, Any]]:
            answer = sqs_client.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=10,
                MessageAttributeNames=["All"],
                MessageSystemAttributeNames=["All"],
            )
            return list(answer.get("Messages", []))

        return Endpoint(f"arn:aws:sqs:us-east-1:{account.id}:{name}", url, receive)

    return make


@pytest.fixture
def refusal() -> Callable[..., tuple[str, str, int]]:
    """Call what must be refused; return the code, the message and the status."""

    def refused(call: Callable[..., Any], **params: Any) -> tuple[str, str, int]:
        with pytest.raises(ClientError) as caught:
            call(**params)
        response: Any = caught.value.response
        error = response["Error"]
        return error["Code"], error["Message"], response["ResponseMetadata"]["HTTPStatusCode"]

    return refused
