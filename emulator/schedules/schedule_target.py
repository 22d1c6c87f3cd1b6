"""What a schedule invokes: one operation of an API, whose request is filled in anew for each invocation."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from math import floor
from typing import Any, NamedTuple

from msgspec import Struct, field

from pocketbus.emulator.arn import Arn
from pocketbus.emulator.deliveries.request_template import filled
from pocketbus.emulator.deliveries.retry_policy import Exhausted, jittered_delay
from pocketbus.emulator.limits import EVENT_AGE_SECONDS, EVENT_RETRIES
from pocketbus.rules import json_text


class RetryPolicy(Struct, frozen=True):
    """How often and how long an invocation may be tried again."""

    maximum_attempts: int = EVENT_RETRIES
    maximum_event_age_seconds: int = EVENT_AGE_SECONDS

    def delay_after(self, failures: int, age_seconds: float, chance: float) -> float | Exhausted:
        """Return the seconds until the next attempt."""
        return jittered_delay(
            failures, age_seconds, chance, self.maximum_attempts, self.maximum_event_age_seconds
        )


class ScheduleTarget(Struct, frozen=True):
    """`service` and `action` are as universal targets name them. The role is stored and has no effect here.

    `request` holds slots where the input goes; of one that is None, the input is all. `without_input` tells whether
    the API goes without one: others then get a notification. `parameters` are the target's own, as they were given.
    """

    arn: str
    service: str
    action: str
    request: Any
    role_arn: str
    input: str | None = None
    without_input: bool = False
    dead_letter_target: str | None = None
    retry_policy: RetryPolicy = field(default_factory=RetryPolicy)
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def universal_arn(self) -> str:
        """The ARN under which every operation of every API can be a target."""
        arn = Arn.parse(self.arn)
        return (
            f"arn:{'aws' if arn is None else arn.partition}:scheduler:::aws-sdk:{self.service}:{self.action}"
        )


class Invocation(NamedTuple):
    """One time that a schedule invokes its target; `scheduled_at` is the instant that its expression says."""

    schedule_arn: str
    scheduled_at: float
    execution_id: str

    def input_of(self, target: ScheduleTarget, attempt: int) -> str | None:
        """Return what the target gets as its input at an attempt, counted from 1."""
        if target.input is not None:
            return self._with_attributes(target.input, attempt)
        return None if target.without_input else self._notification()

    def request_of(self, target: ScheduleTarget, attempt: int) -> Any:
        """Return the request that an attempt makes."""
        text = self.input_of(target, attempt)
        given = _value(text)
        if target.request is None:
            return {} if text is None else given
        return filled(target.request, text, given)

    def _with_attributes(self, text: str, attempt: int) -> str:
        """Put the values of context attributes in their places.

        https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
        """
        if "<aws.scheduler." not in text:
            return text
        for name, value in (
            ("schedule-arn", self.schedule_arn),
            ("scheduled-time", iso_time(self.scheduled_at)),
            ("execution-id", self.execution_id),
            ("attempt-number", str(attempt)),
        ):
            text = text.replace(f"<aws.scheduler.{name}>", value)
        return text

    def _notification(self) -> str:
        """Write what a target without an input gets; its `detail` is a string at AWS, too."""
        _, _, _, region, account, _ = self.schedule_arn.split(":", 5)
        notification = {
            "version": "0",
            "id": self._event_id(),
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "account": account,
            "time": iso_time(self.scheduled_at),
            "region": region,
            "resources": [self.schedule_arn],
            "detail": "{}",
        }
        return json.dumps(notification, separators=(",", ":"))

    def _event_id(self) -> str:
        """Write a UUID that is the same at every attempt."""
        digits = self.execution_id
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[1:4]}-{digits[4:]}"


def iso_time(at: float) -> str:
    return datetime.fromtimestamp(floor(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _value(text: str | None) -> Any:
    """Read an input as JSON; another text stands for itself."""
    try:
        return None if text is None else json_text.read(text)
    except ValueError:
        return text
