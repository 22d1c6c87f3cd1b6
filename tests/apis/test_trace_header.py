"""The X-Amzn-Trace-Id of a request goes with its messages, through SNS and EventBridge to a queue."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.types import ASGIApp

from pocketbus.apis.app import create_app
from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from tests.apis.asgi import ask

TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
QUEUE_ARN = "arn:aws:sqs:us-east-1:000000000000:orders"
TOPIC_ARN = "arn:aws:sns:us-east-1:000000000000:news"


class Caller:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def json(self, target: str, trace: str = "", **params: Any) -> dict[str, Any]:
        headers = {"x-amz-target": target, "content-type": "application/x-amz-json-1.0"}
        reply = await ask(self.app, json.dumps(params).encode(), headers=headers | _traced(trace))
        assert reply.status == 200, reply.text
        return json.loads(reply.body or b"{}")  # type: ignore[no-any-return]

    async def form(self, action: str, trace: str = "", **params: str) -> None:
        reply = await ask(self.app, urlencode({"Action": action, **params}).encode(), headers=_traced(trace))
        assert reply.status == 200, reply.text

    async def trace_headers(self) -> list[str]:
        answer = await self.json(
            "AmazonSQS.ReceiveMessage",
            QueueUrl="orders",
            MaxNumberOfMessages=10,
            MessageSystemAttributeNames=["AWSTraceHeader"],
        )
        return [message.get("Attributes", {}).get("AWSTraceHeader", "") for message in answer["Messages"]]


def _traced(trace: str) -> dict[str, str]:
    return {"x-amzn-trace-id": trace} if trace else {}


@pytest.fixture
async def caller() -> Caller:
    """A caller of a server with a queue, subscribed to a topic and the target of a rule."""
    caller = Caller(create_app(Engine(Config(seed=1))))
    await caller.json("AmazonSQS.CreateQueue", QueueName="orders")
    await caller.form("CreateTopic", Name="news")
    await caller.form("Subscribe", TopicArn=TOPIC_ARN, Protocol="sqs", Endpoint=QUEUE_ARN)
    await caller.json("AWSEvents.PutRule", Name="all", EventPattern='{"source":["shop"]}')
    await caller.json("AWSEvents.PutTargets", Rule="all", Targets=[{"Id": "q", "Arn": QUEUE_ARN}])
    return caller


async def test_publish_hands_it_on(caller: Caller) -> None:
    await caller.form("Publish", TRACE, TopicArn=TOPIC_ARN, Message="x")

    assert await caller.trace_headers() == [TRACE]


async def test_publish_batch_hands_it_on_with_each_entry(caller: Caller) -> None:
    entry = "PublishBatchRequestEntries.member"
    entries = {f"{entry}.{n}.{name}": str(n) for n in (1, 2) for name in ("Id", "Message")}
    await caller.form("PublishBatch", TRACE, TopicArn=TOPIC_ARN, **entries)

    assert await caller.trace_headers() == [TRACE, TRACE]


async def test_put_events_hands_it_on_where_an_entry_has_none_of_its_own(caller: Caller) -> None:
    event = {"Source": "shop", "DetailType": "placed", "Detail": "{}"}
    await caller.json("AWSEvents.PutEvents", TRACE, Entries=[event, event | {"TraceHeader": "Root=1-own"}])

    assert await caller.trace_headers() == [TRACE, "Root=1-own"]


async def test_without_it_messages_have_none(caller: Caller) -> None:
    await caller.form("Publish", TopicArn=TOPIC_ARN, Message="x")

    assert await caller.trace_headers() == [""]
