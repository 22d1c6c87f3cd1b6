"""Event buses: create, describe, list, update, delete."""

from collections.abc import Mapping
from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.events.arns import read_dead_letter_target
from pocketbus.apis.events.event_sources import find_offered_source
from pocketbus.apis.events.find import find_bus, lookup_bus, read_page
from pocketbus.apis.events.service import events
from pocketbus.apis.events.tags import read_new_tags
from pocketbus.apis.paging import named
from pocketbus.emulator.buses.bus import DEFAULT_BUS, Bus, BusSettings
from pocketbus.emulator.buses.event_source import EventSource
from pocketbus.emulator.errors import (
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
    if name in call.scope.events.buses:
        raise ResourceAlreadyExistsException(f"Event bus {name} already exists.")
    settings = _read_settings(description, kms_key_identifier, dead_letter_config, log_config)
    given_tags = read_new_tags(tags)
    source = _read_source(call, name, event_source_name)
    bus = call.scope.events.create_bus(name, settings, given_tags, call.now)
    if source is not None:
        source.activate()
    return {"EventBusArn": bus.arn, **_write_settings(bus.settings)}


@events.operation
def describe_event_bus(call: Call, *, name: str | None = None) -> dict[str, Any]:
    bus = find_bus(call, name, "DescribeEventBus")
    return {**_write(bus), **_write_settings(bus.settings)}


@events.operation
def list_event_buses(
    call: Call, *, name_prefix: str = "", next_token: str | None = None, limit: int | None = None
) -> dict[str, Any]:
    buses = named(call.scope.events.buses, name_prefix)
    page, token = read_page(buses, lambda bus: bus.name, next_token, limit)
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
    settings = _read_settings(description, kms_key_identifier, dead_letter_config, log_config)
    bus.configure(settings, call.now)
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
    call.scope.events.delete_bus(bus, call.now)


def _read_source(call: Call, name: str, source_name: str | None) -> EventSource | None:
    """Return the partner event source that a bus is made for; None: it is no partner event bus."""
    if source_name is None:
        if "/" in name:
            raise ValidationException("Event bus name must not contain '/'.")
        return None
    if source_name != name:
        raise ValidationException("Event bus name must match the name of the partner event source.")
    return find_offered_source(call, source_name)


def _read_settings(
    description: str | None,
    kms_key_identifier: str | None,
    dead_letter_config: Mapping[str, str] | None,
    log_config: Mapping[str, str] | None,
) -> BusSettings:
    return BusSettings(
        description=description,
        kms_key_identifier=kms_key_identifier,
        dead_letter_target=read_dead_letter_target(dead_letter_config),
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
        "CreationTime": bus.created_at if bus.modified_at is not None else None,
        "LastModifiedTime": bus.modified_at,
    }
