"""Sends what a person types: messages to queues and topics, events to buses."""

import json
import sys
from argparse import Namespace
from typing import Any

from pocketbus.command.asking import UsageError
from pocketbus.command.outcome import Outcome
from pocketbus.command.remote import Remote, RemoteError


def send(remote: Remote, options: Namespace) -> Outcome:
    queue = remote.find("queues", options.queue)
    attributes = {
        name: {"DataType": "String", "StringValue": text} for name, text in pairs(options.attribute).items()
    }
    members = {
        "QueueUrl": f"{remote.url}/queue/{queue.region}/{queue.account}/{queue.name}",
        "MessageBody": text_of(options.body),
        "DelaySeconds": options.delay,
        "MessageGroupId": options.group,
        "MessageDeduplicationId": options.deduplication_id,
        "MessageAttributes": attributes or None,
    }
    sent = remote.call("AmazonSQS.SendMessage", "sqs", queue, **_given(members))
    return Outcome(sent, [f"sent to {queue.name}: {sent['MessageId']}"])


def publish(remote: Remote, options: Namespace) -> Outcome:
    topic = remote.find("topics", options.topic)
    members = {
        "Action": "Publish",
        "TopicArn": topic.text,
        "Message": text_of(options.body),
        "Subject": options.subject,
        "MessageGroupId": options.group,
        "MessageDeduplicationId": options.deduplication_id,
    }
    for number, (name, text) in enumerate(pairs(options.attribute).items(), 1):
        entry = f"MessageAttributes.entry.{number}"
        members |= {
            f"{entry}.Name": name,
            f"{entry}.Value.DataType": "String",
            f"{entry}.Value.StringValue": text,
        }
    published = remote.call_query("sns", topic, **_given(members))
    message_id = published["MessageId"]
    return Outcome({"MessageId": message_id}, [f"published to {topic.name}: {message_id}"])


def put_event(remote: Remote, options: Namespace) -> Outcome:
    bus = remote.find("buses", options.bus or "default")
    entry = {
        "Source": options.source or "command",
        "DetailType": options.detail_type or "test",
        "Detail": text_of(options.detail),
        "EventBusName": bus.text,
    }
    answer = remote.call("AWSEvents.PutEvents", "events", bus, Entries=[entry])
    outcome = answer["Entries"][0]
    if "ErrorCode" in outcome:
        raise RemoteError(f"{outcome['ErrorCode']}: {outcome['ErrorMessage']}")
    return Outcome(answer, [f"put on {bus.name}: {outcome['EventId']}"])


def text_of(given: str | None) -> str:
    """Return what was typed or, where that is nothing or a dash, what comes on standard input."""
    return sys.stdin.read() if given in (None, "-") else str(given)


def pairs(given: list[str]) -> dict[str, str]:
    """Read `NAME=TEXT`, several. Raise UsageError."""
    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise UsageError(f"{text!r} is not of the form NAME=VALUE")
        found[name] = value
    return found


def json_of(text: str, what: str) -> dict[str, Any]:
    """Read a JSON object. Raise UsageError."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise UsageError(f"{what} is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise UsageError(f"{what} is no JSON object")
    return found


def _given(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
