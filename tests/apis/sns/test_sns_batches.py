"""PublishBatch over the wire: what arrives, and what refuses the whole batch."""

from collections.abc import Callable
from typing import Any

import pytest

Refusal = Callable[..., tuple[str, str, int]]
MakeEndpoint = Callable[..., Any]


def entries(*ids: str) -> list[dict[str, Any]]:
    return [{"Id": entry_id, "Message": "x"} for entry_id in ids]


def test_all_entries_are_published_in_order(
    sns_client: Any, fifo_topic_arn: str, make_endpoint: MakeEndpoint
) -> None:
    endpoint = make_endpoint("orders.fifo", FifoQueue="true")
    sns_client.subscribe(TopicArn=fifo_topic_arn, Protocol="sqs", Endpoint=endpoint.arn)
    batch = [
        {
            "Id": f"e{number}",
            "Message": f"m{number}",
            "MessageGroupId": "g",
            "MessageDeduplicationId": f"{number}",
        }
        for number in range(10)
    ]

    answer = sns_client.publish_batch(TopicArn=fifo_topic_arn, PublishBatchRequestEntries=batch)

    assert [result["Id"] for result in answer["Successful"]] == [f"e{number}" for number in range(10)]
    assert answer["Successful"][9]["SequenceNumber"] == "10000000000000010000"
    assert answer["Failed"] == []
    assert endpoint.messages() == [f"m{number}" for number in range(10)]


def test_an_entry_may_differ_by_protocol_and_have_attributes(
    sns_client: Any, topic_arn: str, make_endpoint: MakeEndpoint
) -> None:
    endpoint = make_endpoint()
    raw = {"RawMessageDelivery": "true"}
    sns_client.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=endpoint.arn, Attributes=raw)
    attributes = {"kind": {"DataType": "String", "StringValue": "order"}}
    entry = {
        "Id": "1",
        "Message": '{"default": "a", "sqs": "b"}',
        "MessageStructure": "json",
        "MessageAttributes": attributes,
    }

    sns_client.publish_batch(TopicArn=topic_arn, PublishBatchRequestEntries=[entry])

    (message,) = endpoint.receive()
    assert (message["Body"], message["MessageAttributes"]) == ("b", attributes)


@pytest.mark.parametrize(
    ("batch", "code", "words"),
    [
        (
            entries(*map(str, range(11))),
            "TooManyEntriesInBatchRequest",
            "The batch request contains more entries than permissible.",
        ),
        (
            entries("a", "a"),
            "BatchEntryIdsNotDistinct",
            "Two or more batch entries in the request have the same Id.",
        ),
        (
            entries("message.id"),
            "InvalidBatchEntryId",
            "The Id of a batch entry in the batch request contains an impermissible character: message.id",
        ),
        (
            entries("msg@123#test"),
            "InvalidBatchEntryId",
            "The Id of a batch entry in the batch request contains an impermissible character: msg@123#test",
        ),
        (
            entries("a" * 81),
            "InvalidBatchEntryId",
            f"The Id of a batch entry in the batch request is too long: {'a' * 81}",
        ),
        (
            [{"Id": "1", "Message": "x" * 200_000}, {"Id": "2", "Message": "x" * 62_145}],
            "BatchRequestTooLong",
            "The length of all the messages put together is more than the limit.",
        ),
        ([], "EmptyBatchRequest", "The batch request doesn't contain any entries."),
        ([{"Id": "1", "Message": ""}], "InvalidParameter", "Invalid parameter: Empty message"),
    ],
)
def test_a_bad_batch_is_refused(
    sns_client: Any, topic_arn: str, refusal: Refusal, batch: list[dict[str, Any]], code: str, words: str
) -> None:
    refused = refusal(sns_client.publish_batch, TopicArn=topic_arn, PublishBatchRequestEntries=batch)

    assert refused == (code, words, 400)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (
            {"MessageDeduplicationId": "d"},
            "Invalid parameter: The MessageGroupId parameter is required for FIFO topics",
        ),
        (
            {"MessageGroupId": "g"},
            (
                "Invalid parameter: The topic should either have ContentBasedDeduplication enabled "
                "or MessageDeduplicationId provided explicitly"
            ),
        ),
    ],
)
def test_a_bad_entry_for_a_fifo_topic_refuses_the_batch(
    sns_client: Any, fifo_topic_arn: str, refusal: Refusal, entry: dict[str, str], words: str
) -> None:
    batch = [{"Id": "1", "Message": "x", **entry}]

    refused = refusal(sns_client.publish_batch, TopicArn=fifo_topic_arn, PublishBatchRequestEntries=batch)

    assert refused == ("InvalidParameter", words, 400)
