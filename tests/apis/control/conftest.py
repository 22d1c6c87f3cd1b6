"""The whole application without a socket: AWS's clients' calls and the control paths beside them."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from pocketbus.apis.app import create_app
from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.queues.queue_settings import QueueSettings

START = 1_767_225_600.0
"""2026-01-01T00:00:00Z"""


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    async with Engine(Config(seed=1)) as engine:
        engine.freeze()
        engine.clock.set(START)
        yield engine


@pytest.fixture
async def http(engine: Engine) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(engine))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:4566") as client:
        yield client


@pytest.fixture
def make_queue(engine: Engine) -> Callable[..., Queue]:
    def make(name: str = "orders", region: str = "us-east-1", **settings: object) -> Queue:
        scope = engine.scope("000000000000", region)
        return scope.sqs.create_queue(name, QueueSettings(**settings), {}, engine.clock.now())  # type: ignore[arg-type]

    return make
