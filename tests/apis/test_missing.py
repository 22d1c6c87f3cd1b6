"""Who asks in the wrong account or region is told so by the log; the answer is AWS's."""

import json

import pytest
from starlette.types import ASGIApp

from pocketbus.apis.app import create_app
from pocketbus.emulator.engine import Engine
from tests.apis.asgi import ask, ask_form


@pytest.fixture(autouse=True)
def _as_by_default(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "pocketbus")


def signed(account: str, region: str, service: str = "sqs") -> dict[str, str]:
    credential = f"Credential={account}/20260101/{region}/{service}/aws4_request"
    return {"authorization": f"AWS4-HMAC-SHA256 {credential}, Signature=0"}


@pytest.fixture
def app() -> ASGIApp:
    return create_app(Engine())


async def test_a_queue_of_another_region_is_named(app: ASGIApp, caplog: pytest.LogCaptureFixture) -> None:
    created = b"Action=CreateQueue&QueueName=jobs"
    await ask(app, created, headers=signed("111111111111", "eu-west-1"))

    reply = await ask_form(app, Action="GetQueueUrl", QueueName="jobs")

    assert "<Code>AWS.SimpleQueueService.NonExistentQueue</Code>" in reply.text
    assert "eu-west-1" not in reply.text
    (record,) = caplog.records
    assert record.levelname == "INFO"
    assert record.getMessage().endswith(
        ": there is no arn:aws:sqs:us-east-1:000000000000:jobs; "
        "there is arn:aws:sqs:eu-west-1:111111111111:jobs: do the clients' access keys and regions agree?"
    )


@pytest.mark.parametrize(
    ("make", "ask_for", "place"),
    [
        (
            "Action=CreateTopic&Name=news",
            "Action=Publish&Message=hi&TopicArn=arn:aws:sns:us-east-1:000000000000:news",
            "arn:aws:sns:us-east-1:111111111111:news",
        ),
        (
            "Action=CreateQueue&QueueName=jobs",
            "Action=PurgeQueue&QueueUrl=http://localhost:4566/000000000000/jobs",
            "arn:aws:sqs:us-east-1:111111111111:jobs",
        ),
        (
            "Action=CreateQueue&QueueName=jobs",
            "Action=PurgeQueue&QueueUrl=http://localhost:4566/222222222222/jobs",
            "arn:aws:sqs:us-east-1:111111111111:jobs",
        ),
        (
            "Action=CreateQueue&QueueName=jobs",
            "Action=GetQueueUrl&QueueName=jobs&QueueOwnerAWSAccountId=222222222222",
            "arn:aws:sqs:us-east-1:111111111111:jobs",
        ),
    ],
)
async def test_of_another_account_too(
    app: ASGIApp, caplog: pytest.LogCaptureFixture, make: str, ask_for: str, place: str
) -> None:
    service = "sns" if "Topic" in make else "sqs"
    made = await ask(app, make.encode(), headers=signed("111111111111", "us-east-1", service))
    assert made.status == 200

    reply = await ask(app, ask_for.encode(), headers={"content-type": "application/x-www-form-urlencoded"})

    assert reply.status in {400, 404}
    assert f"there is {place}:" in caplog.text


async def test_a_bus_too(app: ASGIApp, caplog: pytest.LogCaptureFixture) -> None:
    async def call(operation: str, **members: object) -> int:
        headers = {"x-amz-target": f"AWSEvents.{operation}", "content-type": "application/x-amz-json-1.1"}
        region = "eu-west-1" if operation == "CreateEventBus" else "us-east-1"
        headers |= signed("000000000000", region)
        return (await ask(app, json.dumps(members).encode(), headers=headers)).status

    assert await call("CreateEventBus", Name="shop") == 200
    assert await call("ListRules", EventBusName="shop") == 400
    assert "there is arn:aws:events:eu-west-1:000000000000:event-bus/shop:" in caplog.text


async def test_what_is_nowhere_is_not_worth_a_line(app: ASGIApp, caplog: pytest.LogCaptureFixture) -> None:
    await ask_form(app, Action="GetQueueUrl", QueueName="jobs")

    assert caplog.records == []
