"""A subscription: who receives what of a topic. In which form is forms.py's affair."""

from msgspec import Struct

from pocketbus.emulator.deliveries.pace import Pace
from pocketbus.emulator.limits import MESSAGE_ATTRIBUTES
from pocketbus.emulator.topics.delivery_policy import DeliveryPolicy
from pocketbus.emulator.topics.publication import Notification
from pocketbus.emulator.topics.topic_archive import ReplayPolicy
from pocketbus.rules.filter_policy import FilterPolicy


class RedrivePolicy(Struct, frozen=True):
    """Where what cannot be delivered goes; `text` is the policy as it was given."""

    text: str
    dead_letter_target: str


class SubscriptionSettings(Struct, frozen=True):
    """What a subscription's owner can set. The delivery policy is for webhooks; the role has no effect here."""

    raw_message_delivery: bool = False
    filter_policy: FilterPolicy | None = None
    filter_policy_scope: str = "MessageAttributes"
    redrive_policy: RedrivePolicy | None = None
    replay_policy: ReplayPolicy | None = None
    delivery_policy: DeliveryPolicy | None = None
    role_arn: str | None = None


class Subscription:
    """One endpoint's subscription to a topic; `settings` are replaced as a whole.

    `base_url` is the address at which the subscriber reached us, the one it can unsubscribe at. Until it is confirmed
    nothing is delivered. `authenticated` tells whether the confirmation was signed; only with credentials can one
    unsubscribe that is `guarded`.
    """

    __slots__ = (
        "_pace",
        "arn",
        "authenticated",
        "base_url",
        "confirmed",
        "endpoint",
        "guarded",
        "owner",
        "protocol",
        "settings",
        "topic_arn",
    )

    def __init__(
        self,
        arn: str,
        protocol: str,
        endpoint: str,
        owner: str,
        settings: SubscriptionSettings,
        base_url: str,
        *,
        confirmed: bool = True,
    ) -> None:
        self.arn = arn
        self.topic_arn = arn.rpartition(":")[0]
        self.protocol = protocol
        self.endpoint = endpoint
        self.owner = owner
        self.settings = settings
        self.base_url = base_url
        self.confirmed = self.authenticated = confirmed
        self.guarded = False
        self._pace: Pace | None = None

    @property
    def dead_letter_target(self) -> str | None:
        policy = self.settings.redrive_policy
        return None if policy is None else policy.dead_letter_target

    @property
    def address(self) -> tuple[str, str]:
        return self.protocol, self.endpoint

    @property
    def unsubscribe_url(self) -> str:
        return f"{self.base_url}/?Action=Unsubscribe&SubscriptionArn={self.arn}"

    def pace_of(self, receives_per_second: int | None) -> Pace | None:
        """Return the pace that the subscription's deliveries share, at a rate that may have changed."""
        if receives_per_second is None:
            self._pace = None
        elif self._pace is None or self._pace.rate != receives_per_second:
            self._pace = Pace(receives_per_second)
        return self._pace

    def objection(self, notification: Notification) -> str | None:
        """Say why raw delivery cannot carry the notification to a queue, or None if it can.

        https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html
        """
        count = len(notification.publication.attributes)
        raw = self.settings.raw_message_delivery and self.protocol == "sqs"
        if not raw or count <= MESSAGE_ATTRIBUTES:
            return None
        return f"Raw message delivery carries at most {MESSAGE_ATTRIBUTES} message attributes, not {count}."
