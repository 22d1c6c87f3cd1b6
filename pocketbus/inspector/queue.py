"""One queue: its counts, what feeds it, what happened lately, and its messages."""

from typing import Any

from pocketbus.inspector.client import RefusedError
from pocketbus.inspector.dead_letters import held, targets_of_dead_letters
from pocketbus.inspector.text import name_of
from pocketbus.inspector.visit import ROOT, Done, Visit

_PAGE = 50
_CHARACTERS = 500
STATES = ("ready", "delayed", "in_flight")
_SERIES = ("sent", "received", "deleted")
_BAR, _BAR_GAP, _CHART = 8, 2, 64


async def view(visit: Visit) -> dict[str, Any]:
    client, arn = visit.client, visit.text("queue")
    queues = await client.all("queues")
    queue = next((one for one in queues if arn in (one["arn"], one["name"])), None)
    if queue is None:
        raise RefusedError(f"There is no queue {name_of(arn)}.")
    arn = queue["arn"]
    subscriptions, targets = await client.all("subscriptions"), await client.all("targets")
    state, matching, after = visit.text("state"), visit.text("matching"), visit.text("after", "0")
    listing: dict[str, Any] = {"messages": [], "next": None}
    mistake = ""
    try:
        listing = await client.get(
            "messages",
            queue=arn,
            state=state,
            matching=matching,
            after=after,
            limit=_PAGE,
            body_limit=_CHARACTERS,
        )
    except RefusedError as error:
        mistake = str(error)
    policy = queue["settings"]["redrive_policy"]
    return {
        "queue": queue,
        "held": held(queue),
        "oldest": None if queue["oldest_sent_at"] is None else visit.now - queue["oldest_sent_at"],
        "chart": chart((await client.get("rates", resource=arn))["slices"]),
        "feeds": [
            *({"arn": one["topic"], "line": one["arn"]} for one in subscriptions if one["endpoint"] == arn),
            *({"arn": one["rule"], "line": one["rule"]} for one in targets if one["arn"] == arn),
        ],
        "letters_of": [one for one in queues if _dead_letters_to(one, arn)],
        "is_dead": arn in targets_of_dead_letters(queues, subscriptions, targets),
        "dead_letter_queue": next(
            (one for one in queues if policy and one["arn"] == policy["dead_letter_target"]), None
        ),
        "others": [
            one
            for one in queues
            if one["arn"] != arn and one["settings"]["fifo"] == queue["settings"]["fifo"]
        ],
        "messages": listing["messages"],
        "next": listing["next"],
        "state": state,
        "states": STATES,
        "matching": matching,
        "after": int(after) if after.isdecimal() else 0,
        "page": _PAGE,
        "mistake": mistake,
    }


def _dead_letters_to(queue: dict[str, Any], arn: str) -> bool:
    policy = queue["settings"]["redrive_policy"]
    return bool(policy) and policy["dead_letter_target"] == arn


def chart(slices: list[dict[str, Any]]) -> dict[str, Any]:
    """Lay out a row of bars for each series, all to one scale."""
    most = max((one["counts"][verb] for one in slices for verb in _SERIES), default=0)
    rows = []
    for verb in _SERIES:
        counts = [one["counts"][verb] for one in slices]
        bars = [
            {
                "x": number * (_BAR + _BAR_GAP),
                "height": round(count / most * (_CHART - 4)) + 2,
                "count": count,
            }
            for number, count in enumerate(counts)
            if count
        ]
        rows.append({"verb": verb, "bars": bars, "total": sum(counts)})
    return {
        "rows": rows,
        "width": len(slices) * (_BAR + _BAR_GAP),
        "height": _CHART,
        "bar": _BAR,
        "most": most,
    }


async def purge(visit: Visit) -> Done:
    arn = visit.text("queue")
    await visit.client.sqs("PurgeQueue", arn)
    return Done(f"{name_of(arn)} is purged.")


async def crash(visit: Visit) -> Done:
    arn = visit.text("queue")
    returned = (await visit.client.post("faults/crash", queue=arn))["returned"]
    return Done(f"{returned} messages in flight were returned to {name_of(arn)}.")


async def delete(visit: Visit) -> Done:
    """Delete one message."""
    arn, message_id = visit.text("queue"), visit.text("message_id")
    await visit.client.delete("messages", queue=arn, message_id=message_id)
    return Done(f"The message {message_id} is deleted.", f"{ROOT}/queue?queue={arn}")


async def move(visit: Visit) -> Done:
    """Move one message to another queue, where it has another id."""
    arn, message_id = visit.text("queue"), visit.text("message_id")
    moved = await visit.client.post("messages/move", queue=arn, message_id=message_id, to=visit.text("to"))
    to = f"{ROOT}/message?id={moved['message_id']}&queue={moved['queue']}"
    return Done(f"The message was moved to {name_of(moved['queue'])}.", to)
