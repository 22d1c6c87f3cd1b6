"""Functions: create, get, list, delete. Their code is kept and not run."""

from collections.abc import Iterator
from typing import Any

from pocketbus.apis.awslambda.configuration import (
    read_code,
    refuse_unemulated,
    with_defaults,
    write_code,
    write_configuration,
)
from pocketbus.apis.awslambda.names import find_function, named, page, version_meant
from pocketbus.apis.awslambda.service import awslambda
from pocketbus.apis.call import Call
from pocketbus.emulator.errors import (
    InvalidParameterValueException,
    ResourceConflictException,
    ResourceNotFoundException,
)
from pocketbus.emulator.functions.deployed import DeployedFunction, FunctionSettings
from pocketbus.emulator.functions.invocation import LATEST

Wire = dict[str, Any]


@awslambda.operation
def create_function(
    call: Call,
    *,
    function_name: str,
    code: Wire,
    description: str = "",
    timeout: int = 3,
    publish: bool = False,
    dead_letter_config: Wire | None = None,
    tags: dict[str, str] | None = None,
    **given: Any,
) -> Wire:
    refuse_unemulated(given)
    name = named(call, function_name).name
    if name in call.scope.functions.functions:
        raise ResourceConflictException(f"Function already exist: {name}")
    if given.get("PackageType", "Zip") == "Zip" and not {"Runtime", "Handler"} <= given.keys():
        raise InvalidParameterValueException(
            "Runtime and Handler are mandatory parameters for functions created with deployment packages."
        )
    configuration = with_defaults(name, given)
    settings = FunctionSettings(
        configuration,
        read_code(call, code),
        call.engine.ids.uuid(),
        call.now,
        timeout,
        description,
        (dead_letter_config or {}).get("TargetArn") or None,
    )
    function = call.scope.functions.create_function(name, settings, tags or {})
    version = function.publish(None, call.engine.ids.uuid()) if publish else LATEST
    call.engine.functions.at(function.arn).tell()
    return write_configuration(function, version, pending=True)


@awslambda.operation
def get_function(call: Call, *, function_name: str, qualifier: str | None = None) -> Wire:
    function, name = find_function(call, function_name, qualifier)
    version = version_meant(function, name.qualifier)
    reserved = function.reserved_concurrency
    return {
        "Configuration": write_configuration(function, version, qualified=name.qualifier is not None),
        "Code": write_code(call, function, function.settings(version)),
        "Tags": function.tags or None,
        "Concurrency": None if reserved is None else {"ReservedConcurrentExecutions": reserved},
    }


@awslambda.operation
def get_function_configuration(call: Call, *, function_name: str, qualifier: str | None = None) -> Wire:
    function, name = find_function(call, function_name, qualifier)
    version = version_meant(function, name.qualifier)
    return write_configuration(function, version, qualified=name.qualifier is not None)


Listed = tuple[DeployedFunction, str]


def _versions(function: DeployedFunction) -> Iterator[Listed]:
    return ((function, version) for version in sorted(function.versions))


@awslambda.operation
def list_functions(
    call: Call,
    *,
    master_region: str | None = None,  # noqa: ARG001 - nothing here is replicated
    function_version: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Wire:
    functions, every = call.scope.functions.functions, function_version == "ALL"

    def behind(last: str) -> Iterator[Listed]:
        name, _, last_version = last.partition(":")
        if every and name in functions:
            yield from (one for one in _versions(functions[name]) if one[1] > last_version)
        for function in functions.behind(name):
            yield from _versions(function) if every else [(function, LATEST)]

    shown, following = page(behind, lambda one: f"{one[0].name}:{one[1]}", marker, max_items)
    written = [write_configuration(function, version, qualified=every) for function, version in shown]
    return {"Functions": written, "NextMarker": following}


@awslambda.operation
def delete_function(call: Call, *, function_name: str, qualifier: str | None = None) -> Wire:
    """Delete a function or one version of it. Mappings stay."""
    function, name = find_function(call, function_name, qualifier)
    if name.qualifier is None:
        del call.engine.scope_of(function.arn).functions.functions[function.name]
        call.engine.functions.at(function.arn).tell()
    elif name.qualifier == LATEST:
        raise InvalidParameterValueException(
            "$LATEST version cannot be deleted without deleting the function."
        )
    elif name.qualifier in function.aliases:
        raise ResourceNotFoundException(f"Function not found: {name.qualified_arn}")
    elif any(name.qualifier in {alias.version, *alias.weights} for alias in function.aliases.values()):
        raise ResourceConflictException(f"Version {name.qualifier} is used by an alias.")
    else:
        function.delete(name.qualifier)
    return {"StatusCode": 204}
