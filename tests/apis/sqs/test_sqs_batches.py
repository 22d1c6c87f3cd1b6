"""Batches: what is refused as a whole, and what fails alone."""

from typing import Any

import pytest

from tests.apis.sqs.conftest import Refused, Sqs

KINDS = ["SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch"]
each_kind = pytest.mark.parametrize("kind", KINDS)
ENTRY_ID = (
    "A batch entry id can only contain alphanumeric characters, hyphens and underscores. "
    "It can be at most 80 letters long."
)


def entry(entry_id: str, kind: str = "SendMessageBatch", **members: Any) -> dict[str, Any]:
    if kind == "SendMessageBatch":
        return {"Id": entry_id, "MessageBody": "x", **members}
    return {"Id": entry_id, "ReceiptHandle": "nonsense", **members}


async def test_a_batch_is_sent_in_order(sqs: Sqs) -> None:
    url = await sqs.queue("q.fifo")
    entries = [
        entry(
            str(number), MessageBody=f"body {number}", MessageGroupId="g", MessageDeduplicationId=str(number)
        )
        for number in range(10)
    ]
    outcome = await sqs.call("SendMessageBatch", QueueUrl=url, Entries=entries)

    assert [sent["Id"] for sent in outcome["Successful"]] == [str(number) for number in range(10)]
    assert [message["Body"] for message in await sqs.receive(url)] == [f"body {n}" for n in range(10)]
    assert outcome["Successful"][0].keys() == {"Id", "MessageId", "MD5OfMessageBody", "SequenceNumber"}
    assert "Failed" not in outcome


async def test_a_batch_deletes_and_hides(sqs: Sqs) -> None:
    url = await sqs.queue()
    for _ in range(2):
        await sqs.send(url)
    first, second = (message["ReceiptHandle"] for message in await sqs.receive(url))
    deletion = {"Id": "a", "ReceiptHandle": first}
    change = {"Id": "b", "ReceiptHandle": second, "VisibilityTimeout": 0}

    deleted = await sqs.call("DeleteMessageBatch", QueueUrl=url, Entries=[deletion])
    hidden = await sqs.call("ChangeMessageVisibilityBatch", QueueUrl=url, Entries=[change])

    assert (deleted, hidden) == ({"Successful": [{"Id": "a"}]}, {"Successful": [{"Id": "b"}]})
    assert len(await sqs.receive(url)) == 1


@each_kind
async def test_a_batch_has_an_entry(sqs: Sqs, kind: str) -> None:
    assert await sqs.refusal(kind, QueueUrl=await sqs.queue(), Entries=[]) == (
        400,
        "AWS.SimpleQueueService.EmptyBatchRequest",
        f"There should be at least one {kind}RequestEntry in the request.",
    )


@each_kind
async def test_a_batch_has_at_most_ten_entries(sqs: Sqs, kind: str) -> None:
    entries = [entry(str(number), kind) for number in range(20)]

    assert await sqs.refusal(kind, QueueUrl=await sqs.queue(), Entries=entries) == (
        400,
        "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
        "Maximum number of entries per request are 10. You have sent 20.",
    )


@each_kind
@pytest.mark.parametrize("entry_id", ["", "invalid:id", "a" * 81, "ä"])
async def test_the_id_of_an_entry_is_plain(sqs: Sqs, kind: str, entry_id: str) -> None:
    refusal = await sqs.refusal(kind, QueueUrl=await sqs.queue(), Entries=[entry(entry_id, kind)])

    assert refusal == (400, "AWS.SimpleQueueService.InvalidBatchEntryId", ENTRY_ID)


@each_kind
async def test_the_ids_of_a_batch_are_distinct(sqs: Sqs, kind: str) -> None:
    entries = [entry("a", kind), entry("b", kind), entry("a", kind)]

    assert await sqs.refusal(kind, QueueUrl=await sqs.queue(), Entries=entries) == (
        400,
        "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
        "Id a repeated.",
    )


async def test_a_batch_has_at_most_a_mebibyte(sqs: Sqs) -> None:
    url = await sqs.queue()
    attribute = {"name": {"DataType": "Binary", "BinaryValue": b"value"}}
    half = 1_048_576 // 2
    fits = [
        entry("a", MessageBody="x" * half),
        entry("b", MessageBody="x" * (half - len("nameBinaryvalue")), MessageAttributes=attribute),
    ]
    assert len((await sqs.call("SendMessageBatch", QueueUrl=url, Entries=fits))["Successful"]) == 2

    fits[0]["MessageBody"] += "x"
    assert await sqs.refusal("SendMessageBatch", QueueUrl=url, Entries=fits) == (
        400,
        "AWS.SimpleQueueService.BatchRequestTooLong",
        "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.",
    )


async def test_an_entry_longer_than_the_queues_maximum_fails_alone(sqs: Sqs) -> None:
    url = await sqs.queue(MaximumMessageSize="1024")
    entries = [entry("long", MessageBody="x" * 1025), entry("short")]
    outcome = await sqs.call("SendMessageBatch", QueueUrl=url, Entries=entries)

    assert [sent["Id"] for sent in outcome["Successful"]] == ["short"]
    assert outcome["Failed"] == [
        {
            "Id": "long",
            "SenderFault": True,
            "Code": "InvalidParameterValue",
            "Message": (
                "One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes."
            ),
        }
    ]


async def test_entries_fail_alone_with_the_error_of_the_single_operation(sqs: Sqs) -> None:
    url = await sqs.queue()
    entries = [
        entry("empty", MessageBody=""),
        entry("control", MessageBody="\x1f"),
        entry("late", DelaySeconds=901),
        entry("fine"),
    ]
    outcome = await sqs.call("SendMessageBatch", QueueUrl=url, Entries=entries)

    assert {failed["Id"]: failed["Code"] for failed in outcome["Failed"]} == {
        "empty": "MissingParameter",
        "control": "InvalidMessageContents",
        "late": "InvalidParameterValue",
    }
    assert [sent["Id"] for sent in outcome["Successful"]] == ["fine"]


@pytest.mark.parametrize("kind", KINDS[1:])
async def test_a_malformed_handle_fails_alone(sqs: Sqs, kind: str) -> None:
    outcome = await sqs.call(kind, QueueUrl=await sqs.queue(), Entries=[entry("a", kind)])

    assert outcome == {
        "Failed": [
            {
                "Id": "a",
                "SenderFault": True,
                "Code": "ReceiptHandleIsInvalid",
                "Message": 'The input receipt handle "nonsense" is not a valid receipt handle.',
            }
        ]
    }


async def test_a_fifo_batch_without_a_group_is_refused_as_a_whole(sqs: Sqs) -> None:
    url = await sqs.queue("q.fifo")

    refusal = await sqs.refusal("SendMessageBatch", QueueUrl=url, Entries=[entry("a")])
    assert refusal == Refused(
        400, "InvalidParameterValue", "The request must contain the parameter MessageGroupId."
    )


async def test_a_fifo_batch_without_deduplication_is_refused_as_a_whole(sqs: Sqs) -> None:
    url = await sqs.queue("q.fifo")

    refusal = await sqs.refusal("SendMessageBatch", QueueUrl=url, Entries=[entry("a", MessageGroupId="g")])
    assert refusal == Refused(
        400,
        "InvalidParameterValue",
        "The queue should either have ContentBasedDeduplication enabled or "
        "MessageDeduplicationId provided explicitly",
    )
