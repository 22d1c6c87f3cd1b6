"""An invocation of a schedule's target on its way, and what its dead-letter queue gets when it fails.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
"""

import json
from typing import Any

from pocketbus.emulator.deliveries.api_calls import API_CALL, ApiDelivery, CallFailure
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.failures import AttemptDefect, GaveUp
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.limits import MESSAGE_BYTES
from pocketbus.emulator.message import Attribute, Attributes, Text
from pocketbus.emulator.schedules.schedule_target import Invocation, ScheduleTarget, iso_time
from pocketbus.emulator.trouble.incident import Incident

_INTERNAL_ERROR = "AWS.Scheduler.InternalServerError"
_UNEXPECTED = "Unexpected error occurred while processing the request"
_ROOM_FOR_ATTRIBUTES = 8192


class ScheduleDelivery(ApiDelivery, kw_only=True, eq=False):
    """One invocation of one schedule."""

    of: ScheduleTarget
    invocation: Invocation
    protocol: str = API_CALL

    @property
    def service(self) -> str:
        return self.of.service

    @property
    def action(self) -> str:
        return self.of.action

    @property
    def destination(self) -> str:
        return self.of.arn

    @property
    def incident(self) -> Incident:
        """A fault may name the target as its schedule does."""
        incident = super().incident
        return incident._replace(resources=(self.of.arn, self.target))

    def request(self, attempt: int) -> Any:
        return self.invocation.request_of(self.of, attempt)

    def dead_letter(self, error: EngineError) -> Delivery | None:
        """Return the request as it was made last, with what went wrong as its message attributes."""
        if self.dead_letter_target is None:
            return None
        attempts = error.retries + 1 if isinstance(error, GaveUp) else 1
        whole = json.dumps(self.request(attempts), ensure_ascii=False, separators=(",", ":"))
        room = MESSAGE_BYTES - _ROOM_FOR_ATTRIBUTES
        body = whole.encode("utf-8", "surrogatepass")[:room].decode("utf-8", "ignore")
        letter = Text(body, self._reasons(error, truncated=body != whole))
        return Delivery(self.source, self.dead_letter_target, letter, self.subject)

    def _reasons(self, error: EngineError, *, truncated: bool) -> Attributes:
        cause = error.cause if isinstance(error, GaveUp) else error
        texts = {
            "SCHEDULE_ARN": self.source,
            "TARGET_ARN": self.of.universal_arn,
            "SCHEDULED_TIME": iso_time(self.invocation.scheduled_at),
            "EXECUTION_ID": self.invocation.execution_id,
            "ERROR_CODE": cause.code if isinstance(cause, CallFailure) else _INTERNAL_ERROR,
            "ERROR_MESSAGE": _UNEXPECTED if isinstance(cause, AttemptDefect) else cause.message,
            "RETRY_ATTEMPTS": str(error.retries if isinstance(error, GaveUp) else 0),
            "IS_PAYLOAD_TRUNCATED": "true" if truncated else "false",
        }
        if isinstance(error, GaveUp) and error.condition:
            texts["EXHAUSTED_RETRY_CONDITION"] = error.condition
        return {name: Attribute("String", text) for name, text in texts.items()}
