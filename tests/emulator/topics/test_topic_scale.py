"""A topic with very many subscriptions: each operation on one of them costs the same as with few."""

from pocketbus.emulator.deliveries.carrying import carry
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.emulator.scope import Scope
from pocketbus.emulator.topics.publication import Publication
from pocketbus.emulator.topics.subscription import SubscriptionSettings
from pocketbus.emulator.topics.topic import Topic
from pocketbus.emulator.topics.topic_settings import TopicSettings
from pocketbus.rules.filter_policy import compile_filter_policy

SUBSCRIPTIONS = 100_000
HERE = "http://localhost:4566"


def crowded_topic(scope: Scope) -> Topic:
    topic = scope.sns.create_topic("news", TopicSettings(), {})
    settings = SubscriptionSettings()
    for number in range(SUBSCRIPTIONS):
        arn = f"arn:aws:sqs:us-east-1:000000000000:q{number}"
        topic.subscribe("sqs", arn, "000000000000", settings, HERE)
    return topic


def test_one_of_100_000_subscriptions_is_found_configured_and_taken_away(scope: Scope) -> None:
    topic = crowded_topic(scope)
    subscription = topic.audience.at("sqs", "arn:aws:sqs:us-east-1:000000000000:q77777")
    assert subscription is not None
    assert topic.audience.get(subscription.arn) is subscription

    policy = compile_filter_policy('{"kind": ["never"]}', "MessageAttributes")
    topic.configure_subscription(subscription, SubscriptionSettings(filter_policy=policy))
    assert len(topic.audience.wanting(Publication("hello"))) == SUBSCRIPTIONS - 1
    topic.unsubscribe(subscription)

    assert len(topic.audience) == SUBSCRIPTIONS - 1


def test_100_000_subscriptions_receive(engine: Engine, scope: Scope) -> None:
    topic = crowded_topic(scope)
    queues = [
        scope.sqs.create_queue(f"q{number}", QueueSettings(), {}, 0.0) for number in (0, 50_000, 99_999)
    ]

    carry(topic.publish(Publication("hello"), 1.0).deliveries, engine, 1.0)

    assert [len(list(queue)) for queue in queues] == [1, 1, 1]
