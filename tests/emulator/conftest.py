"""An engine whose clock stands still until a test moves it."""

from collections.abc import Callable
from typing import Any

import pytest

from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.emulator.scope import Scope

MakeQueue = Callable[..., Queue]


@pytest.fixture
def engine() -> Engine:
    engine = Engine(Config(seed=1))
    engine.clock.freeze()
    engine.clock.set(1_000_000.0)
    return engine


@pytest.fixture
def scope(engine: Engine) -> Scope:
    return engine.scope("000000000000", "us-east-1")


@pytest.fixture
def make_queue(engine: Engine, scope: Scope) -> MakeQueue:
    def make(name: str = "orders", **settings: Any) -> Queue:
        return scope.sqs.create_queue(name, QueueSettings(**settings), {}, engine.clock.now())

    return make
