"""What it costs that a queue calls a function: against a consumer of one's own, batches of ten each.

A callable in the process is compared with receiving and deleting in the engine, a worker over the Runtime API with a
consumer that asks for ten messages and deletes them by two requests, on one connection each.
"""

import asyncio
import json
from http.client import HTTPConnection
from statistics import median
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from pocketbus import Emulator
from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.functions.mapping_settings import MappingSettings
from pocketbus.emulator.message import Text
from pocketbus.emulator.queues.queue import Queue, ReceiveRequest
from pocketbus.emulator.queues.queue_settings import QueueSettings
from tests.bench.table import Row

MESSAGES, ROUNDS, BATCH = 2_000, 5, 10
ACCOUNT, REGION = "000000000000", "us-east-1"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"
RUNTIME = f"/_pocketbus/functions/{FUNCTION}/2018-06-01/runtime/invocation"


def _fill(engine: Engine) -> Queue:
    scope = engine.scope(ACCOUNT, REGION)
    queue = scope.sqs.queues.get("q") or scope.sqs.create_queue("q", QueueSettings(), {}, engine.clock.now())
    for number in range(MESSAGES):
        queue.send(Text(f"message {number}"), engine.clock.now(), sender_id=ACCOUNT)
    return queue


def _map(engine: Engine) -> None:
    queue_arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"
    engine.scope(ACCOUNT, REGION).functions.create_mapping(
        queue_arn, MappingSettings(FUNCTION, maximum_concurrency=2), {}, engine.clock.now()
    )


async def _by_mapping() -> float:
    async with Engine(Config(seed=1)) as engine:
        _fill(engine)
        handled, done = 0, asyncio.Event()
        loop = asyncio.get_running_loop()

        def handler(event: Any, _context: Any) -> None:
            nonlocal handled
            handled += len(event["Records"])
            if handled == MESSAGES:
                loop.call_soon_threadsafe(done.set)

        engine.functions.handle("f", handler)
        started = perf_counter()
        _map(engine)
        await done.wait()
        await engine.tasks.quiet()
        return perf_counter() - started


async def _by_hand() -> float:
    async with Engine(Config(seed=1)) as engine:
        queue = _fill(engine)
        started = perf_counter()
        while received := queue.receive(ReceiveRequest(BATCH), engine.clock.now()):
            for one in received:
                queue.delete(one.receipt_handle, engine.clock.now())
        return perf_counter() - started


def _by_worker() -> float:
    with Emulator(seed=1, serve=True) as emulator:
        connection = HTTPConnection(urlsplit(emulator.url).netloc)
        emulator.call(_fill)
        emulator.call(_map)
        started = perf_counter()
        handled = 0
        while handled < MESSAGES:
            connection.request("GET", f"{RUNTIME}/next")
            answer = connection.getresponse()
            request_id = answer.headers["Lambda-Runtime-Aws-Request-Id"]
            handled += len(json.loads(answer.read())["Records"])
            connection.request("POST", f"{RUNTIME}/{request_id}/response", b"null")
            connection.getresponse().read()
        return perf_counter() - started


def _by_consumer() -> float:
    with Emulator(seed=1, serve=True) as emulator:
        connection = HTTPConnection(urlsplit(emulator.url).netloc)
        emulator.call(_fill)
        url = f"{emulator.url}/{ACCOUNT}/q"
        started = perf_counter()
        handled = 0
        while handled < MESSAGES:
            messages = _ask(connection, "ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=BATCH)["Messages"]
            entries = [
                {"Id": str(place), "ReceiptHandle": message["ReceiptHandle"]}
                for place, message in enumerate(messages)
            ]
            _ask(connection, "DeleteMessageBatch", QueueUrl=url, Entries=entries)
            handled += len(messages)
        return perf_counter() - started


def _ask(connection: HTTPConnection, operation: str, **request: Any) -> Any:
    headers = {"X-Amz-Target": f"AmazonSQS.{operation}", "Content-Type": "application/x-amz-json-1.0"}
    connection.request("POST", "/", json.dumps(request), headers)
    return json.loads(connection.getresponse().read())


def rows() -> list[Row]:
    in_process = median(asyncio.run(_by_hand()) / asyncio.run(_by_mapping()) for _ in range(ROUNDS))
    attached = median(_by_consumer() / _by_worker() for _ in range(ROUNDS))
    return [
        Row("functions: messages to a callable, against receive and delete", in_process, 0.1),
        Row("functions: messages to a worker, against a consumer over HTTP", attached, 0.4),
    ]
