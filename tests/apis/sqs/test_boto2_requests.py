"""SQS by the requests that boto 2 made: lists of one without an index, a queue's path in place of its URL, GET."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.types import ASGIApp

from pocketbus.apis.app import create_app
from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from tests.apis.asgi import Reply, ask

SIGNATURE = {
    "AWSAccessKeyId": "AKIDEXAMPLE",
    "SignatureMethod": "HmacSHA256",
    "SignatureVersion": "2",
    "Timestamp": "2013-05-01T12:00:00Z",
    "Version": "2012-11-05",
    "Signature": "c2lnbmF0dXJl",
}
PATH = "/000000000000/orders"


class Connection:
    """What a program of boto 2 had in hand: each call is a GET, but for what may be long."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def ask(self, action: str, path: str = "/", verb: str = "GET", /, **parameters: Any) -> Reply:
        form = urlencode({"Action": action, **parameters, **SIGNATURE})
        if verb == "GET":
            return await ask(self.app, method="GET", path=path, query=form)
        headers = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8"}
        return await ask(self.app, form.encode(), path=path, headers=headers)

    async def __call__(self, action: str, path: str = "/", verb: str = "GET", /, **parameters: Any) -> str:
        reply = await self.ask(action, path, verb, **parameters)
        assert reply.status == 200, reply.text
        return reply.text

    async def attribute(self, name: str) -> list[str]:
        answer = await self("GetQueueAttributes", PATH, AttributeName=name)
        return re.findall(f"<Attribute><Name>{name}</Name><Value>(.*?)</Value></Attribute>", answer)

    async def receive(self, **parameters: Any) -> list[str]:
        answer = await self("ReceiveMessage", PATH, **{"MaxNumberOfMessages": 10, **parameters})
        return re.findall("<Message>(.*?)</Message>", answer)


@pytest.fixture
async def connection() -> Connection:
    """A connection on which the queue has been made."""
    connection = Connection(create_app(Engine(Config(seed=1))))
    made = await connection(
        "CreateQueue",
        QueueName="orders",
        **{"Attribute.1.Name": "VisibilityTimeout", "Attribute.1.Value": 60},
    )
    assert f"<QueueUrl>http://localhost:4566{PATH}</QueueUrl>" in made
    return connection


def text_in(element: str, xml: str) -> str:
    return xml.partition(f"<{element}>")[2].partition(f"</{element}>")[0]


async def test_a_queue_is_made_with_an_attribute_and_found(connection: Connection) -> None:
    assert await connection.attribute("VisibilityTimeout") == ["60"]
    assert text_in("QueueUrl", await connection("GetQueueUrl", QueueName="orders")).endswith(PATH)
    assert text_in("QueueUrl", await connection("ListQueues", QueueNamePrefix="ord")).endswith(PATH)


async def test_an_attribute_is_set_without_an_index(connection: Connection) -> None:
    await connection("SetQueueAttributes", PATH, **{"Attribute.Name": "DelaySeconds", "Attribute.Value": 7})

    assert await connection.attribute("DelaySeconds") == ["7"]


async def test_all_attributes_are_got_without_an_index(connection: Connection) -> None:
    answer = await connection("GetQueueAttributes", PATH, AttributeName="All")

    assert "<Attribute><Name>QueueArn</Name>" in answer
    assert "<Attribute><Name>VisibilityTimeout</Name><Value>60</Value></Attribute>" in answer


async def test_a_message_is_sent_received_and_deleted(connection: Connection) -> None:
    sent = await connection(
        "SendMessage",
        PATH,
        "POST",
        MessageBody="resize photo 7",
        **{
            "MessageAttribute.1.Name": "size",
            "MessageAttribute.1.Value.DataType": "Number",
            "MessageAttribute.1.Value.StringValue": "7",
        },
    )
    (message,) = await connection.receive(
        **{"AttributeName.1": "SentTimestamp", "MessageAttributeName.1": "size", "WaitTimeSeconds": 0}
    )
    await connection("DeleteMessage", PATH, ReceiptHandle=text_in("ReceiptHandle", message))

    assert text_in("MessageId", sent) == text_in("MessageId", message)
    assert text_in("Body", message) == "resize photo 7"
    assert "<Attribute><Name>SentTimestamp</Name>" in message
    assert "<MessageAttribute><Name>size</Name>" in message
    assert await connection.attribute("ApproximateNumberOfMessagesNotVisible") == ["0"]


