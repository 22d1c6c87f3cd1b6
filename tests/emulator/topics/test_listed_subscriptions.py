"""The subscriptions of an account and region, whoever owns their topics: listed as long as they are there."""

import json
from typing import Any

import pytest

from pocketbus.emulator.catalogue import Catalogue
from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.state.document import export_state, import_state, reset_state
from pocketbus.emulator.topics.subscription import SubscriptionSettings
from pocketbus.emulator.topics.topic import Topic
from pocketbus.emulator.topics.topic_settings import TopicSettings

OWNER, OTHER, REGION = "000000000000", "111111111111", "us-east-1"


@pytest.fixture
def engine() -> Engine:
    engine = Engine(Config(seed=1))
    engine.freeze()
    return engine


@pytest.fixture
def topic(engine: Engine) -> Topic:
    return engine.scope(OWNER, REGION).sns.create_topic("news", TopicSettings(), {})


def subscribe(topic: Topic, endpoint: str, owner: str = OTHER) -> Any:
    return topic.subscribe("sqs", endpoint, owner, SubscriptionSettings(), "http://localhost")


def listed(engine: Engine, account: str = OTHER) -> list[str]:
    made = engine.subscriptions.get((account, REGION), Catalogue())
    return sorted(subscription.endpoint for subscription in made.values())


def test_a_subscription_is_listed_for_who_made_it(engine: Engine, topic: Topic) -> None:
    subscribe(topic, "a")
    subscribe(topic, "b", OWNER)

    assert (listed(engine), listed(engine, OWNER)) == (["a"], ["b"])


def test_one_that_is_given_up_is_listed_no_more(engine: Engine, topic: Topic) -> None:
    first, _ = subscribe(topic, "a"), subscribe(topic, "b")
    topic.unsubscribe(first)

    assert listed(engine) == ["b"]


def test_those_of_a_topic_go_with_it(engine: Engine, topic: Topic) -> None:
    subscribe(topic, "a")
    engine.scope(OWNER, REGION).sns.delete_topic(topic)

    assert engine.subscriptions == {}


@pytest.mark.parametrize("account", [None, OWNER])
def test_a_reset_lists_none(engine: Engine, topic: Topic, account: str | None) -> None:
    subscribe(topic, "a")
    engine.reset() if account is None else engine.scope(OWNER, REGION).sns.forget(0.0)

    assert engine.subscriptions == {}


def test_an_import_lists_what_it_brings_and_nothing_else(engine: Engine, topic: Topic) -> None:
    subscribe(topic, "a")
    document = json.loads(json.dumps(export_state(engine)))
    subscribe(topic, "b")
    import_state(engine, document)

    assert listed(engine) == ["a"]
    reset_state(engine)
    assert engine.subscriptions == {}
