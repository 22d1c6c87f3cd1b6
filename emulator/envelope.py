"""The JSON document in which SNS wraps a message, rendered anew whenever a receiver reads it.

https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pocketbus.emulator.digests import md5_of_body
from pocketbus.emulator.message import NO_ATTRIBUTES, Attribute, Attributes
from pocketbus.emulator.publication import Notification

if TYPE_CHECKING:
    from pocketbus.emulator.subscription import Subscription

PLACEHOLDER_SIGNATURE = b64encode(b"not signed").decode("ascii")
"""Stands where AWS's signature stands: notifications are not signed, and there is no certificate at the URL."""

_CERTIFICATE_PATH = f"/_aws/sns/SimpleNotificationService-{'0' * 32}.pem"

_quote = json.JSONEncoder(ensure_ascii=False).encode


class Envelope:
    """One subscriber's view of a notification.

    It holds two references and no text. The wrapping does not count towards `size`: a message that a topic takes
    fits a queue of the same limit.
    """

    __slots__ = ("_notification", "_subscription")

    attributes: Attributes = NO_ATTRIBUTES
    md5_of_attributes: str | None = None

    def __init__(self, notification: Notification, subscription: "Subscription") -> None:
        self._notification = notification
        self._subscription = subscription

    @property
    def body(self) -> str:
        return "{\n" + ",\n".join(self._members()) + "\n}"

    @property
    def md5_of_body(self) -> str:
        return md5_of_body(self.body.encode("utf-8", "surrogatepass"))

    @property
    def trace_header(self) -> str | None:
        return self._notification.publication.trace_header

    @property
    def size(self) -> int:
        return self._notification.publication.size

    def _members(self) -> Iterator[str]:
        for name, text in self._texts():
            if text is not None:
                yield f'  "{name}" : {_quote(text)}'
        attributes = self._notification.publication.attributes
        if attributes:
            entries = ",\n".join(f"    {_quote(name)} : {_value(attributes[name])}" for name in attributes)
            yield f'  "MessageAttributes" : {{\n{entries}\n  }}'

    def _texts(self) -> Iterator[tuple[str, str | None]]:
        notification, subscription = self._notification, self._subscription
        yield "Type", "Notification"
        yield "MessageId", notification.message_id
        yield "SequenceNumber", notification.sequence_number
        yield "TopicArn", notification.topic_arn
        yield "Subject", notification.publication.subject
        yield "Message", notification.publication.message_for(subscription.protocol)
        yield "Timestamp", timestamp(notification.published_at)
        yield "SignatureVersion", notification.signature_version
        yield "Signature", PLACEHOLDER_SIGNATURE
        yield "SigningCertURL", subscription.base_url + _CERTIFICATE_PATH
        yield (
            "UnsubscribeURL",
            f"{subscription.base_url}/?Action=Unsubscribe&SubscriptionArn={subscription.arn}",
        )


def timestamp(at: float) -> str:
    """Write an instant as AWS does, in milliseconds.

    >>> timestamp(1335919446.655)
    '2012-05-02T00:44:06.655Z'
    """
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _value(attribute: Attribute) -> str:
    data_type, value = attribute
    text = b64encode(value).decode("ascii") if isinstance(value, bytes) else value
    return f'{{"Type":{_quote(data_type)},"Value":{_quote(text)}}}'
