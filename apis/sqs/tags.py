"""Tags on queues."""

from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.sqs.service import sqs
from pocketbus.apis.sqs.urls import find_queue
from pocketbus.emulator.errors import InvalidParameterValueException
from pocketbus.emulator.limits import QUEUE_TAGS


@sqs.operation
def tag_queue(call: Call, *, queue_url: str, tags: dict[str, str]) -> None:
    queue = find_queue(call, queue_url)
    merged = queue.tags | tags
    if len(merged) > QUEUE_TAGS:
        raise InvalidParameterValueException(f"Too many tags added for queue {queue.name}.")
    queue.tags = merged


@sqs.operation
def untag_queue(call: Call, *, queue_url: str, tag_keys: list[str]) -> None:
    queue = find_queue(call, queue_url)
    for key in tag_keys:
        queue.tags.pop(key, None)


@sqs.operation
def list_queue_tags(call: Call, *, queue_url: str) -> dict[str, Any]:
    tags = find_queue(call, queue_url).tags
    return {"Tags": dict(tags)} if tags else {}
