"""Resources are found by what a person calls them."""

import pytest

from pocketbus.emulator.buses.bus import Bus, BusSettings
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import ResourceNotFoundError
from pocketbus.emulator.inspection.find import find
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.emulator.topics.topic import Topic
from pocketbus.emulator.topics.topic_settings import TopicSettings


@pytest.fixture
def orders(engine: Engine) -> Queue:
    """A queue elsewhere than where the engine is at home."""
    return engine.scope("111111111111", "eu-west-1").sqs.create_queue("orders", QueueSettings(), {}, 0.0)


@pytest.mark.parametrize(
    ("name", "account", "region"),
    [
        ("arn:aws:sqs:eu-west-1:111111111111:orders", None, None),
        ("http://localhost:4566/111111111111/orders", None, "eu-west-1"),
        ("http://localhost:4566/queue/eu-west-1/111111111111/orders", None, None),
        ("orders", "111111111111", "eu-west-1"),
    ],
)
def test_a_queue_is_found_by_arn_url_or_name(
    engine: Engine, orders: Queue, name: str, account: str | None, region: str | None
) -> None:
    assert find(engine, Queue, name, account, region) is orders


def test_a_queues_url_without_a_region_is_of_the_engines_own(engine: Engine, orders: Queue) -> None:
    with pytest.raises(ResourceNotFoundError):
        find(engine, Queue, f"http://localhost:4566/{orders.owner}/orders")


def test_a_name_alone_is_one_of_the_engines_own_account_and_region(engine: Engine, orders: Queue) -> None:
    own = engine.scope("000000000000", "us-east-1").sqs.create_queue("orders", QueueSettings(), {}, 0.0)

    assert find(engine, Queue, "orders") is own


def test_topics_and_buses_are_found_by_name(engine: Engine) -> None:
    scope = engine.scope("000000000000", "us-east-1")
    topic = scope.sns.create_topic("news", TopicSettings(), {})
    bus = scope.events.create_bus("shop", BusSettings(), {}, 0.0)

    assert find(engine, Topic, "news") is topic
    assert find(engine, Bus, "shop") is bus


def test_the_default_bus_is_there_from_the_start() -> None:
    assert find(Engine(), Bus, "default").name == "default"


@pytest.mark.parametrize(
    "name",
    [
        "orders",
        "http://localhost:4566/222222222222/orders",
        "arn:aws:sqs:us-east-1:111111111111:orders",
        "",
        "arn:",
    ],
)
def test_what_is_not_there_is_named(engine: Engine, orders: Queue, name: str) -> None:
    with pytest.raises(ResourceNotFoundError) as raised:
        find(engine, Queue, name)

    assert str(raised.value) == f"There is no queue {name}."


def test_an_arn_of_another_kind_is_not_taken(engine: Engine, orders: Queue) -> None:
    with pytest.raises(ResourceNotFoundError, match="There is no topic"):
        find(engine, Topic, orders.arn)
