"""Receiving: selections, waits, visibility, receipt handles, repeats, dead letters."""

import asyncio
import json
from collections.abc import Coroutine
from typing import Any

import pytest

from pocketbus.emulator.queues import queue as queue_module
from tests.apis.sqs.conftest import MakeSqs, Refused, Sqs

Received = list[dict[str, Any]]

FIFO = {"MessageGroupId": "g", "MessageDeduplicationId": "1"}


def invalid(message: str) -> Refused:
    return Refused(400, "InvalidParameterValue", message)


async def turns() -> None:
    """Let the event loop do all that it can do now."""
    for _ in range(20):
        await asyncio.sleep(0)


async def begin(receive: Coroutine[Any, Any, Received]) -> "asyncio.Task[Received]":
    task = asyncio.create_task(receive)
    await turns()
    assert not task.done()
    return task


async def a_handle(sqs: Sqs, url: str, **params: Any) -> str:
    (received,) = await sqs.receive(url, **params)
    return str(received["ReceiptHandle"])


async def test_an_empty_queue_gives_no_messages_member(sqs: Sqs) -> None:
    assert await sqs.call("ReceiveMessage", QueueUrl=await sqs.queue()) == {}


async def test_one_message_is_received_unless_more_are_asked_for(sqs: Sqs) -> None:
    url = await sqs.queue()
    for _ in range(12):
        await sqs.send(url)

    assert len((await sqs.call("ReceiveMessage", QueueUrl=url))["Messages"]) == 1
    assert len(await sqs.receive(url, MaxNumberOfMessages=10)) == 10


@pytest.mark.parametrize("number", [0, 11])
async def test_one_to_ten_messages_can_be_asked_for(sqs: Sqs, number: int) -> None:
    url = await sqs.queue()

    assert await sqs.refusal("ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=number) == invalid(
        f"Value {number} for parameter MaxNumberOfMessages is invalid. "
        "Reason: Must be between 1 and 10, if provided."
    )


@pytest.mark.parametrize("seconds", [-1, 21])
async def test_a_wait_is_at_most_twenty_seconds(sqs: Sqs, seconds: int) -> None:
    url = await sqs.queue()

    assert await sqs.refusal("ReceiveMessage", QueueUrl=url, WaitTimeSeconds=seconds) == invalid(
        f"Value {seconds} for parameter WaitTimeSeconds is invalid. "
        "Reason: Must be >= 0 and <= 20, if provided."
    )


@pytest.mark.parametrize("seconds", [-1, 43_201])
async def test_a_visibility_timeout_is_at_most_twelve_hours(sqs: Sqs, seconds: int) -> None:
    url = await sqs.queue()
    await sqs.send(url)
    refusal = invalid(
        f"Value {seconds} for parameter VisibilityTimeout is invalid. "
        "Reason: VisibilityTimeout must be an integer between 0 and 43200."
    )

    assert await sqs.refusal("ReceiveMessage", QueueUrl=url, VisibilityTimeout=seconds) == refusal
    change = {"QueueUrl": url, "ReceiptHandle": await a_handle(sqs, url), "VisibilityTimeout": seconds}
    assert await sqs.refusal("ChangeMessageVisibility", **change) == refusal


@pytest.mark.parametrize(
    ("names", "selected"),
    [
        (["All"], {"order.id", "order.total", "order", "customer"}),
        ([".*"], {"order.id", "order.total", "order", "customer"}),
        (["*"], {"order.id", "order.total", "order", "customer"}),
        (["none", "*"], {"order.id", "order.total", "order", "customer"}),
        (["customer"], {"customer"}),
        (["order.*"], {"order.id", "order.total", "order"}),
        (["cust.*", "order"], {"customer", "order"}),
        (["Customer", "none"], set()),
        ([], set()),
    ],
)
async def test_message_attributes_are_selected_by_name_or_prefix(
    sqs: Sqs, names: list[str], selected: set[str]
) -> None:
    url = await sqs.queue()
    value = {"DataType": "String", "StringValue": "x"}
    await sqs.send(
        url, MessageAttributes=dict.fromkeys(("order.id", "order.total", "order", "customer"), value)
    )
    (received,) = await sqs.receive(url, MessageAttributeNames=names)

    assert received.get("MessageAttributes", {}).keys() == selected
    assert ("MD5OfMessageAttributes" in received) == bool(selected)


async def test_the_digest_is_of_the_selected_attributes(sqs: Sqs) -> None:
    url = await sqs.queue()
    number = {"DataType": "Number", "StringValue": "1493147359900"}
    other = {"DataType": "String", "StringValue": "x"}
    await sqs.send(url, MessageAttributes={"timestamp": number, "other": other})
    (received,) = await sqs.receive(url, MessageAttributeNames=["timestamp"])

    assert received["MD5OfMessageAttributes"] == "235c5c510d26fb653d073faed50ae77c"


