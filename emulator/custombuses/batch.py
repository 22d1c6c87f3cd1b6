"""Events on their way to a subscriber's target together, and what the dead-letter queue gets when that fails."""

import json
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final

from pocketbus.emulator.custombuses.event import LogEvent, iso_time
from pocketbus.emulator.custombuses.failures import DELIVERY_FAILED, OWN_WORDS, DeliveryFailed
from pocketbus.emulator.custombuses.subscriber_settings import SubscriberSettings
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.failures import GaveUp
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.message import Attribute, Attributes, Text
from pocketbus.emulator.trouble.incident import Incident

GATEWAY: Final = "events:subscriber"
_MESSAGE_LENGTH: Final = 1024
_position = attrgetter("position")


class Batch:
    """What of a batch is still to be delivered: `failed` are those that the latest attempt did not get there, `held`
    those that must not overtake one of them, since they are `in_order`. `done` hears of what was delivered.
    """

    __slots__ = ("delivery_type", "done", "failed", "held", "in_order", "settings")

    def __init__(
        self,
        settings: SubscriberSettings,
        events: Sequence[LogEvent],
        delivery_type: str,
        done: Callable[[Sequence[LogEvent]], None],
        *,
        in_order: bool,
    ) -> None:
        self.settings = settings
        self.failed = list(events)
        self.held: list[LogEvent] = []
        self.delivery_type = delivery_type
        self.done = done
        self.in_order = in_order

    @property
    def remaining(self) -> list[LogEvent]:
        return sorted((*self.failed, *self.held), key=_position)


class BatchDelivery(Delivery, kw_only=True, eq=False):
    """A batch on its way; `parameters` are as API destinations read them."""

    batch: Batch
    bus_arn: str
    parameters: Mapping[str, Any]
    protocol: str = GATEWAY

    @property
    def incident(self) -> Incident:
        """A fault may name the service as SDKs do."""
        return super().incident._replace(service="eventbridgev2")

    def dead_letter(self, error: EngineError) -> Delivery | None:
        """Return what tells of the events that failed, without their data."""
        if self.dead_letter_target is None:
            return None
        letter = Text(*_letter(self, error))
        ids: tuple[str | None, str | None] = None, None
        if self.dead_letter_target.endswith(".fifo"):
            ids = self.batch.failed[0].group_id or self.source, self.subject
        return Delivery(self.source, self.dead_letter_target, letter, self.subject, *ids, counts=False)


def _letter(delivery: BatchDelivery, error: EngineError) -> tuple[str, Attributes]:
    cause = error.cause if isinstance(error, GaveUp) else error
    code = cause.code if isinstance(cause, DeliveryFailed) else "INTERNAL_SERVER_ERROR"
    message = (cause.message if code in OWN_WORDS else DELIVERY_FAILED)[:_MESSAGE_LENGTH]
    condition = (error.condition if isinstance(error, GaveUp) else "") or "MaximumRetryAttempts"
    retries = error.retries if isinstance(error, GaveUp) else 0
    document = {
        "version": "1.0",
        "id": delivery.subject,
        "busArn": delivery.bus_arn,
        "subscriberArn": delivery.source,
        "targetArn": delivery.target,
        "errorCode": code,
        "errorMessage": message,
        "exhaustedRetryCondition": condition,
        "retryAttempts": retries,
        "failedMessages": [_failed(event) for event in delivery.batch.failed],
    }
    texts = {
        "ERROR_CODE": code,
        "ERROR_MESSAGE": message,
        "SUBSCRIBER_ARN": delivery.source,
        "TARGET_ARN": delivery.target,
        "BUS_ARN": delivery.bus_arn,
        "EXHAUSTED_RETRY_CONDITION": condition,
        "RETRY_ATTEMPTS": str(retries),
    }
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return body, {name: Attribute("String", text) for name, text in texts.items()}


def _failed(event: LogEvent) -> dict[str, Any]:
    return {
        "eventId": event.event_id,
        "eventGroupId": event.group_id,
        "deduplicationId": event.deduplication_id,
        "timestamp": iso_time(event.at),
        "targetRequestId": None,
    }
