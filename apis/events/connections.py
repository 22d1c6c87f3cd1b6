"""Connections: create, describe, list, update, deauthorize, delete."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from pocketbus.apis.call import Call
from pocketbus.apis.events.authorization import (
    read_authorization,
    read_http_parameters,
    write_authorization,
    write_http_parameters,
)
from pocketbus.apis.events.find import read_page
from pocketbus.apis.events.service import events
from pocketbus.apis.paging import named
from pocketbus.emulator.buses.connection import DELETING, Connection, ConnectionSettings, HttpParameters
from pocketbus.emulator.errors import ResourceAlreadyExistsException, ResourceNotFoundException

Wire = Mapping[str, Any]


@events.operation
def create_connection(
    call: Call,
    *,
    name: str,
    authorization_type: str,
    auth_parameters: Wire,
    description: str | None = None,
    invocation_connectivity_parameters: Wire | None = None,
    kms_key_identifier: str | None = None,
) -> dict[str, Any]:
    if name in call.scope.events.connections:
        raise ResourceAlreadyExistsException(f"Connection {name} already exists.")
    settings = ConnectionSettings(
        authorization_type=authorization_type,
        authorization=read_authorization(authorization_type, auth_parameters),
        http_parameters=_read_additions(auth_parameters),
        description=description,
        kms_key_identifier=kms_key_identifier,
        invocation_resource_configuration=_read_connectivity(invocation_connectivity_parameters),
        authorization_resource_configuration=_read_connectivity(
            auth_parameters.get("ConnectivityParameters")
        ),
    )
    connection = call.scope.events.create_connection(name, settings, call.now)
    return _write_state(connection, call.now)


@events.operation
def describe_connection(call: Call, *, name: str) -> dict[str, Any]:
    connection = _find(call, name, "describe")
    settings = connection.settings
    return {
        **_write(connection, call.now),
        "Description": settings.description,
        "KmsKeyIdentifier": settings.kms_key_identifier,
        "SecretArn": connection.secret_arn,
        "InvocationConnectivityParameters": _write_connectivity(settings.invocation_resource_configuration),
        "AuthParameters": {
            **write_authorization(settings.authorization),
            "InvocationHttpParameters": write_http_parameters(settings.http_parameters),
            "ConnectivityParameters": _write_connectivity(settings.authorization_resource_configuration),
        },
    }


@events.operation
def list_connections(
    call: Call,
    *,
    name_prefix: str = "",
    connection_state: str | None = None,
    next_token: str | None = None,
    limit: int | None = None,
) -> dict[str, Any]:
    found = named(
        call.scope.events.connections,
        name_prefix,
        lambda connection: connection_state in {None, connection.state_at(call.now)},
    )
    page, token = read_page(found, lambda connection: connection.name, next_token, limit)
    return {"Connections": [_write(connection, call.now) for connection in page], "NextToken": token}


@events.operation
def update_connection(
    call: Call,
    *,
    name: str,
    description: str | None = None,
    authorization_type: str | None = None,
    auth_parameters: Wire | None = None,
    invocation_connectivity_parameters: Wire | None = None,
    kms_key_identifier: str | None = None,
) -> dict[str, Any]:
    connection = _find(call, name, "update")
    settings = connection.settings
    changes = {
        "description": description,
        "kms_key_identifier": kms_key_identifier,
        "invocation_resource_configuration": _read_connectivity(invocation_connectivity_parameters),
        **_read_changes(settings, authorization_type, auth_parameters),
    }
    given: dict[str, Any] = {field: value for field, value in changes.items() if value is not None}
    connection.configure(replace(settings, **given), call.now)
    return _write_changed(connection, call.now)


@events.operation
def deauthorize_connection(call: Call, *, name: str) -> dict[str, Any]:
    connection = _find(call, name, "deauthorize")
    connection.deauthorize(call.now)
    return _write_changed(connection, call.now)


@events.operation
def delete_connection(call: Call, *, name: str) -> dict[str, Any]:
    """Take the connection away. As AWS was seen to do, a describe right after does not find it any more."""
    connection = _find(call, name, "delete")
    del call.scope.events.connections[name]
    return {**_write_changed(connection, call.now), "ConnectionState": DELETING}


def _find(call: Call, name: str, verb: str) -> Connection:
    connection = call.scope.events.connections.get(name)
    if connection is None:
        raise ResourceNotFoundException(
            f"Failed to {verb} the connection(s). Connection '{name}' does not exist."
        )
    return connection


def _read_changes(settings: ConnectionSettings, kind: str | None, wire: Wire | None) -> dict[str, Any]:
    """Return what an update says about the authorization; a new type needs parameters of its own."""
    if wire is None and kind in {None, settings.authorization_type}:
        return {}
    wire = wire or {}
    kind = kind or settings.authorization_type
    return {
        "authorization_type": kind,
        "authorization": read_authorization(kind, wire, settings.authorization),
        "http_parameters": _read_additions(wire),
        "authorization_resource_configuration": _read_connectivity(wire.get("ConnectivityParameters")),
    }


def _read_additions(wire: Wire) -> HttpParameters | None:
    additions = wire.get("InvocationHttpParameters")
    return None if additions is None else read_http_parameters(additions)


def _read_connectivity(wire: Wire | None) -> str | None:
    if wire is None:
        return None
    arn: str = wire["ResourceParameters"]["ResourceConfigurationArn"]
    return arn


def _write_connectivity(configuration: str | None) -> dict[str, Any] | None:
    if not configuration:
        return None
    association = configuration.replace(
        "resourceconfiguration/rcfg-", "servicenetworkresourceassociation/snra-"
    )
    return {
        "ResourceParameters": {
            "ResourceConfigurationArn": configuration,
            "ResourceAssociationArn": association,
        }
    }


def _write_state(connection: Connection, now: float) -> dict[str, Any]:
    return {
        "ConnectionArn": connection.arn,
        "ConnectionState": connection.state_at(now),
        "CreationTime": connection.created_at,
        "LastModifiedTime": connection.modified_at,
    }


def _write_changed(connection: Connection, now: float) -> dict[str, Any]:
    return {**_write_state(connection, now), "LastAuthorizedTime": connection.last_authorized_at(now)}


def _write(connection: Connection, now: float) -> dict[str, Any]:
    return {
        **_write_changed(connection, now),
        "Name": connection.name,
        "StateReason": connection.reason,
        "AuthorizationType": connection.settings.authorization_type,
    }
