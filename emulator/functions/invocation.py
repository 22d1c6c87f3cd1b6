"""One invocation of a function, and what came of it."""

import json
from typing import Any, NamedTuple

from msgspec import Struct

from pocketbus.emulator.deliveries.failures import TransientFailure
from pocketbus.emulator.errors import EngineError
from pocketbus.rules import json_text

LATEST = "$LATEST"
LONGEST_SECONDS = 900
"""https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

UNHANDLED = "Unhandled"
_SHOWN = 200


class Invocation(Struct, frozen=True):
    """What a worker is given. `function_arn` is the one it was invoked by, with its version or alias, if any."""

    function_arn: str
    request_id: str
    payload: bytes
    version: str = LATEST
    timeout_seconds: float = LONGEST_SECONDS
    client_context: str | None = None

    @property
    def name(self) -> str:
        return name_of(self.function_arn)


class Result(NamedTuple):
    """What a worker returned; of a function that failed, `error` is what Lambda calls it and the payload says why.

    `log` is the last part of what it printed, where the worker tells.
    """

    payload: bytes
    error: str = ""
    log: bytes = b""

    def __str__(self) -> str:
        if not self.error:
            return "the function returned"
        return f"the function failed: {_complaint(self.payload)}"[:_SHOWN]


class FunctionFailed(TransientFailure):
    """The function was invoked and has failed."""

    def __init__(self, result: Result) -> None:
        super().__init__(str(result))
        self.result = result


class NoWorkers(EngineError):
    """Nothing runs this function here."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Nothing runs the function {name} here. Attach a worker (pocketbus lambda run {name} -- COMMAND), "
            f"give a URL that takes Invoke (lambda_urls), or a Python callable (Emulator.on_lambda)."
        )


def _complaint(payload: bytes) -> str:
    try:
        said = json_text.read(payload)
        return f"{said['errorType']}: {said['errorMessage']}"
    except (ValueError, KeyError, TypeError):
        return payload.decode(errors="replace")


def failure(error_type: str, message: str, **more: Any) -> Result:
    """Return what Lambda answers for a function that failed."""
    payload = {"errorMessage": message, "errorType": error_type, **more}
    return Result(json.dumps(payload).encode(), UNHANDLED)


def timed_out(invocation: Invocation) -> Result:
    seconds = f"{invocation.timeout_seconds:.2f}"
    message = f"RequestId: {invocation.request_id} Error: Task timed out after {seconds} seconds"
    return failure("Sandbox.Timedout", message)


def exited(invocation: Invocation, reason: str) -> Result:
    return failure("Runtime.ExitError", f"RequestId: {invocation.request_id} Error: {reason}")


def name_of(arn: str) -> str:
    """Return the name of a function, without its version or alias.

    >>> name_of("arn:aws:lambda:us-east-1:000000000000:function:orders:live")
    'orders'
    """
    return arn.split(":")[6]


def unqualified(arn: str) -> str:
    """Return the ARN of a function without a version or alias.

    >>> unqualified("arn:aws:lambda:us-east-1:000000000000:function:orders:live")
    'arn:aws:lambda:us-east-1:000000000000:function:orders'
    """
    return ":".join(arn.split(":")[:7])


def qualifier_of(arn: str) -> str | None:
    """Return the version or alias that an ARN names, if it does."""
    return next(iter(arn.split(":")[7:]), None)
