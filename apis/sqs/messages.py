"""Messages: send, receive, delete, hide."""

import re
from collections.abc import Callable
from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.sqs.attributes import QUEUE_ATTRIBUTE_NAMES
from pocketbus.apis.sqs.message_attributes import (
    ALLOWED_CHARACTERS,
    forbidden_character,
    read_attribute,
    read_attributes,
    select_attributes,
    write_attributes,
)
from pocketbus.apis.sqs.service import sqs
from pocketbus.apis.sqs.urls import find_queue
from pocketbus.emulator.digests import md5_of_attributes
from pocketbus.emulator.errors import (
    InvalidAttributeName,
    InvalidMessageContents,
    InvalidParameterValueException,
    MissingRequiredParameterException,
)
from pocketbus.emulator.limits import (
    DELAY_SECONDS,
    RECEIVE_MESSAGES,
    RECEIVE_WAIT_SECONDS,
    VISIBILITY_SECONDS,
)
from pocketbus.emulator.message import Message, Text
from pocketbus.emulator.queue import Queue, Received, ReceiveRequest

_TOKEN = re.compile(r"[!-~]{1,128}\Z")
_TRACE_HEADER = "AWSTraceHeader"


@sqs.operation
def send_message(
    call: Call,
    *,
    queue_url: str,
    message_body: str,
    delay_seconds: int | None = None,
    message_attributes: dict[str, Any] | None = None,
    message_system_attributes: dict[str, Any] | None = None,
    message_deduplication_id: str | None = None,
    message_group_id: str | None = None,
) -> dict[str, Any]:
    queue = find_queue(call, queue_url)
    content = read_content(message_body, message_attributes, message_system_attributes)
    return send(call, queue, content, delay_seconds, message_group_id, message_deduplication_id)


def read_content(
    body: str, attributes: dict[str, Any] | None, system_attributes: dict[str, Any] | None
) -> Text:
    """Check what is to be sent, but for its size, which is the queue's affair."""
    if not body:
        raise MissingRequiredParameterException("The request must contain the parameter MessageBody.")
    if (character := forbidden_character(body)) is not None:
        raise InvalidMessageContents(
            f"Invalid binary character '{character}' was found in the message body, {ALLOWED_CHARACTERS}"
        )
    return Text(body, read_attributes(attributes), _read_trace_header(system_attributes))


def _read_trace_header(system_attributes: dict[str, Any] | None) -> str | None:
    if not system_attributes:
        return None
    for name in system_attributes:
        if name != _TRACE_HEADER:
            raise InvalidParameterValueException(
                f"Message system attribute name '{name}' is invalid. The only supported one is {_TRACE_HEADER}."
            )
    data_type, value = read_attribute(_TRACE_HEADER, system_attributes[_TRACE_HEADER], "system")
    if data_type != "String" or not isinstance(value, str):
        raise InvalidParameterValueException(
            f"The type of message (system) attribute '{_TRACE_HEADER}' is invalid. "
            "You must use only the following supported type prefixes: String."
        )
    return value


def send(
    call: Call,
    queue: Queue,
    content: Text,
    delay_seconds: int | None,
    group_id: str | None,
    deduplication_id: str | None,
) -> dict[str, Any]:
    """Send a content that was checked, and answer as SendMessage and each entry of its batch do."""
    _check_tokens(queue, group_id, deduplication_id)
    _check_delay(queue, delay_seconds)
    message_id, sequence_number = queue.send(
        content,
        call.now,
        sender_id=call.scope.account,
        delay_seconds=delay_seconds,
        group_id=group_id,
        deduplication_id=deduplication_id,
    )
    result = {"MD5OfMessageBody": content.md5_of_body, "MessageId": message_id}
    if content.md5_of_attributes is not None:
        result["MD5OfMessageAttributes"] = content.md5_of_attributes
    if content.trace_header is not None:
        trace_header = {_TRACE_HEADER: ("String", content.trace_header)}
        result["MD5OfMessageSystemAttributes"] = md5_of_attributes(trace_header)
    if sequence_number is not None:
        result["SequenceNumber"] = sequence_number
    return result


def _check_tokens(queue: Queue, group_id: str | None, deduplication_id: str | None) -> None:
    if group_id is not None:
        _check_token("MessageGroupId", group_id)
    if deduplication_id is not None:
        if not queue.settings.fifo:
            raise _wrong_for_queue_type("MessageDeduplicationId", deduplication_id)
        _check_token("MessageDeduplicationId", deduplication_id)


def _check_token(name: str, token: str) -> None:
    if not _TOKEN.match(token):
        raise InvalidParameterValueException(
            f"Value {token} for parameter {name} is invalid. Reason: {name} can only include alphanumeric "
            "and punctuation characters. 1 to 128 in length."
        )


