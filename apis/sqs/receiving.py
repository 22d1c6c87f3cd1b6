"""Receiving messages, and what a receiver does with a receipt: delete, hide."""

from collections.abc import Callable
from typing import Any, Final

from pocketbus.apis.call import Call, Result
from pocketbus.apis.sqs.attributes import QUEUE_ATTRIBUTE_NAMES
from pocketbus.apis.sqs.message_attributes import select_attributes, write_attributes
from pocketbus.apis.sqs.parameters import (
    check_between,
    check_fifo,
    check_token,
    check_visibility_timeout,
    invalid,
)
from pocketbus.apis.sqs.service import sqs
from pocketbus.apis.sqs.urls import find_queue
from pocketbus.emulator.errors import InvalidAttributeName, MessageUnavailable
from pocketbus.emulator.limits import RECEIVE_MESSAGES, RECEIVE_WAIT_SECONDS
from pocketbus.emulator.message import Message
from pocketbus.emulator.queues.queue import Queue, Received, ReceiveRequest

_USUAL: Final = ReceiveRequest()


@sqs.operation
def receive_message(
    call: Call,
    *,
    queue_url: str,
    attribute_names: list[str] | None = None,
    message_system_attribute_names: list[str] | None = None,
    message_attribute_names: list[str] | None = None,
    max_number_of_messages: int | None = None,
    visibility_timeout: int | None = None,
    wait_time_seconds: int | None = None,
    receive_request_attempt_id: str | None = None,
) -> Result:
    queue = find_queue(call, queue_url)
    if receive_request_attempt_id is not None:
        _check_attempt_id(queue, receive_request_attempt_id)
    system_names: set[str] = set()
    if attribute_names or message_system_attribute_names:
        system_names = {*(attribute_names or ()), *(message_system_attribute_names or ())}
        _check_system_names(system_names)
    request = _request(max_number_of_messages, visibility_timeout, receive_request_attempt_id)
    wait_seconds = queue.settings.receive_message_wait_time_seconds
    if wait_time_seconds is not None:
        wait_seconds = _checked_wait(wait_time_seconds)
    names = message_attribute_names or []
    received = queue.receive(request, call.now)
    if not received and wait_seconds:
        return _poll(call, queue, request, wait_seconds, system_names, names)
    return _write(queue, received, system_names, names)


async def _poll(
    call: Call,
    queue: Queue,
    request: ReceiveRequest,
    seconds: int,
    system_names: set[str],
    attribute_names: list[str],
) -> dict[str, Any]:
    """Receive what has come before this could begin, or wait for it."""
    received = queue.receive(request, call.now)
    if not received:
        received = await call.while_connected(queue.wait(request, seconds, call.now))
    return _write(queue, received, system_names, attribute_names)


def _write(
    queue: Queue, received: list[Received], system_names: set[str], attribute_names: list[str]
) -> dict[str, Any]:
    if not received:
        return {}
    return {"Messages": [write_message(queue, item, system_names, attribute_names) for item in received]}


def _check_system_names(names: set[str]) -> None:
    for name in names:
        if name not in _SYSTEM_ATTRIBUTES and name not in QUEUE_ATTRIBUTE_NAMES:
            raise InvalidAttributeName(f"Unknown Attribute {name}.")


def _check_attempt_id(queue: Queue, attempt_id: str) -> None:
    check_fifo(queue, "ReceiveRequestAttemptId", attempt_id)
    check_token("ReceiveRequestAttemptId", attempt_id)


def _request(limit: int | None, visibility_timeout: int | None, attempt_id: str | None) -> ReceiveRequest:
    if limit is None and visibility_timeout is None and attempt_id is None:
        return _USUAL
    check_between("MaxNumberOfMessages", limit, 1, RECEIVE_MESSAGES)
    if visibility_timeout is not None:
        check_visibility_timeout(visibility_timeout)
    return ReceiveRequest(limit or 1, visibility_timeout, attempt_id)


def _checked_wait(seconds: int) -> int:
    if not 0 <= seconds <= RECEIVE_WAIT_SECONDS:
        raise invalid("WaitTimeSeconds", seconds, f"Must be >= 0 and <= {RECEIVE_WAIT_SECONDS}, if provided.")
    return seconds


def write_message(
    queue: Queue, received: Received, system_names: set[str], attribute_names: list[str]
) -> dict[str, Any]:
    message, receipt_handle = received
    content = message.content
    result: dict[str, Any] = {
        "MessageId": message.message_id,
        "ReceiptHandle": receipt_handle,
        "MD5OfBody": content.md5_of_body,
        "Body": content.body,
    }
    if system_names and (attributes := _write_system_attributes(queue, message, system_names)):
        result["Attributes"] = attributes
    if attribute_names and (selected := select_attributes(content.attributes, attribute_names)):
        result |= write_attributes(selected)
    return result


def _write_system_attributes(queue: Queue, message: Message, names: set[str]) -> dict[str, str]:
    wanted = _SYSTEM_ATTRIBUTES.keys() if "All" in names else names
    written = ((name, write(queue, message)) for name, write in _SYSTEM_ATTRIBUTES.items() if name in wanted)
    return {name: text for name, text in written if text is not None}


def _milliseconds(at: float | None) -> str | None:
    return None if at is None else str(round(at * 1000))


_SYSTEM_ATTRIBUTES: dict[str, Callable[[Queue, Message], str | None]] = {
    "SenderId": lambda _, message: message.sender_id,
    "ApproximateFirstReceiveTimestamp": lambda _, message: _milliseconds(message.first_received_at),
    "ApproximateReceiveCount": lambda _, message: str(message.receive_count),
    "SentTimestamp": lambda _, message: _milliseconds(message.sent_at),
    "SequenceNumber": lambda queue, message: queue.sequence_number(message),
    "MessageDeduplicationId": lambda _, message: message.deduplication_id,
    "MessageGroupId": lambda _, message: message.group_id,
    "AWSTraceHeader": lambda _, message: message.content.trace_header,
    "DeadLetterQueueSourceArn": lambda _, message: message.dead_letter_source,
}


@sqs.operation
def delete_message(call: Call, *, queue_url: str, receipt_handle: str) -> None:
    find_queue(call, queue_url).delete(receipt_handle, call.now)


@sqs.operation
def change_message_visibility(
    call: Call, *, queue_url: str, receipt_handle: str, visibility_timeout: int
) -> None:
    queue = find_queue(call, queue_url)
    check_visibility_timeout(visibility_timeout)
    try:
        queue.change_visibility(receipt_handle, visibility_timeout, call.now)
    except MessageUnavailable as error:
        raise invalid("ReceiptHandle", receipt_handle, f"{error.message}.") from None
