"""Over JSON an error names its shape in the body and the code of the query protocol in a header."""

import json
from typing import Any

import pytest

from pocketbus.emulator.config import Config
from tests.apis.sqs.conftest import Sqs, frozen_engine

ARN = "arn:aws:sqs:us-east-1:000000000000:"
QUERY = "AWS.SimpleQueueService."
SEND = "SendMessage"
BATCH = "SendMessageBatch"


@pytest.mark.parametrize(
    ("operation", "params", "shape", "code"),
    [
        (SEND, {"QueueUrl": "none", "MessageBody": "x"}, "QueueDoesNotExist", f"{QUERY}NonExistentQueue"),
        (SEND, {"QueueUrl": "q", "MessageBody": ""}, "MissingRequiredParameterException", "MissingParameter"),
        (
            SEND,
            {"QueueUrl": "q", "MessageBody": "x", "DelaySeconds": 901},
            "InvalidParameterValueException",
            "InvalidParameterValue",
        ),
        (SEND, {"QueueUrl": "q", "MessageBody": "\x1f"}, "InvalidMessageContents", "InvalidMessageContents"),
        (BATCH, {"QueueUrl": "q", "Entries": []}, "EmptyBatchRequest", f"{QUERY}EmptyBatchRequest"),
        (
            BATCH,
            {"QueueUrl": "q", "Entries": [{"Id": "a.b", "MessageBody": "x"}]},
            "InvalidBatchEntryId",
            f"{QUERY}InvalidBatchEntryId",
        ),
        (
            BATCH,
            {"QueueUrl": "q", "Entries": [{"Id": str(n), "MessageBody": "x"} for n in range(20)]},
            "TooManyEntriesInBatchRequest",
            f"{QUERY}TooManyEntriesInBatchRequest",
        ),
        (
            BATCH,
            {"QueueUrl": "q", "Entries": [{"Id": "a", "MessageBody": "x" * 1_048_577}]},
            "BatchRequestTooLong",
            f"{QUERY}BatchRequestTooLong",
        ),
        ("PurgeQueue", {"QueueUrl": "q"}, "PurgeQueueInProgress", f"{QUERY}PurgeQueueInProgress"),
        (
            "GetQueueAttributes",
            {"QueueUrl": "q", "AttributeNames": ["Size"]},
            "InvalidAttributeName",
            "InvalidAttributeName",
        ),
        (
            "SetQueueAttributes",
            {"QueueUrl": "q", "Attributes": {"DelaySeconds": "901"}},
            "InvalidAttributeValue",
            "InvalidAttributeValue",
        ),
        (
            "CreateQueue",
            {"QueueName": "q", "Attributes": {"DelaySeconds": "1"}},
            "QueueNameExists",
            "QueueAlreadyExists",
        ),
        (
            "ListMessageMoveTasks",
            {"SourceArn": f"{ARN}none"},
            "ResourceNotFoundException",
            "ResourceNotFoundException",
        ),
    ],
)
async def test_an_error_over_json_names_its_shape_and_its_query_code(
    operation: str, params: dict[str, Any], shape: str, code: str
) -> None:
    sqs = Sqs(frozen_engine(Config(strict=True)), "json")
    await sqs.call("PurgeQueue", QueueUrl=await sqs.queue("q"))

    reply = await sqs.reply(operation, **params)

    assert reply.headers["x-amzn-query-error"] == f"{code};Sender"
    assert json.loads(reply.content)["__type"].partition("#")[2] == shape
