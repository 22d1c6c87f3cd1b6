"""A FIFO topic's archive: what is kept, for how long, and what a replay delivers."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from pocketbus.emulator.deliveries.carrying import carry
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import InvalidParameterException, InvalidStateException
from pocketbus.emulator.queues.queue import Queue, ReceiveRequest
from pocketbus.emulator.scope import Scope
from pocketbus.emulator.topics.publication import Publication
from pocketbus.emulator.topics.subscription import Subscription, SubscriptionSettings
from pocketbus.emulator.topics.topic import Topic
from pocketbus.emulator.topics.topic_archive import ArchivePolicy, ReplayPolicy
from pocketbus.emulator.topics.topic_settings import TopicSettings
from pocketbus.rules.filter_policy import compile_filter_policy

MakeQueue = Callable[..., Queue]

DAY = 86_400.0
START = 1_000_000.0
THREE_DAYS = ArchivePolicy("3 days", 3)
ONE_DAY = ArchivePolicy("1 day", 1)


@pytest.fixture
def topic(scope: Scope) -> Topic:
    settings = TopicSettings(fifo=True, content_based_deduplication=True, archive_policy=THREE_DAYS)
    return scope.sns.create_topic("news.fifo", settings, {})


@pytest.fixture
def queue(make_queue: MakeQueue) -> Queue:
    return make_queue("orders.fifo", fifo=True)


def publish(engine: Engine, topic: Topic, *messages: str) -> None:
    for message in messages:
        now = engine.clock.now()
        deliveries = topic.publish(Publication(message, group_id="g"), now).deliveries
        carry(deliveries, engine, now)


def subscribe(engine: Engine, topic: Topic, queue: Queue, **settings: Any) -> Subscription:
    settings = {"raw_message_delivery": True} | settings
    subscription = topic.subscribe(
        "sqs", queue.arn, "000000000000", SubscriptionSettings(**settings), "http://localhost:4566"
    )
    carry(topic.replay(subscription, engine.clock.now()), engine, engine.clock.now())
    return subscription


def bodies(engine: Engine, queue: Queue) -> list[str]:
    """Receive and delete all that the queue holds."""
    found: list[str] = []
    now = engine.clock.now()
    while received := queue.receive(ReceiveRequest(limit=10), now):
        found += [message.content.body for message, _ in received]
        for _, handle in received:
            queue.delete(handle, now)
    return found


def test_a_replay_from_the_middle_of_1000_messages_is_their_second_half_in_order(
    engine: Engine, topic: Topic, queue: Queue
) -> None:
    for number in range(1000):
        publish(engine, topic, f"m{number}")
        engine.advance(1)

    subscribe(engine, topic, queue, replay_policy=ReplayPolicy("", START + 500))

    assert bodies(engine, queue) == [f"m{number}" for number in range(500, 1000)]


def test_after_its_replay_a_subscription_goes_on_with_new_messages(
    engine: Engine, topic: Topic, queue: Queue
) -> None:
    publish(engine, topic, "old")

    subscribe(engine, topic, queue, replay_policy=ReplayPolicy("", START))
    publish(engine, topic, "new")

    assert bodies(engine, queue) == ["old", "new"]


def test_a_replay_with_an_end_stops_there(engine: Engine, topic: Topic, queue: Queue) -> None:
    for number in range(4):
        publish(engine, topic, f"m{number}")
        engine.advance(1)

    subscribe(engine, topic, queue, replay_policy=ReplayPolicy("", START + 1, START + 2))
    publish(engine, topic, "new")

    assert bodies(engine, queue) == ["m1", "m2"]


def test_a_replay_that_ends_later_is_in_progress_until_then(
    engine: Engine, topic: Topic, queue: Queue
) -> None:
    replay = ReplayPolicy("", START, START + 10)
    publish(engine, topic, "old")
    subscribe(engine, topic, queue, replay_policy=replay)
    before = replay.status(engine.clock.now())

    engine.advance(10)
    publish(engine, topic, "in time")
    engine.advance(1)
    publish(engine, topic, "late")

    assert bodies(engine, queue) == ["old", "in time"]
    assert (before, replay.status(engine.clock.now())) == ("In progress", "Completed")


def test_taking_an_ended_replay_away_lets_new_messages_in(engine: Engine, topic: Topic, queue: Queue) -> None:
    engine.advance(2)
    subscription = subscribe(engine, topic, queue, replay_policy=ReplayPolicy("", START, START + 1))

    topic.configure_subscription(subscription, SubscriptionSettings(raw_message_delivery=True))
    publish(engine, topic, "new")

    assert bodies(engine, queue) == ["new"]


def test_a_replay_passes_the_filter_policy(engine: Engine, topic: Topic, queue: Queue) -> None:
    publish(engine, topic, '{"price": 1}', '{"price": 2}')

    subscribe(
        engine,
        topic,
        queue,
        replay_policy=ReplayPolicy("", START),
        filter_policy=compile_filter_policy('{"price": [2]}', "MessageBody"),
        filter_policy_scope="MessageBody",
    )

    assert bodies(engine, queue) == ['{"price": 2}']


def test_a_replayed_envelope_is_the_first_one_and_says_so(
    engine: Engine, topic: Topic, make_queue: MakeQueue
) -> None:
    first, second = make_queue("first.fifo", fifo=True), make_queue("second.fifo", fifo=True)
    subscribe(engine, topic, first, raw_message_delivery=False)
    publish(engine, topic, "hello")
    engine.advance(60)

    subscribe(engine, topic, second, raw_message_delivery=False, replay_policy=ReplayPolicy("", START))

    told, replayed = (json.loads(bodies(engine, queue)[0]) for queue in (first, second))
    assert replayed.pop("Replayed") == "true"
    assert "Replayed" not in told
    assert [replayed[name] for name in ("MessageId", "SequenceNumber", "Timestamp", "Message")] == [
        told[name] for name in ("MessageId", "SequenceNumber", "Timestamp", "Message")
    ]


def test_archived_content_is_the_one_that_was_delivered(
    engine: Engine, topic: Topic, make_queue: MakeQueue
) -> None:
    first, second = make_queue("first.fifo", fifo=True), make_queue("second.fifo", fifo=True)
    subscribe(engine, topic, first)
    publish(engine, topic, "hello")

    subscribe(engine, topic, second, replay_policy=ReplayPolicy("", START))

    contents = [
        queue.receive(ReceiveRequest(limit=1), engine.clock.now())[0][0].content for queue in (first, second)
    ]
    assert contents[0] is contents[1]


def test_a_duplicate_is_not_archived(engine: Engine, topic: Topic, queue: Queue) -> None:
    publish(engine, topic, "same", "same")

    subscribe(engine, topic, queue, replay_policy=ReplayPolicy("", START))

    assert bodies(engine, queue) == ["same"]


def test_messages_older_than_the_retention_are_gone(engine: Engine, topic: Topic, queue: Queue) -> None:
    publish(engine, topic, "too old")
    engine.advance(1)
    publish(engine, topic, "old enough")
    engine.advance(3 * DAY)

    now = engine.clock.now()
    subscribe(engine, topic, queue, replay_policy=ReplayPolicy("", now - 3 * DAY))

    assert topic.archive.beginning_at(now) == START + 1
    assert bodies(engine, queue) == ["old enough"]


def test_a_shorter_retention_forgets_at_once_and_for_good(engine: Engine, topic: Topic, queue: Queue) -> None:
    publish(engine, topic, "old")
    engine.advance(2 * DAY)
    publish(engine, topic, "new")

    for policy in (ONE_DAY, THREE_DAYS):
        topic.configure(TopicSettings(fifo=True, archive_policy=policy), engine.clock.now())
    subscribe(engine, topic, queue, replay_policy=ReplayPolicy("", START))

    assert bodies(engine, queue) == ["new"]


def test_an_archive_that_is_switched_off_is_lost(engine: Engine, topic: Topic) -> None:
    publish(engine, topic, "old")
    engine.advance(1)

    topic.configure(TopicSettings(fifo=True), engine.clock.now())
    assert topic.archive.beginning_at(engine.clock.now()) is None

    topic.configure(TopicSettings(fifo=True, archive_policy=THREE_DAYS), engine.clock.now())
    assert topic.archive.beginning_at(engine.clock.now()) == START + 1


@pytest.mark.parametrize(
    ("starting_at", "reason"),
    [
        (
            START - 1,
            (
                "StartingPoint must not be before the topic's BeginningArchiveTime, "
                "which is 1970-01-12T13:46:40.000Z"
            ),
        ),
        (START + 1, "StartingPoint must not be in the future"),
    ],
)
def test_a_replay_starts_within_the_archive(topic: Topic, starting_at: float, reason: str) -> None:
    with pytest.raises(InvalidParameterException) as caught:
        topic.archive.check(ReplayPolicy("", starting_at), START)

    assert caught.value.message == f"Invalid parameter: ReplayPolicy Reason: {reason}"


def test_a_topic_without_an_archive_replays_nothing(scope: Scope) -> None:
    topic = scope.sns.create_topic("plain.fifo", TopicSettings(fifo=True), {})

    with pytest.raises(InvalidParameterException):
        topic.archive.check(ReplayPolicy("", START), START)


def test_a_topic_is_not_deleted_while_it_archives(engine: Engine, scope: Scope, topic: Topic) -> None:
    with pytest.raises(InvalidStateException):
        scope.sns.delete_topic(topic)

    topic.configure(TopicSettings(fifo=True), engine.clock.now())
    scope.sns.delete_topic(topic)

    assert scope.sns.topics == {}


def test_what_a_replay_delivers_to_a_standard_queue_has_ids_of_its_own(
    engine: Engine, topic: Topic, make_queue: MakeQueue
) -> None:
    queue = make_queue("orders")
    subscription = subscribe(engine, topic, queue)
    publish(engine, topic, "a", "b")

    topic.unsubscribe(subscription)
    subscribe(engine, topic, queue, replay_policy=ReplayPolicy("", START))

    message_ids = [message.message_id for message in queue]
    assert len(message_ids) == len(set(message_ids)) == 4
