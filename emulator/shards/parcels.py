"""Deliveries to another shard, in JSON's own types: what their targets have to know of them, and nothing else."""

from collections.abc import Mapping
from typing import Any, Final, cast

from msgspec import Struct, convert
from msgspec.structs import asdict

from pocketbus.emulator.buses import target as rule_target
from pocketbus.emulator.buses.target import RuleDelivery
from pocketbus.emulator.deliveries.api_calls import ApiDelivery, CallDelivery
from pocketbus.emulator.deliveries.delivery import Delivery, Ending
from pocketbus.emulator.deliveries.retry_policy import PhasedRetries, RetryPolicy
from pocketbus.emulator.schedules import schedule_target
from pocketbus.emulator.shards.contents import Packed, Unpacked

Parcel = list[Any]

_PLAIN, _EVENT, _CALL = "delivery", "event", "call"
_POLICIES: Final[Mapping[str, Any]] = {
    "topic": PhasedRetries,
    "rule": rule_target.RetryPolicy,
    "schedule": schedule_target.RetryPolicy,
}
_Policy = tuple[str, dict[str, Any]]


class _PlainParcel(Struct, array_like=True, forbid_unknown_fields=True, tag=_PLAIN):
    """A parcel as it is read."""

    source: str
    target: str
    content: int
    subject: str
    group_id: str | None
    deduplication_id: str | None
    protocol: str
    policy: _Policy | None


class _EventParcel(_PlainParcel, tag=_EVENT):
    event: int
    hops: int
    parameters: dict[str, Any]


class _CallParcel(_PlainParcel, tag=_CALL):
    service: str
    action: str
    destination: str
    request: Any


def written(delivery: Delivery, packed: Packed) -> Parcel:
    """Write a delivery, its content among the `packed` ones."""
    kind, more = _PLAIN, list[Any]()
    if isinstance(delivery, RuleDelivery):
        kind, more = _EVENT, [packed.put(delivery.event), delivery.hops, dict(delivery.parameters)]
    elif isinstance(delivery, ApiDelivery):
        kind, more = _CALL, [delivery.service, delivery.action, delivery.destination, delivery.request(1)]
    return [
        kind,
        delivery.source,
        delivery.target,
        packed.put(delivery.content),
        delivery.subject,
        delivery.group_id,
        delivery.deduplication_id,
        delivery.protocol,
        _policy(delivery.retry_policy),
        *more,
    ]


def read(parcel: Parcel, contents: Unpacked, on_end: Ending) -> Delivery:
    """Return the delivery that was written: how it ends is told to the shard that it came from, and counted there.

    Whatever else stands there raises an error.
    """
    found = convert(parcel, _PlainParcel | _EventParcel | _CallParcel)
    common: dict[str, Any] = {
        "source": found.source,
        "target": found.target,
        "content": contents.content(found.content),
        "subject": found.subject,
        "group_id": found.group_id,
        "deduplication_id": found.deduplication_id,
        "protocol": found.protocol,
        "retry_policy": _read_policy(found.policy),
        "on_end": on_end,
        "counts": False,
    }
    if isinstance(found, _EventParcel):
        event = contents.event_at(found.event)
        return RuleDelivery(**common, event=event, hops=found.hops, parameters=found.parameters)
    if isinstance(found, _CallParcel):
        return CallDelivery(
            **common,
            given_service=found.service,
            given_action=found.action,
            given_destination=found.destination,
            given_request=found.request,
        )
    return Delivery(**common)


def _policy(policy: RetryPolicy | None) -> list[Any] | None:
    """Write what a policy has other than by default: what lasts for ever has no place in JSON."""
    name = next((name for name, kind in _POLICIES.items() if isinstance(policy, kind)), None)
    if name is None:
        return None
    usual, fields = asdict(_POLICIES[name]()), asdict(cast("Struct", policy))
    return [name, {field: value for field, value in fields.items() if value != usual[field]}]


def _read_policy(kept: _Policy | None) -> RetryPolicy | None:
    if kept is None:
        return None
    name, fields = kept
    policy: RetryPolicy = convert(fields, _POLICIES[name])
    return policy
