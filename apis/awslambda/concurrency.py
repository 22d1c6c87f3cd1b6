"""How many invocations of a function may be under way at a time; and that its code is not signed."""

from typing import Any

from pocketbus.apis.awslambda.names import find_function
from pocketbus.apis.awslambda.service import awslambda
from pocketbus.apis.call import Call


@awslambda.operation
def put_function_concurrency(
    call: Call, *, function_name: str, reserved_concurrent_executions: int
) -> dict[str, Any]:
    function, _ = find_function(call, function_name)
    function.reserved_concurrency = reserved_concurrent_executions
    call.engine.functions.at(function.arn).tell()
    return {"ReservedConcurrentExecutions": reserved_concurrent_executions}


@awslambda.operation
def get_function_concurrency(call: Call, *, function_name: str) -> dict[str, Any]:
    function, _ = find_function(call, function_name)
    return {"ReservedConcurrentExecutions": function.reserved_concurrency}


@awslambda.operation
def delete_function_concurrency(call: Call, *, function_name: str) -> None:
    function, _ = find_function(call, function_name)
    function.reserved_concurrency = None
    call.engine.functions.at(function.arn).tell()


@awslambda.operation
def get_function_code_signing_config(call: Call, *, function_name: str) -> dict[str, Any]:
    """Return the name of the configuration that was given; no code is checked."""
    function, _ = find_function(call, function_name)
    given = function.latest.configuration.get("CodeSigningConfigArn", "")
    return {"FunctionName": function.name, "CodeSigningConfigArn": given}
