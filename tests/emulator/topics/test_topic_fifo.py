"""A FIFO topic numbers its messages, recognises duplicates and keeps the order through to FIFO queues."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from pocketbus.emulator.deliveries.carrying import carry
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import InvalidParameterException, SubscriptionLimitExceededException
from pocketbus.emulator.queues.queue import Queue, ReceiveRequest
from pocketbus.emulator.scope import Scope
from pocketbus.emulator.topics.publication import Publication
from pocketbus.emulator.topics.subscription import SubscriptionSettings
from pocketbus.emulator.topics.topic import Accepted, Topic
from pocketbus.emulator.topics.topic_settings import TopicSettings

MakeQueue = Callable[..., Queue]
RAW = SubscriptionSettings(raw_message_delivery=True)


def make_topic(scope: Scope, **settings: Any) -> Topic:
    return scope.sns.create_topic("news.fifo", TopicSettings(fifo=True, **settings), {})


def subscribed_queue(topic: Topic, make_queue: MakeQueue) -> Queue:
    queue = make_queue("orders.fifo", fifo=True)
    topic.subscribe("sqs", queue.arn, "000000000000", RAW, "http://localhost:4566")
    return queue


def publish(engine: Engine, topic: Topic, message: str, **given: Any) -> Accepted:
    now = engine.clock.now()
    published = topic.publish(Publication(message, **{"group_id": "g"} | given), now)
    carry(published.deliveries, engine, now)
    return Accepted(published.message_id, published.sequence_number)


def bodies(queue: Queue, engine: Engine) -> list[str]:
    received = queue.receive(ReceiveRequest(limit=10), engine.clock.now())
    return [message.content.body for message, _ in received]


def test_a_fifo_topic_numbers_its_messages_upwards(engine: Engine, scope: Scope) -> None:
    topic = make_topic(scope)

    first = publish(engine, topic, "one", deduplication_id="1")
    second = publish(engine, topic, "two", deduplication_id="2")

    assert (first.sequence_number, second.sequence_number) == ("10000000000000001000", "10000000000000002000")


def test_a_group_arrives_in_order(engine: Engine, scope: Scope, make_queue: MakeQueue) -> None:
    topic = make_topic(scope)
    queue = subscribed_queue(topic, make_queue)

    for number in range(5):
        publish(engine, topic, f"m{number}", deduplication_id=str(number))

    assert bodies(queue, engine) == ["m0", "m1", "m2", "m3", "m4"]


def test_a_duplicate_is_answered_as_the_first_and_not_delivered(
    engine: Engine, scope: Scope, make_queue: MakeQueue
) -> None:
    topic = make_topic(scope)
    queue = subscribed_queue(topic, make_queue)

    first = publish(engine, topic, "one", deduplication_id="1")
    again = publish(engine, topic, "other", deduplication_id="1")

    assert again == first
    assert bodies(queue, engine) == ["one"]


def test_a_duplicate_counts_anew_after_five_minutes(
    engine: Engine, scope: Scope, make_queue: MakeQueue
) -> None:
    topic = make_topic(scope)
    queue = subscribed_queue(topic, make_queue)

    publish(engine, topic, "one", deduplication_id="1")
    engine.advance(300)
    publish(engine, topic, "two", deduplication_id="1")

    assert bodies(queue, engine) == ["one", "two"]


def test_the_content_can_stand_for_the_deduplication_id(
    engine: Engine, scope: Scope, make_queue: MakeQueue
) -> None:
    topic = make_topic(scope, content_based_deduplication=True)
    queue = subscribed_queue(topic, make_queue)

    publish(engine, topic, "one")
    publish(engine, topic, "one")
    publish(engine, topic, "one", deduplication_id="given")

    assert [message.deduplication_id for message in queue] == [sha256(b"one").hexdigest(), "given"]


def test_duplicates_can_be_told_by_group(engine: Engine, scope: Scope) -> None:
    topic = make_topic(scope, fifo_throughput_scope="MessageGroup")

    first = publish(engine, topic, "one", deduplication_id="1")
    other_group = publish(engine, topic, "one", deduplication_id="1", group_id="h")
    same_group = publish(engine, topic, "one", deduplication_id="1")

    assert other_group != first
    assert same_group == first


def test_a_message_without_a_group_is_refused(engine: Engine, scope: Scope) -> None:
    topic = make_topic(scope, content_based_deduplication=True)

    with pytest.raises(
        InvalidParameterException,
        match=r"^Invalid parameter: The MessageGroupId parameter is required for FIFO topics$",
    ):
        publish(engine, topic, "one", group_id=None)


def test_one_bad_entry_refuses_its_whole_batch(engine: Engine, scope: Scope, make_queue: MakeQueue) -> None:
    topic = make_topic(scope)
    queue = subscribed_queue(topic, make_queue)
    good = Publication("good", group_id="g", deduplication_id="1")
    bad = Publication("bad", group_id="g")

    with pytest.raises(InvalidParameterException):
        topic.publish_batch([good, bad], engine.clock.now())

    assert bodies(queue, engine) == []


def test_duplicates_within_a_batch_are_told(engine: Engine, scope: Scope) -> None:
    topic = make_topic(scope)
    publication = Publication("one", group_id="g", deduplication_id="1")

    first, second = topic.publish_batch([publication, publication], engine.clock.now())

    assert first.message_id == second.message_id
    assert list(second.deliveries) == []


def test_a_standard_queue_gets_no_deduplication_id(
    engine: Engine, scope: Scope, make_queue: MakeQueue
) -> None:
    topic, queue = make_topic(scope), make_queue("plain")
    topic.subscribe("sqs", queue.arn, "000000000000", RAW, "http://localhost:4566")

    publish(engine, topic, "one", deduplication_id="1")

    assert [message.deduplication_id for message in queue] == [None]


def test_a_fifo_topic_has_at_most_100_subscriptions(scope: Scope) -> None:
    topic = make_topic(scope)
    for number in range(100):
        topic.subscribe("sqs", f"arn:aws:sqs:us-east-1:000000000000:q{number}", "000000000000", RAW, "")

    with pytest.raises(SubscriptionLimitExceededException):
        topic.subscribe("sqs", "arn:aws:sqs:us-east-1:000000000000:q100", "000000000000", RAW, "")
