"""The sections of rules and of their targets."""

from collections.abc import Iterator
from typing import Any

from pocketbus.apis.events.service import events
from pocketbus.apis.seeds.buses import bus_names
from pocketbus.apis.seeds.operations import Operations
from pocketbus.apis.seeds.section import ALL, Parameters, Reference, Section, present, tags_of
from pocketbus.emulator.buses.bus import DEFAULT_BUS
from pocketbus.emulator.errors import ResourceNotFoundException

_SETTINGS = ("EventPattern", "ScheduleExpression", "State", "Description", "RoleArn")


def _bus_of(key: Parameters) -> str:
    return str(key.get("EventBusName", DEFAULT_BUS))


def _rules(operations: Operations) -> Iterator[tuple[str, str]]:
    """Yield the bus and the name of each rule that is not another service's own."""
    for bus in bus_names(operations):
        for rule in operations.pages(events, "ListRules", "Rules", EventBusName=bus):
            if rule["ManagedBy"] is None:
                yield bus, rule["Name"]


def _keys(operations: Operations) -> Iterator[Parameters]:
    for bus, name in _rules(operations):
        yield {"Name": name, "EventBusName": bus}


def _read(operations: Operations, key: Parameters) -> Parameters | None:
    bus = _bus_of(key)
    try:
        rule = operations(events, "DescribeRule", Name=key["Name"], EventBusName=bus)
    except ResourceNotFoundException:
        return None
    tags = operations(events, "ListTagsForResource", ResourceARN=rule["Arn"])["Tags"]
    settings = {name: rule[name] for name in _SETTINGS}
    return present({"Name": key["Name"], "EventBusName": bus, **settings, "Tags": tags_of(tags)})


def _change(operations: Operations, there: Parameters, differing: Parameters) -> None:
    if differing.keys() - {"Tags"}:
        operations(events, "PutRule", **{**there, **differing, "Tags": []})
    if "Tags" in differing:
        rule = operations(events, "DescribeRule", Name=there["Name"], EventBusName=there["EventBusName"])
        operations(events, "TagResource", ResourceARN=rule["Arn"], Tags=differing["Tags"])


RULES = Section(
    name="rules",
    service=events,
    making="PutRule",
    key=("Name", "EventBusName"),
    keys=_keys,
    read=_read,
    change=_change,
)


def _target_keys(operations: Operations) -> Iterator[Parameters]:
    for bus, rule in _rules(operations):
        if _targets(operations, bus, rule):
            yield {"Rule": rule, "EventBusName": bus}


def _targets(operations: Operations, bus: str, rule: str) -> list[dict[str, Any]]:
    found = operations.pages(events, "ListTargetsByRule", "Targets", Rule=rule, EventBusName=bus)
    return [present(target) for target in found]


def _read_targets(operations: Operations, key: Parameters) -> Parameters | None:
    bus, rule = _bus_of(key), key["Rule"]
    try:
        return {"Rule": rule, "EventBusName": bus, "Targets": _targets(operations, bus, rule)}
    except ResourceNotFoundException:
        return None


def _change_targets(operations: Operations, there: Parameters, differing: Parameters) -> None:
    changed = [target for target in differing["Targets"] if target not in there["Targets"]]
    if changed:
        operations(events, "PutTargets", **{**there, "Targets": changed})


TARGETS = Section(
    name="targets",
    service=events,
    making="PutTargets",
    key=("Rule", "EventBusName"),
    keys=_target_keys,
    read=_read_targets,
    change=_change_targets,
    references=(
        Reference(("Targets", ALL, "Arn"), ("queue", "topic", "bus", "function", "api-destination")),
        Reference(("Targets", ALL, "DeadLetterConfig", "Arn"), ("queue",)),
    ),
)
