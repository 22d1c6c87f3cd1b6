"""Confirmations of subscriptions: the tokens of one topic, and the messages that carry them to the endpoint.

https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.confirm.html
"""

from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.mail import MailDelivery
from pocketbus.emulator.deliveries.retry_policy import TO_PEOPLE
from pocketbus.emulator.deliveries.webhook import WebhookDelivery
from pocketbus.emulator.limits import CONFIRMATION_SECONDS
from pocketbus.emulator.message import Text
from pocketbus.emulator.time.timers import Callback, KeptTimers, Timer
from pocketbus.emulator.topics.audience import Audience
from pocketbus.emulator.topics.delivery_policy import DeliveryPolicy, effective
from pocketbus.emulator.topics.envelope import spaced_member, spaced_object
from pocketbus.emulator.topics.forms import message_headers
from pocketbus.emulator.topics.publication import timestamp
from pocketbus.emulator.topics.signing import certificate_url, sign
from pocketbus.emulator.topics.subscription import Subscription
from pocketbus.emulator.topics.topic_settings import TopicSettings

_TOKEN_DIGITS = 240
_REGION_DIGITS = 2 * 32
_SIGNED = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")

SUBSCRIBE, UNSUBSCRIBE = "SubscriptionConfirmation", "UnsubscribeConfirmation"


class Request(Struct, frozen=True):
    """A message that asks an endpoint to confirm that it is subscribed, or tells it that it no longer is."""

    kind: str
    message_id: str
    token: str
    topic_arn: str
    subscription_arn: str
    base_url: str
    at: float
    signature_version: str
    certificate_host: str | None

    @property
    def subscribe_url(self) -> str:
        return f"{self.base_url}/?Action=ConfirmSubscription&TopicArn={self.topic_arn}&Token={self.token}"

    @property
    def message(self) -> str:
        if self.kind == SUBSCRIBE:
            return (
                f"You have chosen to subscribe to the topic {self.topic_arn}.\n"
                "To confirm the subscription, visit the SubscribeURL included in this message."
            )
        return (
            f"You have chosen to deactivate subscription {self.subscription_arn}.\n"
            "To cancel this operation and restore the subscription, visit the SubscribeURL included in this message."
        )

    def body(self) -> str:
        """Write the message as AWS does."""
        return spaced_object(spaced_member(name, text) for name, text in self._members())

    def mail(self) -> str:
        """Write the message for somebody who reads it."""
        return (
            f"You have chosen to subscribe to the topic:\n{self.topic_arn}\n\n"
            "To confirm this subscription, click or visit the link below "
            f"(If this was in error no action is necessary):\n{self.subscribe_url}\n"
        )

    def _members(self) -> Iterator[tuple[str, str]]:
        members = {
            "Type": self.kind,
            "MessageId": self.message_id,
            "Token": self.token,
            "TopicArn": self.topic_arn,
            "Message": self.message,
            "SubscribeURL": self.subscribe_url,
            "Timestamp": timestamp(self.at),
        }
        yield from members.items()
        yield "SignatureVersion", self.signature_version
        yield "Signature", sign(((name, members[name]) for name in _SIGNED), self.signature_version)
        yield "SigningCertURL", certificate_url(self.base_url, self.certificate_host)


