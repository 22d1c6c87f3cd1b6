"""Publish: to a queue, a topic or a bus; before, what would become of it; after, where it went."""

import json
from typing import Any
from urllib.parse import urlencode

from pocketbus.inspector.client import Client, RefusedError
from pocketbus.inspector.text import kind_of, name_of, parsed
from pocketbus.inspector.visit import ROOT, Done, Visit

FIELDS = (
    *("to", "body", "attributes", "subject", "source", "detail_type"),
    *("group_id", "deduplication_id", "delay"),
)
_RECENT = 12


async def view(visit: Visit) -> dict[str, Any]:
    client = visit.client
    given = {name: visit.text(name) for name in FIELDS} | await _copied(visit)
    to = given["to"]
    return {
        "given": given,
        "kind": kind_of(to) if to else "",
        "places": [(noun, await client.all(noun)) for noun in ("queues", "topics", "buses")],
        "verdicts": await _verdicts(client, given) if visit.text("ask") or to else None,
        "recent": (await client.get("passed", limit=_RECENT))["passed"],
        "went": await _went(client, visit.text("sent")),
        "sent": visit.text("sent"),
    }


async def _copied(visit: Visit) -> dict[str, str]:
    """Fill in what a message in a queue says, or what passed a topic or a bus."""
    client, message_id, queue = visit.client, visit.text("from"), visit.text("queue")
    if not message_id:
        return {}
    if queue:
        found = (await client.get("messages", queue=queue, message_id=message_id, limit=1))["messages"]
        if not found:
            return {}
        message = found[0]
        return {
            "to": visit.text("to") or queue,
            "body": message["body"],
            "attributes": _written(message["attributes"]),
            "group_id": message["group_id"] or "",
        }
    passed = (await client.get("passed", subject=message_id, limit=1))["passed"]
    if not passed:
        return {}
    one = passed[0]
    if "event" in one:
        event = one["event"]
        detail = json.dumps(event["detail"], indent=2, ensure_ascii=False)
        return {
            "to": one["resource"],
            "body": detail,
            "source": event["source"],
            "detail_type": event["detail-type"],
        }
    return {"to": one["resource"], "body": one["message"], "attributes": _written(one["attributes"])}


def _written(attributes: dict[str, dict[str, str]]) -> str:
    if not attributes:
        return ""
    of_aws = {name: _of_aws(one["data_type"], one["value"]) for name, one in attributes.items()}
    return json.dumps(of_aws, indent=2, ensure_ascii=False)


def _of_aws(data_type: str, value: str) -> dict[str, str]:
    return {"DataType": data_type, "BinaryValue" if data_type.startswith("Binary") else "StringValue": value}


async def _verdicts(client: Client, given: dict[str, str]) -> dict[str, Any] | None:
    """Ask each rule or subscription of the destination."""
    to, kind = given["to"], kind_of(given["to"])
    try:
        if kind == "topic":
            attributes = _attributes(given["attributes"])
            asked = {"topic": to, "message": given["body"] or " ", "attributes": attributes or None}
            return {"verdicts": (await client.post("explain", **asked, limit=1000))["verdicts"]}
        if kind == "event bus":
            event = {"source": given["source"], "detail-type": given["detail_type"], "detail": _detail(given)}
            answer = await client.post("explain", bus=to, event=event, limit=1000)
            return {"verdicts": answer["verdicts"]}
    except RefusedError as error:
        return {"verdicts": [], "mistake": str(error)}
    return None


def _detail(given: dict[str, str]) -> Any:
    read = parsed(given["body"] or "{}")
    if not isinstance(read, dict):
        raise RefusedError("The detail of an event is a JSON object.")
    return read


def _attributes(text: str) -> dict[str, Any]:
    """Read attributes: by name a text, a number, or what AWS itself takes."""
    if not text.strip():
        return {}
    read = parsed(text)
    if not isinstance(read, dict):
        raise RefusedError('The message attributes are a JSON object, such as {"color": "red"}.')
    return {name: _attribute(value) for name, value in read.items()}


def _attribute(value: Any) -> dict[str, str]:
    if isinstance(value, dict):
        return {str(name): str(part) for name, part in value.items()}
    if isinstance(value, list):
        return {"DataType": "String.Array", "StringValue": json.dumps(value)}
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return {"DataType": "Number" if is_number else "String", "StringValue": str(value)}


async def send(visit: Visit) -> Done:
    """Send, publish or put what the form says."""
    given = {name: visit.text(name) for name in FIELDS}
    to = given["to"]
    if not to:
        raise RefusedError("Choose where it goes.")
    kind = kind_of(to)
    if kind == "queue":
        sent = await _send(visit.client, given)
    elif kind == "topic":
        sent = await _publish(visit.client, given)
    else:
        sent = await _put(visit.client, given)
    asked = {**{name: text for name, text in given.items() if text and name != "body"}, "sent": sent}
    return Done(f"Sent to {name_of(to)} as {sent}.", f"{ROOT}/publish?{urlencode(asked)}")


async def _send(client: Client, given: dict[str, str]) -> str:
    answer = await client.sqs(
        "SendMessage",
        given["to"],
        MessageBody=given["body"],
        MessageAttributes=_attributes(given["attributes"]) or None,
        MessageGroupId=given["group_id"],
        MessageDeduplicationId=given["deduplication_id"],
        DelaySeconds=int(given["delay"]) if given["delay"].isdecimal() else None,
    )
    return str(answer["MessageId"])


async def _publish(client: Client, given: dict[str, str]) -> str:
    answer = await client.sns(
        "Publish",
        given["to"],
        TopicArn=given["to"],
        Message=given["body"],
        Subject=given["subject"],
        MessageAttributes=_attributes(given["attributes"]),
        MessageGroupId=given["group_id"],
        MessageDeduplicationId=given["deduplication_id"],
    )
    return answer["MessageId"]


async def _put(client: Client, given: dict[str, str]) -> str:
    entry = {
        "EventBusName": given["to"],
        "Source": given["source"],
        "DetailType": given["detail_type"],
        "Detail": given["body"] or "{}",
    }
    (result,) = (await client.events("PutEvents", given["to"], Entries=[entry]))["Entries"]
    if "EventId" not in result:
        raise RefusedError(f"{result['ErrorCode']}: {result['ErrorMessage']}")
    return str(result["EventId"])


async def _went(client: Client, sent: str) -> list[dict[str, Any]]:
    """Return where something went: the steps of its story that end somewhere."""
    if not sent:
        return []
    records = (await client.get("trace", subject=sent, limit=1000))["records"]
    ends = ("sent", "delivered", "captured", "undeliverable", "unmatched", "attempted")
    brought = {one["became"] for one in records if one["verb"] == "delivered"}
    return [
        one
        for one in records
        if one["verb"] in ends and not (one["verb"] == "sent" and one["subject"] in brought)
    ]
