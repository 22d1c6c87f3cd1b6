"""Endpoints of devices: create, list, configure, delete. Each change is told to the topic named for it."""

from collections.abc import Mapping
from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.sns.arns import endpoint_at, find_application, find_endpoint
from pocketbus.apis.sns.pages import read_page
from pocketbus.apis.sns.platform_attributes import read_endpoint, read_token, write_endpoint
from pocketbus.apis.sns.service import sns
from pocketbus.emulator.deliveries.carrying import carry
from pocketbus.emulator.topics.platform import EndpointSettings, PlatformEndpoint


@sns.operation
def create_platform_endpoint(
    call: Call,
    *,
    platform_application_arn: str,
    token: str,
    custom_user_data: str | None = None,
    attributes: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    application = find_application(call, platform_application_arn)
    given = {} if custom_user_data is None else {"CustomUserData": custom_user_data}
    settings = read_endpoint({**given, **(attributes or {})}, EndpointSettings(read_token(token)))
    endpoint, new = application.create_endpoint(settings)
    if new:
        _announce(call, "Created", endpoint)
    return {"EndpointArn": endpoint.arn}


@sns.operation
def delete_endpoint(call: Call, *, endpoint_arn: str) -> None:
    """Take the endpoint away, if there is one; its subscriptions stay."""
    endpoint = endpoint_at(call, endpoint_arn)
    if endpoint is not None:
        endpoint.application.delete_endpoint(endpoint)
        _announce(call, "Deleted", endpoint)


@sns.operation
def list_endpoints_by_platform_application(
    call: Call, *, platform_application_arn: str, next_token: str | None = None
) -> dict[str, Any]:
    endpoints = find_application(call, platform_application_arn).endpoints
    page, token = read_page(endpoints.behind, lambda endpoint: endpoint.arn, next_token)
    return {"Endpoints": [_write(endpoint) for endpoint in page], **token}


def _write(endpoint: PlatformEndpoint) -> dict[str, Any]:
    return {"EndpointArn": endpoint.arn, "Attributes": write_endpoint(endpoint)}


@sns.operation
def get_endpoint_attributes(call: Call, *, endpoint_arn: str) -> dict[str, Any]:
    return {"Attributes": write_endpoint(find_endpoint(call, endpoint_arn))}


@sns.operation
def set_endpoint_attributes(call: Call, *, endpoint_arn: str, attributes: Mapping[str, str]) -> None:
    endpoint = find_endpoint(call, endpoint_arn)
    endpoint.application.configure_endpoint(endpoint, read_endpoint(attributes, endpoint.settings))
    _announce(call, "Updated", endpoint)


def _announce(call: Call, change: str, endpoint: PlatformEndpoint) -> None:
    carry(endpoint.application.announce(change, endpoint, call.now), call.engine, call.now)
