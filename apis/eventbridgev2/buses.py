"""Custom event buses: create, describe, update, delete, list."""

from typing import Any

from msgspec.structs import replace

from pocketbus.apis.call import Call
from pocketbus.apis.eventbridgev2.find import find_bus, once, sorted_page
from pocketbus.apis.eventbridgev2.service import eventbridgev2
from pocketbus.apis.eventbridgev2.tags import check_count
from pocketbus.emulator.custombuses.bus import BusSettings, CustomBus
from pocketbus.emulator.errors import ResourceAlreadyExistsException, ResourceInUseException

Wire = dict[str, Any]


@eventbridgev2.operation
def create_event_bus(
    call: Call,
    *,
    name: str,
    description: str | None = None,
    encryption_configuration: Wire | None = None,
    storage_configuration: Wire | None = None,
    tags: dict[str, str] | None = None,
    client_token: str | None = None,
) -> Wire:
    settings = _settings(BusSettings(), description, encryption_configuration, storage_configuration)

    def create() -> Wire:
        scope = call.scope.custom
        if name in scope.buses_at(call.now):
            raise ResourceAlreadyExistsException(f"Event bus {name} already exists.")
        check_count(tags)
        bus = scope.create_bus(name, settings, tags or {}, call.now)
        return {**_write(bus, call.now), "CreationTime": bus.created_at}

    request = {
        "name": name,
        "description": description,
        "encryption": encryption_configuration,
        "storage": storage_configuration,
        "tags": tags,
    }
    return once(call, client_token, "CreateEventBus", request, create)


@eventbridgev2.operation
def describe_event_bus(call: Call, *, event_bus_arn: str) -> Wire:
    bus = find_bus(call, event_bus_arn, "DescribeEventBus")
    return {**_write(bus, call.now), "CreationTime": bus.created_at, "LastModifiedTime": bus.modified_at}


@eventbridgev2.operation
def update_event_bus(
    call: Call,
    *,
    event_bus_arn: str,
    description: str | None = None,
    encryption_configuration: Wire | None = None,
    storage_configuration: Wire | None = None,
) -> Wire:
    bus = find_bus(call, event_bus_arn, "UpdateEventBus")
    bus.check(call.now)
    settings = _settings(bus.settings, description, encryption_configuration, storage_configuration)
    bus.configure(settings, call.now)
    return {**_write(bus, call.now), "LastModifiedTime": bus.modified_at}


@eventbridgev2.operation
def delete_event_bus(call: Call, *, event_bus_arn: str) -> Wire:
    bus = find_bus(call, event_bus_arn, "DeleteEventBus")
    bus.check(call.now)
    for kind, attached in (("subscribers", bus.subscribers), ("event sources", bus.sources)):
        if not all(one.revoked for one in attached.values()):
            raise ResourceInUseException(f"Event bus {bus.name} has {kind} and cannot be deleted.")
    bus.delete(call.now)
    return {}


@eventbridgev2.operation
def list_event_buses(
    call: Call,
    *,
    name_prefix: str = "",
    event_bus_account_id: str | None = None,
    next_token: str | None = None,
    max_results: int | None = None,
) -> Wire:
    # Nothing is shared through RAM here: of other accounts there are none.
    owned = event_bus_account_id in (None, call.scope.account)
    buses = call.scope.custom.buses_at(call.now).values()
    named = [bus for bus in buses if owned and bus.name.startswith(name_prefix)]
    page, token = sorted_page(named, lambda bus: bus.name, next_token, max_results)
    return {"EventBuses": [_summary(bus, call.now) for bus in page], "NextToken": token}


def _settings(
    before: BusSettings, description: str | None, encryption: Wire | None, storage: Wire | None
) -> BusSettings:
    """Return settings with what is given in them; a blank description or key takes it away."""
    settings = before
    if description is not None:
        settings = replace(settings, description=description.strip() or None)
    if encryption is not None:
        settings = replace(settings, kms_key_identifier=encryption.get("KmsKeyIdentifier") or None)
    if storage is not None:
        days = storage.get("RetentionPeriodInDays", BusSettings().retention_days)
        settings = replace(settings, retention_days=days)
    return settings


def _write(bus: CustomBus, now: float) -> Wire:
    key = bus.settings.kms_key_identifier
    return {
        "EventBusArn": bus.arn,
        "Name": bus.name,
        "Description": bus.settings.description,
        "EncryptionConfiguration": None if key is None else {"KmsKeyIdentifier": key},
        "StorageConfiguration": {
            "RetentionPeriodInDays": bus.settings.retention_days,
            "RetentionWindowStartTime": bus.retained_since(now),
        },
        "State": bus.state(now),
    }


def _summary(bus: CustomBus, now: float) -> Wire:
    return {
        "Name": bus.name,
        "EventBusArn": bus.arn,
        "Description": bus.settings.description,
        "CreationTime": bus.created_at,
        "LastModifiedTime": bus.modified_at,
        "State": bus.state(now),
        "EventBusAccountId": bus.owner,
    }
