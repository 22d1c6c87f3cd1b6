"""Over HTTP: Publish to 1, 10 and 100 queues against the floor, and the deliveries that this makes in a second."""

from functools import partial
from statistics import median
from urllib.parse import urlencode

import uvloop

from scripts.ports import free_port
from tests.bench.bench_http import Served
from tests.bench.load import Caller, always, sqs_request
from tests.bench.processes import floor, pocketbus, wait_until_answered
from tests.bench.table import Row

SLICES = 2
BODY = "x" * 200

# How many queues, and the least part of the floor that a Publish to them all has to reach.
BUDGETS = {1: 0.3, 10: 0.15, 100: 0.02}
DELIVERIES_A_SECOND = 20_000


def rows() -> list[Row]:
    floor_port, our_port = free_port(), free_port()
    with floor(floor_port) as floor_process, pocketbus(our_port) as our_process:
        wait_until_answered(our_port)
        wait_until_answered(floor_port)
        base = Served(floor_process, floor_port)
        served = {queues: Served(our_process, our_port) for queues in BUDGETS}
        return uvloop.run(_measure(base, served))


async def _measure(base: Served, served: dict[int, Served]) -> list[Row]:
    topics = {queues: await _create_topic(server.port, queues) for queues, server in served.items()}
    message = sqs_request("SendMessage", MessageBody=BODY)
    for _ in range(SLICES):  # slices alternate, so that whatever else the machine does falls on all
        await base.slice(lambda: always(message))
        for queues, server in served.items():
            publish = sns_request("Publish", TopicArn=topics[queues], Message=BODY)
            await server.slice(partial(always, publish))
    against_floor = [
        Row(
            f"Publish to {queues} queues, against the floor",
            server.against(base),
            BUDGETS[queues],
        )
        for queues, server in served.items()
    ]
    deliveries = max(queues * median(server.answers) for queues, server in served.items())
    return [*against_floor, Row("deliveries of SNS to queues in a second", deliveries, DELIVERIES_A_SECOND)]


async def _create_topic(port: int, queues: int) -> str:
    """Make a topic with so many subscribed queues."""
    caller = await Caller.open(port)
    await caller.ask(sns_request("CreateTopic", Name=f"to-{queues}"))
    topic = f"arn:aws:sns:us-east-1:000000000000:to-{queues}"
    for number in range(queues):
        name = f"q-{queues}-{number}"
        queue = f"arn:aws:sqs:us-east-1:000000000000:{name}"
        await caller.ask(_request("sqs", Action="CreateQueue", QueueName=name))
        await caller.ask(sns_request("Subscribe", TopicArn=topic, Protocol="sqs", Endpoint=queue))
    caller.close()
    return topic


def sns_request(action: str, **members: str) -> bytes:
    """Render a query request as an SDK would sign and send it."""
    return _request("sns", Action=action, **members)


def _request(service: str, **members: str) -> bytes:
    body = urlencode(members).encode()
    head = (
        "POST / HTTP/1.1\r\n"
        "Host: 127.0.0.1\r\n"
        "Accept-Encoding: identity\r\n"
        "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"
        "User-Agent: bench\r\n"
        "X-Amz-Date: 20260101T000000Z\r\n"
        f"Authorization: AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/{service}/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date, Signature=00\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