@pytest.mark.parametrize("parameter", ["AttributeNames", "MessageSystemAttributeNames"])
async def test_system_attributes_are_selected_by_either_parameter(sqs: Sqs, parameter: str) -> None:
    url = await sqs.queue()
    await sqs.send(url)
    (received,) = await sqs.receive(url, **{parameter: ["ApproximateReceiveCount", "SequenceNumber"]})

    assert received["Attributes"] == {"ApproximateReceiveCount": "1"}


async def test_a_system_attribute_that_is_not_known_is_refused(sqs: Sqs) -> None:
    url = await sqs.queue()

    assert await sqs.refusal("ReceiveMessage", QueueUrl=url, AttributeNames=["Colour"]) == (
        400,
        "InvalidAttributeName",
        "Unknown Attribute Colour.",
    )


async def test_a_long_poll_ends_with_the_first_message(sqs: Sqs) -> None:
    url = await sqs.queue()
    waiting = await begin(sqs.receive(url, WaitTimeSeconds=20))
    await sqs.send(url, "at last")

    assert [message["Body"] for message in await waiting] == ["at last"]


async def test_a_long_poll_ends_with_nothing_when_its_time_is_over(sqs: Sqs) -> None:
    url = await sqs.queue(ReceiveMessageWaitTimeSeconds="20")
    waiting = await begin(sqs.receive(url))
    sqs.engine.advance(19)
    await turns()
    assert not waiting.done()
    sqs.engine.advance(1)

    assert await waiting == []


async def test_no_wait_goes_before_the_queues_own(sqs: Sqs) -> None:
    url = await sqs.queue(ReceiveMessageWaitTimeSeconds="20")

    assert await sqs.receive(url, WaitTimeSeconds=0) == []


async def test_a_visibility_timeout_counts_from_the_receive_and_from_a_change(sqs: Sqs) -> None:
    url = await sqs.queue()
    await sqs.send(url)
    handle = await a_handle(sqs, url, VisibilityTimeout=60)
    sqs.engine.advance(15)
    await sqs.call("ChangeMessageVisibility", QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=10)

    sqs.engine.advance(9.9)
    assert await sqs.receive(url) == []
    sqs.engine.advance(0.1)
    assert len(await sqs.receive(url)) == 1


async def test_a_message_is_hidden_for_twelve_hours_in_all(sqs: Sqs) -> None:
    url = await sqs.queue()
    await sqs.send(url)
    handle = await a_handle(sqs, url)
    change = {"QueueUrl": url, "ReceiptHandle": handle, "VisibilityTimeout": 43_200}
    await sqs.call("ChangeMessageVisibility", **change)
    sqs.engine.advance(1)

    assert await sqs.refusal("ChangeMessageVisibility", **change) == invalid(
        "Value 43200 for parameter VisibilityTimeout is invalid. "
        "Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds]"
    )


async def test_a_deleted_message_cannot_be_hidden(sqs: Sqs) -> None:
    url = await sqs.queue()
    await sqs.send(url)
    handle = await a_handle(sqs, url)
    for _ in range(2):
        await sqs.call("DeleteMessage", QueueUrl=url, ReceiptHandle=handle)

    change = {"QueueUrl": url, "ReceiptHandle": handle, "VisibilityTimeout": 60}
    assert await sqs.refusal("ChangeMessageVisibility", **change) == invalid(
        f"Value {handle} for parameter ReceiptHandle is invalid. Reason: "
        "Message does not exist or is not available for visibility timeout change."
    )


async def test_a_handle_that_is_malformed_or_of_another_queue_is_refused(sqs: Sqs) -> None:
    one, other = await sqs.queue("one"), await sqs.queue("other")
    await sqs.send(other)
    foreign = await a_handle(sqs, other)
    for handle, text in (
        ("nonsense", 'The input receipt handle "nonsense" is not a valid receipt handle.'),
        (foreign, f'The receipt handle "{foreign}" is not valid for this queue.'),
    ):
        refusal = Refused(404, "ReceiptHandleIsInvalid", text)
        assert await sqs.refusal("DeleteMessage", QueueUrl=one, ReceiptHandle=handle) == refusal
        change = {"QueueUrl": one, "ReceiptHandle": handle, "VisibilityTimeout": 60}
        assert await sqs.refusal("ChangeMessageVisibility", **change) == refusal


async def test_a_fifo_message_cannot_be_deleted_after_its_visibility_timeout(sqs: Sqs) -> None:
    url = await sqs.queue("q.fifo", VisibilityTimeout="5")
    await sqs.send(url, **FIFO)
    handle = await a_handle(sqs, url)
    sqs.engine.advance(5)

    assert await sqs.refusal("DeleteMessage", QueueUrl=url, ReceiptHandle=handle) == invalid(
        f"Value {handle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."
    )


