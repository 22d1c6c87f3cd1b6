"""The sections of event buses, and of what other accounts may do there."""

from collections.abc import Iterator

from pocketbus.apis.events.service import events
from pocketbus.apis.seeds.operations import Operations
from pocketbus.apis.seeds.section import Parameters, Reference, Section, present, tags_of
from pocketbus.emulator.buses.bus import DEFAULT_BUS
from pocketbus.emulator.errors import ResourceNotFoundException

_SETTINGS = ("Description", "KmsKeyIdentifier", "DeadLetterConfig", "LogConfig")


def bus_names(operations: Operations) -> Iterator[str]:
    """Yield the names of the buses that a seed can make: a partner's needs the partner's event source first."""
    for bus in operations.pages(events, "ListEventBuses", "EventBuses"):
        if "/" not in bus["Name"]:
            yield bus["Name"]


def _keys(operations: Operations) -> Iterator[Parameters]:
    for name in bus_names(operations):
        yield {"Name": name}


def _read(operations: Operations, key: Parameters) -> Parameters | None:
    try:
        bus = operations(events, "DescribeEventBus", Name=key["Name"])
    except ResourceNotFoundException:
        return None
    tags = operations(events, "ListTagsForResource", ResourceARN=bus["Arn"])["Tags"]
    return present({"Name": key["Name"], **{name: bus[name] for name in _SETTINGS}, "Tags": tags_of(tags)})


def _change(operations: Operations, there: Parameters, differing: Parameters) -> None:
    settings = {name: value for name, value in (there | differing).items() if name in _SETTINGS}
    if differing.keys() - {"Tags"}:
        operations(events, "UpdateEventBus", Name=there["Name"], **settings)
    if "Tags" in differing:
        arn = operations.scope.events.arn(f"event-bus/{there['Name']}")
        operations(events, "TagResource", ResourceARN=arn, Tags=differing["Tags"])


BUSES = Section(
    name="buses",
    service=events,
    making="CreateEventBus",
    key=("Name",),
    keys=_keys,
    read=_read,
    change=_change,
    kind="bus",
    references=(Reference(("DeadLetterConfig", "Arn"), ("queue",)),),
)


def _read_policy(operations: Operations, key: Parameters) -> Parameters | None:
    name = key.get("EventBusName", DEFAULT_BUS)
    try:
        policy = operations(events, "DescribeEventBus", Name=name).get("Policy")
    except ResourceNotFoundException:
        return None
    return {"EventBusName": name, "Policy": policy} if policy else None


def _policy_keys(operations: Operations) -> Iterator[Parameters]:
    for name in bus_names(operations):
        if _read_policy(operations, {"EventBusName": name}) is not None:
            yield {"EventBusName": name}


def _change_policy(operations: Operations, there: Parameters, differing: Parameters) -> None:
    operations(events, "PutPermission", **(there | differing))


PERMISSIONS = Section(
    name="permissions",
    service=events,
    making="PutPermission",
    key=("EventBusName",),
    keys=_policy_keys,
    read=_read_policy,
    change=_change_policy,
    leave_out=frozenset({"Action", "Principal", "StatementId", "Condition"}),
)
