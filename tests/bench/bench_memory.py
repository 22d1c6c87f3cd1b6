"""What waits in memory: a message beyond its body, and one more subscriber of a publish."""

import tracemalloc
from collections.abc import Callable

from pocketbus.emulator.config import Config
from pocketbus.emulator.deliveries.carrying import carry
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.message import Text
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.emulator.scope import Scope
from pocketbus.emulator.topics.publication import Publication
from pocketbus.emulator.topics.subscription import SubscriptionSettings
from pocketbus.emulator.topics.topic_settings import TopicSettings
from tests.bench.table import Row

MESSAGES = 20_000
SUBSCRIBERS = 2_000
BODY = "x" * 200


def rows() -> list[Row]:
    bodies = {"200 bytes": BODY, "256 KiB": "x" * (256 * 1024 - 1)}
    return [
        Row("memory of one waiting message beyond its body", _waiting_message(), 700, " B", at_least=False),
        *(
            Row(
                f"an extra subscriber of a publish, body {size}", _subscriber(body), 400, " B", at_least=False
            )
            for size, body in bodies.items()
        ),
    ]


def _scope() -> Scope:
    # The trace is bounded on its own, whatever waits in the queues.
    engine = Engine(Config(seed=1, trace_limit=0))
    engine.freeze()
    return engine.scope("000000000000", "us-east-1")


def _allocated(work: Callable[[], object]) -> int:
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    work()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return after - before


def _waiting_message() -> float:
    scope = _scope()
    now = scope.core.clock.now()
    queue = scope.sqs.create_queue("q", QueueSettings(), {}, now)

    def send() -> None:
        for _ in range(MESSAGES):
            queue.send(Text(BODY), now, sender_id="000000000000")

    return _allocated(send) / MESSAGES


def _subscriber(body: str) -> float:
    scope = _scope()
    now = scope.core.clock.now()
    topic = scope.sns.create_topic("t", TopicSettings(), {})
    for number in range(SUBSCRIBERS):
        queue = scope.sqs.create_queue(f"q{number}", QueueSettings(), {}, now)
        topic.subscribe("sqs", queue.arn, scope.account, SubscriptionSettings(), "http://localhost:4566")

    def publish() -> None:
        carry(topic.publish(Publication(body), now).deliveries, scope.core, now)

    publish()  # the queues' own first allocations are not the message's
    return _allocated(publish) / SUBSCRIBERS
