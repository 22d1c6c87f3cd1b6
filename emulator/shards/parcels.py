"""Deliveries to another shard, in JSON's own types: what their targets have to know of them, and nothing else."""

from collections.abc import Mapping
from typing import Any, Final, cast

from msgspec import Struct
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
    """Return the delivery that was written: how it ends is told to the shard that it came from, and counted there."""
    kind, source, target, content, subject, group_id, deduplication_id, protocol, policy, *more = parcel
    common: dict[str, Any] = {
        "source": source,
        "target": target,
        "content": contents.get(content),
        "subject": subject,
        "group_id": group_id,
        "deduplication_id": deduplication_id,
        "protocol": protocol,
        "retry_policy": _read_policy(policy),
        "on_end": on_end,
        "counts": False,
    }
    if kind == _EVENT:
        event, hops, parameters = more
        return RuleDelivery(**common, event=contents.get(event), hops=hops, parameters=parameters)
    if kind == _CALL:
        service, action, destination, request = more
        return CallDelivery(
            **common,
            given_service=service,
            given_action=action,
            given_destination=destination,
            given_request=request,
        )
    return Delivery(**common)


def _policy(policy: RetryPolicy | None) -> list[Any] | None:
    """Write what a policy has other than by default: what lasts for ever has no place in JSON."""
    name = next((name for name, kind in _POLICIES.items() if isinstance(policy, kind)), None)
    if name is None:
        return None
    usual, fields = asdict(_POLICIES[name]()), asdict(cast("Struct", policy))
    return [name, {field: value for field, value in fields.items() if value != usual[field]}]


def _read_policy(kept: list[Any] | None) -> RetryPolicy | None:
    if kept is None:
        return None
    name, fields = kept
    policy: RetryPolicy = _POLICIES[name](**fields)
    return policy