def _check_delay(queue: Queue, delay_seconds: int | None) -> None:
    if not delay_seconds:
        return
    if queue.settings.fifo:
        raise _wrong_for_queue_type("DelaySeconds", delay_seconds)
    if not 0 <= delay_seconds <= DELAY_SECONDS:
        raise InvalidParameterValueException(
            f"Value {delay_seconds} for parameter DelaySeconds is invalid. Reason: "
            f"DelaySeconds must be >= 0 and <= {DELAY_SECONDS}."
        )


def _wrong_for_queue_type(name: str, value: object) -> InvalidParameterValueException:
    return InvalidParameterValueException(
        f"Value {value} for parameter {name} is invalid. "
        "Reason: The request include parameter that is not valid for this queue type."
    )


@sqs.operation
async def receive_message(
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
) -> dict[str, Any]:
    queue = find_queue(call, queue_url)
    system_names = {*(attribute_names or ()), *(message_system_attribute_names or ())}
    _check_system_names(system_names)
    request = _read_receive_request(max_number_of_messages, visibility_timeout)
    wait_seconds = _read_wait(queue, wait_time_seconds)
    received = queue.receive(request, call.now)
    if not received and wait_seconds:
        received = await call.while_connected(queue.wait(request, wait_seconds, call.now))
    if not received:
        return {}
    names = message_attribute_names or []
    return {"Messages": [_write_message(queue, item, system_names, names) for item in received]}


def _check_system_names(names: set[str]) -> None:
    for name in names:
        if name not in _SYSTEM_ATTRIBUTES and name not in QUEUE_ATTRIBUTE_NAMES:
            raise InvalidAttributeName(f"Unknown Attribute {name}.")


def _read_receive_request(limit: int | None, visibility_timeout: int | None) -> ReceiveRequest:
    if limit is not None and not 1 <= limit <= RECEIVE_MESSAGES:
        raise InvalidParameterValueException(
            f"Value {limit} for parameter MaxNumberOfMessages is invalid. "
            f"Reason: Must be between 1 and {RECEIVE_MESSAGES}, if provided."
        )
    if visibility_timeout is not None:
        check_visibility_timeout(visibility_timeout)
    return ReceiveRequest(limit or 1, visibility_timeout)


def _read_wait(queue: Queue, seconds: int | None) -> int:
    if seconds is None:
        return queue.settings.receive_message_wait_time_seconds
    if not 0 <= seconds <= RECEIVE_WAIT_SECONDS:
        raise InvalidParameterValueException(
            f"Value {seconds} for parameter WaitTimeSeconds is invalid. "
            f"Reason: Must be >= 0 and <= {RECEIVE_WAIT_SECONDS}, if provided."
        )
    return seconds


def _write_message(
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
    if system_names:
        result["Attributes"] = _write_system_attributes(queue, message, system_names)
    if attribute_names and (selected := select_attributes(content.attributes, attribute_names)):
        result |= write_attributes(selected)
    return result


def _write_system_attributes(queue: Queue, message: Message, names: set[str]) -> dict[str, str]:
    wanted = _SYSTEM_ATTRIBUTES if "All" in names else names & _SYSTEM_ATTRIBUTES.keys()
    written = ((name, _SYSTEM_ATTRIBUTES[name](queue, message)) for name in wanted)
    return {name: text for name, text in written if text is not None}


def _milliseconds(at: float | None) -> str | None:
    return None if at is None else str(int(at * 1000))


_SYSTEM_ATTRIBUTES: dict[str, Callable[[Queue, Message], str | None]] = {
    "SenderId": lambda _, message: message.sender_id,
    "ApproximateFirstReceiveTimestamp": lambda _, message: _milliseconds(message.first_received_at),
    "ApproximateReceiveCount": lambda _, message: str(message.receive_count),
    "SentTimestamp": lambda _, message: _milliseconds(message.sent_at),
    "SequenceNumber": lambda queue, message: queue.sequence_number(message),
    "MessageDeduplicationId": lambda _, message: message.deduplication_id,
    "MessageGroupId": lambda _, message: message.group_id,
    _TRACE_HEADER: lambda _, message: message.content.trace_header,
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
    queue.change_visibility(receipt_handle, visibility_timeout, call.now)


def check_visibility_timeout(seconds: int) -> None:
    if not 0 <= seconds <= VISIBILITY_SECONDS:
        raise InvalidParameterValueException(
            f"Value {seconds} for parameter VisibilityTimeout is invalid. "
            f"Reason: VisibilityTimeout must be an integer between 0 and {VISIBILITY_SECONDS}."
        )
