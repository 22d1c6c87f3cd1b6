"""The delivery status log of a topic: one record for each end of a delivery, in SNS's own format, in the trace.

https://docs.aws.amazon.com/sns/latest/dg/topics-attrib.html
"""

import json
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.failures import GaveUp
from pocketbus.emulator.digests import md5_of_body
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.topics.publication import Notification

LOGGED_AS = {
    "http": "HTTP",
    "https": "HTTP",
    "sqs": "SQS",
    "lambda": "Lambda",
    "firehose": "Firehose",
    "application": "Application",
}
"""The protocols whose deliveries can be logged, and how the attributes of a topic begin that ask for it."""


class StatusLog(Struct, frozen=True):
    """Logs the end of one delivery of a notification; `prefix` begins the topic's attributes that ask for it."""

    notification: Notification
    prefix: str
    attributes: Mapping[str, str]
    core: Core

    def write(self, delivery: Delivery, error: EngineError | None, now: float) -> None:
        """Log that the target has taken the delivery (None) or refused it for good, as far as the topic asks for it."""
        if self._asked(failed=error is not None):
            text = json.dumps(self._record(delivery, error, now))
            self.core.trace.record(now, "logged", delivery.target, delivery.subject, text)

    def _asked(self, *, failed: bool) -> bool:
        if failed:
            return f"{self.prefix}FailureFeedbackRoleArn" in self.attributes
        if f"{self.prefix}SuccessFeedbackRoleArn" not in self.attributes:
            return False
        percentage = int(self.attributes.get(f"{self.prefix}SuccessFeedbackSampleRate", "100"))
        return percentage > self.core.ids.random.random() * 100

    def _record(self, delivery: Delivery, error: EngineError | None, now: float) -> dict[str, Any]:
        notification = self.notification
        message = notification.publication.message.encode("utf-8", "surrogatepass")
        about: dict[str, Any] = {
            "deliveryId": self.core.ids.uuid(),
            "destination": delivery.target,
            "dwellTimeMs": round((now - notification.published_at) * 1000),
        }
        if error is not None:
            about["providerResponse"] = error.message
            about["attempts"] = error.retries + 1 if isinstance(error, GaveUp) else 1
        return {
            "notification": {
                "messageMD5Sum": md5_of_body(message),
                "messageId": notification.message_id,
                "topicArn": notification.topic_arn,
                "timestamp": notification.timestamp,
            },
            "delivery": about,
            "status": "SUCCESS" if error is None else "FAILURE",
        }


def status_log(
    protocol: str, notification: Notification, attributes: Mapping[str, str], core: Core
) -> StatusLog | None:
    """Return what logs the deliveries over a protocol, if the topic's attributes ask for any."""
    prefix = LOGGED_AS.get(protocol) if attributes else None
    if prefix is None or not any(
        f"{prefix}{end}FeedbackRoleArn" in attributes for end in ("Success", "Failure")
    ):
        return None
    return StatusLog(notification, prefix, attributes, core)