class Confirmations:
    """The tokens of one topic. Each counts for two days; a subscription whose last one ends unconfirmed goes."""

    def __init__(self, topic_arn: str, audience: Audience, core: Core) -> None:
        self._topic_arn = topic_arn
        self._audience = audience
        self._core = core
        self._tokens: dict[str, Subscription] = {}
        self._latest: dict[Subscription, str] = {}
        self._timers: dict[str, Timer] = {}

    def request(
        self, subscription: Subscription, settings: TopicSettings, now: float, kind: str = SUBSCRIBE
    ) -> Delivery:
        """Make a token and the message that brings it to the endpoint; earlier tokens stay good."""
        request = Request(
            kind,
            self._core.ids.uuid(),
            self._issue(subscription, now),
            self._topic_arn,
            subscription.arn,
            subscription.base_url,
            now,
            settings.signature_version or "1",
            self._core.config.sns_cert_url_host,
        )
        return REQUEST_FORMS[subscription.protocol](subscription, request, settings.delivery_policy)

    def confirm(self, token: str, *, authenticated: bool, guarded: bool) -> Subscription | None:
        """Confirm the subscription of a token, or take it up again if it was given up; None: there is no such token."""
        subscription, audience = self._tokens.get(token), self._audience
        if subscription is None:
            return None
        if not subscription.confirmed:
            subscription.authenticated, subscription.guarded = authenticated, guarded
            audience.confirm(subscription)
        elif audience.get(subscription.arn) is None and audience.at(*subscription.address) is None:
            audience.add(subscription)
        return subscription

    def latest_token(self, subscription: Subscription) -> str | None:
        return self._latest.get(subscription)

    def _issue(self, subscription: Subscription, now: float) -> str:
        region = self._topic_arn.split(":")[3].encode().hex()
        token = f"{region:0<{_REGION_DIGITS}}{self._core.ids.hex(_TOKEN_DIGITS - _REGION_DIGITS)}"
        self._expire_at(now + CONFIRMATION_SECONDS, token)
        self._tokens[token] = subscription
        self._latest[subscription] = token
        return token

    def _expire_at(self, at: float, token: str) -> None:
        self._timers[token] = self._core.timers.call_at(at, self._expiry(token))

    def _expiry(self, token: str) -> Callback:
        return lambda _now: self._expire(token)

    def set_timers_again(self, timers: KeptTimers) -> None:
        """Set the timers again that a state was kept with."""
        for token, timer in self._timers.items():
            self._timers[token] = timers.call_again(timer, self._expiry(token))

    def close(self) -> None:
        """Let go of the timers; to be called when the topic goes with all it had."""
        for timer in self._timers.values():
            self._core.timers.cancel(timer)

    def _expire(self, token: str) -> None:
        del self._timers[token]
        subscription = self._tokens.pop(token)
        if self._latest[subscription] != token:
            return
        del self._latest[subscription]
        if not subscription.confirmed and self._audience.get(subscription.arn) is subscription:
            self._audience.remove(subscription)


def region_of(token: str) -> str:
    """Return the region that a token of ours begins with; ValueError for what is no token at all.

    >>> region_of("75732d656173742d31".ljust(240, "0"))
    'us-east-1'
    """
    return bytes.fromhex(token[:_REGION_DIGITS]).rstrip(b"\0").decode("ascii", "replace")


def to_webhook(subscription: Subscription, request: Request, of_topic: DeliveryPolicy | None) -> Delivery:
    policy = effective(of_topic, subscription.settings.delivery_policy)
    return WebhookDelivery(
        source=request.topic_arn,
        target=subscription.endpoint,
        content=Text(request.body()),
        subject=request.message_id,
        retry_policy=policy.retries,
        headers=message_headers(request.kind, request.message_id, request.topic_arn, policy.content_type),
    )


def to_mailbox(subscription: Subscription, request: Request, _: DeliveryPolicy | None) -> Delivery:
    in_json = subscription.protocol == "email-json"
    return MailDelivery(
        source=request.topic_arn,
        target=subscription.endpoint,
        content=Text(request.body() if in_json else request.mail()),
        subject=request.message_id,
        retry_policy=TO_PEOPLE,
        title="AWS Notification - Subscription Confirmation",
    )


RequestForm = Callable[[Subscription, Request, DeliveryPolicy | None], Delivery]

REQUEST_FORMS: Mapping[str, RequestForm] = {
    "http": to_webhook,
    "https": to_webhook,
    "email": to_mailbox,
    "email-json": to_mailbox,
}
"""What brings a request to the endpoints of those protocols that have to confirm."""
