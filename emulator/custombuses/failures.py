"""How a delivery to a subscriber's target fails, by the codes that its dead-letter queue gets.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-custom-bus-subscriber-dlq.html
"""

from collections.abc import Mapping
from typing import Final

from pocketbus.emulator.deliveries.api_calls import CallFailure
from pocketbus.emulator.deliveries.failures import (
    TargetMissing,
    TargetThrottled,
    TargetTimedOut,
    TransientFailure,
)
from pocketbus.emulator.errors import AccessDeniedException, EngineError, LoopDetected
from pocketbus.emulator.functions.invocation import FunctionFailed

DELIVERY_FAILED: Final = (
    "The delivery failed. Use this record's error code and request id when investigating, "
    "and contact AWS Support if the failure persists."
)
CUSTOMER_VALIDATION: Final = "CUSTOMER_VALIDATION"
INPUT_TRANSFORMATION_FAILURE: Final = "INPUT_TRANSFORMATION_FAILURE"
OWN_WORDS: Final = frozenset(
    {CUSTOMER_VALIDATION, "ACCESS_DENIED", "RESOURCE_NOT_FOUND", INPUT_TRANSFORMATION_FAILURE}
)
"""The codes that come with a text of their own."""

_CODES: Final[Mapping[type[EngineError], str]] = {
    TargetMissing: "ACCESS_DENIED",
    AccessDeniedException: "ACCESS_DENIED",
    TargetThrottled: "THROTTLING",
    TargetTimedOut: "EXECUTION_TIMEOUT",
    FunctionFailed: "COMPUTE_EXECUTION_ERROR",
}


class DeliveryFailed(TransientFailure):
    """The target did not take an event: for now, since everything is tried again. `code` is EventBridge's own."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def failure(error: EngineError, target_arn: str) -> DeliveryFailed:
    """Return what an attempt fails with when its target, or the way there, has refused."""
    if isinstance(error, DeliveryFailed):
        return error
    if isinstance(error, LoopDetected):
        return DeliveryFailed("LOOP_DETECTED", error.message)
    if isinstance(error, TargetMissing):
        return DeliveryFailed("ACCESS_DENIED", _no_access(target_arn))
    code = _CODES.get(type(error))
    if code is None:
        lasting = isinstance(error, CallFailure) or not isinstance(error, TransientFailure)
        code = CUSTOMER_VALIDATION if lasting else "INVOCATION_DEPENDENCY_INTERNAL"
    return DeliveryFailed(code, error.message)


def _no_access(target_arn: str) -> str:
    return (
        f"EventBridge could not access {target_arn}. Check that it exists and that its policy allows "
        "the EventBridge service principal access."
    )
