"""One message: what it says, its story, and how to send the like of it again."""

import json
from collections.abc import Iterator
from shlex import quote
from typing import Any

from pocketbus.inspector.client import Client, RefusedError
from pocketbus.inspector.text import kind_of, layers, name_of, parsed
from pocketbus.inspector.visit import Visit

_COPIED = 20_000
"""Characters of a body that are put into a command."""


async def view(visit: Visit) -> dict[str, Any]:
    client, message_id = visit.client, visit.text("id")
    if not message_id:
        return {"id": ""}
    told = await client.get("trace", subject=message_id, limit=1000)
    queue, message = await _where(client, visit.text("queue"), told["records"], message_id)
    passed = [] if message else (await client.get("passed", subject=message_id, limit=1))["passed"]
    queues = await client.all("queues")
    return {
        "id": message_id,
        "queue": queue,
        "message": message,
        "passed": passed[0] if passed else None,
        "layers": layers(message["body"]) if message else [],
        "story": _story(told["records"]),
        "unmatched": told["unmatched"],
        "copies": copies(client, queue, message) if message else {},
        "others": [one for one in queues if one["arn"] != queue],
    }


async def _where(
    client: Client, queue: str, records: list[dict[str, Any]], message_id: str
) -> tuple[str, dict[str, Any] | None]:
    """Find the message in the queue where it is said to be, or else where its story leads."""
    for place in dict.fromkeys((queue, *_queues_of(records, message_id))):
        message = await _message(client, place, message_id) if place else None
        if message is not None:
            return place, message
    return queue, None


def _queues_of(records: list[dict[str, Any]], message_id: str) -> Iterator[str]:
    """Yield the queues that a message was in, the last first."""
    for one in reversed(records):
        if message_id in (one["subject"], one["became"]):
            if one["verb"] == "dead-lettered":
                yield one["why"].rpartition(" to ")[2]
            if kind_of(one["resource"]) == "queue":
                yield one["resource"]


async def _message(client: Client, queue: str, message_id: str) -> dict[str, Any] | None:
    try:
        found = (await client.get("messages", queue=queue, message_id=message_id, limit=1))["messages"]
    except RefusedError:
        return None  # the queue is gone
    return found[0] if found else None


def _story(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Tell how long after the first step each came."""
    start = records[0]["at"] if records else 0
    return [{**one, "after": one["at"] - start} for one in records]


def copies(client: Client, queue: str, message: dict[str, Any]) -> dict[str, str]:
    """Write the message as a command and as code."""
    if len(message["body"]) > _COPIED:
        return {}
    attributes = {
        name: {
            "DataType": one["data_type"],
            "BinaryValue" if one["data_type"].startswith("Binary") else "StringValue": one["value"],
        }
        for name, one in message["attributes"].items()
    }
    fifo = {"MessageGroupId": message["group_id"], "MessageDeduplicationId": message["deduplication_id"]}
    more = {name: value for name, value in fifo.items() if value}
    return {
        "AWS CLI": _as_cli(client, queue, message["body"], attributes, more),
        "boto3": _as_boto3(client, queue, message["body"], attributes, more),
        "pytest": _as_assertion(queue, message["body"]),
    }


def _as_cli(client: Client, queue: str, body: str, attributes: dict[str, Any], more: dict[str, str]) -> str:
    lines = [
        f"aws --endpoint-url {quote(client.base_url)} --region {quote(queue.split(':')[3])} sqs send-message",
        f"--queue-url {quote(client.url_of(queue))}",
        f"--message-body {quote(body)}",
    ]
    if attributes:
        lines.append(f"--message-attributes {quote(json.dumps(attributes))}")
    names = {"MessageGroupId": "message-group-id", "MessageDeduplicationId": "message-deduplication-id"}
    lines += [f"--{names[name]} {quote(value)}" for name, value in more.items()]
    return " \\\n  ".join(lines)


def _as_boto3(client: Client, queue: str, body: str, attributes: dict[str, Any], more: dict[str, str]) -> str:
    given: dict[str, Any] = {"QueueUrl": client.url_of(queue), "MessageBody": body}
    if attributes:
        given["MessageAttributes"] = attributes
    given |= more
    arguments = "".join(f"    {name}={value!r},\n" for name, value in given.items())
    start = (
        f'sqs = boto3.client("sqs", endpoint_url={client.base_url!r}, region_name={queue.split(":")[3]!r})'
    )
    return f"import boto3\n\n{start}\nsqs.send_message(\n{arguments})"


def _as_assertion(queue: str, body: str) -> str:
    if isinstance(parsed(body), dict | list):
        literal = json.dumps(parsed(body)).replace("`", "\\u0060")
        matching = f"from_json(body) == `{literal}`"
    else:
        literal = json.dumps(body).replace("`", "\\u0060")
        matching = f"body == `{literal}`"
    expected = f"pocketbus.expect_message({name_of(queue)!r}, matching={matching!r})"
    return f"def test_the_message_arrives(pocketbus):\n    {expected}"
