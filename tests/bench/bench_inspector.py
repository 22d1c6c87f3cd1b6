"""What the page and the metrics cost the processor, in this process and without HTTP."""

import asyncio
import time

from starlette.types import ASGIApp

from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.message import Text
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.inspector.mount import create_inspected_app
from tests.apis.asgi import ask
from tests.bench.table import Row

QUEUES, MESSAGES = 1000, 100_000
_TIMES = 7
_ACCOUNT, _REGION = "000000000000", "us-east-1"
_PAGE = f"queue=arn:aws:sqs:{_REGION}:{_ACCOUNT}:q0"


def rows() -> list[Row]:
    return [
        Row(
            f"a scrape of {QUEUES:,} queues",
            1000 * asyncio.run(_seconds(_app(QUEUES, 0), "/metrics")),
            50,
            " ms",
            at_least=False,
        ),
        Row(
            f"the page of a queue with {MESSAGES:,} messages",
            1000 * asyncio.run(_seconds(_app(1, MESSAGES), "/_pocketbus/ui/queue", _PAGE)),
            1000,
            " ms",
            at_least=False,
        ),
    ]


def _app(queues: int, messages: int) -> ASGIApp:
    engine = Engine(Config(seed=1))
    now = engine.clock.now()
    content = Text('{"total": 1}' * 20)
    for number in range(queues):
        queue = engine.scope(_ACCOUNT, _REGION).sqs.create_queue(f"q{number}", QueueSettings(), {}, now)
        for _ in range(messages):
            queue.send(content, now, sender_id=_ACCOUNT)
    return create_inspected_app(engine, "http://localhost:4566")


async def _seconds(app: ASGIApp, path: str, query: str = "") -> float:
    """Take the least of several times; the first loads what is needed."""
    return min([await _once(app, path, query) for _ in range(_TIMES)])


async def _once(app: ASGIApp, path: str, query: str) -> float:
    began = time.process_time()
    answer = await ask(app, method="GET", path=path, query=query)
    seconds = time.process_time() - began
    if answer.status != 200:
        raise OSError(answer.body.decode())
    return seconds
