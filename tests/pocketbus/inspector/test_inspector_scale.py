"""Large queues and many viewers: what is shown is bounded, and others are served meanwhile."""

import asyncio
import sys
from typing import Any, NamedTuple

from starlette.types import ASGIApp

from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.message import Text
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.inspector.app import VIEWS
from pocketbus.inspector.mount import create_inspected_app
from tests.apis.asgi import ask, ask_form

MESSAGES = 100_000
ARN = "arn:aws:sqs:us-east-1:000000000000:deep"


def deep_queue(messages: int = MESSAGES) -> tuple[ASGIApp, Engine]:
    engine = Engine(Config(seed=1))
    queue = Queue(ARN, "000000000000", QueueSettings(), engine, engine.clock.now())
    engine.resources[ARN] = queue
    content, now = Text('{"total": 1}' * 20), engine.clock.now()
    for _ in range(messages):
        queue.send(content, now, sender_id="me")
    return create_inspected_app(engine, "http://localhost:4566"), engine


async def test_a_queue_with_100_000_messages_opens_with_a_bounded_part_of_them() -> None:
    app, _ = deep_queue()

    page = await ask(app, method="GET", path="/_pocketbus/ui/queue", query=f"queue={ARN}")

    assert page.status == 200
    assert page.body.count(b"/_pocketbus/ui/message?id=") == 50
    assert b"1 to 50 of 100,000" in page.body
    assert len(page.body) < 100_000


async def test_others_are_served_while_ten_pages_of_a_deep_queue_are_made() -> None:
    app, _ = deep_queue()
    await ask_form(app, Action="CreateQueue", QueueName="small")
    served = 0
    pages = [
        asyncio.ensure_future(ask(app, method="GET", path="/_pocketbus/ui/queue", query=f"queue={ARN}"))
        for _ in range(10)
    ]
    while not all(page.done() for page in pages):
        assert (await ask_form(app, Action="GetQueueUrl", QueueName="small")).status == 200
        served += 1
        await asyncio.sleep(0)

    assert [page.result().status for page in pages] == [200] * 10
    # Each page gives way to others dozens of times.
    assert served > 40


class Work(NamedTuple):
    """Calls of functions: those that a page took in all, and the most in one turn, for which all others waited."""

    whole: int
    longest_turn: int


async def work_of(app: ASGIApp, view: str) -> Work:
    calls, done = 0, False
    turns: list[int] = []

    def count(_frame: object, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    async def watch_turns() -> None:
        while not done:
            before = calls
            await asyncio.sleep(0)
            turns.append(calls - before)

    path = f"/_pocketbus/ui/{view}" if view else "/_pocketbus/ui"
    query = f"queue={ARN}" if view == "queue" else ""
    await ask(app, method="GET", path=path, query=query)  # its template is compiled
    watching = asyncio.ensure_future(watch_turns())
    sys.setprofile(count)
    try:
        page = await ask(app, method="GET", path=path, query=query)
    finally:
        sys.setprofile(None)
        done = True
    await watching
    assert page.status == 200
    return Work(calls, max(turns))


async def test_no_view_takes_more_work_for_100_000_messages_than_for_200_nor_others_longer_waits() -> None:
    (few, _), (many, _) = deep_queue(200), deep_queue()

    for view in VIEWS:
        least, most = await work_of(few, view), await work_of(many, view)

        # Most is 34,000 for the queue, 67,000 for Live, which shows 200 records, and below 10,000 elsewhere.
        assert most.whole < 200_000, view
        assert most.whole < 1.5 * least.whole, view
        assert most.longest_turn < 1.5 * least.longest_turn, view
