"""A rule's targets, and the deliveries to them with what their dead-letter queue gets when they fail."""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from pocketbus.emulator.arn import Arn
from pocketbus.emulator.buses.bus_event import BusEvent
from pocketbus.emulator.buses.bus_log import FAILURE, SUCCESS, BusLog, Step
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.failures import (
    GaveUp,
    TargetMissing,
    TargetThrottled,
    TargetTimedOut,
    TargetUnreachable,
)
from pocketbus.emulator.deliveries.gateway import ANYTHING_ELSE
from pocketbus.emulator.deliveries.retry_policy import Exhausted, jittered_delay
from pocketbus.emulator.errors import (
    AccessDeniedException,
    EngineError,
    HopLimitReached,
    InvalidParameterValueException,
    LoopDetected,
    MalformedDetail,
    MalformedLogEvent,
    MissingRequiredParameterException,
)
from pocketbus.emulator.limits import EVENT_AGE_SECONDS, EVENT_RETRIES
from pocketbus.emulator.message import Attribute, Attributes, Text
from pocketbus.rules.transform import Transform

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
_ERROR_CODES: Mapping[type[EngineError], str] = {
    TargetMissing: "NO_RESOURCE",
    AccessDeniedException: "NO_PERMISSIONS",
    HopLimitReached: "THIRD_ACCOUNT_HOP_DETECTED",
    LoopDetected: "LOOP_DETECTED",
    InvalidParameterValueException: "INVALID_PARAMETER",
    MissingRequiredParameterException: "INVALID_PARAMETER",
    MalformedDetail: "INVALID_JSON",
    MalformedLogEvent: "INVALID_PARAMETER",
    TargetUnreachable: "CONNECTION_FAILURE",
    TargetTimedOut: "TIMEOUT",
    TargetThrottled: "THROTTLING",
}
_OTHER_ERROR = "ERROR_FROM_TARGET"


class RetryPolicy(Struct, frozen=True):
    """How often and how long a delivery may be tried again; local targets fail for good at once."""

    maximum_attempts: int | None = None
    maximum_event_age_seconds: int | None = None

    def delay_after(self, failures: int, age_seconds: float, chance: float) -> float | Exhausted:
        """Return the seconds until the next attempt; what is not set is as EventBridge has it."""
        retries = EVENT_RETRIES if self.maximum_attempts is None else self.maximum_attempts
        lifetime = self.maximum_event_age_seconds or EVENT_AGE_SECONDS
        return jittered_delay(failures, age_seconds, chance, retries, lifetime)


DEFAULT_RETRIES = RetryPolicy()


class Input(Struct, frozen=True):
    """Which text of an event the target receives, as its owner wrote it; all None: the event as it is."""

    constant: str | None = None
    path: str | None = None
    paths_map: Mapping[str, str] | None = None
    template: str | None = None


class Target(Struct, frozen=True):
    """Where a rule sends its events; the role is stored and has no effect here.

    `parameters` are those of the target's own service, as EventBridge names them.
    """

    target_id: str
    arn: str
    input: Input = field(default_factory=Input)
    transform: Transform | None = None
    role_arn: str | None = None
    group_id: str | None = None
    dead_letter_target: str | None = None
    retry_policy: RetryPolicy | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    order: int = 0
    """Where it stands among its rule's targets, which are listed in the order in which they were put."""


def in_order(targets: Mapping[str, Target], put: Iterable[Target]) -> dict[str, Target]:
    """Return the targets by id with those that are put; one that takes another's place stands where that stood."""
    merged = dict(targets)
    following = max((target.order for target in targets.values()), default=0) + 1
    for number, target in enumerate(put, following):
        there = merged.get(target.target_id)
        merged[target.target_id] = replace(target, order=number if there is None else there.order)
    return merged


class RuleDelivery(Delivery, kw_only=True, eq=False):
    """A delivery to a rule's target. `hops` counts the buses that forwarded the event, this rule's included."""

    event: BusEvent
    retry_policy: RetryPolicy | None = None
    hops: int = 1
    parameters: Mapping[str, Any] = field(default_factory=dict)
    log: BusLog | None = None

    def ways(self) -> tuple[str, ...]:
        """Return what the target's ARN names: its service and kind, its service, anything else."""
        arn = Arn.parse(self.target)
        return () if arn is None else (f"{arn.service}:{arn.kind}", arn.service, ANYTHING_ELSE)

    def settle(self, error: EngineError | None, now: float) -> None:
        super().settle(error, now)
        self.note(SUCCESS if error is None else FAILURE, now, None if error is None else error.message)

    def note(self, step: Step, now: float, error: str | None = None) -> None:
        """Tell the log of the bus, if it keeps one."""
        if self.log is not None:
            about = {"rule_arn": self.source, "target_arn": self.target}
            self.log.write(step, self.event, now, about, error)

    def dead_letter(self, error: EngineError) -> Delivery | None:
        """Return the event, before any transformation, with what went wrong as its message attributes."""
        if self.dead_letter_target is None:
            return None
        letter = Text(self.event.body, self._reasons(error), self.event.trace_header)
        return Delivery(self.source, self.dead_letter_target, letter, self.subject, counts=False)

    def _reasons(self, error: EngineError) -> Attributes:
        texts = {
            "RULE_ARN": self.source,
            "TARGET_ARN": self.target,
            "ERROR_CODE": _error_code(error),
            "ERROR_MESSAGE": error.message,
            "RETRY_ATTEMPTS": str(error.retries if isinstance(error, GaveUp) else 0),
        }
        if isinstance(error, GaveUp):
            if error.condition:
                texts["EXHAUSTED_RETRY_CONDITION"] = error.condition
        elif self.retry_policy is not None and self.retry_policy.maximum_attempts == 0:
            texts["EXHAUSTED_RETRY_CONDITION"] = "MaximumRetryAttempts"
        return {name: Attribute("String", text) for name, text in texts.items()}


def _error_code(error: EngineError) -> str:
    cause = error.cause if isinstance(error, GaveUp) else error
    return _ERROR_CODES.get(type(cause), _OTHER_ERROR)
