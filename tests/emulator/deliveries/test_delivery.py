"""Carrying deliveries: what fails goes to its dead-letter queue, and a large fan-out lets others have their turn."""

import asyncio
import weakref
from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace

from pocketbus.emulator.config import Config
from pocketbus.emulator.deliveries.carrying import SLICE, carry, carry_in_slices
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.webhook import WebhookDelivery
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.message import Text
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.emulator.scope import Scope
from pocketbus.emulator.topics.publication import Publication
from pocketbus.emulator.topics.subscription import SubscriptionSettings
from pocketbus.emulator.topics.topic_settings import TopicSettings

MakeQueue = Callable[..., Queue]
SUBSCRIBERS = 10_000
ARN = "arn:aws:{}:us-east-1:000000000000:{}"
LETTERS = ARN.format("sqs", "letters")


async def test_ten_thousand_queues_receive_before_the_answer_while_others_are_served() -> None:
    engine = Engine(Config(seed=1))
    scope = engine.scope("000000000000", "us-east-1")
    topic = scope.sns.create_topic("news", TopicSettings(), {})
    for number in range(SUBSCRIBERS):
        queue = scope.sqs.create_queue(f"q{number}", QueueSettings(), {}, 0.0)
        topic.subscribe("sqs", queue.arn, queue.owner, SubscriptionSettings(), "http://localhost:4566")
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    served = asyncio.create_task(others())
    deliveries = topic.publish(Publication("x" * 262_144), 1.0).deliveries
    rest = carry_in_slices(deliveries, engine, 1.0)
    assert rest is not None
    await rest
    served.cancel()

    assert all(len(list(queue)) == 1 for queue in scope.sqs.queues.values())
    assert turns >= SUBSCRIBERS // SLICE - 1


def test_few_deliveries_are_carried_in_one_go(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue()
    delivery = Delivery("topic", queue.arn, Text("hello"), "m-1")

    assert carry_in_slices([delivery] * (SLICE - 1), engine, 1.0) is None
    assert len(list(queue)) == SLICE - 1


@pytest.mark.parametrize(
    "delivery",
    [
        Delivery("topic", ARN.format("sqs", "orders"), Text("hello"), "m-1"),
        Delivery(
            "topic", ARN.format("sqs", "orders"), Text("hello"), "m-1", publisher="other", message_id="m-2"
        ),
        Delivery("topic", ARN.format("sqs", "orders"), Text("hello"), "m-1", counts=False),
        Delivery("topic", ARN.format("sqs", "orders"), Text("x" * 2000), "m-1", dead_letter_target=LETTERS),
        Delivery("topic", ARN.format("sqs", "gone"), Text("hello"), "m-1"),
        Delivery("topic", ARN.format("sqs", "gone"), Text("hello"), "m-1", dead_letter_target=LETTERS),
        Delivery("topic", ARN.format("sqs", "gone"), Text("hello"), "m-1", dead_letter_target="nowhere"),
        Delivery("rule", ARN.format("sns", "news"), Text("hello"), "m-1"),
        Delivery("rule", ARN.format("sns", "news.fifo"), Text("hello"), "m-1", "g", "1"),
    ],
)
def test_a_delivery_ends_alone_as_it_ends_among_others(delivery: Delivery) -> None:
    alone, among_others = (_engine_with_targets() for _ in range(2))

    assert carry_in_slices((delivery,), alone, 1.0) is None
    assert carry_in_slices(iter([delivery]), among_others, 1.0) is None

    assert list(alone.trace) == list(among_others.trace)
    assert alone.deliveries == among_others.deliveries
    assert alone.ids.uuid() == among_others.ids.uuid()


def _engine_with_targets() -> Engine:
    engine = Engine(Config(seed=1))
    scope = engine.scope("000000000000", "us-east-1")
    for name, settings in {
        "orders": QueueSettings(maximum_message_size=1024),
        "letters": QueueSettings(),
        "ordered.fifo": QueueSettings(fifo=True),
    }.items():
        scope.sqs.create_queue(name, settings, {}, 0.0)
    for name, queues in {"news": ["orders", "letters"], "news.fifo": ["ordered.fifo", "letters"]}.items():
        topic = scope.sns.create_topic(name, TopicSettings(fifo=name.endswith(".fifo")), {})
        for queue in queues:
            endpoint = ARN.format("sqs", queue)
            topic.subscribe("sqs", endpoint, topic.owner, SubscriptionSettings(), "http://localhost:4566")
    return engine


def test_what_a_fifo_topic_takes_is_at_its_queues_before_others_have_their_turn(
    engine: Engine, scope: Scope, make_queue: MakeQueue
) -> None:
    topic = scope.sns.create_topic("news.fifo", TopicSettings(fifo=True), {})
    ordered = make_queue("ordered.fifo", fifo=True)
    topic.subscribe("sqs", ordered.arn, ordered.owner, SubscriptionSettings(), "http://localhost:4566")
    other = Delivery("rule", make_queue().arn, Text("hello"), "m-1")
    published = Delivery("rule", topic.arn, Text("first"), "m-2", group_id="g", deduplication_id="1")

    rest = carry_in_slices([*[other] * (SLICE - 1), published], engine, 1.0)

    assert rest is not None
    rest.close()
    assert len(list(ordered)) == 1


def test_what_a_delivery_causes_is_carried_in_order(engine: Engine, make_queue: MakeQueue) -> None:
    queue = make_queue()
    gone = Delivery("topic", "arn:aws:sqs:us-east-1:000000000000:gone", Text("lost"), "m-1")

    def deliveries() -> Iterator[Delivery]:
        yield replace(gone, dead_letter_target=queue.arn)
        yield Delivery("topic", queue.arn, Text("second"), "m-2")

    carry(deliveries(), engine, 1.0)

    assert [message.content.body for message in queue] == ["second", "lost"]


def test_what_has_been_carried_is_let_go_of(engine: Engine) -> None:
    class Letter(Text):
        """A content that can be referred to weakly."""

    letters: list[weakref.ref[Letter]] = []

    class Causing:
        """Causes one delivery by each; tells how many contents are still there."""

        held = 0

        def accept(self, _delivery: Delivery, _now: float) -> list[Delivery]:
            self.held = max(self.held, sum(letter() is not None for letter in letters))
            if len(letters) == 100:
                return []
            content = Letter("x")
            letters.append(weakref.ref(content))
            return [Delivery("topic", "target", content, "m-1")]

        @property
        def arn(self) -> str:
            return "target"

        def close(self) -> None:
            """Nobody waits here."""

    causing = Causing()
    engine.resources["target"] = causing

    carry([Delivery("topic", "target", Text("x"), "m-1")], engine, 1.0)

    assert (len(letters), causing.held) == (100, 1)


def test_what_the_courier_has_no_room_for_goes_to_the_dead_letter_queue(make_queue: MakeQueue) -> None:
    engine = Engine(Config(seed=1, delivery_limit=0))
    dead = engine.scope("000000000000", "us-east-1").sqs.create_queue("dead", QueueSettings(), {}, 0.0)
    delivery = WebhookDelivery(
        "topic", "http://127.0.0.1/", Text("hello"), "m-1", dead_letter_target=dead.arn, headers={}
    )

    carry([delivery], engine, 1.0)

    assert [message.content.body for message in dead] == ["hello"]
    assert engine.trace.of("m-1")[0].why == "0 deliveries wait for their targets already, 0 bytes."
