"""Batches: distinct ids, size, then the single operation for each entry, the outcomes sorted."""

import re
from collections.abc import Callable
from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.service import failed_entry
from pocketbus.apis.sqs.parameters import check_visibility_timeout
from pocketbus.apis.sqs.sending import digest_of, read_content, send
from pocketbus.apis.sqs.service import sqs
from pocketbus.apis.sqs.urls import find_queue
from pocketbus.emulator.errors import (
    BatchEntryIdsNotDistinct,
    BatchRequestTooLong,
    EmptyBatchRequest,
    EngineError,
    InvalidBatchEntryId,
    InvalidParameterValueException,
    MessageUnavailable,
    ReceiptHandleIsInvalid,
    TooManyEntriesInBatchRequest,
)
from pocketbus.emulator.limits import BATCH_BYTES, BATCH_ENTRIES
from pocketbus.emulator.queues.dedup import NO_DEDUPLICATION_ID
from pocketbus.emulator.queues.queue import Queue

Entry = dict[str, Any]

_ENTRY_ID = re.compile(r"[A-Za-z0-9_-]{1,80}\Z")


@sqs.operation
def send_message_batch(call: Call, *, queue_url: str, entries: list[Entry]) -> dict[str, Any]:
    queue = find_queue(call, queue_url)
    _check_entries(entries, "SendMessageBatchRequestEntry")
    _check_size(entries)
    _check_fifo(queue, entries)

    def send_entry(entry: Entry) -> dict[str, Any]:
        system_attributes = entry.get("MessageSystemAttributes")
        content = read_content(call, entry["MessageBody"], entry.get("MessageAttributes"), system_attributes)
        if content.size > (limit := queue.settings.maximum_message_size):
            raise InvalidParameterValueException(
                "One or more parameters cannot be validated. "
                f"Reason: Message must be shorter than {limit} bytes."
            )
        sent = send(
            call,
            queue,
            content,
            entry.get("DelaySeconds"),
            entry.get("MessageGroupId"),
            entry.get("MessageDeduplicationId"),
        )
        return sent | digest_of(content, system_attributes)

    return _each(call, entries, send_entry)


@sqs.operation
def delete_message_batch(call: Call, *, queue_url: str, entries: list[Entry]) -> dict[str, Any]:
    queue = find_queue(call, queue_url)
    _check_entries(entries, "DeleteMessageBatchRequestEntry")
    return _each(call, entries, lambda entry: queue.delete(entry["ReceiptHandle"], call.now))


@sqs.operation
def change_message_visibility_batch(call: Call, *, queue_url: str, entries: list[Entry]) -> dict[str, Any]:
    queue = find_queue(call, queue_url)
    _check_entries(entries, "ChangeMessageVisibilityBatchRequestEntry")

    def change(entry: Entry) -> None:
        timeout = entry.get("VisibilityTimeout") or 0
        check_visibility_timeout(timeout)
        try:
            queue.change_visibility(entry["ReceiptHandle"], timeout, call.now)
        except MessageUnavailable as error:
            raise ReceiptHandleIsInvalid(error.message) from None

    return _each(call, entries, change)


def _check_entries(entries: list[Entry], kind: str) -> None:
    if not entries:
        raise EmptyBatchRequest(f"There should be at least one {kind} in the request.")
    if len(entries) > BATCH_ENTRIES:
        raise TooManyEntriesInBatchRequest(
            f"Maximum number of entries per request are {BATCH_ENTRIES}. You have sent {len(entries)}."
        )
    seen: set[str] = set()
    for entry in entries:
        if not _ENTRY_ID.match(entry["Id"]):
            raise InvalidBatchEntryId(
                "A batch entry id can only contain alphanumeric characters, hyphens and underscores. "
                "It can be at most 80 letters long."
            )
        if entry["Id"] in seen:
            raise BatchEntryIdsNotDistinct(f"Id {entry['Id']} repeated.")
        seen.add(entry["Id"])


def _check_size(entries: list[Entry]) -> None:
    size = sum(_size(entry) for entry in entries)
    if size > BATCH_BYTES:
        raise BatchRequestTooLong(
            f"Batch requests cannot be longer than {BATCH_BYTES} bytes. You have sent {size} bytes."
        )


def _check_fifo(queue: Queue, entries: list[Entry]) -> None:
    """Refuse a FIFO batch as a whole when an entry has no place in the order: AWS does not fail the entry alone."""
    if not queue.settings.fifo:
        return
    for entry in entries:
        if entry.get("MessageGroupId") is None:
            raise InvalidParameterValueException("The request must contain the parameter MessageGroupId.")
        if entry.get("MessageDeduplicationId") is None and not queue.settings.content_based_deduplication:
            raise InvalidParameterValueException(NO_DEDUPLICATION_ID)


def _size(entry: Entry) -> int:
    attributes = entry.get("MessageAttributes") or {}
    parts = [entry["MessageBody"], *attributes]
    for attribute in attributes.values():
        parts += (attribute.get(member) or "" for member in ("DataType", "StringValue", "BinaryValue"))
    return sum(
        len(part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")) for part in parts
    )


def _each(
    call: Call, entries: list[Entry], operation: Callable[[Entry], dict[str, Any] | None]
) -> dict[str, Any]:
    """Carry out the operation for each entry; one that fails does not keep the others from succeeding."""
    successful: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for entry in entries:
        try:
            call.check_entry()
            successful.append({"Id": entry["Id"], **(operation(entry) or {})})
        except EngineError as error:
            failed.append(failed_entry(sqs, entry["Id"], error))
    outcome = {"Successful": successful, "Failed": failed}
    return {name: entries for name, entries in outcome.items() if entries}
