"""What one more subscriber of a publication costs, whatever the size of the message."""

import gc
import tracemalloc

import pytest

from pocketbus.emulator.config import Config
from pocketbus.emulator.deliveries.carrying import carry
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.emulator.topics.publication import Publication
from pocketbus.emulator.topics.subscription import SubscriptionSettings
from pocketbus.emulator.topics.topic_settings import TopicSettings

PUBLICATIONS = 20


def bytes_of_fan_out(subscribers: int, body_bytes: int, *, raw: bool) -> int:
    """Count what some publications leave behind; the bounded trace is not of the messages and left out."""
    engine = Engine(Config(seed=1, trace_limit=0))
    scope = engine.scope("000000000000", "us-east-1")
    topic = scope.sns.create_topic("news", TopicSettings(), {})
    for number in range(subscribers):
        queue = scope.sqs.create_queue(f"q{number}", QueueSettings(), {}, 0.0)
        settings = SubscriptionSettings(raw_message_delivery=raw)
        topic.subscribe("sqs", queue.arn, queue.owner, settings, "http://localhost:4566")
    gc.collect()
    tracemalloc.start()
    for number in range(PUBLICATIONS):
        message = f"{number:08}".rjust(body_bytes, "x")
        carry(topic.publish(Publication(message), 1.0).deliveries, engine, 1.0)
    gc.collect()
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return used


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize("body_bytes", [200, 262_144])
def test_one_more_subscriber_costs_less_than_400_bytes_a_message(body_bytes: int, raw: bool) -> None:
    few, many = (bytes_of_fan_out(count, body_bytes, raw=raw) for count in (10, 60))

    assert (many - few) / (50 * PUBLICATIONS) < 400
