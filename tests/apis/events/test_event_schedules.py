"""Scheduled rules from the wire to the queue, on a clock moved by hand."""

import json
from typing import Any

from starlette.types import ASGIApp

from pocketbus.apis.app import create_app
from pocketbus.apis.events.operations import events
from pocketbus.apis.sqs.operations import sqs
from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from tests.apis.asgi import ask

RULE = "arn:aws:events:us-east-1:000000000000:rule/r"
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
URL = "http://localhost:4566/000000000000/q"


async def call(app: ASGIApp, target: str, **params: Any) -> dict[str, Any]:
    reply = await ask(app, json.dumps(params).encode(), headers={"x-amz-target": target})
    assert reply.status == 200, reply.text
    answer: dict[str, Any] = json.loads(reply.body or b"{}")
    return answer


async def test_a_rule_put_on_the_wire_fires_when_the_clock_comes_to_it() -> None:
    engine = Engine(Config(seed=1))
    engine.clock.freeze()
    engine.clock.set(1_000_000.0)
    app = create_app(engine, [events, sqs])
    await call(app, "AmazonSQS.CreateQueue", QueueName="q")
    await call(app, "AWSEvents.PutRule", Name="r", ScheduleExpression="rate(5 minutes)")
    await call(app, "AWSEvents.PutTargets", Rule="r", Targets=[{"Id": "t", "Arn": QUEUE}])

    engine.advance(600)

    answer = await call(app, "AmazonSQS.ReceiveMessage", QueueUrl=URL, MaxNumberOfMessages=10)
    bodies = [json.loads(message["Body"]) for message in answer["Messages"]]
    assert [(body["resources"], body["time"]) for body in bodies] == [
        ([RULE], "1970-01-12T13:51:40Z"),
        ([RULE], "1970-01-12T13:56:40Z"),
    ]
