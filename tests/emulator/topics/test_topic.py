"""A topic hands each publication to the subscriptions that want it, within its limits."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from pocketbus.emulator.deliveries.carrying import carry
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import (
    BatchRequestTooLong,
    FilterPolicyLimitExceededException,
    InvalidParameterException,
)
from pocketbus.emulator.message import Attribute, Text
from pocketbus.emulator.queues.queue import Queue, ReceiveRequest
from pocketbus.emulator.scope import Scope
from pocketbus.emulator.topics.publication import Publication
from pocketbus.emulator.topics.subscription import SubscriptionSettings
from pocketbus.emulator.topics.topic import Accepted, Topic
from pocketbus.emulator.topics.topic_settings import TopicSettings
from pocketbus.rules.filter_policy import compile_filter_policy

MakeQueue = Callable[..., Queue]
RAW = SubscriptionSettings(raw_message_delivery=True)


def raw_with_policy(policy: str, scope: str = "MessageAttributes") -> SubscriptionSettings:
    return SubscriptionSettings(
        raw_message_delivery=True,
        filter_policy=compile_filter_policy(policy, scope),
        filter_policy_scope=scope,
    )


def make_topic(scope: Scope, **settings: Any) -> Topic:
    return scope.sns.create_topic("news", TopicSettings(**settings), {})


def subscribe(topic: Topic, endpoint: str, settings: SubscriptionSettings = RAW) -> None:
    topic.subscribe("sqs", endpoint, "000000000000", settings, "http://localhost:4566")


def publish(engine: Engine, topic: Topic, message: str, **given: Any) -> Accepted:
    now = engine.clock.now()
    published = topic.publish(Publication(message, **given), now)
    carry(published.deliveries, engine, now)
    return Accepted(published.message_id, published.sequence_number)


def bodies(queue: Queue, engine: Engine) -> list[str]:
    received = queue.receive(ReceiveRequest(limit=10), engine.clock.now())
    return [message.content.body for message, _ in received]


def test_a_publication_reaches_every_subscribed_queue(
    engine: Engine, scope: Scope, make_queue: MakeQueue
) -> None:
    topic, first, second = make_topic(scope), make_queue("first"), make_queue("second")
    subscribe(topic, first.arn)
    subscribe(topic, second.arn)

    publish(engine, topic, "hello")

    assert (bodies(first, engine), bodies(second, engine)) == (["hello"], ["hello"])


def test_the_messages_of_a_publication_have_ids_of_their_own(
    engine: Engine, scope: Scope, make_queue: MakeQueue
) -> None:
    topic, queues = make_topic(scope), [make_queue(f"q{number}") for number in range(3)]
    for queue in queues:
        subscribe(topic, queue.arn)

    published = [publish(engine, topic, "hello").message_id for _ in range(2)]

    message_ids = [message.message_id for queue in queues for message in queue]
    assert len({*published, *message_ids}) == 2 + 6
    assert all(uuid.UUID(message_id).version == 4 for message_id in message_ids)


def test_a_queue_where_somebody_waits_tells_the_same_of_a_delivery_as_another(
    engine: Engine, scope: Scope, make_queue: MakeQueue
) -> None:
    topic, waited_at, other = make_topic(scope), make_queue("waited-at"), make_queue("other")
    subscribe(topic, waited_at.arn)
    subscribe(topic, other.arn)
    waited_at.stand_in_line(ReceiveRequest(), lambda _received: None)

    publish(engine, topic, "hello")

    told = [(record.verb, record.resource) for record in engine.trace]
    assert told == [
        ("published", topic.arn),
        ("sent", waited_at.arn),
        ("received", waited_at.arn),
        ("delivered", waited_at.arn),
        ("sent", other.arn),
        ("delivered", other.arn),
    ]


def test_an_unsubscribed_queue_receives_nothing_more(
    engine: Engine, scope: Scope, make_queue: MakeQueue
) -> None:
    topic, queue = make_topic(scope), make_queue()
    subscribe(topic, queue.arn)
    topic.unsubscribe(next(iter(topic.audience)))

    publish(engine, topic, "hello")

    assert bodies(queue, engine) == []
    assert topic.deleted_subscriptions == 1


def test_raw_subscribers_share_one_content(engine: Engine, scope: Scope, make_queue: MakeQueue) -> None:
    topic, first, second = make_topic(scope), make_queue("first"), make_queue("second")
    subscribe(topic, first.arn)
    subscribe(topic, second.arn)

    publish(engine, topic, "hello")

    assert next(iter(first)).content is next(iter(second)).content


def test_a_subscriber_gets_the_text_for_its_protocol(
    engine: Engine, scope: Scope, make_queue: MakeQueue
) -> None:
    topic, queue = make_topic(scope), make_queue()
    subscribe(topic, queue.arn)

    publish(engine, topic, "{}", by_protocol={"default": "for all", "sqs": "for queues"})
    publish(engine, topic, "{}", by_protocol={"default": "for all"})

    assert bodies(queue, engine) == ["for queues", "for all"]


def test_a_filter_policy_selects_by_attributes(engine: Engine, scope: Scope, make_queue: MakeQueue) -> None:
    topic, queue = make_topic(scope), make_queue()
    subscribe(topic, queue.arn, raw_with_policy('{"kind": ["order"]}'))

    publish(engine, topic, "wanted", attributes={"kind": Attribute("String", "order")})
    publish(engine, topic, "unwanted", attributes={"kind": Attribute("String", "refund")})
    publish(engine, topic, "silent")

    assert bodies(queue, engine) == ["wanted"]


def test_a_filter_policy_selects_by_body(engine: Engine, scope: Scope, make_queue: MakeQueue) -> None:
    topic, queue = make_topic(scope), make_queue()
    subscribe(
        topic, queue.arn, raw_with_policy('{"order": {"price": [{"numeric": [">", 9]}]}}', "MessageBody")
    )

    publish(engine, topic, '{"order": {"price": 10}}')
    publish(engine, topic, '{"order": {"price": 8}}')
    publish(engine, topic, "no JSON")

    assert bodies(queue, engine) == ['{"order": {"price": 10}}']


def test_a_body_policy_looks_at_the_text_for_its_protocol(
    engine: Engine, scope: Scope, make_queue: MakeQueue
) -> None:
    topic, queue = make_topic(scope), make_queue()
    subscribe(topic, queue.arn, raw_with_policy('{"kind": ["order"]}', "MessageBody"))

    publish(engine, topic, "{}", by_protocol={"default": "any", "sqs": '{"kind": "order"}'})
    publish(engine, topic, "{}", by_protocol={"default": '{"kind": "order"}', "sqs": "any"})

    assert bodies(queue, engine) == ['{"kind": "order"}']


def test_a_changed_filter_policy_counts_at_once(engine: Engine, scope: Scope, make_queue: MakeQueue) -> None:
    topic, queue = make_topic(scope), make_queue()
    subscribe(topic, queue.arn, raw_with_policy('{"kind": ["order"]}'))
    subscription = next(iter(topic.audience))

    topic.configure_subscription(subscription, raw_with_policy('{"kind": ["refund"]}', "MessageBody"))
    publish(engine, topic, "as before", attributes={"kind": Attribute("String", "order")})
    publish(engine, topic, '{"kind": "refund"}')
    topic.configure_subscription(subscription, RAW)
    publish(engine, topic, '{"kind": "refund"}')

    assert bodies(queue, engine) == ['{"kind": "refund"}', '{"kind": "refund"}']


def test_a_topic_holds_200_filter_policies(scope: Scope) -> None:
    topic = make_topic(scope)
    policy = raw_with_policy('{"kind": ["order"]}')
    for number in range(200):
        subscribe(topic, f"arn:aws:sqs:us-east-1:000000000000:q{number}", policy)

    subscribe(topic, "arn:aws:sqs:us-east-1:000000000000:plain")
    with pytest.raises(FilterPolicyLimitExceededException):
        subscribe(topic, "arn:aws:sqs:us-east-1:000000000000:q200", policy)


def test_a_message_of_256_kib_with_its_attributes_is_the_longest(engine: Engine, scope: Scope) -> None:
    topic = make_topic(scope)
    attributes = {"k": Attribute("String", "v")}

    publish(engine, topic, "x" * (262_144 - 8), attributes=attributes)
    with pytest.raises(InvalidParameterException, match=r"^Invalid parameter: Message too long$"):
        publish(engine, topic, "x" * (262_144 - 7), attributes=attributes)


def test_the_longest_message_can_be_set(engine: Engine, scope: Scope, make_queue: MakeQueue) -> None:
    topic, queue = make_topic(scope, maximum_message_size=1_048_576), make_queue()
    subscribe(topic, queue.arn, SubscriptionSettings())

    publish(engine, topic, "x" * 1_048_576)

    assert len(bodies(queue, engine)) == 1


def test_a_topic_of_large_messages_has_at_most_100_subscriptions(scope: Scope) -> None:
    topic = make_topic(scope)
    for number in range(101):
        subscribe(topic, f"arn:aws:sqs:us-east-1:000000000000:q{number}")

    with pytest.raises(InvalidParameterException, match="MaximumMessageSize"):
        topic.configure(TopicSettings(maximum_message_size=300_000), 1_000_000.0)


def test_a_topic_of_large_messages_takes_queues_functions_and_streams_only(scope: Scope) -> None:
    topic = make_topic(scope, maximum_message_size=300_000)
    url = ("http", "http://localhost/", "000000000000", SubscriptionSettings(), "http://localhost:4566")

    with pytest.raises(InvalidParameterException) as caught:
        topic.subscribe(*url)
    assert caught.value.message == (
        "Invalid parameter: MaximumMessageSize Reason: above 262144 bytes a topic can have "
        "sqs, lambda and firehose subscriptions only"
    )

    topic.configure(TopicSettings(), 1_000_000.0)
    topic.subscribe(*url)
    with pytest.raises(InvalidParameterException):
        topic.configure(TopicSettings(maximum_message_size=300_000), 1_000_000.0)


def test_a_batch_too_long_together_publishes_nothing(
    engine: Engine, scope: Scope, make_queue: MakeQueue
) -> None:
    topic, queue = make_topic(scope), make_queue()
    subscribe(topic, queue.arn)

    with pytest.raises(BatchRequestTooLong):
        topic.publish_batch([Publication("x" * 200_000), Publication("x" * 62_145)], engine.clock.now())

    assert bodies(queue, engine) == []


def test_what_a_rule_delivers_is_published(engine: Engine, scope: Scope, make_queue: MakeQueue) -> None:
    topic, queue = make_topic(scope), make_queue()
    subscribe(topic, queue.arn)

    carry([Delivery("rule", topic.arn, Text("event"), "event-1")], engine, engine.clock.now())

    assert bodies(queue, engine) == ["event"]
    assert [record.verb for record in engine.trace.of("event-1")] == ["delivered"]


def test_a_message_for_a_vanished_queue_is_traced(engine: Engine, scope: Scope) -> None:
    topic = make_topic(scope)
    subscribe(topic, "arn:aws:sqs:us-east-1:000000000000:gone")

    accepted = publish(engine, topic, "hello")

    story = [(record.verb, record.why) for record in engine.trace.of(accepted.message_id)]
    assert story == [
        ("published", "to 1 of 1 subscriptions"),
        ("undeliverable", "The target does not exist."),
    ]


def test_the_trace_counts_the_subscriptions_that_want_a_message(engine: Engine, scope: Scope) -> None:
    topic = make_topic(scope)
    subscribe(topic, "arn:aws:sqs:us-east-1:000000000000:q", raw_with_policy('{"kind": ["order"]}'))

    accepted = publish(engine, topic, "hello")

    assert [record.why for record in engine.trace.of(accepted.message_id)] == ["to 0 of 1 subscriptions"]


def test_a_group_reaches_a_standard_queue_for_fairness(
    engine: Engine, scope: Scope, make_queue: MakeQueue
) -> None:
    topic, queue = make_topic(scope), make_queue()
    subscribe(topic, queue.arn)

    publish(engine, topic, "hello", group_id="tenant-1")

    message = next(iter(queue))
    assert (message.group_id, message.deduplication_id) == ("tenant-1", None)
