"""Sending a message: what it may be, and what its sender is told."""

from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.sqs.message_attributes import (
    ALLOWED_CHARACTERS,
    forbidden_character,
    read_attribute,
    read_attributes,
)
from pocketbus.apis.sqs.parameters import check_fifo, check_token, invalid, wrong_for_queue_type
from pocketbus.apis.sqs.service import sqs
from pocketbus.apis.sqs.urls import find_queue
from pocketbus.emulator.digests import md5_of_attributes
from pocketbus.emulator.errors import (
    InvalidMessageContents,
    InvalidParameterValueException,
    MissingRequiredParameterException,
)
from pocketbus.emulator.limits import DELAY_SECONDS
from pocketbus.emulator.message import NO_ATTRIBUTES, Text
from pocketbus.emulator.queues.queue import Queue

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
    content = read_content(call, message_body, message_attributes, message_system_attributes)
    sent = send(call, queue, content, delay_seconds, message_group_id, message_deduplication_id)
    return sent | digest_of(content, message_system_attributes) if message_system_attributes else sent


def read_content(
    call: Call, body: str, attributes: dict[str, Any] | None, system_attributes: dict[str, Any] | None
) -> Text:
    """Check what is to be sent, but for its size, which is the queue's affair."""
    if not body:
        raise MissingRequiredParameterException("The request must contain the parameter MessageBody.")
    if (character := forbidden_character(body)) is not None:
        raise InvalidMessageContents(
            f"Invalid binary character '{character}' was found in the message body, {ALLOWED_CHARACTERS}"
        )
    trace_header = (system_attributes and _read_trace_header(system_attributes)) or call.trace_header
    return Text(body, read_attributes(attributes) if attributes else NO_ATTRIBUTES, trace_header)


def _read_trace_header(system_attributes: dict[str, Any]) -> str:
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
    if group_id is not None or deduplication_id is not None:
        _check_tokens(queue, group_id, deduplication_id)
    if delay_seconds:
        _check_delay(queue, delay_seconds)
    sent = queue.send(
        content,
        call.now,
        sender_id=call.scope.account,
        delay_seconds=delay_seconds,
        group_id=group_id,
        deduplication_id=deduplication_id,
    )
    result = {"MD5OfMessageBody": content.md5_of_body, "MessageId": sent.message_id}
    if content.md5_of_attributes is not None:
        result["MD5OfMessageAttributes"] = content.md5_of_attributes
    if sent.sequence_number is not None:
        result["SequenceNumber"] = sent.sequence_number
    return result


def digest_of(content: Text, system_attributes: dict[str, Any] | None) -> dict[str, str]:
    """Return the digest of the system attributes that were sent; a header of the request is none of them."""
    if not system_attributes or content.trace_header is None:
        return {}
    digest = md5_of_attributes({_TRACE_HEADER: ("String", content.trace_header)})
    return {"MD5OfMessageSystemAttributes": digest}


def _check_tokens(queue: Queue, group_id: str | None, deduplication_id: str | None) -> None:
    if group_id is not None:
        check_token("MessageGroupId", group_id)
    if deduplication_id is not None:
        check_fifo(queue, "MessageDeduplicationId", deduplication_id)
        check_token("MessageDeduplicationId", deduplication_id)


def _check_delay(queue: Queue, delay_seconds: int) -> None:
    if queue.settings.fifo:
        raise wrong_for_queue_type("DelaySeconds", delay_seconds)
    if not 0 <= delay_seconds <= DELAY_SECONDS:
        raise invalid("DelaySeconds", delay_seconds, f"DelaySeconds must be >= 0 and <= {DELAY_SECONDS}.")
