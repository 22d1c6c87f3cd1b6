"""A rule's targets, and the deliveries to them with what their dead-letter queue gets when they fail."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pocketbus.emulator.bus_event import BusEvent
from pocketbus.emulator.delivery import Delivery, TargetMissing
from pocketbus.emulator.errors import (
    AccessDeniedException,
    EngineError,
    HopLimitReached,
    InvalidParameterValueException,
    MalformedDetail,
    MissingRequiredParameterException,
)
from pocketbus.emulator.message import Attribute, Attributes, Text
from pocketbus.rules.transform import Transform

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
_ERROR_CODES: Mapping[type[EngineError], str] = {
    TargetMissing: "NO_RESOURCE",
    AccessDeniedException: "NO_PERMISSIONS",
    HopLimitReached: "THIRD_ACCOUNT_HOP_DETECTED",
    InvalidParameterValueException: "INVALID_PARAMETER",
    MissingRequiredParameterException: "INVALID_PARAMETER",
    MalformedDetail: "INVALID_JSON",
}
_OTHER_ERROR = "ERROR_FROM_TARGET"


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long a delivery may be tried again; local targets fail for good at once."""

    maximum_attempts: int | None = None
    maximum_event_age_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """Which text of an event the target receives, as its owner wrote it; all None: the event as it is."""

    constant: str | None = None
    path: str | None = None
    paths_map: Mapping[str, str] | None = None
    template: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """Where a rule sends its events; the role is stored and has no effect here."""

    target_id: str
    arn: str
    input: Input = field(default_factory=Input)
    transform: Transform | None = None
    role_arn: str | None = None
    group_id: str | None = None
    dead_letter_target: str | None = None
    retry_policy: RetryPolicy | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDelivery(Delivery):
    """A delivery to a rule's target. `hops` counts the buses that forwarded the event, this rule's included."""

    event: BusEvent
    retry_policy: RetryPolicy | None = None
    hops: int = 1

    def dead_letter(self, error: EngineError) -> Delivery | None:
        """Return the event, before any transformation, with what went wrong as its message attributes."""
        if self.dead_letter_target is None:
            return None
        letter = Text(self.event.body, self._reasons(error), self.event.trace_header)
        return Delivery(self.source, self.dead_letter_target, letter, self.subject)

    def _reasons(self, error: EngineError) -> Attributes:
        texts = {
            "RULE_ARN": self.source,
            "TARGET_ARN": self.target,
            "ERROR_CODE": _ERROR_CODES.get(type(error), _OTHER_ERROR),
            "ERROR_MESSAGE": error.message,
            "RETRY_ATTEMPTS": "0",
        }
        if self.retry_policy is not None and self.retry_policy.maximum_attempts == 0:
            texts["EXHAUSTED_RETRY_CONDITION"] = "MaximumRetryAttempts"
        return {name: Attribute("String", text) for name, text in texts.items()}
