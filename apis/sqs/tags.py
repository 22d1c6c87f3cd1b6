"""Tags on queues, and what a tag may be."""

import re
from collections.abc import Mapping
from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.sqs.service import sqs
from pocketbus.apis.sqs.urls import find_queue
from pocketbus.emulator.errors import InvalidParameterValueException, MissingRequiredParameterException
from pocketbus.emulator.limits import QUEUE_TAGS, TAG_KEY_LENGTH, TAG_VALUE_LENGTH

_TEXT = re.compile(r"[\w\s.:/=+\-@]*\Z")
_RESERVED = "aws:"


@sqs.operation
def tag_queue(call: Call, *, queue_url: str, tags: dict[str, str]) -> None:
    queue = find_queue(call, queue_url)
    if not tags:
        raise MissingRequiredParameterException("The request must contain the parameter Tags.")
    merged = queue.tags | tags
    check_tags(tags, queue.name, count=len(merged))
    queue.tags = merged


@sqs.operation
def untag_queue(call: Call, *, queue_url: str, tag_keys: list[str]) -> None:
    queue = find_queue(call, queue_url)
    if not tag_keys:
        raise MissingRequiredParameterException("The request must contain the parameter TagKeys.")
    for key in tag_keys:
        queue.tags.pop(key, None)


@sqs.operation
def list_queue_tags(call: Call, *, queue_url: str) -> dict[str, Any]:
    tags = find_queue(call, queue_url).tags
    return {"Tags": dict(tags)} if tags else {}


def check_tags(tags: Mapping[str, str], queue_name: str, count: int) -> None:
    """Check tags that are to be among the `count` tags of a queue."""
    for key, value in tags.items():
        if not 1 <= len(key) <= TAG_KEY_LENGTH:
            raise InvalidParameterValueException(
                f"Tag keys must be between 1 and {TAG_KEY_LENGTH} characters in length."
            )
        if len(value) > TAG_VALUE_LENGTH:
            raise InvalidParameterValueException(
                f"Tag values must be between 0 and {TAG_VALUE_LENGTH} characters in length."
            )
        if key.lower().startswith(_RESERVED):
            raise InvalidParameterValueException("Tag keys that start with aws: are reserved for system use.")
        if not (_TEXT.match(key) and _TEXT.match(value)):
            raise InvalidParameterValueException(
                "Tag keys and values can only include letters, digits, white space and . : / = + - @ _ characters."
            )
    if count > QUEUE_TAGS:
        raise InvalidParameterValueException(f"Too many tags added for queue {queue_name}.")