async def test_a_receive_can_be_repeated_by_its_attempt_id(sqs: Sqs) -> None:
    url = await sqs.queue("q.fifo")
    await sqs.send(url, **FIFO)
    first = await sqs.receive(url, ReceiveRequestAttemptId="try")

    assert await sqs.receive(url, ReceiveRequestAttemptId="try") == first
    assert await sqs.receive(url, ReceiveRequestAttemptId="another") == []


@pytest.mark.parametrize("token", ["", "a" * 129, "a b"])
async def test_an_attempt_id_is_of_alphanumeric_and_punctuation_characters(sqs: Sqs, token: str) -> None:
    url = await sqs.queue("q.fifo")

    assert await sqs.refusal("ReceiveMessage", QueueUrl=url, ReceiveRequestAttemptId=token) == invalid(
        f"Value {token} for parameter ReceiveRequestAttemptId is invalid. Reason: ReceiveRequestAttemptId "
        "can only include alphanumeric and punctuation characters. 1 to 128 in length."
    )


async def test_a_standard_queue_takes_no_attempt_id(sqs: Sqs) -> None:
    url = await sqs.queue()

    assert await sqs.refusal("ReceiveMessage", QueueUrl=url, ReceiveRequestAttemptId="try") == invalid(
        "Value try for parameter ReceiveRequestAttemptId is invalid. "
        "Reason: The request include parameter that is not valid for this queue type."
    )


async def test_too_many_messages_in_flight_are_over_the_limit(
    sqs: Sqs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_module, "IN_FLIGHT_MESSAGES", 2)
    standard, fifo = await sqs.queue("q"), await sqs.queue("q.fifo")
    for number in range(3):
        await sqs.send(standard)
        await sqs.send(fifo, MessageGroupId=str(number), MessageDeduplicationId=str(number))

    assert len(await sqs.receive(standard)) == len(await sqs.receive(fifo)) == 2
    refusal = await sqs.refusal("ReceiveMessage", QueueUrl=standard)
    assert (refusal.status, refusal.code) == (403, "OverLimit")
    assert await sqs.receive(fifo) == []


async def test_a_message_expires_after_the_retention_period(sqs: Sqs) -> None:
    url = await sqs.queue(MessageRetentionPeriod="60")
    await sqs.send(url)
    sqs.engine.advance(60)

    assert await sqs.receive(url) == []


async def test_a_dead_letter_tells_where_it_comes_from_and_keeps_its_age(sqs: Sqs) -> None:
    source, dead = await sqs.dead_letter_pair()
    sent = await sqs.send(source)
    sqs.engine.advance(10)
    await sqs.receive(source, VisibilityTimeout=0)
    assert await sqs.receive(source) == []
    (letter,) = await sqs.receive(dead, MessageSystemAttributeNames=["All"])

    assert letter["MessageId"] == sent["MessageId"]
    assert letter["Attributes"] == {
        "SenderId": "000000000000",
        "SentTimestamp": "1700000000000",
        "ApproximateFirstReceiveTimestamp": "1700000010000",
        "ApproximateReceiveCount": "2",
        "DeadLetterQueueSourceArn": "arn:aws:sqs:us-east-1:000000000000:source",
    }


async def test_a_fifo_queue_has_a_fifo_dead_letter_queue(sqs: Sqs) -> None:
    dead = await sqs.queue("dead.fifo")
    policy = json.dumps({"deadLetterTargetArn": await sqs.arn(dead), "maxReceiveCount": 1})
    source = await sqs.queue("source.fifo", RedrivePolicy=policy)
    await sqs.send(source, **FIFO)
    await sqs.receive(source, VisibilityTimeout=0)
    assert await sqs.receive(source) == []

    (letter,) = await sqs.receive(dead, MessageSystemAttributeNames=["MessageGroupId"])
    assert letter["Attributes"] == {"MessageGroupId": "g"}


async def test_a_noisy_tenant_does_not_delay_a_quiet_one(sqs: Sqs) -> None:
    url = await sqs.queue()
    for number in range(20):
        await sqs.send(url, f"noisy {number}", MessageGroupId="noisy")
    await sqs.send(url, "quiet", MessageGroupId="quiet")

    assert "quiet" in [message["Body"] for message in await sqs.receive(url, MaxNumberOfMessages=2)]


async def test_a_queue_of_another_account_gives_its_messages(sqs: Sqs, client: MakeSqs) -> None:
    url = await sqs.queue()
    await sqs.send(url, "shared")

    friend = client(account="111111111111")
    assert [message["Body"] for message in await friend.receive(url)] == ["shared"]
