"""A topic's subscriptions, filed so that a publication finds those that want it without asking each."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from pocketbus.emulator.catalogue import Catalogue
from pocketbus.emulator.releases import Container
from pocketbus.emulator.topics.publication import Publication
from pocketbus.emulator.topics.subscription import Subscription, SubscriptionSettings
from pocketbus.rules.filter_policy import attributes_event, body_event
from pocketbus.rules.index import Index

Subscriptions = defaultdict[tuple[str, str], Catalogue[Subscription]]
"""By the account and the region in which they were made, whoever owns the topics."""


class Audience:
    """The subscriptions by ARN: those without a filter policy, and an index of those with one for each scope.

    A body may differ by the subscriber's protocol, so each protocol has an index of its own.
    """

    def __init__(self) -> None:
        self._by_arn: Catalogue[Subscription] = Catalogue()
        self._by_endpoint: dict[tuple[str, str], Subscription] = {}
        self._pending: set[Subscription] = set()
        self._unfiltered: dict[str, Subscription] = {}
        self._wanting_all: tuple[Subscription, ...] | None = ()
        """Those without a filter policy once more, as a publication finds them; None: to be made anew."""
        self.beside_queues = 0
        """How many are no queues."""
        self._filtered = 0
        self._by_attributes: Index[Subscription] = Index()
        self._by_body: dict[str, Index[Subscription]] = {}
        self._listed: Subscriptions | None = None
        """Where they are listed too while their topic is in its place."""

    def join(self, listed: Subscriptions) -> None:
        """List the subscriptions by who made them too, from now on."""
        self._listed = listed
        for subscription in self:
            listed[_place(subscription)][subscription.arn] = subscription

    def leave(self) -> None:
        """List them there no more."""
        for subscription in self:
            self._unlist(subscription)
        self._listed = None

    def __getstate__(self) -> dict[str, Any]:
        """Tell nothing: the rows say it all."""
        return {}

    def __setstate__(self, state: dict[str, Any]) -> None:
        Audience.__init__(self)

    def rows(self) -> Iterator[list[Any]]:
        """Yield the subscriptions, for a state to be kept; how they are filed follows from them."""
        return ([subscription] for subscription in self)

    def take(self, row: list[Any]) -> None:
        """Have again what a row tells."""
        (subscription,) = row
        if not isinstance(subscription, Subscription):
            raise TypeError("an audience consists of subscriptions")
        self.add(subscription)

    def __len__(self) -> int:
        return len(self._by_arn)

    def __iter__(self) -> Iterator[Subscription]:
        return iter(self._by_arn.values())

    def containers(self) -> Iterator[Container]:
        """Yield what holds the subscriptions, and nothing else does any more."""
        self._wanting_all = None
        yield from (self._by_arn, self._by_endpoint, self._unfiltered)

    def behind(self, arn: str) -> Iterator[Subscription]:
        """Yield the subscriptions behind an ARN, in the order of their ARNs."""
        return self._by_arn.behind(arn)

    @property
    def pending(self) -> int:
        """Count those that wait for their confirmation."""
        return len(self._pending)

    @property
    def filter_policies(self) -> int:
        """Count the policies in force."""
        return self._filtered

    def get(self, arn: str) -> Subscription | None:
        return self._by_arn.get(arn)

    def at(self, protocol: str, endpoint: str) -> Subscription | None:
        """Return the subscription of an endpoint: it has one at most."""
        return self._by_endpoint.get((protocol, endpoint))

    def add(self, subscription: Subscription) -> None:
        self._by_arn[subscription.arn] = subscription
        self._by_endpoint[subscription.protocol, subscription.endpoint] = subscription
        self.beside_queues += subscription.protocol != "sqs"
        if self._listed is not None:
            self._listed[_place(subscription)][subscription.arn] = subscription
        self._file(subscription)

    def remove(self, subscription: Subscription) -> None:
        self._unfile(subscription)
        del self._by_arn[subscription.arn]
        del self._by_endpoint[subscription.protocol, subscription.endpoint]
        self.beside_queues -= subscription.protocol != "sqs"
        self._unlist(subscription)

    def confirm(self, subscription: Subscription) -> None:
        """Let a subscription that waited for it receive."""
        self._unfile(subscription)
        subscription.confirmed = True
        self._file(subscription)

    def configure(self, subscription: Subscription, settings: SubscriptionSettings) -> None:
        self._unfile(subscription)
        subscription.settings = settings
        self._file(subscription)

    def wanting(self, publication: Publication) -> Sequence[Subscription]:
        """Return the subscriptions that a publication goes to."""
        wanting_all = self._wanting_all
        if wanting_all is None:
            wanting_all = self._wanting_all = tuple(self._unfiltered.values())
        if not self._filtered:
            return wanting_all
        wanting = list(wanting_all)
        if self._by_attributes:
            wanting += self._by_attributes.matching(attributes_event(publication.attributes))
        for protocol, index in self._by_body.items():
            event = body_event(publication.message_for(protocol))
            if event is not None:
                wanting += index.matching(event)
        return wanting

    def _unlist(self, subscription: Subscription) -> None:
        place = _place(subscription)
        if self._listed is not None and place in self._listed:
            self._listed[place].pop(subscription.arn, None)
            if not self._listed[place]:
                del self._listed[place]

    def _file(self, subscription: Subscription) -> None:
        if not subscription.confirmed:
            self._pending.add(subscription)
            return
        policy = subscription.settings.filter_policy
        if policy is None:
            self._unfiltered[subscription.arn] = subscription
            self._wanting_all = None
        else:
            self._filtered += 1
            self._index_of(subscription).add(subscription, policy.pattern)

    def _unfile(self, subscription: Subscription) -> None:
        if subscription in self._pending:
            self._pending.remove(subscription)
        elif subscription.settings.filter_policy is None:
            del self._unfiltered[subscription.arn]
            self._wanting_all = None
        else:
            self._filtered -= 1
            self._index_of(subscription).remove(subscription)

    def _index_of(self, subscription: Subscription) -> Index[Subscription]:
        if subscription.settings.filter_policy_scope == "MessageAttributes":
            return self._by_attributes
        return self._by_body.setdefault(subscription.protocol, Index())


def _place(subscription: Subscription) -> tuple[str, str]:
    return subscription.owner, subscription.arn.split(":")[3]


def wants(subscription: Subscription, publication: Publication) -> bool:
    """Tell whether a publication gets past the filter policy of one subscription."""
    policy = subscription.settings.filter_policy
    if policy is None:
        return True
    if policy.scope == "MessageAttributes":
        return policy.matches(attributes_event(publication.attributes))
    return policy.matches(body_event(publication.message_for(subscription.protocol)))
