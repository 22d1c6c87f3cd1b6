"""What a function gets of a queue's messages, and what it answers about them.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

from base64 import b64encode
from collections.abc import Collection, Mapping
from typing import Any

from pocketbus.emulator.arn import Arn
from pocketbus.emulator.message import Attribute, Message
from pocketbus.emulator.queues.queue import Queue, Received
from pocketbus.rules import json_text
from pocketbus.rules.event import Event, decode


class BadReportError(ValueError):
    """A report of batch item failures that Lambda cannot make sense of; the text says why."""


def record_of(received: Received, queue: Queue, *, with_empty_digest: bool) -> dict[str, Any]:
    """Write a message as Lambda does. A digest of no attributes is there where the mapping has a window."""
    message, receipt_handle = received
    content = message.content
    record: dict[str, Any] = {
        "messageId": message.message_id,
        "receiptHandle": receipt_handle,
        "body": content.body,
        "attributes": _attributes(message, queue),
        "messageAttributes": {name: written(one) for name, one in content.attributes.items()},
    }
    if content.attributes or with_empty_digest:
        record["md5OfMessageAttributes"] = content.md5_of_attributes
    arn = Arn.parse(queue.arn)
    record |= {
        "md5OfBody": content.md5_of_body,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue.arn,
        "awsRegion": "" if arn is None else arn.region,
    }
    return record


def filterable(record: Mapping[str, Any]) -> Event:
    """Return what filters see of a record: its body is a JSON object, or text."""
    body = record["body"]
    try:
        value = decode(body)
    except ValueError:
        value = None
    return Event.from_value({**record, "body": value if isinstance(value, dict | list) else body})


def reported(payload: bytes, message_ids: Collection[str]) -> set[str]:
    """Return which messages a function says it could not handle. Raise BadReportError: none was handled, then.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    try:
        said = json_text.read(payload or b"null")
    except ValueError:
        raise BadReportError("the function's answer is not JSON") from None
    items = said.get("batchItemFailures") if isinstance(said, dict) else None
    if items is None:
        return set()
    if not isinstance(items, list):
        raise BadReportError("batchItemFailures is no list")
    return {_identifier(item, message_ids) for item in items}


def _identifier(item: Any, message_ids: Collection[str]) -> str:
    identifier = item.get("itemIdentifier") if isinstance(item, dict) else None
    if not isinstance(identifier, str) or not identifier:
        raise BadReportError("an item of batchItemFailures has no itemIdentifier")
    if identifier not in message_ids:
        raise BadReportError(f"batchItemFailures names {identifier[:100]}, which is not in the batch")
    return identifier


def _attributes(message: Message, queue: Queue) -> dict[str, str]:
    attributes = {
        "ApproximateReceiveCount": str(message.receive_count),
        "AWSTraceHeader": message.content.trace_header,
        "SentTimestamp": _milliseconds(message.sent_at),
        "SequenceNumber": queue.sequence_number(message),
        "MessageGroupId": message.group_id,
        "SenderId": message.sender_id,
        "MessageDeduplicationId": message.deduplication_id,
        "ApproximateFirstReceiveTimestamp": _milliseconds(message.first_received_at or 0.0),
        "DeadLetterQueueSourceArn": message.dead_letter_source,
    }
    return {name: text for name, text in attributes.items() if text is not None}


def _milliseconds(at: float) -> str:
    return str(round(at * 1000))


def written(attribute: Attribute) -> dict[str, Any]:
    if isinstance(attribute.value, bytes):
        value = {"binaryValue": b64encode(attribute.value).decode("ascii")}
    else:
        value = {"stringValue": attribute.value}
    return {**value, "stringListValues": [], "binaryListValues": [], "dataType": attribute.data_type}
