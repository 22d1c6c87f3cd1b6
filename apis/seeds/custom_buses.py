"""The sections of custom event buses: buses, their resource policies, subscribers."""

from collections.abc import Iterator

from pocketbus.apis.eventbridgev2.service import eventbridgev2
from pocketbus.apis.eventbridgev2.settings import write_settings
from pocketbus.apis.seeds.operations import Operations
from pocketbus.apis.seeds.section import Parameters, Reference, Section, present
from pocketbus.emulator.custombuses.subscriber_settings import RUNNING, UNORDERED, SubscriberSettings
from pocketbus.emulator.errors import ConflictException, ResourceNotFoundException

_BUS_SETTINGS = ("Description", "EncryptionConfiguration", "StorageConfiguration")
_RETENTION = "RetentionPeriodInDays"


def _bus_arns(operations: Operations) -> Iterator[tuple[str, str]]:
    for bus in operations.pages(eventbridgev2, "ListEventBuses", "EventBuses"):
        yield bus["Name"], bus["EventBusArn"]


def _keys(operations: Operations) -> Iterator[Parameters]:
    for name, _ in _bus_arns(operations):
        yield {"Name": name}


def _read(operations: Operations, key: Parameters) -> Parameters | None:
    arn = dict(_bus_arns(operations)).get(key["Name"])
    if arn is None:
        return None
    bus = operations(eventbridgev2, "DescribeEventBus", EventBusArn=arn)
    storage = {_RETENTION: bus["StorageConfiguration"][_RETENTION]}
    settings = {name: bus[name] for name in _BUS_SETTINGS} | {"StorageConfiguration": storage}
    return present({"Name": key["Name"], **settings, "Tags": _tags(operations, arn)})


def _tags(operations: Operations, arn: str) -> Parameters:
    tags: Parameters = operations(eventbridgev2, "ListTagsForResource", ResourceArn=arn)["Tags"]
    return dict(sorted(tags.items()))


def _make(operations: Operations, parameters: Parameters) -> None:
    """Make a bus that is there at once: what comes later in the seed could not wait."""
    made = operations(eventbridgev2, "CreateEventBus", **parameters)
    bus = operations.scope.custom.custom_buses[made["Name"]]
    bus.settle(operations.engine.clock.now())


def _change(operations: Operations, there: Parameters, differing: Parameters) -> None:
    arn = dict(_bus_arns(operations))[there["Name"]]
    _change_tags(operations, arn, differing)
    if differing:
        settings = _whole(there, differing)
        operations(eventbridgev2, "UpdateEventBus", EventBusArn=arn, **settings)
        operations.scope.custom.custom_buses[there["Name"]].settle(operations.engine.clock.now())


def _change_tags(operations: Operations, arn: str, differing: Parameters) -> None:
    tags = differing.pop("Tags", None)
    if tags:
        operations(eventbridgev2, "TagResource", ResourceArn=arn, Tags=tags)


def _whole(there: Parameters, differing: Parameters) -> Parameters:
    """Return what differs with the rest of its blocks."""
    return {
        name: {**there.get(name, {}), **value} if isinstance(value, dict) else value
        for name, value in differing.items()
    }


CUSTOM_BUSES = Section(
    name="custom_buses",
    service=eventbridgev2,
    making="CreateEventBus",
    key=("Name",),
    keys=_keys,
    read=_read,
    change=_change,
    making_by=_make,
    kind="custom-bus",
    leave_out=frozenset({"ClientToken"}),
)


def _policy_keys(operations: Operations) -> Iterator[Parameters]:
    for _, arn in _bus_arns(operations):
        if _read_policy(operations, {"ResourceArn": arn}) is not None:
            yield {"ResourceArn": arn}


def _read_policy(operations: Operations, key: Parameters) -> Parameters | None:
    try:
        policy = operations(eventbridgev2, "GetResourcePolicy", ResourceArn=key["ResourceArn"])
    except ResourceNotFoundException:
        return None
    return {name: policy[name] for name in ("ResourceArn", "PolicyDocument")}


def _change_policy(operations: Operations, there: Parameters, differing: Parameters) -> None:
    operations(eventbridgev2, "PutResourcePolicy", **(there | differing))


CUSTOM_BUS_POLICIES = Section(
    name="custom_bus_policies",
    service=eventbridgev2,
    making="PutResourcePolicy",
    key=("ResourceArn",),
    keys=_policy_keys,
    read=_read_policy,
    change=_change_policy,
    leave_out=frozenset({"ExpectedRevisionId", "PolicyName"}),  # there is one that can be put
    references=(Reference(("ResourceArn",), ("custom-bus",)),),
)


def _subscriber_keys(operations: Operations) -> Iterator[Parameters]:
    for one in operations.pages(eventbridgev2, "ListSubscribers", "Subscribers"):
        yield {"Name": one["Name"], "EventBusArn": one["EventBusArn"]}


def _subscriber_arn(operations: Operations, key: Parameters) -> str | None:
    for arn, one in operations.scope.custom.subscribers.items():
        if (one.name, one.bus_arn) == (key["Name"], key["EventBusArn"]):
            return arn
    return None


def _read_subscriber(operations: Operations, key: Parameters) -> Parameters | None:
    """Return it without what AWS gives one of which nothing is said, and without an instant to begin with: that has
    passed, and a bus that is new has nothing of then.
    """
    arn = _subscriber_arn(operations, key)
    if arn is None:
        return None
    one = operations(eventbridgev2, "DescribeSubscriber", SubscriberArn=arn)
    usual = write_settings(SubscriberSettings(operations.scope.custom.subscribers[arn].settings.target))
    usual |= {"Type": UNORDERED, "State": RUNNING, "InvokeConfiguration": None}
    settings = {name: one[name] for name, value in usual.items() if one[name] != value or name in key}
    start: Parameters = {
        name: key[name] for name in ("StartingPosition", "PointInTimeConfiguration") if name in key
    }
    point = one.get("PointInTimeConfiguration") or {}
    if not start and point.get("PointType") == "HORIZON":
        start = {"StartingPosition": "POINT_IN_TIME", "PointInTimeConfiguration": {"PointType": "HORIZON"}}
    return present(
        {
            "Name": key["Name"],
            "EventBusArn": key["EventBusArn"],
            **settings,
            **start,
            "Tags": _tags(operations, arn),
        }
    )


def _change_subscriber(operations: Operations, there: Parameters, differing: Parameters) -> None:
    if "Type" in differing:
        raise ConflictException(f"The type of the subscriber {there['Name']} cannot be changed.")
    arn = _subscriber_arn(operations, there)
    if arn is not None:
        _change_tags(operations, arn, differing)
        if differing:
            settings = _whole(there, differing)
            operations(eventbridgev2, "UpdateSubscriber", SubscriberArn=arn, **settings)


SUBSCRIBERS = Section(
    name="subscribers",
    service=eventbridgev2,
    making="CreateSubscriber",
    key=("Name", "EventBusArn"),
    keys=_subscriber_keys,
    read=_read_subscriber,
    change=_change_subscriber,
    leave_out=frozenset({"ClientToken"}),
    references=(
        Reference(("EventBusArn",), ("custom-bus",)),
        Reference(
            ("InvokeConfiguration", "TargetArn"),
            ("queue", "topic", "bus", "function", "custom-bus", "api-destination"),
        ),
        Reference(("OnFailureConfiguration", "Arn"), ("queue",)),
    ),
)
