"""Explanations over HTTP."""

from typing import Any

import httpx
import pytest

from pocketbus.emulator.buses.rule import RuleSettings
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.topics.publication import Publication
from pocketbus.emulator.topics.subscription import SubscriptionSettings
from pocketbus.emulator.topics.topic import Topic
from pocketbus.emulator.topics.topic_settings import TopicSettings
from pocketbus.rules.filter_policy import compile_filter_policy
from pocketbus.rules.pattern import compile_pattern

EXPLAIN = "/_pocketbus/explain"
EVENT = {"source": "shop", "detail-type": "order", "detail": {"total": 12}}


@pytest.fixture
def rules(engine: Engine) -> None:
    bus = engine.scope("000000000000", "us-east-1").events.buses["default"]
    for name, pattern in (("all", '{"source": ["shop"]}'), ("big", '{"detail": {"total": [100]}}')):
        settings = RuleSettings(pattern=compile_pattern(pattern))
        bus.put_rule(name, settings, created_by="000000000000", tags={}, now=0.0)


@pytest.fixture
def topic(engine: Engine) -> Topic:
    topic = engine.scope("000000000000", "us-east-1").sns.create_topic("news", TopicSettings(), {})
    policy = compile_filter_policy('{"color": ["red"]}', "MessageAttributes")
    queue = "arn:aws:sqs:us-east-1:000000000000:orders"
    topic.subscribe("sqs", queue, "000000000000", SubscriptionSettings(filter_policy=policy), "")
    return topic


async def explained(http: httpx.AsyncClient, **parameters: Any) -> list[tuple[str, bool, str]]:
    answer = await http.post(EXPLAIN, json=parameters)
    assert answer.status_code == 200, answer.text
    return [
        (verdict["resource"].rpartition("/")[2], verdict["matches"], verdict["why"])
        for verdict in answer.json()["verdicts"]
    ]


async def test_every_rule_of_a_bus_is_asked_about_an_event(http: httpx.AsyncClient, rules: None) -> None:
    assert await explained(http, bus="default", event=EVENT) == [
        ("all", True, "has no targets"),
        ("big", False, "detail.total: found 12, wanted 100"),
    ]


@pytest.mark.parametrize(("matches", "names"), [(True, ["all"]), (False, ["big"])])
async def test_only_matches_or_only_the_others_can_be_asked_for(
    http: httpx.AsyncClient, rules: None, matches: bool, names: list[str]
) -> None:
    assert [name for name, _, _ in await explained(http, event=EVENT, matches=matches)] == names


async def test_verdicts_come_in_pages(http: httpx.AsyncClient, rules: None) -> None:
    first = (await http.post(EXPLAIN, json={"event": EVENT, "limit": 1})).json()
    second = (await http.post(EXPLAIN, json={"event": EVENT, "limit": 1, "after": first["next"]})).json()

    assert [page["verdicts"][0]["resource"][-3:] for page in (first, second)] == ["all", "big"]


async def test_every_subscription_of_a_topic_is_asked_about_a_message(
    http: httpx.AsyncClient, topic: Topic
) -> None:
    (verdict,) = await explained(http, topic="news", message="hello", attributes={"color": "blue"})

    assert verdict[1:] == (False, 'color: found "blue", wanted "red"')


async def test_what_has_passed_is_explained_by_its_id(http: httpx.AsyncClient, topic: Topic) -> None:
    message_id = topic.publish(Publication("hello"), 0.0).message_id

    (verdict,) = await explained(http, subject=message_id)

    assert verdict[1:] == (False, 'color: found nothing, wanted "red"')


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({}, 400),
        ({"event": EVENT, "subject": "x"}, 400),
        ({"event": "no JSON"}, 400),
        ({"event": {"source": "shop", "detail": []}}, 400),
        ({"event": EVENT, "bus": "absent"}, 404),
        ({"message": "hello"}, 400),
        ({"message": "hello", "topic": "absent"}, 404),
        ({"message": "hello", "topic": "news", "attributes": 5}, 400),
        ({"subject": "absent"}, 404),
    ],
)
async def test_what_cannot_be_explained_is_refused(
    http: httpx.AsyncClient, topic: Topic, parameters: dict[str, Any], status: int
) -> None:
    answer = await http.post(EXPLAIN, json=parameters)

    assert (answer.status_code, "error" in answer.json()) == (status, True)
