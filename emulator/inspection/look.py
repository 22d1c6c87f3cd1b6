"""Each thing that the engine holds, as a small record that is ready for JSON.

Looking consumes nothing and changes nothing but what is due anyway: a queue first moves the messages whose time has
come.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from msgspec import Struct, to_builtins

from pocketbus.emulator.buses.archive import Archive
from pocketbus.emulator.buses.bus import Bus
from pocketbus.emulator.buses.rule import Rule
from pocketbus.emulator.buses.target import DEFAULT_RETRIES, Target
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.functions.deployed import DeployedFunction
from pocketbus.emulator.functions.invocation import name_of
from pocketbus.emulator.functions.mapping import EventSourceMapping
from pocketbus.emulator.inspection.trace import SelectionError
from pocketbus.emulator.message import HELD, Message, State, plain_attributes
from pocketbus.emulator.pipes.pipe import Pipe
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.schedules.schedule import Schedule
from pocketbus.emulator.schedules.schedule_group import ScheduleGroup
from pocketbus.emulator.topics.subscription import Subscription
from pocketbus.emulator.topics.topic import Topic

STATES = tuple(state.name.lower() for state in HELD)
"""The states in which a queue has a message, as they are called here."""


class QueueView(Struct, frozen=True):
    """A queue: how many messages it has in each state, and how many long polls wait for one."""

    arn: str
    name: str
    ready: int
    delayed: int
    in_flight: int
    waiting: int
    oldest_sent_at: float | None
    settings: Mapping[str, Any]
    tags: Mapping[str, str]


class MessageView(Struct, frozen=True):
    """A message; `state` is ready, delayed or in_flight, and `until` the instant at which it stops being one of
    the latter two. Binary attributes are in base64.
    """

    message_id: str
    body: str
    state: str
    until: float | None
    receive_count: int
    sent_at: float
    first_received_at: float | None
    attributes: Mapping[str, Mapping[str, str]]
    sender_id: str
    group_id: str | None
    deduplication_id: str | None
    sequence_number: str | None
    dead_letter_source: str | None


class TopicView(Struct, frozen=True):
    arn: str
    name: str
    fifo: bool
    subscriptions: int
    tags: Mapping[str, str]


class SubscriptionView(Struct, frozen=True):
    arn: str
    topic: str
    protocol: str
    endpoint: str
    confirmed: bool
    raw_message_delivery: bool
    filter_policy: str | None
    filter_policy_scope: str
    dead_letter_target: str | None


class BusView(Struct, frozen=True):
    arn: str
    name: str
    rules: int
    tags: Mapping[str, str]


class RuleView(Struct, frozen=True):
    arn: str
    name: str
    bus: str
    state: str
    event_pattern: str | None
    schedule_expression: str | None
    targets: tuple[str, ...]
    managed_by: str | None


class TargetView(Struct, frozen=True):
    """A target of a rule, with what it receives and what happens when it does not take it."""

    rule: str
    bus: str
    target_id: str
    arn: str
    input: str | None
    input_path: str | None
    input_paths_map: Mapping[str, str] | None
    input_template: str | None
    message_group_id: str | None
    role_arn: str | None
    dead_letter_target: str | None
    maximum_retry_attempts: int | None
    maximum_event_age_seconds: int | None
    parameters: Mapping[str, Any]


class ScheduleView(Struct, frozen=True):
    """A schedule; `next_at` is when its target is invoked next, None where it is disabled or complete."""

    arn: str
    name: str
    group: str
    state: str
    schedule_expression: str
    timezone: str
    target: str
    next_at: float | None


class FunctionView(Struct, frozen=True):
    """A function that was created, or that has something to do. `runs` tells by what: attached workers, a callable, a
    URL or, empty, nothing; `idle` are the attached workers that wait for an invocation.
    """

    arn: str
    name: str
    created: bool
    runs: str
    idle: int
    under_way: int
    tags: Mapping[str, str]


class MappingView(Struct, frozen=True):
    """An event source mapping, and how many invocations of it are under way."""

    arn: str
    uuid: str
    queue: str
    function: str
    state: str
    batch_size: int
    window_seconds: int
    filters: tuple[str, ...]
    maximum_concurrency: int | None
    reports_failures: bool
    under_way: int


class PipeView(Struct, frozen=True):
    """A pipe, how many executions of it are under way, and how many records wait that a test fed it.

    `reads` is False where the source is not emulated, and there is nothing to read but what is fed.
    """

    arn: str
    name: str
    source: str
    enrichment: str | None
    target: str
    state: str
    reason: str | None
    reads: bool
    batch_size: int
    window_seconds: int
    filters: tuple[str, ...]
    under_way: int
    fed: int
    tags: Mapping[str, str]


class ArchiveView(Struct, frozen=True):
    arn: str
    name: str
    bus: str
    events: int
    size: int


def messages(
    queue: Queue, now: float, state: str | None = None, after: int = 0, limit: int | None = None
) -> Iterator[MessageView]:
    """Yield the messages of a queue in every state or in one, in the order in which they were sent.

    Leave out the first `after`, and of the others all but `limit`. Raise SelectionError for what is no state.
    """
    if state is not None and state not in STATES:
        raise SelectionError(f"{state!r} is no state of a message; there are {', '.join(STATES)}.")
    queue.advance(now)
    held = (message for message in queue if state in (None, message.state.name.lower()))
    # A list, because the queue may change between two of them.
    for message in list(islice(held, after, None if limit is None else after + limit)):
        if message.state is not State.GONE:
            yield MessageView(**message_item(queue, message))


def queue_view(queue: Queue, now: float) -> QueueView:
    queue.advance(now)
    return QueueView(
        queue.arn,
        queue.name,
        queue.count(State.READY),
        queue.count(State.DELAYED),
        queue.count(State.IN_FLIGHT),
        queue.waiting,
        queue.oldest_sent_at,
        to_builtins(queue.settings),
        queue.tags,
    )


def topic_view(topic: Topic) -> TopicView:
    return TopicView(topic.arn, topic.name, topic.settings.fifo, len(topic.audience), topic.tags)


def subscription_view(topic: Topic, subscription: Subscription) -> SubscriptionView:
    settings = subscription.settings
    return SubscriptionView(
        subscription.arn,
        topic.arn,
        subscription.protocol,
        subscription.endpoint,
        subscription.confirmed,
        settings.raw_message_delivery,
        None if settings.filter_policy is None else settings.filter_policy.text,
        settings.filter_policy_scope,
        subscription.dead_letter_target,
    )


def bus_view(bus: Bus) -> BusView:
    return BusView(bus.arn, bus.name, len(bus.rules), bus.tags)


def rule_view(bus: Bus, rule: Rule) -> RuleView:
    settings = rule.settings
    return RuleView(
        rule.arn,
        rule.name,
        bus.arn,
        settings.state,
        None if settings.pattern is None else settings.pattern.text,
        settings.schedule_expression,
        tuple(target.arn for target in rule.targets.values()),
        rule.managed_by,
    )


def archive_view(archive: Archive, now: float) -> ArchiveView:
    archive.advance(now)
    return ArchiveView(archive.arn, archive.name, archive.bus.arn, len(archive.log), archive.log.bytes)


def schedule_view(group: ScheduleGroup, schedule: Schedule) -> ScheduleView:
    settings = schedule.settings
    return ScheduleView(
        schedule.arn,
        schedule.name,
        group.name,
        settings.state,
        settings.expression,
        settings.timezone,
        settings.target.arn,
        schedule.next_at,
    )


def function_view(arn: str, deployed: DeployedFunction | None, engine: Engine) -> FunctionView:
    workers, function = engine.functions.workers(arn), engine.functions.at(arn)
    return FunctionView(
        arn,
        name_of(arn),
        deployed is not None,
        "" if workers is None else workers.kind,
        function.attached.idle,
        len(function.under_way),
        {} if deployed is None else deployed.tags,
    )


def mapping_view(mapping: EventSourceMapping, now: float) -> MappingView:
    settings = mapping.settings
    return MappingView(
        mapping.arn,
        mapping.uuid,
        mapping.queue_arn,
        settings.function_arn,
        mapping.state(now),
        settings.batch_size,
        settings.window_seconds,
        tuple(pattern.text for pattern in settings.filters),
        settings.maximum_concurrency,
        settings.reports_failures,
        mapping.under_way,
    )


def pipe_view(pipe: Pipe, now: float) -> PipeView:
    settings = pipe.settings
    return PipeView(
        pipe.arn,
        pipe.name,
        pipe.source,
        None if settings.enrichment is None else settings.enrichment.arn,
        settings.target.arn,
        pipe.state(now),
        pipe.reason(now),
        pipe.polls,
        settings.batch_size,
        settings.window_seconds,
        tuple(pattern.text for pattern in settings.filters),
        pipe.under_way,
        pipe.waiting,
        pipe.tags,
    )


def target_view(bus: Bus, rule: Rule, target: Target) -> TargetView:
    retries = target.retry_policy or DEFAULT_RETRIES
    return TargetView(
        rule=rule.arn,
        bus=bus.arn,
        target_id=target.target_id,
        arn=target.arn,
        input=target.input.constant,
        input_path=target.input.path,
        input_paths_map=target.input.paths_map,
        input_template=target.input.template,
        message_group_id=target.group_id,
        role_arn=target.role_arn,
        dead_letter_target=target.dead_letter_target,
        maximum_retry_attempts=retries.maximum_attempts,
        maximum_event_age_seconds=retries.maximum_event_age_seconds,
        parameters=target.parameters,
    )


def message_item(queue: Queue, message: Message) -> dict[str, Any]:
    """Return a message as it is shown, by the names of MessageView."""
    return {
        "message_id": message.message_id,
        "body": message.content.body,
        "state": _STATE_NAMES[message.state],
        "until": None if message.deadline is None else message.deadline.at,
        "receive_count": message.receive_count,
        "sent_at": message.sent_at,
        "first_received_at": message.first_received_at,
        "attributes": plain_attributes(message.content.attributes),
        "sender_id": message.sender_id,
        "group_id": message.group_id,
        "deduplication_id": message.deduplication_id,
        "sequence_number": queue.sequence_number(message),
        "dead_letter_source": message.dead_letter_source,
    }


_STATE_NAMES = tuple(state.name.lower() for state in State)
