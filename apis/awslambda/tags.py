"""Tags on functions and on event source mappings."""

from typing import Any

from pocketbus.apis.awslambda.names import find_function
from pocketbus.apis.awslambda.service import awslambda
from pocketbus.apis.call import Call
from pocketbus.emulator.errors import InvalidParameterValueException, ResourceNotFoundException

_MOST = 50


@awslambda.operation
def tag_resource(call: Call, *, resource: str, tags: dict[str, str]) -> None:
    held = _find(call, resource)
    if len(held | tags) > _MOST:
        raise InvalidParameterValueException(f"A resource has {_MOST} tags at most.")
    held.update(tags)


@awslambda.operation
def untag_resource(call: Call, *, resource: str, tag_keys: list[str]) -> None:
    held = _find(call, resource)
    for key in tag_keys:
        held.pop(key, None)


@awslambda.operation
def list_tags(call: Call, *, resource: str) -> dict[str, Any]:
    return {"Tags": _find(call, resource)}


def _find(call: Call, arn: str) -> dict[str, str]:
    """Return the tags of what an ARN names, which the model's pattern has checked."""
    _, _, _, _, _, kind, name, *_ = arn.split(":")
    if kind == "function":
        return find_function(call, arn)[0].tags
    mapping = call.engine.scope_of(arn).functions.mappings_at(call.now).get(name)
    if kind != "event-source-mapping" or mapping is None:
        noun = "Event source mapping" if kind == "event-source-mapping" else "Resource"
        raise ResourceNotFoundException(f"{noun} not found: {arn}")
    return mapping.tags
