"""Tags on buses, subscribers and event sources."""

from collections.abc import Mapping
from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.eventbridgev2.find import find_bus, find_source, find_subscriber
from pocketbus.apis.eventbridgev2.service import eventbridgev2
from pocketbus.emulator.custombuses.bus import CustomBus
from pocketbus.emulator.custombuses.source import Source
from pocketbus.emulator.custombuses.subscriber import Subscriber
from pocketbus.emulator.errors import InvalidStateException, LimitExceededException
from pocketbus.emulator.limits import EVENT_TAGS


@eventbridgev2.operation
def tag_resource(call: Call, *, resource_arn: str, tags: Mapping[str, str]) -> dict[str, Any]:
    tagged = _changeable(_find(call, resource_arn, "TagResource"))
    merged = {**(tagged.tags or {}), **tags}
    check_count(merged)
    tagged.tags = merged
    return {}


@eventbridgev2.operation
def untag_resource(call: Call, *, resource_arn: str, tag_keys: list[str]) -> dict[str, Any]:
    tagged = _changeable(_find(call, resource_arn, "UntagResource"))
    tagged.tags = {key: value for key, value in (tagged.tags or {}).items() if key not in tag_keys}
    return {}


@eventbridgev2.operation
def list_tags_for_resource(call: Call, *, resource_arn: str) -> dict[str, Any]:
    return {"Tags": dict(_find(call, resource_arn, "ListTagsForResource").tags or {})}


def check_count(tags: Mapping[str, str] | None) -> None:
    """Raise LimitExceededException for too many tags."""
    if tags is not None and len(tags) > EVENT_TAGS:
        raise LimitExceededException(f"A resource has at most {EVENT_TAGS} tags.")


def _find(call: Call, arn: str, action: str) -> CustomBus | Subscriber | Source:
    kind = arn.split(":", 5)[5].partition("/")[0]
    if kind == "event-busv2":
        return find_bus(call, arn, action)
    if kind == "subscriber":
        return find_subscriber(call, arn, action)
    return find_source(call, arn, action)


def _changeable(tagged: CustomBus | Subscriber | Source) -> CustomBus | Subscriber | Source:
    if isinstance(tagged, Subscriber | Source) and tagged.revoked:
        raise InvalidStateException(f"{tagged.name} has been revoked.")
    return tagged
