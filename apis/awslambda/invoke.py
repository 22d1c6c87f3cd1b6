"""Invocations: waited for, as an event, or as a mere question whether it would be possible."""

from typing import Any

from pocketbus.apis.awslambda.names import Named, named
from pocketbus.apis.awslambda.service import awslambda
from pocketbus.apis.call import Call, Result
from pocketbus.apis.codec import scalars
from pocketbus.emulator.deliveries.failures import CourierOverloaded, TargetThrottled
from pocketbus.emulator.errors import (
    EngineError,
    InvalidRequestContentException,
    NotEmulated,
    RequestTooLargeException,
    ResourceNotFoundException,
    ServiceException,
    TooManyRequestsException,
)
from pocketbus.emulator.functions.invocation import (
    LATEST,
    Invocation,
    NoWorkers,
    failure,
)
from pocketbus.emulator.functions.invocation import Result as Returned
from pocketbus.rules import json_text

_PAYLOAD_BYTES = 6_291_456
_EVENT_BYTES = 1_048_576
_LOG_BYTES = 4096


@awslambda.operation
def invoke(
    call: Call,
    *,
    function_name: str,
    invocation_type: str = "RequestResponse",
    log_type: str = "None",
    client_context: str | None = None,
    durable_execution_name: str | None = None,
    payload: bytes = b"",
    qualifier: str | None = None,
    tenant_id: str | None = None,
) -> Result:
    for name, given in (("DurableExecutionName", durable_execution_name), ("TenantId", tenant_id)):
        if given is not None:
            raise NotEmulated(f"{name} of Invoke is not emulated.")
    function = named(call, function_name, qualifier)
    invocation = _invocation(call, function, payload, client_context)
    _check_payload(payload, _EVENT_BYTES if invocation_type == "Event" else _PAYLOAD_BYTES)
    if invocation_type == "DryRun":
        return {"StatusCode": 204}
    if invocation_type == "Event":
        _hand_over(call, invocation)
        return {"StatusCode": 202}
    return _wait(call, invocation, with_log=log_type == "Tail")


@awslambda.operation
def invoke_async(call: Call, *, function_name: str, invoke_args: bytes) -> dict[str, Any]:
    _check_payload(invoke_args, _EVENT_BYTES)
    _hand_over(call, _invocation(call, named(call, function_name), invoke_args, None))
    return {"Status": 202}


def _invocation(call: Call, function: Named, payload: bytes, client_context: str | None) -> Invocation:
    functions = call.engine.functions
    if not functions.known(function.arn):
        raise ResourceNotFoundException(f"Function not found: {function.arn}:{function.qualifier or LATEST}")
    return functions.invocation(function.qualified_arn, payload or b"{}", client_context)


def _check_payload(payload: bytes, most: int) -> None:
    if len(payload) > most:
        raise RequestTooLargeException(
            f"Request must be smaller than {most} bytes for the InvokeFunction operation"
        )
    try:
        json_text.read(payload or b"{}")
    except ValueError as error:
        raise InvalidRequestContentException(
            f"Could not parse request body into json: Could not parse payload into json: {error}"
        ) from None


def _hand_over(call: Call, invocation: Invocation) -> None:
    call.engine.trace.record(
        call.now, "invoked", invocation.function_arn, invocation.request_id, "as an event, by Invoke"
    )
    try:
        call.engine.invocations.invoke(invocation, call.now)
    except CourierOverloaded as error:
        raise TooManyRequestsException(error.message) from error


async def _wait(call: Call, invocation: Invocation, *, with_log: bool) -> dict[str, Any]:
    engine, arn, request_id = call.engine, invocation.function_arn, invocation.request_id
    engine.trace.record(call.now, "invoked", arn, request_id, "by Invoke")
    engine.door.goes_on_by(engine.functions.invoke, invocation)
    try:
        result = await call.while_connected(engine.functions.invoke(invocation))
    except NoWorkers as error:
        engine.invocations.capture(arn, arn, invocation.payload.decode(), request_id, call.now)
        result = failure("Runtime.InvalidEntrypoint", f"RequestId: {request_id} Error: {error.message}")
    except TargetThrottled as error:
        raise TooManyRequestsException(error.message) from error
    except EngineError as error:
        raise ServiceException(f"The function {invocation.name} was not reached: {error.message}") from error
    now = engine.clock.now()
    engine.trace.record(now, "failed" if result.error else "succeeded", arn, request_id, str(result))
    return {
        "StatusCode": 200,
        "FunctionError": result.error or None,
        "LogResult": _log(invocation, result, now - call.now) if with_log else None,
        "Payload": result.payload or b"null",
        "ExecutedVersion": invocation.version,
    }


def _log(invocation: Invocation, result: Returned, seconds: float) -> str:
    """Return the last 4 KB of what the worker tells it has printed; Lambda's own lines, where it tells nothing.

    What a function prints is to be seen where it runs.
    """
    return scalars.to_base64((result.log or _lines(invocation, result, seconds).encode())[-_LOG_BYTES:])


def _lines(invocation: Invocation, result: Returned, seconds: float) -> str:
    request_id, milliseconds = invocation.request_id, 1000 * seconds
    failed = f"[ERROR] {result}\n" if result.error else ""
    return (
        f"START RequestId: {request_id} Version: {invocation.version}\n{failed}END RequestId: {request_id}\n"
        f"REPORT RequestId: {request_id}\tDuration: {milliseconds:.2f} ms\t"
        f"Billed Duration: {int(milliseconds) + 1} ms\tMemory Size: 128 MB\tMax Memory Used: 64 MB\n"
    )
