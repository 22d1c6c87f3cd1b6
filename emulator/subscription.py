"""A subscription: who receives what of a topic, and in which form."""

from collections.abc import Iterator
from dataclasses import dataclass

from pocketbus.emulator.delivery import Delivery
from pocketbus.emulator.envelope import Envelope
from pocketbus.emulator.limits import MESSAGE_ATTRIBUTES
from pocketbus.emulator.message import Content
from pocketbus.emulator.publication import Notification
from pocketbus.rules.filter_policy import FilterPolicy


@dataclass(frozen=True, slots=True)
class RedrivePolicy:
    """Where what cannot be delivered goes; `text` is the policy as it was given."""

    text: str
    dead_letter_target: str


@dataclass(frozen=True, slots=True)
class SubscriptionSettings:
    """What a subscription's owner can set. The delivery policy is stored and has no effect here."""

    raw_message_delivery: bool = False
    filter_policy: FilterPolicy | None = None
    filter_policy_scope: str = "MessageAttributes"
    redrive_policy: RedrivePolicy | None = None
    delivery_policy: str | None = None


class Subscription:
    """One endpoint's subscription to a topic; `settings` are replaced as a whole.

    `base_url` is the address at which the subscriber reached us, the one it can unsubscribe at.
    """

    __slots__ = ("arn", "base_url", "endpoint", "owner", "protocol", "settings", "topic_arn")

    def __init__(
        self,
        arn: str,
        protocol: str,
        endpoint: str,
        owner: str,
        settings: SubscriptionSettings,
        base_url: str,
    ) -> None:
        self.arn = arn
        self.topic_arn = arn.rpartition(":")[0]
        self.protocol = protocol
        self.endpoint = endpoint
        self.owner = owner
        self.settings = settings
        self.base_url = base_url

    @property
    def dead_letter_target(self) -> str | None:
        policy = self.settings.redrive_policy
        return None if policy is None else policy.dead_letter_target

    def objection(self, notification: Notification) -> str | None:
        """Say why raw delivery cannot carry the notification, or None if it can.

        https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html
        """
        count = len(notification.publication.attributes)
        if not self.settings.raw_message_delivery or count <= MESSAGE_ATTRIBUTES:
            return None
        return f"Raw message delivery carries at most {MESSAGE_ATTRIBUTES} message attributes, not {count}."

    def delivery(self, notification: Notification, deduplication_id: str | None) -> Delivery:
        """Make the delivery to the endpoint."""
        raw = self.settings.raw_message_delivery
        content = notification.raw(self.protocol) if raw else Envelope(notification, self)
        return self._deliver(content, self.endpoint, self.dead_letter_target, notification, deduplication_id)

    def dead_letters(self, notification: Notification, deduplication_id: str | None) -> Iterator[Delivery]:
        """Make the delivery straight to the dead-letter queue, in the envelope, if there is such a queue."""
        target = self.dead_letter_target
        if target is not None:
            yield self._deliver(Envelope(notification, self), target, None, notification, deduplication_id)

    def _deliver(
        self,
        content: Content,
        target: str,
        dead_letter_target: str | None,
        notification: Notification,
        deduplication_id: str | None,
    ) -> Delivery:
        return Delivery(
            source=self.arn,
            target=target,
            content=content,
            subject=notification.message_id,
            group_id=notification.publication.group_id,
            # A standard queue takes the group, which spreads its load fairly, and knows no deduplication.
            deduplication_id=deduplication_id if target.endswith(".fifo") else None,
            dead_letter_target=dead_letter_target,
        )
