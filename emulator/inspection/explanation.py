"""Why an event reaches a rule or not, and a publication a subscription: asked of each, as it is at this moment."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeVar

from pocketbus.emulator.buses.bus import Bus, is_read_only_call
from pocketbus.emulator.buses.bus_event import BusEvent
from pocketbus.emulator.buses.rule import WITH_READ_ONLY_CALLS, Rule
from pocketbus.emulator.core import Core
from pocketbus.emulator.custombuses.bus import CustomBus
from pocketbus.emulator.custombuses.event import LogEvent
from pocketbus.emulator.custombuses.subscriber import Subscriber
from pocketbus.emulator.errors import ResourceNotFoundError
from pocketbus.emulator.inspection.recent import Passed
from pocketbus.emulator.topics.publication import Notification, Publication
from pocketbus.emulator.topics.subscription import Subscription
from pocketbus.emulator.topics.topic import Topic
from pocketbus.rules.event import Event
from pocketbus.rules.explain import Mismatch, explain
from pocketbus.rules.filter_policy import attributes_event, body_event

Asked = TypeVar("Asked", Rule, Subscription)


class Verdict(NamedTuple):
    """What one rule or subscription (`resource`) of a bus or topic (`source`, both ARNs) says: a match, or the first
    reason against.
    """

    source: str
    resource: str
    matches: bool
    why: str = ""
    path: str = ""
    """Where in the event or message the reason lies, if it lies at one place."""


def explain_event(bus: Bus, event: BusEvent, only: str | None = None) -> Iterator[Verdict]:
    """Ask each rule of a bus, in order of creation, or the `only` one of an ARN. Raise MalformedDetail."""
    matchable = event.matchable()
    read_only = is_read_only_call(event, matchable)
    for rule in _chosen(bus.rules.values(), only):
        yield _verdict_of_rule(bus, rule, matchable, read_only=read_only)


def explain_publication(topic: Topic, publication: Publication, only: str | None = None) -> Iterator[Verdict]:
    """Ask each subscription of a topic, in order of creation, or the `only` one of an ARN."""
    notification = Notification(publication, topic.arn, "", None, 0.0, "1")
    for subscription in _chosen(topic.audience, only):
        against = _against_subscription(subscription, publication) or subscription.objection(notification)
        yield _verdict(topic.arn, subscription.arn, against)


def _chosen(asked: Iterable[Asked], only: str | None) -> list[Asked]:
    return [one for one in asked if only in (None, one.arn)]


def explain_passed(core: Core, subject: str) -> Iterator[Verdict]:
    """Ask who is there now about an event or publication that passed lately. Raise ResourceNotFoundError."""
    passed = core.recent.of((subject,))
    if not passed:
        raise ResourceNotFoundError(f"Nothing is known any more of an event or a publication {subject}.")
    return explain_each(core, passed)


def explain_each(core: Core, passed: Iterable[Passed]) -> Iterator[Verdict]:
    """Ask the buses and topics that are still there."""
    for one in passed:
        arn, content = one.resource, one.content
        resource = core.resources.get(arn)
        if isinstance(resource, Bus) and isinstance(content, BusEvent):
            yield from explain_event(resource, content)
        elif isinstance(resource, CustomBus) and isinstance(content, LogEvent):
            yield from explain_log_event(resource, content)
        elif isinstance(resource, Topic) and isinstance(content, Publication):
            yield from explain_publication(resource, content)


def explain_log_event(bus: CustomBus, event: LogEvent, only: str | None = None) -> Iterator[Verdict]:
    """Ask each subscriber of a custom event bus, in order of creation, or the `only` one of an ARN."""
    for subscriber in list(bus.subscribers.values()):
        if only in (None, subscriber.arn):
            yield _verdict(bus.arn, subscriber.arn, _against_subscriber(subscriber, event))


def _against_subscriber(subscriber: Subscriber, event: LogEvent) -> Mismatch | str | None:
    filters = subscriber.settings.filters
    if subscriber.revoked:
        return "the subscriber is revoked"
    if filters.looks_at_data and not event.is_json:
        return "the filter is for the data, and the data are no JSON"
    pattern = filters.pattern()
    mismatch = None if pattern is None else explain(pattern, event.matchable())
    if mismatch is None and not subscriber.running:
        return "the subscriber is stopped"
    return mismatch


def _verdict_of_rule(bus: Bus, rule: Rule, event: Event, *, read_only: bool) -> Verdict:
    against = _against_rule(rule, event, read_only=read_only)
    return _verdict(bus.arn, rule.arn, against, "" if rule.targets else "has no targets")


def _verdict(source: str, resource: str, against: Mismatch | str | None, otherwise: str = "") -> Verdict:
    if against is None:
        return Verdict(source, resource, matches=True, why=otherwise)
    path = against.path if isinstance(against, Mismatch) else ""
    return Verdict(source, resource, matches=False, why=str(against), path=path)


def _against_rule(rule: Rule, event: Event, *, read_only: bool) -> Mismatch | str | None:
    settings = rule.settings
    if not settings.enabled:
        return "the rule is disabled"
    if settings.pattern is None:
        return "the rule has a schedule and no event pattern"
    mismatch = explain(settings.pattern, event)
    if mismatch is not None:
        return mismatch
    if read_only and not rule.managed_by and settings.state != WITH_READ_ONLY_CALLS:
        return f"a read-only API call reaches only rules in the state {WITH_READ_ONLY_CALLS}"
    return None


def _against_subscription(subscription: Subscription, publication: Publication) -> Mismatch | str | None:
    if not subscription.confirmed:
        return "the subscription is not confirmed"
    policy = subscription.settings.filter_policy
    if policy is None:
        return None
    if policy.scope == "MessageAttributes":
        event: Event | None = attributes_event(publication.attributes)
    else:
        event = body_event(publication.message_for(subscription.protocol))
    if event is None:
        return "the filter policy is for the body, and the body is no JSON object"
    return explain(policy.pattern, event)
