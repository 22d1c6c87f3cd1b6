"""A request that leaves nothing behind makes no scope, however many accounts and regions it names."""

import asyncio
import json
from typing import Any

import pytest

from pocketbus.apis.app import create_app
from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.trouble.incident import Where
from tests.apis.asgi import ask

DEFAULT_BUS = "arn:aws:events:eu-west-1:111111111111:event-bus/default"
READERS: dict[str, dict[str, Any]] = {
    "AmazonSQS.ListQueues": {},
    "AmazonSQS.GetQueueUrl": {"QueueName": "q", "QueueOwnerAWSAccountId": "222222222222"},
    "AmazonSQS.ReceiveMessage": {"QueueUrl": "http://localhost/333333333333/q"},
    "AmazonSQS.SendMessage": {
        "QueueUrl": "http://localhost/queue/ap-south-1/333333333333/q",
        "MessageBody": "x",
    },
    "AmazonSQS.DeleteQueue": {"QueueUrl": "q"},
    "AWSEvents.ListRules": {},
    "AWSEvents.DescribeEventBus": {},
    "AWSEvents.PutEvents": {"Entries": [{"Source": "s", "DetailType": "t", "Detail": "{}"}]},
    "AWSEvents.PutRule": {"Name": "r", "ScheduleExpression": "never"},
}
WRITERS: dict[str, dict[str, Any]] = {
    "AmazonSQS.CreateQueue": {"QueueName": "q"},
    "AWSEvents.CreateEventBus": {"Name": "shop"},
    "AWSEvents.PutRule": {"Name": "r", "EventPattern": '{"source": ["shop"]}'},
    "AWSEvents.TagResource": {"ResourceARN": DEFAULT_BUS, "Tags": [{"Key": "k", "Value": "v"}]},
    "AWSEvents.PutPermission": {
        "Action": "events:PutEvents",
        "Principal": "222222222222",
        "StatementId": "s",
    },
}


@pytest.fixture
def engine() -> Engine:
    return Engine(Config(seed=1))


async def request(engine: Engine, target: str, members: dict[str, Any], account: str = "111111111111") -> Any:
    credential = f"Credential={account}/20260101/eu-west-1/x/aws4_request"
    headers = {
        "x-amz-target": target,
        "content-type": "application/x-amz-json-1.1",
        "authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0",
    }
    return json.loads(
        (await ask(create_app(engine), json.dumps(members).encode(), headers=headers)).body or "{}"
    )


def places(engine: Engine) -> list[tuple[str, str]]:
    return [(scope.account, scope.region) for scope in engine.scopes]


@pytest.mark.parametrize("target", READERS)
async def test_what_leaves_nothing_behind_makes_no_scope(engine: Engine, target: str) -> None:
    await request(engine, target, READERS[target])

    assert (places(engine), engine.resources) == ([], {})


@pytest.mark.parametrize("target", WRITERS)
async def test_what_leaves_something_behind_makes_one(engine: Engine, target: str) -> None:
    answer = await request(engine, target, WRITERS[target])

    assert "__type" not in answer
    assert places(engine) == [("111111111111", "eu-west-1")]
    assert DEFAULT_BUS in engine.resources


async def test_the_default_bus_is_seen_in_an_untouched_region(engine: Engine) -> None:
    described = await request(engine, "AWSEvents.DescribeEventBus", {})
    listed = await request(engine, "AWSEvents.ListEventBuses", {})

    assert described["Arn"] == DEFAULT_BUS
    assert [bus["Arn"] for bus in listed["EventBuses"]] == [DEFAULT_BUS]


async def test_a_rule_reaches_the_default_bus_of_an_untouched_region(engine: Engine) -> None:
    here = "111111111111"
    rule = {"Name": "r", "EventPattern": '{"source": ["shop"]}'}
    there = "arn:aws:events:us-west-2:111111111111:event-bus/default"
    entry = {"Source": "shop", "DetailType": "t", "Detail": "{}"}
    await request(engine, "AWSEvents.PutRule", rule, here)
    role = "arn:aws:iam::111111111111:role/r"
    await request(
        engine,
        "AWSEvents.PutTargets",
        {"Rule": "r", "Targets": [{"Id": "1", "Arn": there, "RoleArn": role}]},
        here,
    )

    await request(engine, "AWSEvents.PutEvents", {"Entries": [entry]}, here)

    assert "undeliverable" not in [record.verb for record in engine.trace]


async def test_a_request_that_waits_keeps_what_it_is_about_to_write_to(engine: Engine) -> None:
    engine.faults.add("latency", Where(operation="CreateQueue"), {"delay": 0.05})
    creating = asyncio.create_task(request(engine, "AmazonSQS.CreateQueue", {"QueueName": "q"}))
    await asyncio.sleep(0.01)
    await request(engine, "AmazonSQS.ListQueues", {})

    await creating

    assert "arn:aws:sqs:eu-west-1:111111111111:q" in engine.resources
    assert len((await request(engine, "AmazonSQS.ListQueues", {}))["QueueUrls"]) == 1
