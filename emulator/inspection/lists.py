"""All there is of a kind, in lists: each thing by where it is, and shown when somebody looks at it."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple, TypeVar

from pocketbus.emulator.arn import Arn
from pocketbus.emulator.buses.archive import Archive
from pocketbus.emulator.buses.bus import Bus
from pocketbus.emulator.core import Core
from pocketbus.emulator.custombuses.bus import CustomBus
from pocketbus.emulator.deliveries.outbox import Captured
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.logs import custom_bus_view, subscriber_view
from pocketbus.emulator.inspection.look import (
    archive_view,
    bus_view,
    function_view,
    mapping_view,
    pipe_view,
    queue_view,
    rule_view,
    schedule_view,
    subscription_view,
    target_view,
    topic_view,
)
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.topics.topic import Topic

Kind = TypeVar("Kind")


class Listed(NamedTuple):
    """A thing by its ARN, or what was captured; `show` makes the record of it, which costs more than to pass by."""

    place: str | Captured
    show: Callable[[], Any]

    def is_of(self, account: str | None, region: str | None) -> bool:
        """Tell whether it is of an account and a region, where they are given.

        What the outbox holds is of those that its details name, else of its source's, else of its target's.
        """
        if account is None and region is None:
            return True
        own_account, own_region = _account_and_region(self.place)
        return account in (None, own_account) and region in (None, own_region)


def _account_and_region(place: str | Captured) -> tuple[str, str]:
    if not isinstance(place, Captured):
        arn = Arn.parse(place)
    elif "account" in place.details:
        return place.details["account"], place.details["region"]
    else:
        arn = Arn.parse(place.source) or Arn.parse(place.target)
    return ("", "") if arn is None else (arn.account, arn.region)


def queues(core: Core, now: float) -> Iterator[Listed]:
    return (Listed(queue.arn, partial(queue_view, queue, now)) for queue in _all(core, Queue))


def topics(core: Core, _now: float) -> Iterator[Listed]:
    return (Listed(topic.arn, partial(topic_view, topic)) for topic in _all(core, Topic))


def subscriptions(core: Core, _now: float) -> Iterator[Listed]:
    for topic in _all(core, Topic):
        for subscription in list(topic.audience):
            yield Listed(subscription.arn, partial(subscription_view, topic, subscription))


def buses(core: Core, _now: float) -> Iterator[Listed]:
    return (Listed(bus.arn, partial(bus_view, bus)) for bus in _all(core, Bus))


def rules(core: Core, _now: float) -> Iterator[Listed]:
    for bus in _all(core, Bus):
        for rule in list(bus.rules.values()):
            yield Listed(rule.arn, partial(rule_view, bus, rule))


def targets(core: Core, _now: float) -> Iterator[Listed]:
    for bus in _all(core, Bus):
        for rule in list(bus.rules.values()):
            for target in rule.targets.values():
                yield Listed(target.arn, partial(target_view, bus, rule, target))


def archives(core: Core, now: float) -> Iterator[Listed]:
    return (Listed(archive.arn, partial(archive_view, archive, now)) for archive in _all(core, Archive))


def custom_buses(core: Core, now: float) -> Iterator[Listed]:
    return (Listed(bus.arn, partial(custom_bus_view, bus, now)) for bus in _all(core, CustomBus))


def subscribers(core: Core, now: float) -> Iterator[Listed]:
    for bus in _all(core, CustomBus):
        bus.advance(now)
        for subscriber in list(bus.subscribers.values()):
            yield Listed(subscriber.arn, partial(subscriber_view, subscriber, now))


def schedules(engine: Engine, _now: float) -> Iterator[Listed]:
    for scope in engine.scopes:
        for group, schedule in scope.scheduler.schedules:
            yield Listed(schedule.arn, partial(schedule_view, group, schedule))


def functions(engine: Engine, _now: float) -> Iterator[Listed]:
    """Yield those that were created, that something runs, or that have something to do."""
    created = {
        function.arn: function for scope in engine.scopes for function in scope.functions.functions.values()
    }
    for arn in dict.fromkeys((*created, *(function.arn for function in engine.functions))):
        if arn in created or engine.functions.workers(arn) is not None or engine.functions.at(arn).busy:
            yield Listed(arn, partial(function_view, arn, created.get(arn), engine))


def mappings(engine: Engine, now: float) -> Iterator[Listed]:
    for scope in engine.scopes:
        for mapping in list(scope.functions.mappings_at(now).values()):
            yield Listed(mapping.arn, partial(mapping_view, mapping, now))


def pipes(engine: Engine, now: float) -> Iterator[Listed]:
    for scope in engine.scopes:
        for pipe in list(scope.pipes.pipes_at(now).values()):
            yield Listed(pipe.arn, partial(pipe_view, pipe, now))


def outbox(core: Core, _now: float) -> Iterator[Listed]:
    return (Listed(captured, partial(_itself, captured)) for captured in list(core.outbox))


def _itself(captured: Captured) -> Captured:
    return captured


LISTS: Mapping[str, Callable[[Engine, float], Iterator[Listed]]] = {
    listing.__name__: listing
    for listing in (
        queues,
        topics,
        subscriptions,
        buses,
        rules,
        targets,
        archives,
        custom_buses,
        subscribers,
        schedules,
        functions,
        mappings,
        pipes,
        outbox,
    )
}
"""What can be looked at beside the messages of a queue, by name."""


def all_of(noun: str, engine: Engine) -> list[Any]:
    """Return the records of all there is of a kind."""
    return [listed.show() for listed in LISTS[noun](engine, engine.clock.now())]


def _all(core: Core, kind: type[Kind]) -> list[Kind]:
    return [resource for resource in core.resources.values() if isinstance(resource, kind)]
