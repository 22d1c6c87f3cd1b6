"""The sections of connections, secrets included, and of API destinations."""

from collections.abc import Iterator

from pocketbus.apis.events.authorization import write_authorization, write_http_parameters
from pocketbus.apis.events.service import events
from pocketbus.apis.seeds.operations import Operations
from pocketbus.apis.seeds.section import Parameters, Reference, Section, present
from pocketbus.emulator.buses.connection import Connection

_CONFIGURATION = "ResourceConfigurationArn"
_DESTINATION = (
    *("ConnectionArn", "InvocationEndpoint", "HttpMethod"),
    *("InvocationRateLimitPerSecond", "Description"),
)


def _connections(operations: Operations) -> Iterator[Connection]:
    """Yield those that can be made anew: of a deauthorized one, the secrets are gone."""
    for connection in operations.scope.events.connections.values():
        if connection.settings.authorization is not None:
            yield connection


def _connection_keys(operations: Operations) -> Iterator[Parameters]:
    for connection in _connections(operations):
        yield {"Name": connection.name}


def _read_connection(operations: Operations, key: Parameters) -> Parameters | None:
    connection = operations.scope.events.connections.get(key["Name"])
    if connection is None:
        return None
    settings = connection.settings
    return present(
        {
            "Name": key["Name"],
            "AuthorizationType": settings.authorization_type,
            "AuthParameters": {
                **write_authorization(settings.authorization, with_secrets=True),
                "InvocationHttpParameters": write_http_parameters(
                    settings.http_parameters, with_secrets=True
                ),
                "ConnectivityParameters": _resource(settings.authorization_resource_configuration),
            },
            "InvocationConnectivityParameters": _resource(settings.invocation_resource_configuration),
            "Description": settings.description,
            "KmsKeyIdentifier": settings.kms_key_identifier,
        }
    )


def _resource(configuration: str | None) -> Parameters:
    return {"ResourceParameters": {_CONFIGURATION: configuration}}


def _change_connection(operations: Operations, there: Parameters, differing: Parameters) -> None:
    operations(events, "UpdateConnection", Name=there["Name"], **differing)


CONNECTIONS = Section(
    name="connections",
    service=events,
    making="CreateConnection",
    key=("Name",),
    keys=_connection_keys,
    read=_read_connection,
    change=_change_connection,
    kind="connection",
)


def _keys(operations: Operations) -> Iterator[Parameters]:
    usable = {connection.arn for connection in _connections(operations)}
    for destination in operations.pages(events, "ListApiDestinations", "ApiDestinations"):
        if destination["ConnectionArn"] in usable:
            yield {"Name": destination["Name"]}


def _read(operations: Operations, key: Parameters) -> Parameters | None:
    if key["Name"] not in operations.scope.events.api_destinations:
        return None
    destination = operations(events, "DescribeApiDestination", Name=key["Name"])
    return present({"Name": key["Name"], **{name: destination[name] for name in _DESTINATION}})


def _change(operations: Operations, there: Parameters, differing: Parameters) -> None:
    operations(events, "UpdateApiDestination", Name=there["Name"], **differing)


API_DESTINATIONS = Section(
    name="api_destinations",
    service=events,
    making="CreateApiDestination",
    key=("Name",),
    keys=_keys,
    read=_read,
    change=_change,
    kind="api-destination",
    references=(Reference(("ConnectionArn",), ("connection",)),),
)
