"""Event buses: create, describe, list, update, delete."""

from collections.abc import Mapping
from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.events.find import find_bus, lookup_bus, sorted_page
from pocketbus.apis.events.service import events
from pocketbus.apis.events.tags import read_tags
from pocketbus.emulator.bus import DEFAULT_BUS, Bus, BusSettings
from pocketbus.emulator.errors import (
    NotEmulated,
    ResourceAlreadyExistsException,
    ValidationException,
)


@events.operation
def create_event_bus(
    call: Call,
    *,
    name: str,
    event_source_name: str | None = None,
    description: str | None = None,
    kms_key_identifier: str | None = None,
    dead_letter_config: Mapping[str, str] | None = None,
    log_config: Mapping[str, str] | None = None,
    tags: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    if event_source_name is not None:
        raise NotEmulated("Partner event sources are not emulated.")
    if name in call.scope.buses:
        raise ResourceAlreadyExistsException(f"Event bus {name} already exists.")
    if "/" in name:
        raise ValidationException("Event bus name must not contain '/'.")
    settings = _read_settings(description, kms_key_identifier, dead_letter_config, log_config)
    bus = call.scope.create_bus(name, settings, read_tags(tags), call.now)
    return {"EventBusArn": bus.arn, **_write_settings(bus.settings)}


@events.operation
def describe_event_bus(call: Call, *, name: str | None = None) -> dict[str, Any]:
    bus = find_bus(call, name, "DescribeEventBus")
    return {**_write(bus), **_write_settings(bus.settings)}


@events.operation
def list_event_buses(
    call: Call, *, name_prefix: str = "", next_token: str | None = None, limit: int | None = None
) -> dict[str, Any]:
    named = [bus for name, bus in call.scope.buses.items() if name.startswith(name_prefix)]
    page, token = sorted_page(named, lambda bus: bus.name, next_token, limit)
    return {"EventBuses": [_write(bus) for bus in page], "NextToken": token}


@events.operation
def update_event_bus(
    call: Call,
    *,
    name: str | None = None,
    description: str | None = None,
    kms_key_identifier: str | None = None,
    dead_letter_config: Mapping[str, str] | None = None,
    log_config: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    bus = find_bus(call, name, "UpdateEventBus")
    bus.settings = _read_settings(description, kms_key_identifier, dead_letter_config, log_config)
    bus.modified_at = call.now
    return {"Arn": bus.arn, "Name": bus.name, **_write_settings(bus.settings)}


@events.operation
def delete_event_bus(call: Call, *, name: str) -> None:
    if name == DEFAULT_BUS:
        raise ValidationException("Cannot delete event bus default.")
    bus = lookup_bus(call, name)
    if bus is None:
        return
    if bus.rules:
        raise ValidationException(f"Event bus {name} can't be deleted since it has rules.")
    call.scope.delete_bus(bus)


def _read_settings(
    description: str | None,
    kms_key_identifier: str | None,
    dead_letter_config: Mapping[str, str] | None,
    log_config: Mapping[str, str] | None,
) -> BusSettings:
    return BusSettings(
        description=description,
        kms_key_identifier=kms_key_identifier,
        dead_letter_target=(dead_letter_config or {}).get("Arn"),
        log_level=(log_config or {}).get("Level"),
        log_detail=(log_config or {}).get("IncludeDetail"),
    )


def _write_settings(settings: BusSettings) -> dict[str, Any]:
    log_config = {"Level": settings.log_level, "IncludeDetail": settings.log_detail}
    return {
        "Description": settings.description,
        "KmsKeyIdentifier": settings.kms_key_identifier,
        "DeadLetterConfig": settings.dead_letter_target and {"Arn": settings.dead_letter_target},
        "LogConfig": log_config if any(log_config.values()) else None,
    }


def _write(bus: Bus) -> dict[str, Any]:
    return {
        "Name": bus.name,
        "Arn": bus.arn,
        "Description": bus.settings.description,
        "Policy": bus.policy.text,
        "CreationTime": bus.created_at,
        "LastModifiedTime": bus.modified_at,
    }
