"""The whole successful answer of each operation in both protocols: every member, its order, and the headers.

The literals are in answers.txt.
Ids that are chance are written UUID, receipt handles HANDLE and task handles TASK.
"""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pocketbus.apis.sqs.operations import sqs as sqs_service
from tests.apis.sqs.conftest import Sqs

URL = "http://localhost:4566/000000000000/orders"
CONTENT_TYPES = {"json": "application/x-amz-json-1.0", "query": "text/xml"}
XMLNS = "http://queue.amazonaws.com/doc/2012-11-05/"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}")

Params = dict[str, Any]
Prepare = Callable[[Sqs], Awaitable[Params]]


class Answer(NamedTuple):
    """The body over JSON, and over query what stands before the ResponseMetadata."""

    as_json: str
    as_xml: str


def read_answers() -> dict[str, Answer]:
    """Read answers.txt: a heading, a line of JSON and one of XML each; a dash is nothing."""
    blocks = Path(__file__).with_name("answers.txt").read_text(encoding="utf-8").split("\n\n")
    parts = (block.strip().split("\n") for block in blocks)
    return {
        heading.removeprefix("# "): Answer(*(line.removeprefix("-") for line in lines))
        for heading, *lines in parts
    }


ANSWERS = read_answers()


def nothing_but(**params: Any) -> Prepare:
    async def prepare(sqs: Sqs) -> Params:
        await sqs.queue()
        return params

    return prepare


async def a_message_sent(sqs: Sqs) -> Params:
    await sqs.queue()
    value = {"DataType": "String", "StringValue": "v"}
    return {
        "QueueUrl": URL,
        "MessageBody": "x",
        "MessageAttributes": {"k": value},
        "MessageSystemAttributes": {"AWSTraceHeader": value},
    }


async def a_message_of_a_group(sqs: Sqs) -> Params:
    url = await sqs.queue("q.fifo")
    return {"QueueUrl": url, "MessageBody": "x", "MessageGroupId": "g", "MessageDeduplicationId": "1"}


async def a_batch_sent(sqs: Sqs) -> Params:
    await sqs.queue()
    entries = [
        {"Id": "a", "MessageBody": "x"},
        {"Id": "b", "MessageBody": "\x00"},
        {"Id": "c", "MessageBody": "x", "DelaySeconds": 5},
    ]
    return {"QueueUrl": URL, "Entries": entries}


async def a_message_received(sqs: Sqs) -> Params:
    await sqs.send(
        await sqs.queue(), "x", MessageAttributes={"k": {"DataType": "Binary", "BinaryValue": b"v"}}
    )
    return {"QueueUrl": URL, "AttributeNames": ["All"], "MessageAttributeNames": ["All"]}


async def a_message_of_a_group_received(sqs: Sqs) -> Params:
    sent = await a_message_of_a_group(sqs)
    await sqs.call("SendMessage", **sent)
    return {"QueueUrl": sent["QueueUrl"], "AttributeNames": ["All"]}


async def a_message_in_flight(sqs: Sqs) -> Params:
    await sqs.send(await sqs.queue())
    (message,) = await sqs.receive(URL)
    return {"QueueUrl": URL, "ReceiptHandle": message["ReceiptHandle"]}


async def a_message_hidden(sqs: Sqs) -> Params:
    return {**await a_message_in_flight(sqs), "VisibilityTimeout": 5}


async def a_batch_deleted(sqs: Sqs) -> Params:
    handle = (await a_message_in_flight(sqs))["ReceiptHandle"]
    entries = [{"Id": "a", "ReceiptHandle": handle}, {"Id": "b", "ReceiptHandle": "none"}]
    return {"QueueUrl": URL, "Entries": entries}


async def a_batch_hidden(sqs: Sqs) -> Params:
    deleted = await a_batch_deleted(sqs)
    return {"QueueUrl": URL, "Entries": [{**one, "VisibilityTimeout": 5} for one in deleted["Entries"]]}


async def a_queue_of_every_attribute(sqs: Sqs) -> Params:
    dead = await sqs.queue("dead")
    await sqs.call(
        "SetQueueAttributes",
        QueueUrl=dead,
        Attributes={
            "RedriveAllowPolicy": f'{{"sourceQueueArns": ["{arn("orders")}"], "redrivePermission": "byQueue"}}'
        },
    )
    policy = f'{{"maxReceiveCount": "3", "deadLetterTargetArn": "{await sqs.arn(dead)}"}}'
    await sqs.queue(RedrivePolicy=policy)
    permission = {"Label": "l", "AWSAccountIds": ["111111111111"], "Actions": ["SendMessage"]}
    await sqs.call("AddPermission", QueueUrl=URL, **permission)
    return {"QueueUrl": URL, "AttributeNames": ["All"]}


async def a_dead_letter_queue(sqs: Sqs) -> Params:
    await a_queue_of_every_attribute(sqs)
    return {"QueueUrl": URL.replace("orders", "dead"), "AttributeNames": ["RedriveAllowPolicy"]}


async def a_fifo_queue(sqs: Sqs) -> Params:
    return {"QueueUrl": await sqs.queue("q.fifo"), "AttributeNames": ["All"]}


async def two_queues(sqs: Sqs) -> Params:
    for name in ("b", "a"):
        await sqs.queue(name)
    return {}


