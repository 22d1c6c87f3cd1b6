"""Dead letters: all of them by where they came from and why, sent back at a rate, one by one, or changed."""

from collections.abc import Iterable, Iterator
from typing import Any

from pocketbus.inspector.client import Client, RefusedError
from pocketbus.inspector.text import name_of
from pocketbus.inspector.visit import Done, Visit

_SHOWN = 100
"""Of one queue, so many dead letters are shown."""
_CHARACTERS = 2000
_UNKNOWN = "unknown"

Items = Iterable[dict[str, Any]]


def targets_of_dead_letters(queues: Items, subscriptions: Items, targets: Items) -> set[str]:
    """Return the ARNs of the queues that dead letters go to."""
    policies = (queue["settings"]["redrive_policy"] for queue in queues)
    named = {policy["dead_letter_target"] for policy in policies if policy}
    return named | {
        one["dead_letter_target"] for one in (*subscriptions, *targets) if one["dead_letter_target"]
    }


async def view(visit: Visit) -> dict[str, Any]:
    client = visit.client
    queues = await client.all("queues")
    dead = targets_of_dead_letters(queues, await client.all("subscriptions"), await client.all("targets"))
    shown = [queue for queue in queues if queue["arn"] in dead]
    shown.sort(key=lambda queue: -held(queue))
    return {"queues": [await _letters(client, queue, queues) for queue in shown], "shown": _SHOWN}


def held(queue: dict[str, Any]) -> int:
    """Count a queue's messages in all states."""
    return int(queue["ready"] + queue["delayed"] + queue["in_flight"])


async def _letters(client: Client, queue: dict[str, Any], queues: Items) -> dict[str, Any]:
    arn = queue["arn"]
    answer = await client.get("messages", queue=arn, limit=_SHOWN, body_limit=_CHARACTERS)
    letters = [await _letter(client, arn, message) for message in answer["messages"]]
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for letter in letters:
        groups.setdefault((letter["source"], letter["reason"]), []).append(letter)
    sources = [one for one in queues if _goes_to(one, arn)]
    tasks = await client.sqs_move("ListMessageMoveTasks", arn, SourceArn=arn, MaxResults=5)
    return {
        "queue": queue,
        "held": held(queue),
        "groups": groups,
        "sources": sources,
        "tasks": tasks.get("Results", []),
        "others": [
            one
            for one in queues
            if one["arn"] != arn and one["settings"]["fifo"] == queue["settings"]["fifo"]
        ],
    }


def _goes_to(queue: dict[str, Any], arn: str) -> bool:
    policy = queue["settings"]["redrive_policy"]
    return bool(policy) and policy["dead_letter_target"] == arn


async def _letter(client: Client, queue: str, message: dict[str, Any]) -> dict[str, Any]:
    source, reason = await _why(client, queue, message)
    return {**message, "source": source, "reason": reason}


async def _why(client: Client, queue: str, message: dict[str, Any]) -> tuple[str, str]:
    """Return where a dead letter came from and why: as it says itself, or as the trace has it."""
    attributes = message["attributes"]
    if "RULE_ARN" in attributes:
        code = attributes.get("ERROR_CODE", {}).get("value", "")
        words = attributes.get("ERROR_MESSAGE", {}).get("value", "")
        return attributes["RULE_ARN"]["value"], f"{code}: {words}"
    story = (await client.get("trace", subject=message["message_id"], limit=1000))["records"]
    if message["dead_letter_source"]:
        why = next(_told(story, "dead-lettered"), f"received {message['receive_count']} times")
        return message["dead_letter_source"], why.partition(", to ")[0]
    brought = (one for one in story if one["verb"] == "delivered" and one["became"] == message["message_id"])
    source = next((one["why"] for one in brought if one["resource"] == queue), _UNKNOWN)
    return source, next(
        _told(story, "undeliverable"), "sent here by hand" if source == _UNKNOWN else "undeliverable"
    )


def _told(story: Items, verb: str) -> Iterator[str]:
    return (one["why"] for one in story if one["verb"] == verb)


async def redrive(visit: Visit) -> Done:
    """Start a move task: everything, at a rate, to where it came from or to one queue."""
    arn = visit.text("queue")
    rate = visit.text("rate")
    await visit.client.sqs_move(
        "StartMessageMoveTask",
        arn,
        SourceArn=arn,
        DestinationArn=visit.text("to"),
        MaxNumberOfMessagesPerSecond=int(rate) if rate.isdecimal() else None,
    )
    return Done(f"The redrive of {name_of(arn)} has started.")


async def cancel_redrive(visit: Visit) -> Done:
    arn, handle = visit.text("queue"), visit.text("task")
    answer = await visit.client.sqs_move("CancelMessageMoveTask", arn, TaskHandle=handle)
    moved = answer["ApproximateNumberOfMessagesMoved"]
    return Done(f"The redrive of {name_of(arn)} is cancelled; {moved} messages were moved.")


async def redrive_selected(visit: Visit) -> Done:
    """Move the messages that were chosen, each to where it came from or all to one queue."""
    moved, refused = 0, ""
    for one in visit.all("message"):
        message_id, _, queue = one.partition(" ")
        try:
            await visit.client.post("messages/move", queue=queue, message_id=message_id, to=visit.text("to"))
            moved += 1
        except RefusedError as error:
            refused = f" {len(visit.all('message')) - moved} stayed: {error}"
    return Done(f"{moved} moved.{refused}")


async def delete_selected(visit: Visit) -> Done:
    deleted = 0
    for one in visit.all("message"):
        message_id, _, queue = one.partition(" ")
        await visit.client.delete("messages", queue=queue, message_id=message_id)
        deleted += 1
    return Done(f"{deleted} deleted.")
