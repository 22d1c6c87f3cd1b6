"""Global endpoints: create, describe, list, update, delete."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from pocketbus.apis.call import Call
from pocketbus.apis.events.find import read_page
from pocketbus.apis.events.service import events
from pocketbus.apis.paging import named
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.buses.endpoint import Endpoint, EndpointSettings
from pocketbus.emulator.errors import (
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
    ValidationException,
)

Wire = Mapping[str, Any]


@events.operation
def create_endpoint(
    call: Call,
    *,
    name: str,
    routing_config: Wire,
    event_buses: list[Mapping[str, str]],
    replication_config: Wire | None = None,
    role_arn: str | None = None,
    description: str | None = None,
) -> dict[str, Any]:
    if name in call.scope.events.endpoints_at(call.now):
        raise ResourceAlreadyExistsException(f"Endpoint {name} already exists.")
    settings = EndpointSettings(
        **_read_routing(routing_config),
        **_read_buses(call, event_buses),
        replicates=_read_replication(replication_config),
        description=description,
        role_arn=role_arn,
    )
    _check(call, settings)
    return _write(call.scope.events.create_endpoint(name, settings, call.now), call.now)


@events.operation
def describe_endpoint(call: Call, *, name: str, home_region: str | None = None) -> dict[str, Any]:
    endpoint = _find(call, name)
    if home_region not in {None, call.scope.region}:
        raise _absent(name)
    return _write_whole(endpoint, call.now)


@events.operation
def list_endpoints(
    call: Call,
    *,
    name_prefix: str = "",
    home_region: str | None = None,
    next_token: str | None = None,
    max_results: int | None = None,
) -> dict[str, Any]:
    at_home = home_region in {None, call.scope.region}
    found = named(
        call.scope.events.endpoints,
        name_prefix,
        lambda endpoint: at_home and endpoint.state_at(call.now) is not None,
    )
    page, token = read_page(found, lambda endpoint: endpoint.name, next_token, max_results)
    return {"Endpoints": [_write_whole(endpoint, call.now) for endpoint in page], "NextToken": token}


@events.operation
def update_endpoint(
    call: Call,
    *,
    name: str,
    description: str | None = None,
    routing_config: Wire | None = None,
    replication_config: Wire | None = None,
    event_buses: list[Mapping[str, str]] | None = None,
    role_arn: str | None = None,
) -> dict[str, Any]:
    endpoint = _find_lasting(call, name)
    changes: dict[str, Any] = {"description": description, "role_arn": role_arn}
    if routing_config is not None:
        changes |= _read_routing(routing_config)
    if replication_config is not None:
        changes["replicates"] = _read_replication(replication_config)
    if event_buses is not None:
        changes |= _read_buses(call, event_buses)
    given = {field: value for field, value in changes.items() if value is not None}
    settings = replace(endpoint.settings, **given)
    _check(call, settings)
    endpoint.configure(settings, call.now)
    return {**_write(endpoint, call.now), **_write_address(endpoint)}


@events.operation
def delete_endpoint(call: Call, *, name: str) -> None:
    _find_lasting(call, name).delete(call.now)


def _find(call: Call, name: str) -> Endpoint:
    endpoint = call.scope.events.endpoints_at(call.now).get(name)
    if endpoint is None:
        raise _absent(name)
    return endpoint


def _find_lasting(call: Call, name: str) -> Endpoint:
    """Find an endpoint that is not being deleted."""
    endpoint = _find(call, name)
    if endpoint.deleted:
        raise _absent(name)
    return endpoint


def _absent(name: str) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"Endpoint {name} does not exist.")


def _read_routing(config: Wire) -> dict[str, str]:
    failover = config["FailoverConfig"]
    return {
        "health_check": failover["Primary"]["HealthCheck"],
        "secondary_region": failover["Secondary"]["Route"],
    }


def _read_replication(config: Wire | None) -> bool:
    return config is None or config.get("State") != "DISABLED"


def _read_buses(call: Call, wire: list[Mapping[str, str]]) -> dict[str, str]:
    """Return the ARNs of both buses; the primary one lies in the region in which the endpoint is made."""
    arns = [bus["EventBusArn"] for bus in wire]
    here = [arn for arn in arns if _region(arn) == call.scope.region]
    there = [arn for arn in arns if _region(arn) != call.scope.region]
    if len(here) != 1:
        raise ValidationException(
            f"Parameter EventBuses is not valid. Reason: One event bus must be in {call.scope.region}, "
            "the other in the secondary Region."
        )
    return {"primary_bus": here[0], "secondary_bus": there[0]}


def _check(call: Call, settings: EndpointSettings) -> None:
    buses = (settings.primary_bus, settings.secondary_bus)
    if _region(settings.secondary_bus) != settings.secondary_region:
        raise ValidationException(
            "Parameter EventBuses is not valid. "
            f"Reason: No event bus is in the secondary Region {settings.secondary_region}."
        )
    if len({arn.partition("/")[2] for arn in buses}) > 1:
        raise ValidationException(
            "Parameter EventBuses is not valid. Reason: The event buses must have the same name."
        )
    if settings.replicates and settings.role_arn is None:
        raise ValidationException("Parameter RoleArn must be specified when replication is enabled.")
    for arn in buses:
        if arn not in call.engine.resources and not arn.endswith("/default"):
            raise ResourceNotFoundException(f"Event bus {arn.partition('/')[2]} does not exist.")


def _region(arn: str) -> str:
    parsed = Arn.parse(arn)
    return "" if parsed is None else parsed.region


def _write(endpoint: Endpoint, now: float) -> dict[str, Any]:
    settings = endpoint.settings
    return {
        "Name": endpoint.name,
        "Arn": endpoint.arn,
        "RoutingConfig": {
            "FailoverConfig": {
                "Primary": {"HealthCheck": settings.health_check},
                "Secondary": {"Route": settings.secondary_region},
            }
        },
        "ReplicationConfig": {"State": "ENABLED" if settings.replicates else "DISABLED"},
        "EventBuses": [{"EventBusArn": settings.primary_bus}, {"EventBusArn": settings.secondary_bus}],
        "RoleArn": settings.role_arn,
        "State": endpoint.state_at(now),
    }


def _write_address(endpoint: Endpoint) -> dict[str, Any]:
    return {"EndpointId": endpoint.endpoint_id, "EndpointUrl": endpoint.url}


def _write_whole(endpoint: Endpoint, now: float) -> dict[str, Any]:
    return {
        **_write(endpoint, now),
        **_write_address(endpoint),
        "Description": endpoint.settings.description,
        "CreationTime": endpoint.created_at,
        "LastModifiedTime": endpoint.modified_at,
    }
