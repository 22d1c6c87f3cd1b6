"""What an app answers when it is handed a whole request: at once, unless something has to be waited for."""

import json
from collections.abc import MutableMapping
from typing import Any

import pytest
from starlette.types import ASGIApp

from pocketbus.apis.app import App, create_app
from pocketbus.apis.codec.answer import Answer
from pocketbus.emulator.config import Config
from pocketbus.emulator.deliveries.carrying import SLICE
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.emulator.topics.subscription import SubscriptionSettings
from pocketbus.emulator.topics.topic_settings import TopicSettings
from tests.apis.asgi import no_more, scope_of

ACCOUNT, REGION = "000000000000", "us-east-1"
TARGETS = {"sqs": "AmazonSQS", "events": "AWSEvents"}


@pytest.fixture
def engine() -> Engine:
    return Engine(Config(seed=1))


@pytest.fixture
def app(engine: Engine) -> App:
    return create_app(engine)


def answer(app: App, service: str, operation: str, **members: Any) -> ASGIApp:
    scope = scope_of(headers={"x-amz-target": f"{TARGETS[service]}.{operation}"})
    return app.answer(scope, dict(scope["headers"]), no_more, json.dumps(members).encode())


async def finished(later: ASGIApp) -> Any:
    """Return what is answered in the end."""
    messages: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        messages.append(message)

    await later(scope_of(), no_more, send)
    return json.loads(messages[1]["body"])


def test_an_operation_that_waits_for_nothing_is_answered_at_once(app: App) -> None:
    answer(app, "sqs", "CreateQueue", QueueName="jobs")
    sent = answer(app, "sqs", "SendMessage", QueueUrl="jobs", MessageBody="one")
    received = answer(app, "sqs", "ReceiveMessage", QueueUrl="jobs", WaitTimeSeconds=20)

    assert isinstance(sent, Answer)
    assert isinstance(received, Answer)
    assert json.loads(received.body)["Messages"][0]["Body"] == "one"


def test_a_mistake_is_answered_at_once(app: App) -> None:
    refused = answer(app, "sqs", "SendMessage", QueueUrl="jobs")

    assert isinstance(refused, Answer)
    assert (refused.status, dict(refused.headers)[b"x-amzn-query-error"]) == (
        400,
        b"MissingParameter;Sender",
    )


async def test_a_poll_of_an_empty_queue_receives_what_comes_before_it_begins_to_wait(app: App) -> None:
    answer(app, "sqs", "CreateQueue", QueueName="jobs")
    poll = answer(app, "sqs", "ReceiveMessage", QueueUrl="jobs", WaitTimeSeconds=20)
    answer(app, "sqs", "SendMessage", QueueUrl="jobs", MessageBody="one")

    assert not isinstance(poll, Answer)
    assert (await finished(poll))["Messages"][0]["Body"] == "one"


async def test_events_for_more_queues_than_one_slice_holds_are_answered_later(
    engine: Engine, app: App
) -> None:
    place = engine.scope(ACCOUNT, REGION)
    topic = place.sns.create_topic("news", TopicSettings(), {})
    for number in range(SLICE):
        queue = place.sqs.create_queue(f"q{number}", QueueSettings(), {}, 0.0)
        topic.subscribe("sqs", queue.arn, ACCOUNT, SubscriptionSettings(), "http://localhost:4566")
    answer(app, "events", "PutRule", Name="all", EventPattern='{"source": ["shop"]}')
    answer(app, "events", "PutTargets", Rule="all", Targets=[{"Id": "1", "Arn": topic.arn}])

    put = answer(
        app, "events", "PutEvents", Entries=[{"Source": "shop", "DetailType": "placed", "Detail": "{}"}]
    )
    assert not isinstance(put, Answer)
    assert (await finished(put))["FailedEntryCount"] == 0
    assert all(len(list(queue)) == 1 for queue in place.sqs.queues.values())


def test_a_control_path_answers_as_an_app(app: App) -> None:
    control = app.answer(scope_of(path="/_pocketbus/health"), {}, no_more, b"")

    assert not isinstance(control, Answer)
