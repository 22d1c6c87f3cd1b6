"""How asynchronous invocations of a function are tried again, and who hears of their ends."""

from typing import Any

from pocketbus.apis.awslambda.names import Named, find_function, page
from pocketbus.apis.awslambda.service import awslambda
from pocketbus.apis.call import Call
from pocketbus.apis.paging import sorted_by
from pocketbus.emulator.errors import InvalidParameterValueException, ResourceNotFoundException
from pocketbus.emulator.functions.deployed import DeployedFunction, EventInvokeConfig
from pocketbus.emulator.functions.invocation import LATEST

Wire = dict[str, Any]


@awslambda.operation
def put_function_event_invoke_config(
    call: Call,
    *,
    function_name: str,
    qualifier: str | None = None,
    maximum_retry_attempts: int | None = None,
    maximum_event_age_in_seconds: int | None = None,
    destination_config: Wire | None = None,
) -> Wire:
    function, name = find_function(call, function_name, qualifier)
    if (maximum_retry_attempts, maximum_event_age_in_seconds, destination_config) == (None, None, None):
        raise InvalidParameterValueException(
            "You must specify at least one of error handling or destination setting."
        )
    config = EventInvokeConfig(
        call.now,
        maximum_retry_attempts,
        maximum_event_age_in_seconds,
        _destination(destination_config, "OnSuccess"),
        _destination(destination_config, "OnFailure"),
    )
    function.invoke_configs[name.qualifier or LATEST] = config
    return _write(function, name.qualifier or LATEST)


@awslambda.operation
def update_function_event_invoke_config(
    call: Call,
    *,
    function_name: str,
    qualifier: str | None = None,
    maximum_retry_attempts: int | None = None,
    maximum_event_age_in_seconds: int | None = None,
    destination_config: Wire | None = None,
) -> Wire:
    function, name = find_function(call, function_name, qualifier)
    was = _find(function, name)
    given = destination_config or {}
    retries, age = maximum_retry_attempts, maximum_event_age_in_seconds
    function.invoke_configs[name.qualifier or LATEST] = EventInvokeConfig(
        call.now,
        was.maximum_retry_attempts if retries is None else retries,
        was.maximum_event_age_seconds if age is None else age,
        _destination(given, "OnSuccess") if "OnSuccess" in given else was.on_success,
        _destination(given, "OnFailure") if "OnFailure" in given else was.on_failure,
    )
    return _write(function, name.qualifier or LATEST)


@awslambda.operation
def get_function_event_invoke_config(call: Call, *, function_name: str, qualifier: str | None = None) -> Wire:
    function, name = find_function(call, function_name, qualifier)
    _find(function, name)
    return _write(function, name.qualifier or LATEST)


@awslambda.operation
def delete_function_event_invoke_config(
    call: Call, *, function_name: str, qualifier: str | None = None
) -> None:
    function, name = find_function(call, function_name, qualifier)
    _find(function, name)
    del function.invoke_configs[name.qualifier or LATEST]


@awslambda.operation
def list_function_event_invoke_configs(
    call: Call, *, function_name: str, marker: str | None = None, max_items: int | None = None
) -> Wire:
    function, _ = find_function(call, function_name)
    shown, following = page(sorted_by(str, function.invoke_configs), str, marker, max_items)
    written = [_write(function, qualifier) for qualifier in shown]
    return {"FunctionEventInvokeConfigs": written, "NextMarker": following}


def _find(function: DeployedFunction, name: Named) -> EventInvokeConfig:
    qualifier = name.qualifier or LATEST
    if qualifier not in function.invoke_configs:
        raise ResourceNotFoundException(
            f"The function {function.arn}:{qualifier} doesn't have an EventInvokeConfig"
        )
    return function.invoke_configs[qualifier]


def _destination(config: Wire | None, which: str) -> str | None:
    return ((config or {}).get(which) or {}).get("Destination") or None


def _write(function: DeployedFunction, qualifier: str) -> Wire:
    config = function.invoke_configs[qualifier]
    return {
        "LastModified": config.modified_at,
        "FunctionArn": f"{function.arn}:{qualifier}",
        "MaximumRetryAttempts": config.maximum_retry_attempts,
        "MaximumEventAgeInSeconds": config.maximum_event_age_seconds,
        "DestinationConfig": {
            "OnSuccess": {"Destination": config.on_success} if config.on_success else {},
            "OnFailure": {"Destination": config.on_failure} if config.on_failure else {},
        },
    }
