"""A topic: takes publications and makes of each the deliveries to the subscriptions that want it."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import sha256
from itertools import chain, repeat
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.errors import (
    BatchRequestTooLong,
    FilterPolicyLimitExceededException,
    InvalidParameterException,
    SubscriptionLimitExceededException,
)
from pocketbus.emulator.ids import sibling, siblings
from pocketbus.emulator.limits import (
    LARGE_MESSAGE_SUBSCRIPTIONS,
    MESSAGE_ATTRIBUTES,
    TOPIC_FILTER_POLICIES,
    TOPIC_MESSAGE_BYTES,
)
from pocketbus.emulator.queues.dedup import DeduplicationWindow
from pocketbus.emulator.releases import Container
from pocketbus.emulator.topics.audience import Audience, wants
from pocketbus.emulator.topics.confirmation import Confirmations
from pocketbus.emulator.topics.delivery_status import status_log
from pocketbus.emulator.topics.forms import dead_letters, in_form, to_queue
from pocketbus.emulator.topics.publication import Notification, Publication
from pocketbus.emulator.topics.subscription import Subscription, SubscriptionSettings
from pocketbus.emulator.topics.topic_archive import ReplayPolicy, TopicArchive
from pocketbus.emulator.topics.topic_settings import TopicSettings

_SEQUENCE_NUMBER_ORIGIN = 10_000_000_000_000_000_000
_SEQUENCE_NUMBER_STEP = 1000

_LARGE_MESSAGE_WORDS = "sqs, lambda and firehose subscriptions only"


class Accepted(NamedTuple):
    """What a publisher learns; only a FIFO topic numbers its messages."""

    message_id: str
    sequence_number: str | None


class Published(Struct, gc=False):
    """The same, and what there is to be delivered."""

    message_id: str
    sequence_number: str | None
    deliveries: Iterable[Delivery]


class Topic:
    """One topic of one account and region; `settings` are replaced as a whole."""

    def __init__(self, arn: str, owner: str, settings: TopicSettings, core: Core) -> None:
        self.arn = arn
        self.name = arn.rpartition(":")[2]
        self.owner = owner
        self.settings = settings
        self.tags: dict[str, str] = {}
        self.audience = Audience()
        self.confirmations = Confirmations(arn, self.audience, core)
        self.deleted_subscriptions = 0
        self._core = core
        self._sequence = 0
        self._deduplication: DeduplicationWindow[Accepted] = DeduplicationWindow()
        self.archive = TopicArchive(settings.archive_policy, core)

    def configure(self, settings: TopicSettings, now: float) -> None:
        if len(self.audience) > settings.subscription_limit:
            raise _too_large(f"at most {LARGE_MESSAGE_SUBSCRIPTIONS} subscriptions")
        if not all(settings.takes(subscription.protocol) for subscription in self.audience):
            raise _too_large(_LARGE_MESSAGE_WORDS)
        self.settings = settings
        self.archive.configure(settings.archive_policy, now)

    def close(self) -> None:
        """Nobody waits at a topic."""

    def remains(self) -> Iterator[Container]:
        """Yield all that holds something here, once the topic was deleted."""
        return chain(self.audience.containers(), self._deduplication.containers(), self.archive.remains())

    # Subscribing

    def subscribe(
        self,
        protocol: str,
        endpoint: str,
        owner: str,
        settings: SubscriptionSettings,
        base_url: str,
        *,
        confirmed: bool = True,
    ) -> Subscription:
        """Take an endpoint that has no subscription yet."""
        if len(self.audience) >= self.settings.subscription_limit:
            raise SubscriptionLimitExceededException
        if not self.settings.takes(protocol):
            raise _too_large(_LARGE_MESSAGE_WORDS)
        self._check_filter_policies(settings)
        arn = f"{self.arn}:{self._core.ids.uuid()}"
        subscription = Subscription(arn, protocol, endpoint, owner, settings, base_url, confirmed=confirmed)
        self.audience.add(subscription)
        return subscription

    def configure_subscription(self, subscription: Subscription, settings: SubscriptionSettings) -> None:
        if subscription.settings.filter_policy is None:
            self._check_filter_policies(settings)
        self.audience.configure(subscription, settings)

    def unsubscribe(self, subscription: Subscription) -> None:
        self.audience.remove(subscription)
        self.deleted_subscriptions += 1

    def replay(self, subscription: Subscription, now: float) -> Iterator[Delivery]:
        """Deliver again to a subscription what its replay policy asks for, if it has one."""
        replay = subscription.settings.replay_policy
        if replay is not None:
            for notification, deduplication_id in self.archive.replayed(replay, now):
                if wants(subscription, notification.publication):
                    yield from self._deliveries(notification, [subscription], deduplication_id)

    def _check_filter_policies(self, settings: SubscriptionSettings) -> None:
        if settings.filter_policy is not None and self.audience.filter_policies >= TOPIC_FILTER_POLICIES:
            raise FilterPolicyLimitExceededException

    # Publishing

    def publish(self, publication: Publication, now: float) -> Published:
        """Take a publication; a FIFO topic answers a duplicate within its window as it answered the first."""
        settings = self.settings
        if publication.size > settings.message_bytes:
            raise InvalidParameterException("Invalid parameter: Message too long")
        if settings.fifo or publication.deduplication_id is not None:
            self._check_order(publication)
            return self._publish(publication, now)
        return self._fan_out(publication, None, now)

    def publish_batch(self, publications: Sequence[Publication], now: float) -> list[Published]:
        """Take all the publications in their order, or refuse all for what is wrong with one."""
        if sum(publication.size for publication in publications) > self.settings.message_bytes:
            raise BatchRequestTooLong
        for publication in publications:
            self._check_order(publication)
        return [self._publish(publication, now) for publication in publications]

    def accept(self, delivery: Delivery, now: float) -> Iterable[Delivery]:
        """Publish what a rule delivers."""
        content = delivery.content
        publication = Publication(
            content.body,
            attributes=content.attributes,
            group_id=delivery.group_id,
            deduplication_id=delivery.deduplication_id,
            trace_header=content.trace_header,
        )
        published = self.publish(publication, now)
        message_id = published.message_id
        self._core.trace.record(now, "delivered", self.arn, delivery.subject, delivery.source, message_id)
        return published.deliveries

    def _check_order(self, publication: Publication) -> None:
        if not self.settings.fifo:
            if publication.deduplication_id is not None:
                raise InvalidParameterException(
                    "Invalid parameter: MessageDeduplicationId Reason: The request includes "
                    "MessageDeduplicationId parameter that is not valid for this topic type"
                )
        elif publication.group_id is None:
            raise InvalidParameterException(
                "Invalid parameter: The MessageGroupId parameter is required for FIFO topics"
            )
        elif publication.deduplication_id is None and not self.settings.content_based_deduplication:
            raise InvalidParameterException(
                "Invalid parameter: The topic should either have ContentBasedDeduplication enabled "
                "or MessageDeduplicationId provided explicitly"
            )

    def _publish(self, publication: Publication, now: float) -> Published:
        if not self.settings.fifo:
            return self._fan_out(publication, None, now)
        deduplication_id = publication.deduplication_id or _digest(publication.message)
        per_group = self.settings.fifo_throughput_scope == "MessageGroup"
        key = (publication.group_id, deduplication_id) if per_group else deduplication_id
        earlier = self._deduplication.find(key, now)
        if earlier is not None:
            self._core.trace.record(now, "deduplicated", self.arn, earlier.message_id, deduplication_id)
            return Published(*earlier, ())
        published = self._fan_out(publication, deduplication_id, now)
        accepted = Accepted(published.message_id, published.sequence_number)
        self._deduplication.remember(key, accepted, now)
        return published

    def _fan_out(self, publication: Publication, deduplication_id: str | None, now: float) -> Published:
        core, settings, audience, arn = self._core, self.settings, self.audience, self.arn
        fifo = settings.fifo
        message_id = core.ids.uuid()
        sequence_number = self._next_sequence_number() if fifo else None
        notification = Notification(
            publication,
            arn,
            message_id,
            sequence_number,
            now,
            settings.signature_version or "1",
            core.config.sns_cert_url_host,
            None if fifo else settings.delivery_policy,
        )
        wanting = audience.wanting(publication)
        if fifo:
            wanting = self._archived(notification, wanting, deduplication_id, now)
        wanted_by, subscribed = len(wanting), len(audience)
        if wanted_by != subscribed:
            core.deliveries[arn]["filtered out"] += subscribed - wanted_by
        core.recent.keep(message_id, arn, publication, publication.size)
        core.trace.record(now, "published", arn, message_id, _reach(wanted_by, subscribed))
        deliveries = self._deliveries(notification, wanting, deduplication_id) if wanting else ()
        return Published(message_id, sequence_number, deliveries)

    def _archived(
        self,
        notification: Notification,
        wanting: Sequence[Subscription],
        deduplication_id: str | None,
        now: float,
    ) -> Sequence[Subscription]:
        """Put a notification of a FIFO topic into the archive; return those whose replay has not ended."""
        wanting = [one for one in wanting if not _is_over(one.settings.replay_policy, now)]
        gone = self.archive.add(notification, deduplication_id, now)
        if gone:
            lost = f"{gone} messages gave way: the logs hold no more"
            self._core.trace.record(now, "dropped", self.arn, self.name, lost)
        return wanting

    def _next_sequence_number(self) -> str:
        self._sequence += 1
        return str(_SEQUENCE_NUMBER_ORIGIN + _SEQUENCE_NUMBER_STEP * self._sequence)

    def _deliveries(
        self, notification: Notification, wanting: Sequence[Subscription], deduplication_id: str | None
    ) -> Iterable[Delivery]:
        """Return the deliveries; where they are several, each is made when its turn has come."""
        attributes = notification.publication.attributes
        if self.settings.kept or (attributes and len(attributes) > MESSAGE_ATTRIBUTES):
            return self._watched_deliveries(notification, wanting, deduplication_id)
        form = in_form if self.audience.beside_queues else to_queue
        message_id = notification.message_id
        if notification.sequence_number is not None:
            # A FIFO topic's may be delivered once more: its queues choose ids of their own.
            return map(form, wanting, repeat(notification), repeat(deduplication_id), repeat(None))
        if len(wanting) == 1:
            return (form(wanting[0], notification, None, sibling(message_id)),)
        return map(form, wanting, repeat(notification), repeat(None), siblings(message_id))

    def _watched_deliveries(
        self, notification: Notification, wanting: Sequence[Subscription], deduplication_id: str | None
    ) -> Iterator[Delivery]:
        """Yield those whose ends may be logged, or of a publication that may not fit all subscribers."""
        kept, core = self.settings.kept, self._core
        for subscription in wanting:
            why = subscription.objection(notification)
            if why is None:
                delivery = in_form(subscription, notification, deduplication_id, None)
                log = status_log(subscription.protocol, notification, kept, core)
                yield replace(delivery, on_end=log.write) if log else delivery
            else:
                core.deliveries[self.arn]["undeliverable"] += 1
                endpoint, at = subscription.endpoint, notification.published_at
                core.trace.record(at, "undeliverable", endpoint, notification.message_id, why)
                yield from dead_letters(subscription, notification, deduplication_id)


@lru_cache(maxsize=1024)
def _reach(wanted_by: int, subscribed: int) -> str:
    return f"to {wanted_by} of {subscribed} subscriptions"


def _too_large(words: str) -> InvalidParameterException:
    return InvalidParameterException(
        f"Invalid parameter: MaximumMessageSize Reason: above {TOPIC_MESSAGE_BYTES} bytes a topic can have {words}"
    )


def _digest(message: str) -> str:
    return sha256(message.encode("utf-8", "surrogatepass")).hexdigest()


def _is_over(replay: ReplayPolicy | None, now: float) -> bool:
    """Tell whether a subscription receives nothing more since its replay has ended."""
    return replay is not None and replay.has_ended(now)
