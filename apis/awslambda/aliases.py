"""Aliases: names for versions, or for two of them with a share of the invocations each."""

from typing import Any

from msgspec.structs import replace

from pocketbus.apis.awslambda.configuration import check_revision
from pocketbus.apis.awslambda.names import find_function, page
from pocketbus.apis.awslambda.service import awslambda
from pocketbus.apis.call import Call
from pocketbus.apis.paging import sorted_by
from pocketbus.emulator.errors import (
    InvalidParameterValueException,
    ResourceConflictException,
    ResourceNotFoundException,
)
from pocketbus.emulator.functions.deployed import Alias, DeployedFunction


@awslambda.operation
def create_alias(
    call: Call,
    *,
    function_name: str,
    name: str,
    function_version: str,
    description: str = "",
    routing_config: dict[str, Any] | None = None,
) -> dict[str, Any]:
    function, _ = find_function(call, function_name)
    if name in function.aliases:
        raise ResourceConflictException(f"Alias already exists: {function.arn}:{name}")
    weights = _weights(function, routing_config)
    _check_version(function, function_version)
    alias = Alias(name, function_version, call.engine.ids.uuid(), description, weights)
    function.aliases[name] = alias
    return _write(function, alias)


@awslambda.operation
def get_alias(call: Call, *, function_name: str, name: str) -> dict[str, Any]:
    function, _ = find_function(call, function_name)
    return _write(function, _find(function, name))


@awslambda.operation
def update_alias(
    call: Call,
    *,
    function_name: str,
    name: str,
    function_version: str | None = None,
    description: str | None = None,
    routing_config: dict[str, Any] | None = None,
    revision_id: str | None = None,
) -> dict[str, Any]:
    function, _ = find_function(call, function_name)
    alias = _find(function, name)
    check_revision(revision_id, alias.revision_id)
    if function_version is not None:
        _check_version(function, function_version)
    function.aliases[name] = alias = replace(
        alias,
        version=function_version or alias.version,
        description=alias.description if description is None else description,
        weights=alias.weights if routing_config is None else _weights(function, routing_config),
        revision_id=call.engine.ids.uuid(),
    )
    return _write(function, alias)


@awslambda.operation
def delete_alias(call: Call, *, function_name: str, name: str) -> None:
    """Delete an alias; one that is not there is none afterwards either."""
    function, _ = find_function(call, function_name)
    if name in function.aliases:
        function.delete(name)


@awslambda.operation
def list_aliases(
    call: Call,
    *,
    function_name: str,
    function_version: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> dict[str, Any]:
    function, _ = find_function(call, function_name)
    found = [alias for alias in function.aliases.values() if function_version in {None, alias.version}]
    shown, following = page(sorted_by(_name, found), _name, marker, max_items)
    return {"Aliases": [_write(function, alias) for alias in shown], "NextMarker": following}


def _name(alias: Alias) -> str:
    return alias.name


def _find(function: DeployedFunction, name: str) -> Alias:
    if name not in function.aliases:
        raise ResourceNotFoundException(f"Cannot find alias arn: {function.arn}:{name}")
    return function.aliases[name]


def _check_version(function: DeployedFunction, version: str) -> None:
    if version not in function.versions:
        raise ResourceNotFoundException(f"Function not found: {function.arn}:{version}")


def _weights(function: DeployedFunction, routing: dict[str, Any] | None) -> dict[str, float]:
    weights: dict[str, float] = (routing or {}).get("AdditionalVersionWeights") or {}
    for version in weights:
        _check_version(function, version)
    if len(weights) > 1:
        raise InvalidParameterValueException(
            "Number of items in AdditionalVersionWeights cannot be greater than 1."
        )
    return weights


def _write(function: DeployedFunction, alias: Alias) -> dict[str, Any]:
    return {
        "AliasArn": f"{function.arn}:{alias.name}",
        "Name": alias.name,
        "FunctionVersion": alias.version,
        "Description": alias.description,
        "RoutingConfig": {"AdditionalVersionWeights": alias.weights} if alias.weights else None,
        "RevisionId": alias.revision_id,
    }
