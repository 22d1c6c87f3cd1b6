"""Tags on event buses and rules."""

from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.events.find import find_bus, find_rule, refuse_managed
from pocketbus.apis.events.service import events
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.buses.bus import DEFAULT_BUS, Bus
from pocketbus.emulator.buses.rule import Rule
from pocketbus.emulator.errors import LimitExceededException, ValidationException
from pocketbus.emulator.limits import EVENT_TAGS


@events.operation
def tag_resource(call: Call, *, resource_arn: str, tags: list[dict[str, str]]) -> None:
    resource = _find(call, resource_arn, "TagResource")
    _refuse_managed(resource)
    merged = resource.tags | read_tags(tags)
    if len(merged) > EVENT_TAGS:
        raise LimitExceededException
    resource.tags = merged


@events.operation
def untag_resource(call: Call, *, resource_arn: str, tag_keys: list[str]) -> None:
    resource = _find(call, resource_arn, "UntagResource")
    _refuse_managed(resource)
    for key in tag_keys:
        resource.tags.pop(key, None)


@events.operation
def list_tags_for_resource(call: Call, *, resource_arn: str) -> dict[str, Any]:
    tags = _find(call, resource_arn, "ListTagsForResource").tags
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def _refuse_managed(resource: Bus | Rule) -> None:
    if isinstance(resource, Rule):
        refuse_managed(resource)


def read_tags(tags: list[dict[str, str]] | None) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags or ()}


def read_new_tags(tags: list[dict[str, str]] | None) -> dict[str, str]:
    """Read the tags of a resource that is being made; LimitExceededException if there are too many."""
    read = read_tags(tags)
    if len(read) > EVENT_TAGS:
        raise LimitExceededException
    return read


def _find(call: Call, text: str, action: str) -> Bus | Rule:
    """Find what `event-bus/BUS`, `rule/RULE` or `rule/BUS/RULE` of an ARN names."""
    arn = Arn.parse(text)
    kind, _, name = arn.resource.partition("/") if arn is not None else ("", "", "")
    if arn is None or arn.service != "events" or kind not in {"event-bus", "rule"}:
        raise ValidationException(
            f"Parameter {text} is not valid. Reason: Provided Arn is not in correct format."
        )
    if kind == "event-bus":
        return find_bus(call, text, action)
    bus, _, rule = name.rpartition("/")
    place = arn._replace(resource=f"event-bus/{bus or DEFAULT_BUS}")
    return find_rule(find_bus(call, str(place), action), rule)
