"""Long polls over real sockets: many at once, and clients that leave in the middle of one."""

import asyncio
import json
import socket
import struct
from collections.abc import Callable
from contextlib import AsyncExitStack, closing
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from starlette.types import ASGIApp, Message, Scope

from pocketbus import Emulator
from pocketbus.apis.app import create_app
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.message import State, Text
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.queues.queue_settings import QueueSettings
from tests.end_to_end.conftest import Server

QUEUES = 50
POLLS_A_QUEUE = 4
DEPARTURES = 100


class Connection:
    """A connection of our own over which requests are made by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def request(self, operation: str, **params: Any) -> None:
        self._writer.write(request(operation, **params))

    async def answer(self) -> Any:
        head = await self._reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        length = next(
            int(line.split(b":")[1])
            for line in head.lower().splitlines()
            if line.startswith(b"content-length:")
        )
        return json.loads(await self._reader.readexactly(length))

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


def request(operation: str, **params: Any) -> bytes:
    body = json.dumps(params).encode()
    return (
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.0\r\n"
        f"X-Amz-Target: AmazonSQS.{operation}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


async def connect(url: str) -> Connection:
    address = urlsplit(url)
    return Connection(*await asyncio.open_connection(address.hostname, address.port))


async def polls_waiting(emulator: Emulator, count: int) -> None:
    """Return once so many long polls wait: each has a timer for its end."""
    async with asyncio.timeout(10):
        while emulator.call(lambda engine: len(engine.timers)) < count:  # noqa: ASYNC110 - another loop's engine
            await asyncio.sleep(0)


async def test_two_hundred_long_polls_on_fifty_queues_are_each_woken_by_a_message_of_their_own() -> None:
    # The clock stands still, so that nothing but a message ends a poll.
    with Emulator(serve=True) as emulator:
        emulator.freeze()
        sqs = emulator.client("sqs")
        urls = [sqs.create_queue(QueueName=f"queue-{number}")["QueueUrl"] for number in range(QUEUES)]
        async with AsyncExitStack() as stack:
            connections: list[tuple[str, Connection]] = []
            for url in urls * POLLS_A_QUEUE:
                connection = await connect(emulator.url)
                stack.push_async_callback(connection.close)
                connection.request("ReceiveMessage", QueueUrl=url, WaitTimeSeconds=20)
                connections.append((url, connection))
            await polls_waiting(emulator, QUEUES * POLLS_A_QUEUE)
            for url in urls:
                entries = [{"Id": str(n), "MessageBody": f"{url} {n}"} for n in range(POLLS_A_QUEUE)]
                sqs.send_message_batch(QueueUrl=url, Entries=entries)
            answers = await asyncio.wait_for(
                asyncio.gather(*(connection.answer() for _, connection in connections)), 10
            )

    bodies = [[message["Body"] for message in answer["Messages"]] for answer in answers]
    assert [len(found) for found in bodies] == [1] * QUEUES * POLLS_A_QUEUE
    assert all(found[0].startswith(f"{url} ") for found, (url, _) in zip(bodies, connections, strict=True))
    assert len({found[0] for found in bodies}) == QUEUES * POLLS_A_QUEUE


async def test_long_polls_of_one_queue_are_answered_in_the_order_in_which_they_came() -> None:
    with Emulator(serve=True) as emulator:
        emulator.freeze()
        sqs = emulator.client("sqs")
        url = sqs.create_queue(QueueName="orders")["QueueUrl"]
        async with AsyncExitStack() as stack:
            connections = []
            for count in range(1, 11):
                connection = await connect(emulator.url)
                stack.push_async_callback(connection.close)
                connection.request("ReceiveMessage", QueueUrl=url, WaitTimeSeconds=20)
                await polls_waiting(emulator, count)
                connections.append(connection)
            for number in range(10):
                sqs.send_message(QueueUrl=url, MessageBody=str(number))
            answers = await asyncio.wait_for(asyncio.gather(*(each.answer() for each in connections)), 10)

    assert [answer["Messages"][0]["Body"] for answer in answers] == [str(number) for number in range(10)]


def _end(leaving: socket.socket) -> None:
    leaving.close()


def _abort(leaving: socket.socket) -> None:
    leaving.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    leaving.close()


def _half_close(leaving: socket.socket) -> None:
    leaving.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("leave", [_end, _abort, _half_close])
def test_a_client_that_leaves_in_the_middle_of_a_long_poll_never_takes_a_message(
    server: Server, account: str, leave: Callable[[socket.socket], None]
) -> None:
    address = urlsplit(server.url)
    assert address.hostname is not None
    assert address.port is not None
    with closing(HTTPConnection(address.hostname, address.port, timeout=10)) as staying:
        ask(staying, "CreateQueue", QueueName=account)
        for number in range(DEPARTURES):
            with socket.create_connection((address.hostname, address.port), timeout=10) as leaving:
                poll_until_it_waits(leaving, staying, account)
                leave(leaving)
                ask(staying, "SendMessage", QueueUrl=account, MessageBody=str(number))
                # The message may be on its way to the one who left; it comes back within this poll.
                received = ask(
                    staying,
                    "ReceiveMessage",
                    QueueUrl=account,
                    WaitTimeSeconds=5,
                    AttributeNames=["ApproximateReceiveCount"],
                )
                (message,) = received["Messages"]
                assert message["Body"] == str(number)
                assert message["Attributes"] == {"ApproximateReceiveCount": "1"}
                ask(staying, "DeleteMessage", QueueUrl=account, ReceiptHandle=message["ReceiptHandle"])


def poll_until_it_waits(leaving: socket.socket, staying: HTTPConnection, queue: str) -> None:
    """Start a long poll; the server reads from connections it knows in the order in which they were written to."""
    leaving.sendall(request("GetQueueUrl", QueueName=queue))
    while not leaving.recv(65_536).endswith(b"}"):
        pass
    leaving.sendall(request("ReceiveMessage", QueueUrl=queue, WaitTimeSeconds=20))
    ask(staying, "GetQueueUrl", QueueName=queue)


def ask(connection: HTTPConnection, operation: str, **params: Any) -> Any:
    headers = {"X-Amz-Target": f"AmazonSQS.{operation}", "Content-Type": "application/x-amz-json-1.0"}
    connection.request("POST", "/", json.dumps(params), headers)
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, body
    return json.loads(body or b"{}")


class Poll(NamedTuple):
    """A long poll as its ASGI server sees it; `leave` is set when its client goes away."""

    task: asyncio.Task[None]
    leave: asyncio.Event
    sent: list[Message]


@pytest.fixture
def engine() -> Engine:
    engine = Engine()
    engine.clock.freeze()
    return engine


@pytest.fixture
def queue(engine: Engine) -> Queue:
    scope = engine.scope("000000000000", "us-east-1")
    return scope.sqs.create_queue("orders", QueueSettings(), {}, engine.clock.now())


@pytest.fixture
def app(engine: Engine) -> ASGIApp:
    return create_app(engine)


async def poll(app: ASGIApp, engine: Engine) -> Poll:
    """Start a long poll and return once it waits."""
    body = json.dumps({"QueueUrl": "orders", "WaitTimeSeconds": 20}).encode()
    scope: Scope = {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "path": "/",
        "query_string": b"",
        "headers": [(b"x-amz-target", b"AmazonSQS.ReceiveMessage")],
    }
    requests = iter([{"type": "http.request", "body": body}])
    leave = asyncio.Event()
    sent: list[Message] = []

    async def receive() -> Message:
        for message in requests:
            return message
        await leave.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    already = len(engine.timers)
    task = asyncio.ensure_future(app(scope, receive, send))
    async with asyncio.timeout(10):
        while len(engine.timers) == already:  # noqa: ASYNC110 - the engine tells nobody that a poll begins
            await asyncio.sleep(0)
    await asyncio.sleep(0)
    return Poll(task, leave, sent)


def send_job(engine: Engine, queue: Queue) -> None:
    queue.send(Text("job"), engine.clock.now(), sender_id="000000000000")


async def test_a_send_in_the_tick_of_the_departure_leaves_the_message_ready(
    app: ASGIApp, engine: Engine, queue: Queue
) -> None:
    leaving = await poll(app, engine)
    leaving.leave.set()
    send_job(engine, queue)
    await asyncio.wait_for(leaving.task, 5)

    assert leaving.sent == []
    assert [(message.state, message.receive_count) for message in queue] == [(State.READY, 0)]


async def test_a_departure_in_the_tick_of_the_send_leaves_the_message_ready(
    app: ASGIApp, engine: Engine, queue: Queue
) -> None:
    leaving = await poll(app, engine)
    send_job(engine, queue)
    leaving.leave.set()
    await asyncio.wait_for(leaving.task, 5)

    assert leaving.sent == []
    assert [(message.state, message.receive_count) for message in queue] == [(State.READY, 0)]


async def test_a_message_meant_for_one_who_leaves_goes_to_the_next_who_waits(
    app: ASGIApp, engine: Engine, queue: Queue
) -> None:
    leaving, staying = await poll(app, engine), await poll(app, engine)
    send_job(engine, queue)
    leaving.leave.set()
    await asyncio.wait_for(asyncio.gather(leaving.task, staying.task), 5)

    assert leaving.sent == []
    (message,) = json.loads(staying.sent[1]["body"])["Messages"]
    assert message["Body"] == "job"


async def test_many_departures_in_one_tick_with_many_sends_lose_nothing(
    app: ASGIApp, engine: Engine, queue: Queue
) -> None:
    polls = [await poll(app, engine) for _ in range(20)]
    for number, each in enumerate(polls):
        if number % 2:
            each.leave.set()
        send_job(engine, queue)
    await asyncio.wait_for(asyncio.wait([each.task for each in polls[::2]]), 5)
    await asyncio.wait_for(asyncio.wait([each.task for each in polls[1::2]]), 5)

    answered = sum(bool(each.sent) for each in polls)
    assert answered == 10
    assert (queue.count(State.IN_FLIGHT), queue.count(State.READY)) == (10, 10)


async def test_a_long_poll_answers_nothing_once_its_seconds_are_over(
    app: ASGIApp, engine: Engine, queue: Queue
) -> None:
    waiting = await poll(app, engine)
    engine.advance(20)
    await asyncio.wait_for(waiting.task, 5)

    assert json.loads(waiting.sent[1]["body"]) == {}
