"""The JSON document in which SNS wraps a message, rendered anew whenever a receiver reads it.

https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
"""

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator

from pocketbus.emulator.digests import md5_of_body
from pocketbus.emulator.message import NO_ATTRIBUTES, Attribute, Attributes
from pocketbus.emulator.topics.publication import Notification, Publication
from pocketbus.emulator.topics.signing import certificate_url
from pocketbus.emulator.topics.subscription import Subscription

_FUNCTION_NAMES = {"SigningCertURL": "SigningCertUrl", "UnsubscribeURL": "UnsubscribeUrl"}

_quote = json.JSONEncoder(ensure_ascii=False).encode


class Envelope:
    """One subscriber's view of a notification.

    It holds two references and no text. The wrapping does not count towards `size`: a message that a topic takes
    fits a queue of the same limit.
    """

    __slots__ = ("_notification", "_subscription")

    attributes: Attributes = NO_ATTRIBUTES
    md5_of_attributes: str | None = None

    def __init__(self, notification: Notification, subscription: Subscription) -> None:
        self._notification = notification
        self._subscription = subscription

    @property
    def body(self) -> str:
        return spaced_object(self._members())

    @property
    def md5_of_body(self) -> str:
        return md5_of_body(self.body.encode("utf-8", "surrogatepass"))

    @property
    def trace_header(self) -> str | None:
        return self._notification.publication.trace_header

    @property
    def parts(self) -> tuple[Notification, Subscription]:
        """What it is made of."""
        return self._notification, self._subscription

    @property
    def publication(self) -> Publication:
        """What holds the text."""
        return self._notification.publication

    @property
    def size(self) -> int:
        return self._notification.publication.size

    def _members(self) -> Iterator[str]:
        for name, text in self._texts():
            if text is not None:
                yield spaced_member(name, text)
        attributes = self._notification.publication.attributes
        if attributes:
            entries = ",\n".join(f"    {_quote(name)} : {_value(attributes[name])}" for name in attributes)
            yield f'  "MessageAttributes" : {{\n{entries}\n  }}'

    def function_event(self) -> str:
        """Write the event that a Lambda function gets; Subject is there, if only as null.

        https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
        """
        texts = {_FUNCTION_NAMES.get(name, name): text for name, text in self._texts() if text is not None}
        attributes = self._notification.publication.attributes
        values = {name: {"Type": kind, "Value": _text(value)} for name, (kind, value) in attributes.items()}
        record = {
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": self._subscription.arn,
            "Sns": {"Subject": None, **texts, "MessageAttributes": values},
        }
        return json.dumps({"Records": [record]}, ensure_ascii=False)

    def _texts(self) -> Iterator[tuple[str, str | None]]:
        notification, subscription = self._notification, self._subscription
        yield "Type", "Notification"
        yield "MessageId", notification.message_id
        yield "SequenceNumber", notification.sequence_number
        yield "TopicArn", notification.topic_arn
        yield "Subject", notification.publication.subject
        yield "Message", notification.publication.message_for(subscription.protocol)
        yield "Timestamp", notification.timestamp
        if not notification.ordered:
            yield "SignatureVersion", notification.signature_version
            yield "Signature", notification.signature(subscription.protocol)
            yield "SigningCertURL", certificate_url(subscription.base_url, notification.certificate_host)
        yield "UnsubscribeURL", subscription.unsubscribe_url
        yield "Replayed", "true" if notification.replayed else None


def spaced_object(members: Iterable[str]) -> str:
    """Write a JSON object with the line ends that AWS gives SNS's messages."""
    return "{\n" + ",\n".join(members) + "\n}"


def spaced_member(name: str, text: str) -> str:
    """Write a member of one of SNS's messages.

    >>> spaced_member("Type", "Notification")
    '  "Type" : "Notification"'
    """
    return f'  "{name}" : {_quote(text)}'


def _value(attribute: Attribute) -> str:
    data_type, value = attribute
    return f'{{"Type":{_quote(data_type)},"Value":{_quote(_text(value))}}}'


def _text(value: str | bytes) -> str:
    return b64encode(value).decode("ascii") if isinstance(value, bytes) else value
