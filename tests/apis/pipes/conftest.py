"""Pipes beside queues, topics, buses and functions, in an emulator whose clock a test moves."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.apis.awslambda.conftest import ARN
from tests.apis.awslambda.conftest import World as LambdaWorld
from tests.apis.events.remote.conftest import Api, api

__all__ = ["Api", "World", "api", "one_world", "world"]

ROLE = "arn:aws:iam::000000000000:role/pipe"
SOURCE, TARGET = ARN("sqs", "source"), ARN("sqs", "target")
PIPE = ARN("pipes", "pipe/p")


class World(LambdaWorld):
    """An emulator with the queues `source` and `target`. What the function `orders` gets is in `events`."""

    def begin(self) -> None:
        super().begin()
        self.pipes = self.client("pipes")
        self.queue("source", VisibilityTimeout="30")
        self.queue("target")

    def pipe(self, name: str = "p", **settings: Any) -> Any:
        """Create a pipe and let it run; without settings, from queue to queue."""
        made = self.pipes.create_pipe(
            **{"Name": name, "Source": SOURCE, "Target": TARGET, "RoleArn": ROLE, **settings}
        )
        self.advance(1)
        return made

    def update(self, name: str = "p", **settings: Any) -> Any:
        """Update a pipe and let it run again."""
        changed = self.pipes.update_pipe(Name=name, **{"RoleArn": ROLE, **settings})
        self.advance(1)
        return changed

    def put(self, *bodies: Any, queue: str = "source", **more: Any) -> list[str]:
        """Send bodies, those that are no texts as JSON, and let them pass; return the message ids."""
        texts = (body if isinstance(body, str) else json.dumps(body) for body in bodies)
        return self.send(*texts, queue=queue, **more)

    def records(self, queue: str = "target") -> list[Any]:
        """Return what a queue holds, read as JSON."""
        return [json.loads(body) for body in self.held(queue)]

    def destination(self, api: Api, path: str = "/orders", rate: int = 300) -> str:
        """Make an API destination of a real server; return its ARN."""
        events = self.client("events")
        connection = events.create_connection(
            Name="c",
            AuthorizationType="API_KEY",
            AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "k"}},
        )["ConnectionArn"]
        arn: str = events.create_api_destination(
            Name="d",
            ConnectionArn=connection,
            InvocationEndpoint=api.url + path,
            HttpMethod="POST",
            InvocationRateLimitPerSecond=rate,
        )["ApiDestinationArn"]
        return arn

    def captured(self) -> list[Any]:
        """Return what is in the outbox, each with its service, action and request."""
        return [
            (one.service, one.details.get("action"), json.loads(one.payload))
            for one in self.emulator.look("outbox")
        ]

    def feed(self, *records: Any, pipe: str = "p") -> list[str]:
        """Feed a pipe and let the records pass; return their ids."""
        ids: list[str] = self.emulator.feed(pipe, records)
        self.emulator.advance(0)
        return ids


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
