"""A page of a list costs what it holds, however long the list is."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from starlette.types import ASGIApp

from pocketbus.apis.app import create_app
from pocketbus.emulator.buses.api_destination import ApiDestinationSettings
from pocketbus.emulator.buses.archive import ArchiveSettings
from pocketbus.emulator.buses.bus import BusSettings
from pocketbus.emulator.buses.connection import ConnectionSettings
from pocketbus.emulator.buses.endpoint import EndpointSettings
from pocketbus.emulator.buses.rule import RuleSettings
from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.emulator.schedules.schedule import ScheduleSettings
from pocketbus.emulator.schedules.schedule_target import ScheduleTarget
from pocketbus.emulator.scope import Scope
from pocketbus.emulator.topics import platform
from pocketbus.emulator.topics.subscription import SubscriptionSettings
from pocketbus.emulator.topics.topic_settings import TopicSettings
from pocketbus.rules.pattern import compile_pattern
from pocketbus.rules.schedule import compile_schedule
from tests.apis.asgi import Reply, ask, ask_form, ask_json
from tests.calls import counted

APPLICATION = "arn:aws:sns:us-east-1:000000000000:app/GCM/phone"
TOPIC = "arn:aws:sns:us-east-1:000000000000:news"
ROLE = "arn:aws:iam::000000000000:role/scheduler"
TARGET = ScheduleTarget("arn:aws:sqs:us-east-1:000000000000:q", "sqs", "sendMessage", {}, ROLE)


def queues(scope: Scope, count: int) -> None:
    for number in range(count):
        scope.sqs.create_queue(f"q{number:05}", QueueSettings(), {}, 0.0)


def topics(scope: Scope, count: int) -> None:
    for number in range(count):
        scope.sns.create_topic(f"t{number:05}", TopicSettings(), {})


def subscriptions(scope: Scope, count: int) -> None:
    """Make some of a topic of many, others of a topic each, and many that another account made."""
    topics(scope, count)
    others = scope.sns.create_topic("others", TopicSettings(), {})
    news = scope.sns.create_topic("news", TopicSettings(), {})
    for number, topic in enumerate(list(scope.sns.topics.values())[: count // 2]):
        topic.subscribe("sqs", f"q{number}", scope.account, SubscriptionSettings(), "")
    for number in range(count):
        news.subscribe("sqs", f"q{number}", scope.account, SubscriptionSettings(), "")
        others.subscribe("sqs", f"q{number}", "111111111111", SubscriptionSettings(), "")


def applications(scope: Scope, count: int) -> None:
    for number in range(count):
        scope.sns.create_platform_application("GCM", f"a{number:05}", {"PlatformCredential": "key"})


def devices(scope: Scope, count: int) -> None:
    application = scope.sns.create_platform_application("GCM", "phone", {})
    for number in range(count):
        application.create_endpoint(platform.EndpointSettings(f"token-{number}"))


def buses(scope: Scope, count: int) -> None:
    for number in range(count):
        scope.events.create_bus(f"b{number:05}", BusSettings(), {}, 0.0)


def rules(scope: Scope, count: int) -> None:
    settings = RuleSettings(pattern=compile_pattern('{"source": ["shop"]}'))
    for number in range(count):
        bus = scope.events.buses["default"]
        bus.put_rule(f"r{number:05}", settings, created_by=scope.account, tags={}, now=0.0)


def archives(scope: Scope, count: int) -> None:
    for number in range(count):
        scope.events.create_archive(f"a{number:05}", scope.events.buses["default"], ArchiveSettings(), 0.0)


def connections(scope: Scope, count: int) -> None:
    for number in range(count):
        scope.events.create_connection(f"c{number:05}", ConnectionSettings("API_KEY", None), 0.0)


def destinations(scope: Scope, count: int) -> None:
    for number in range(count):
        settings = ApiDestinationSettings("arn:aws:events:::connection/c", "https://example.com", "POST")
        scope.events.create_api_destination(f"d{number:05}", settings, 0.0)


def endpoints(scope: Scope, count: int) -> None:
    for number in range(count):
        scope.events.create_endpoint(f"e{number:05}", EndpointSettings("check", "eu-west-1", "a", "b"), 0.0)


def schedules(scope: Scope, count: int) -> None:
    expression = "rate(1 hour)"
    instants = compile_schedule(expression, dialect="scheduler")
    for number in range(count):
        settings = ScheduleSettings(expression, "UTC", 0.0, instants, TARGET)
        scope.scheduler.groups["default"].create(f"s{number:05}", settings, 0.0)


def numbers(scope: Scope, count: int) -> None:
    for number in range(count):
        scope.sns.sms.opt_out(f"+1555{number:07}")


class Listing(NamedTuple):
    """A list, by the operation that tells it, and what it is filled by."""

    service: str
    operation: str
    fill: Callable[[Scope, int], object]
    parameters: dict[str, str] = {}  # noqa: RUF012 - never changed

    @property
    def token_name(self) -> str:
        return "nextToken" if self.operation == "ListPhoneNumbersOptedOut" else "NextToken"

    async def page(self, app: ASGIApp, token: str | None) -> Reply:
        given = self.parameters | ({self.token_name: token} if token else {})
        match self.service:
            case "sns":
                return await ask_form(app, Action=self.operation, Version="2010-03-31", **given)
            case "scheduler":
                headers = {"authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/scheduler/x"}
                query = "&".join(f"{name}={value}" for name, value in given.items())
                return await ask(app, method="GET", path="/schedules", query=query, headers=headers)
            case "sqs":
                body = json.dumps({**given, "MaxResults": 100}).encode()
                return await ask_json(app, f"AmazonSQS.{self.operation}", body)
        return await ask_json(app, f"AWSEvents.{self.operation}", json.dumps(given).encode())

    def token(self, reply: Reply) -> str:
        assert reply.status == 200, reply.text
        if self.service == "sns":
            return reply.text.partition(f"<{self.token_name}>")[2].partition(f"</{self.token_name}>")[0]
        answer: dict[str, Any] = json.loads(reply.body)
        return str(answer["NextToken"])


LISTINGS = (
    Listing("sqs", "ListQueues", queues),
    Listing("sqs", "ListQueues", queues, {"QueueNamePrefix": "q"}),
    Listing("sns", "ListTopics", topics),
    Listing("sns", "ListSubscriptions", subscriptions),
    Listing("sns", "ListSubscriptionsByTopic", subscriptions, {"TopicArn": TOPIC}),
    Listing("sns", "ListPlatformApplications", applications),
    Listing("sns", "ListEndpointsByPlatformApplication", devices, {"PlatformApplicationArn": APPLICATION}),
    Listing("events", "ListEventBuses", buses),
    Listing("events", "ListRules", rules),
    Listing("events", "ListRules", rules, {"NamePrefix": "r0"}),
    Listing("events", "ListArchives", archives),
    Listing("events", "ListConnections", connections),
    Listing("events", "ListApiDestinations", destinations),
    Listing("events", "ListEndpoints", endpoints),
    Listing("scheduler", "ListSchedules", schedules),
    Listing("scheduler", "ListSchedules", schedules, {"NamePrefix": "s0"}),
    Listing("sns", "ListPhoneNumbersOptedOut", numbers),
)


async def calls_of_a_page(listing: Listing, count: int) -> int:
    """Count what the second page of a list costs, once somebody has asked for the list."""
    engine = Engine(Config(seed=1))
    listing.fill(engine.scope("000000000000", "us-east-1"), count)
    app = create_app(engine)
    token = listing.token(await listing.page(app, None))
    with counted() as calls:
        reply = await listing.page(app, token)
    assert listing.token(reply) != token
    return calls.count


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda one: "-".join([one.operation, *one.parameters]))
async def test_a_page_costs_what_it_holds_however_long_the_list_is(listing: Listing) -> None:
    few, many = await calls_of_a_page(listing, 250), await calls_of_a_page(listing, 1250)

    assert many < 1.2 * few
