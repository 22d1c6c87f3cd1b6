"""API destinations: create, describe, list, update, delete."""

from typing import Any

from msgspec.structs import replace

from pocketbus.apis.call import Call
from pocketbus.apis.events.find import read_page
from pocketbus.apis.events.service import events
from pocketbus.apis.events.urls import check_url
from pocketbus.apis.paging import named
from pocketbus.emulator.buses.api_destination import (
    ACTIVE,
    INACTIVE,
    INVOCATIONS_PER_SECOND,
    ApiDestination,
    ApiDestinationSettings,
)
from pocketbus.emulator.buses.connection import AUTHORIZED, Connection
from pocketbus.emulator.errors import ResourceAlreadyExistsException, ResourceNotFoundException


@events.operation
def create_api_destination(
    call: Call,
    *,
    name: str,
    connection_arn: str,
    invocation_endpoint: str,
    http_method: str,
    invocation_rate_limit_per_second: int = INVOCATIONS_PER_SECOND,
    description: str | None = None,
) -> dict[str, Any]:
    if name in call.scope.events.api_destinations:
        raise ResourceAlreadyExistsException(f"An api-destination '{name}' already exists.")
    _check_connection(call, connection_arn, "create")
    settings = ApiDestinationSettings(
        connection_arn=connection_arn,
        endpoint=check_url(invocation_endpoint, "InvocationEndpoint"),
        http_method=http_method,
        invocations_per_second=invocation_rate_limit_per_second,
        description=description,
    )
    return _write_state(call, call.scope.events.create_api_destination(name, settings, call.now))


@events.operation
def describe_api_destination(call: Call, *, name: str) -> dict[str, Any]:
    destination = _find(call, name, "describe")
    return {**_write(call, destination), "Description": destination.settings.description}


@events.operation
def list_api_destinations(
    call: Call,
    *,
    name_prefix: str = "",
    connection_arn: str | None = None,
    next_token: str | None = None,
    limit: int | None = None,
) -> dict[str, Any]:
    found = named(
        call.scope.events.api_destinations,
        name_prefix,
        lambda destination: connection_arn in {None, destination.settings.connection_arn},
    )
    page, token = read_page(found, lambda destination: destination.name, next_token, limit)
    return {"ApiDestinations": [_write(call, destination) for destination in page], "NextToken": token}


@events.operation
def update_api_destination(
    call: Call,
    *,
    name: str,
    description: str | None = None,
    connection_arn: str | None = None,
    invocation_endpoint: str | None = None,
    http_method: str | None = None,
    invocation_rate_limit_per_second: int | None = None,
) -> dict[str, Any]:
    destination = _find(call, name, "update")
    if connection_arn is not None:
        _check_connection(call, connection_arn, "update")
    changes = {
        "description": description,
        "connection_arn": connection_arn,
        "endpoint": invocation_endpoint and check_url(invocation_endpoint, "InvocationEndpoint"),
        "http_method": http_method,
        "invocations_per_second": invocation_rate_limit_per_second,
    }
    given: dict[str, Any] = {field: value for field, value in changes.items() if value is not None}
    destination.configure(replace(destination.settings, **given), call.now)
    return _write_state(call, destination)


@events.operation
def delete_api_destination(call: Call, *, name: str) -> None:
    _find(call, name, "delete")
    del call.scope.events.api_destinations[name]


def _find(call: Call, name: str, verb: str) -> ApiDestination:
    destination = call.scope.events.api_destinations.get(name)
    if destination is None:
        raise ResourceNotFoundException(
            f"Failed to {verb} the api-destination(s). An api-destination '{name}' does not exist."
        )
    return destination


def _connection_of(call: Call, arn: str) -> Connection | None:
    connection = call.scope.events.connections.get(arn.rsplit("/", 2)[1])
    return connection if connection is not None and connection.arn == arn else None


def _check_connection(call: Call, arn: str, verb: str) -> None:
    if _connection_of(call, arn) is None:
        name = arn.rsplit("/", 2)[1]
        raise ResourceNotFoundException(
            f"Failed to {verb} the api-destination(s). Connection '{name}' does not exist."
        )


def _write_state(call: Call, destination: ApiDestination) -> dict[str, Any]:
    connection = _connection_of(call, destination.settings.connection_arn)
    usable = connection is not None and connection.state_at(call.now) == AUTHORIZED
    return {
        "ApiDestinationArn": destination.arn,
        "ApiDestinationState": ACTIVE if usable else INACTIVE,
        "CreationTime": destination.created_at,
        "LastModifiedTime": destination.modified_at,
    }


def _write(call: Call, destination: ApiDestination) -> dict[str, Any]:
    settings = destination.settings
    return {
        **_write_state(call, destination),
        "Name": destination.name,
        "ConnectionArn": settings.connection_arn,
        "InvocationEndpoint": settings.endpoint,
        "HttpMethod": settings.http_method,
        "InvocationRateLimitPerSecond": settings.invocations_per_second,
    }