async def test_all_attributes_of_a_message_are_received_without_an_index(connection: Connection) -> None:
    await connection(
        "SendMessage",
        PATH,
        "POST",
        MessageBody="x",
        **{
            "MessageAttribute.Name": "size",
            "MessageAttribute.Value.DataType": "Number",
            "MessageAttribute.Value.StringValue": "7",
        },
    )
    (message,) = await connection.receive(AttributeName="All", MessageAttributeName="All")

    assert "<Attribute><Name>SenderId</Name>" in message
    assert "<MessageAttribute><Name>size</Name>" in message


async def test_a_visibility_timeout_is_changed(connection: Connection) -> None:
    await connection("SendMessage", PATH, "POST", MessageBody="x")
    (message,) = await connection.receive()
    handle = text_in("ReceiptHandle", message)
    await connection("ChangeMessageVisibility", PATH, ReceiptHandle=handle, VisibilityTimeout=0)

    assert len(await connection.receive()) == 1


async def test_batches_have_their_indices(connection: Connection) -> None:
    entry = "SendMessageBatchRequestEntry"
    bodies = {f"{entry}.{n}.{name}": str(n) for n in (1, 2) for name in ("Id", "MessageBody")}
    assert (await connection("SendMessageBatch", PATH, "POST", **bodies)).count("<MessageId>") == 2
    handles = [text_in("ReceiptHandle", message) for message in await connection.receive()]
    entry = "DeleteMessageBatchRequestEntry"
    ids = {f"{entry}.{n}.Id": str(n) for n in (1, 2)}
    receipts = {f"{entry}.{n}.ReceiptHandle": handle for n, handle in enumerate(handles, 1)}

    deleted = await connection("DeleteMessageBatch", PATH, "POST", **ids, **receipts)
    assert deleted.count("<DeleteMessageBatchResultEntry>") == 2


async def test_a_permission_is_added_without_indices_and_removed(connection: Connection) -> None:
    await connection(
        "AddPermission", PATH, Label="partner", AWSAccountId="111111111111", ActionName="SendMessage"
    )
    (policy,) = await connection.attribute("Policy")
    await connection("RemovePermission", PATH, Label="partner")

    assert "&quot;AWS&quot;:&quot;arn:aws:iam::111111111111:root&quot;" in policy
    assert "&quot;Action&quot;:&quot;SQS:SendMessage&quot;" in policy
    assert await connection.attribute("Policy") == []


async def test_dead_letter_sources_are_listed_by_the_queues_url(connection: Connection) -> None:
    answer = await connection("ListDeadLetterSourceQueues", QueueUrl=f"http://localhost:4566{PATH}")

    assert "<ListDeadLetterSourceQueuesResult" in answer


async def test_a_queue_is_purged_and_deleted(connection: Connection) -> None:
    await connection("SendMessage", PATH, "POST", MessageBody="x")
    await connection("PurgeQueue", PATH)
    assert await connection.receive() == []
    await connection("DeleteQueue", PATH)

    assert (await connection.ask("GetQueueAttributes", PATH, AttributeName="All")).status == 400


@pytest.mark.parametrize(
    ("action", "parameters", "code"),
    [
        ("SetQueueAttributes", {"Attribute.Foo": "7"}, "MalformedInput"),
        ("SetQueueAttributes", {"Attribute.Name": "DelaySeconds"}, "MalformedInput"),
        ("SetQueueAttributes", {"DelaySeconds": "7"}, "InvalidQueryParameter"),
        ("ReceiveMessage", {"NumberOfMessages": "2"}, "InvalidQueryParameter"),
    ],
)
async def test_what_is_not_understood_is_not_dropped(
    connection: Connection, action: str, parameters: dict[str, str], code: str
) -> None:
    reply = await connection.ask(action, PATH, **parameters)

    assert (reply.status, text_in("Code", reply.text)) == (400, code)