async def a_page_of_queues(sqs: Sqs) -> Params:
    return {**await two_queues(sqs), "MaxResults": 1}


async def a_queue_with_tags(sqs: Sqs) -> Params:
    await sqs.queue()
    await sqs.call("TagQueue", QueueUrl=URL, Tags={"b": "2", "a": "1"})
    return {"QueueUrl": URL}


async def a_permission(sqs: Sqs) -> Params:
    await a_queue_of_every_attribute(sqs)
    return {"QueueUrl": URL, "Label": "l"}


def arn(name: str) -> str:
    return f"arn:aws:sqs:us-east-1:000000000000:{name}"


async def a_pair(sqs: Sqs) -> Params:
    source, dead = await sqs.dead_letter_pair()
    await sqs.send(source)
    for _ in range(2):
        await sqs.receive(source, VisibilityTimeout=0)
    return {"QueueUrl": dead}


async def dead_letters(sqs: Sqs) -> Params:
    await a_pair(sqs)
    return {"SourceArn": arn("dead")}


async def a_move_task(sqs: Sqs) -> Params:
    started = await sqs.call(
        "StartMessageMoveTask", **await dead_letters(sqs), MaxNumberOfMessagesPerSecond=1
    )
    return {"TaskHandle": started["TaskHandle"]}


async def move_tasks(sqs: Sqs) -> Params:
    await a_move_task(sqs)
    return {"SourceArn": arn("dead")}


CASES: dict[str, Prepare] = {
    "AddPermission: a queue": nothing_but(
        QueueUrl=URL, Label="l", AWSAccountIds=["111111111111"], Actions=["SendMessage"]
    ),
    "CancelMessageMoveTask: a move task": a_move_task,
    "ChangeMessageVisibility: a message hidden": a_message_hidden,
    "ChangeMessageVisibilityBatch: a batch hidden": a_batch_hidden,
    "CreateQueue: a queue": nothing_but(QueueName="orders"),
    "DeleteMessage: a message in flight": a_message_in_flight,
    "DeleteMessageBatch: a batch deleted": a_batch_deleted,
    "DeleteQueue: a queue": nothing_but(QueueUrl=URL),
    "GetQueueAttributes: a queue of every attribute": a_queue_of_every_attribute,
    "GetQueueAttributes: a dead letter queue": a_dead_letter_queue,
    "GetQueueAttributes: a fifo queue": a_fifo_queue,
    "GetQueueAttributes: no names": nothing_but(QueueUrl=URL),
    "GetQueueUrl: a queue": nothing_but(QueueName="orders"),
    "ListDeadLetterSourceQueues: a pair": a_pair,
    "ListMessageMoveTasks: move tasks": move_tasks,
    "ListQueueTags: a queue with tags": a_queue_with_tags,
    "ListQueueTags: no tags": nothing_but(QueueUrl=URL),
    "ListQueues: two queues": two_queues,
    "ListQueues: a page of queues": a_page_of_queues,
    "PurgeQueue: a queue": nothing_but(QueueUrl=URL),
    "ReceiveMessage: a message received": a_message_received,
    "ReceiveMessage: a message of a group received": a_message_of_a_group_received,
    "ReceiveMessage: no message": nothing_but(QueueUrl=URL),
    "RemovePermission: a permission": a_permission,
    "SendMessage: a message sent": a_message_sent,
    "SendMessage: a message of a group": a_message_of_a_group,
    "SendMessageBatch: a batch sent": a_batch_sent,
    "SetQueueAttributes: a queue": nothing_but(QueueUrl=URL, Attributes={"DelaySeconds": "5"}),
    "StartMessageMoveTask: dead letters": dead_letters,
    "TagQueue: a queue": nothing_but(QueueUrl=URL, Tags={"k": "v"}),
    "UntagQueue: a queue": nothing_but(QueueUrl=URL, TagKeys=["k"]),
}


def plain(text: str) -> str:
    text = _UUID.sub("UUID", text)
    text = re.sub(r"AQEB[A-Za-z0-9+/=]+", "HANDLE", text)
    return re.sub(r"eyJ0YXNrSWQi[A-Za-z0-9+/=]+", "TASK", text)


@pytest.mark.parametrize("case", CASES)
async def test_the_answer_is_whole_and_in_order(sqs: Sqs, protocol: str, case: str) -> None:
    name = case.partition(":")[0]
    reply = await sqs.reply(name, **await CASES[case](sqs))
    request_id = reply.headers["x-amzn-RequestId"]

    assert reply.status_code == 200
    if protocol == "json":
        assert plain(reply.text) == ANSWERS[case].as_json
    else:
        assert plain(reply.text) == (
            f'<?xml version="1.0"?><{name}Response xmlns="{XMLNS}">{ANSWERS[case].as_xml}'
            f"<ResponseMetadata><RequestId>UUID</RequestId></ResponseMetadata></{name}Response>"
        )
        assert f"<RequestId>{request_id}</RequestId>" in reply.text
    assert _UUID.fullmatch(request_id)
    assert dict(reply.headers) == {
        "content-type": CONTENT_TYPES[protocol],
        "content-length": str(len(reply.content)),
        "x-amzn-requestid": request_id,
    }


def test_every_operation_has_its_answer() -> None:
    assert CASES.keys() == ANSWERS.keys()
    assert {case.partition(":")[0] for case in CASES} == set(sqs_service.model.operations)
