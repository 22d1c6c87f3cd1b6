"""What a notification becomes for the subscribers of each protocol."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.mail import MailDelivery
from pocketbus.emulator.deliveries.retry_policy import TO_AWS_SERVICES, TO_PEOPLE
from pocketbus.emulator.deliveries.webhook import WebhookDelivery
from pocketbus.emulator.message import Text
from pocketbus.emulator.topics.delivery_policy import effective
from pocketbus.emulator.topics.envelope import Envelope
from pocketbus.emulator.topics.publication import Notification
from pocketbus.emulator.topics.subscription import Subscription

Form = Callable[[Subscription, Notification, str | None, str | None], Delivery]
"""Makes a delivery with a deduplication id and the id of the message, of which only queues have any."""


def dead_letters(
    subscription: Subscription, notification: Notification, deduplication_id: str | None
) -> Iterator[Delivery]:
    """Make the delivery straight to the dead-letter queue, in the envelope, if there is such a queue."""
    target = subscription.dead_letter_target
    if target is not None:
        yield Delivery(
            source=subscription.arn,
            target=target,
            content=Envelope.of(notification, subscription),
            subject=notification.message_id,
            group_id=notification.group_for(target),
            deduplication_id=deduplication_id if target.endswith(".fifo") else None,
            counts=False,
        )


def in_form(
    subscription: Subscription,
    notification: Notification,
    deduplication_id: str | None,
    message_id: str | None,
) -> Delivery:
    """Make the delivery that the subscription's protocol asks for."""
    form = FORMS.get(subscription.protocol, to_gateway)
    return form(subscription, notification, deduplication_id, message_id)


def to_queue(
    subscription: Subscription,
    notification: Notification,
    deduplication_id: str | None,
    message_id: str | None,
) -> Delivery:
    publication, target, settings = notification.publication, subscription.endpoint, subscription.settings
    raw, redrive_policy = settings.raw_message_delivery, settings.redrive_policy
    return Delivery(
        subscription.arn,
        target,
        notification.raw(subscription.protocol)
        if raw
        else Envelope(notification, subscription, publication.size),
        notification.message_id,
        publication.group_id and notification.group_for(target),
        deduplication_id and (deduplication_id if target.endswith(".fifo") else None),
        None if redrive_policy is None else redrive_policy.dead_letter_target,
        subscription.topic_arn,
        message_id,
    )


def to_webhook(subscription: Subscription, notification: Notification, *_: str | None) -> Delivery:
    raw = subscription.settings.raw_message_delivery
    policy = effective(notification.delivery_policy, subscription.settings.delivery_policy)
    headers = message_headers(
        "Notification", notification.message_id, notification.topic_arn, policy.content_type
    )
    headers["x-amz-sns-subscription-arn"] = subscription.arn
    if raw:
        headers["x-amz-sns-rawdelivery"] = "true"
    return WebhookDelivery(
        **_common(subscription, notification),
        content=notification.raw(subscription.protocol) if raw else Envelope.of(notification, subscription),
        retry_policy=policy.retries,
        pace=subscription.pace_of(policy.receives_per_second),
        headers=headers,
    )


def message_headers(kind: str, message_id: str, topic_arn: str, content_type: str) -> dict[str, str]:
    """Return the headers of every message that SNS sends over HTTP."""
    return {
        "Content-Type": content_type,
        "x-amz-sns-message-type": kind,
        "x-amz-sns-message-id": message_id,
        "x-amz-sns-topic-arn": topic_arn,
    }


def to_function(subscription: Subscription, notification: Notification, *_: str | None) -> Delivery:
    envelope = Envelope.of(notification, subscription)
    return Delivery(
        **_common(subscription, notification),
        content=Text(envelope.function_event()),
        retry_policy=TO_AWS_SERVICES,
        letter=envelope,
    )


def to_mailbox(subscription: Subscription, notification: Notification, *_: str | None) -> Delivery:
    envelope = Envelope.of(notification, subscription)
    in_json = subscription.protocol == "email-json"
    text = _FOOTER.format(notification.publication.message_for("email"), subscription.unsubscribe_url)
    return MailDelivery(
        **_common(subscription, notification),
        content=envelope if in_json else Text(text),
        title=notification.publication.subject or MAIL_TITLE,
        retry_policy=TO_PEOPLE,
        letter=envelope,
    )


def to_phone(subscription: Subscription, notification: Notification, *_: str | None) -> Delivery:
    return Delivery(
        **_common(subscription, notification),
        content=notification.raw(subscription.protocol),
        letter=Envelope.of(notification, subscription),
    )


def to_device(subscription: Subscription, notification: Notification, *_: str | None) -> Delivery:
    platform = subscription.endpoint.split("/")[1]
    return Delivery(
        **_common(subscription, notification),
        content=notification.raw(platform),
        letter=Envelope.of(notification, subscription),
    )


def to_gateway(subscription: Subscription, notification: Notification, *_: str | None) -> Delivery:
    raw = subscription.settings.raw_message_delivery
    return Delivery(
        **_common(subscription, notification),
        content=notification.raw(subscription.protocol) if raw else Envelope.of(notification, subscription),
    )


MAIL_TITLE = "AWS Notification Message"

_FOOTER = (
    "{}\n\n--\n"
    "If you wish to stop receiving notifications from this topic, please click or visit the link below to "
    "unsubscribe:\n{}\n"
)


def _common(subscription: Subscription, notification: Notification) -> dict[str, Any]:
    return {
        "source": subscription.arn,
        "target": subscription.endpoint,
        "subject": notification.message_id,
        "group_id": notification.publication.group_id,
        "dead_letter_target": subscription.dead_letter_target,
        "protocol": subscription.protocol,
    }


FORMS: Mapping[str, Form] = {
    "sqs": to_queue,
    "http": to_webhook,
    "https": to_webhook,
    "lambda": to_function,
    "email": to_mailbox,
    "email-json": to_mailbox,
    "sms": to_phone,
    "application": to_device,
}
"""What those protocols get that have a form of their own."""
