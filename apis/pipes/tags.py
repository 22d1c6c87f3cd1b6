"""Tags on pipes."""

from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.pipes.find import find_pipe_by_arn
from pocketbus.apis.pipes.service import pipes
from pocketbus.emulator.errors import ValidationException

_MOST = 50


@pipes.operation
def tag_resource(call: Call, *, resource_arn: str, tags: dict[str, str]) -> dict[str, Any]:
    held = find_pipe_by_arn(call, resource_arn).tags
    if len(held | tags) > _MOST:
        raise ValidationException(f"A pipe has {_MOST} tags at most.")
    held.update(tags)
    return {}


@pipes.operation
def untag_resource(call: Call, *, resource_arn: str, tag_keys: list[str]) -> dict[str, Any]:
    held = find_pipe_by_arn(call, resource_arn).tags
    for key in tag_keys:
        held.pop(key, None)
    return {}


@pipes.operation
def list_tags_for_resource(call: Call, *, resource_arn: str) -> dict[str, Any]:
    return {"tags": find_pipe_by_arn(call, resource_arn).tags}
