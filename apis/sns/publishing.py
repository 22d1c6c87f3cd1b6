"""Publish, and the reading of a publication that it shares with the batch."""

import re
from functools import partial
from typing import Any

from pocketbus.apis.call import Call, Result, after
from pocketbus.apis.sns.arns import endpoint_at, find_topic, parse_arn
from pocketbus.apis.sns.invalid import invalid
from pocketbus.apis.sns.message_attributes import read_attributes
from pocketbus.apis.sns.service import sns
from pocketbus.emulator.deliveries.carrying import carry_in_slices
from pocketbus.emulator.message import NO_ATTRIBUTES
from pocketbus.emulator.topics.platform import PlatformEndpoint
from pocketbus.emulator.topics.publication import Publication
from pocketbus.emulator.topics.sms import is_phone_number
from pocketbus.emulator.topics.topic import Published, Topic
from pocketbus.rules.json_text import decode

# Up to 100 characters are taken, although the API reference says fewer than 100.
_SUBJECT = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,100}")
_TOKEN = re.compile(r"[!-~]{1,128}")


@sns.operation
def publish(
    call: Call,
    *,
    message: str,
    topic_arn: str | None = None,
    target_arn: str | None = None,
    phone_number: str | None = None,
    subject: str | None = None,
    message_structure: str | None = None,
    message_attributes: dict[str, Any] | None = None,
    message_deduplication_id: str | None = None,
    message_group_id: str | None = None,
) -> Result:
    if topic_arn is not None:
        destination: Topic | PlatformEndpoint | str = find_topic(call, topic_arn)
    else:
        destination = _find_destination(call, target_arn, phone_number)
    publication = read_publication(
        message,
        subject,
        message_structure,
        message_attributes,
        message_group_id,
        message_deduplication_id,
        call.trace_header,
    )
    match destination:
        case Topic():
            published = destination.publish(publication, call.now)
            if published.deliveries:  # a FIFO topic's fit in one slice
                rest = carry_in_slices(published.deliveries, call.engine, call.now)
                if rest is not None:
                    return after(rest, partial(write_published, published))
            return write_published(published)
        case PlatformEndpoint():
            message_id = destination.publish(publication, call.now)
        case _:
            message_id = call.scope.sns.sms.publish(destination, publication, call.now)
    return {"MessageId": message_id}


def _find_destination(
    call: Call, target_arn: str | None, phone_number: str | None
) -> Topic | PlatformEndpoint | str:
    """Find the topic or the device, or return the phone number."""
    if target_arn is not None:
        return _find_target(call, target_arn)
    if phone_number is None:
        raise invalid("TopicArn or TargetArn", "no value for required parameter")
    if not is_phone_number(phone_number):
        raise invalid("PhoneNumber", f"{phone_number} is not valid to publish to")
    return phone_number


def _find_target(call: Call, arn: str) -> Topic | PlatformEndpoint:
    if not parse_arn(arn, "TargetArn").resource.startswith("endpoint/"):
        return find_topic(call, arn, "TargetArn")
    endpoint = endpoint_at(call, arn, "TargetArn")
    if endpoint is None:
        raise invalid("TargetArn", "No endpoint found for the target arn specified")
    endpoint.check_enabled()
    return endpoint


def read_publication(
    message: str,
    subject: str | None,
    structure: str | None,
    attributes: dict[str, Any] | None,
    group_id: str | None,
    deduplication_id: str | None,
    trace_header: str | None,
) -> Publication:
    if not message:
        raise invalid("Empty message")
    if subject is not None and not _SUBJECT.fullmatch(subject):
        raise invalid("Subject")
    if group_id is not None:
        _check_token("MessageGroupId", group_id)
    if deduplication_id is not None:
        _check_token("MessageDeduplicationId", deduplication_id)
    return Publication(
        message,
        subject,
        None if structure is None else _read_structure(message, structure),
        read_attributes(attributes) if attributes else NO_ATTRIBUTES,
        group_id,
        deduplication_id,
        trace_header,
    )


def _check_token(name: str, token: str) -> None:
    if not _TOKEN.fullmatch(token):
        raise invalid(name, "can only include alphanumeric and punctuation characters, 1 to 128 in length")


def _read_structure(message: str, structure: str) -> dict[str, str]:
    """Read a message that differs by protocol; texts only, other values do not count. Of equal keys the last counts."""
    if structure != "json":
        raise invalid("MessageStructure")
    try:
        texts = decode(message)
    except ValueError:
        raise invalid("Message Structure - JSON message body failed to parse") from None
    if not isinstance(texts, dict) or type(texts.get("default")) is not str:
        raise invalid("Message Structure - No default entry in JSON message body")
    return {protocol: text for protocol, text in texts.items() if type(text) is str}


def write_published(published: Published) -> dict[str, Any]:
    result = {"MessageId": published.message_id}
    if published.sequence_number is not None:
        result["SequenceNumber"] = published.sequence_number
    return result
