"""The delivery policy of webhooks: how often they are tried again, how fast, and under which content type.

https://docs.aws.amazon.com/sns/latest/dg/creating-delivery-policy.html
"""

from msgspec import Struct

from pocketbus.emulator.deliveries.retry_policy import PhasedRetries
from pocketbus.emulator.limits import WEBHOOK_RETRY_SECONDS

DEFAULT_CONTENT_TYPE = "text/plain; charset=UTF-8"
DEFAULT_RETRIES = PhasedRetries(backoff=3, lifetime_seconds=WEBHOOK_RETRY_SECONDS)


class DeliveryPolicy(Struct, frozen=True):
    """What a topic or a subscription says of it, and what it leaves open as None; `text` is how it was given.

    `prevails` is of topics: what they say then counts for their subscriptions too.
    """

    text: str = ""
    retries: PhasedRetries | None = None
    receives_per_second: int | None = None
    content_type: str | None = None
    prevails: bool = False


NO_POLICY = DeliveryPolicy()


class EffectivePolicy(Struct, frozen=True):
    """What counts for one subscription."""

    retries: PhasedRetries
    receives_per_second: int | None
    content_type: str


def effective(of_topic: DeliveryPolicy | None, of_subscription: DeliveryPolicy | None) -> EffectivePolicy:
    """Lay a subscription's policy over its topic's, and that over the defaults."""
    below = of_topic or NO_POLICY
    above = NO_POLICY if below.prevails or of_subscription is None else of_subscription
    return EffectivePolicy(
        above.retries or below.retries or DEFAULT_RETRIES,
        above.receives_per_second or below.receives_per_second,
        above.content_type or below.content_type or DEFAULT_CONTENT_TYPE,
    )
