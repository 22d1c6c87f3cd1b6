"""A new way out is one class that an engine is told of: topics and rules reach it, resets and states include it."""

from collections.abc import Iterable

import pytest

from pocketbus.emulator.buses.bus_event import BusEvent
from pocketbus.emulator.buses.rule import RuleSettings
from pocketbus.emulator.buses.target import Target
from pocketbus.emulator.config import Config
from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.carrying import carry
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.gateway import Gateway
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.envelope import Envelope
from pocketbus.emulator.errors import InvalidParameterValueException
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.scope import Scope
from pocketbus.emulator.state.document import export_state, import_state
from pocketbus.emulator.topics.publication import Publication
from pocketbus.emulator.topics.subscription import RedrivePolicy, SubscriptionSettings
from pocketbus.emulator.topics.topic_settings import TopicSettings
from pocketbus.rules.pattern import compile_pattern
from tests.emulator.conftest import MakeQueue

NUMBER = "+49 30 901820"
MACHINE = "arn:aws:fax:us-east-1:000000000000:machine/7"


class Fax(Gateway):
    """Every fax machine: what is sent to one is captured; a number without its country code is refused."""

    serves = ("fax",)
    kept_as = "faxes"

    def __init__(self, core: Core) -> None:
        self._core = core
        self.sent: list[tuple[str, str]] = []
        self.plugged_in = True

    def accept(self, delivery: Delivery, now: float) -> Iterable[Delivery]:
        if not delivery.target.startswith(("+", "arn:")):
            raise InvalidParameterValueException("This number has no country code.")
        self._core.trace.record(now, "faxed", delivery.target, delivery.subject)
        self.sent.append((delivery.target, delivery.content.body))
        return ()

    def clear(self) -> None:
        self.sent.clear()

    def kept(self) -> list[tuple[str, str]]:
        return self.sent

    def keep(self, kept: list[tuple[str, str]]) -> None:
        self.sent = list(kept)

    async def close(self) -> None:
        self.plugged_in = False


@pytest.fixture
def fax(engine: Engine) -> Fax:
    return engine.add(Fax(engine))


def publish_to(number: str, engine: Engine, scope: Scope, dead: Queue | None = None) -> str:
    policy = None if dead is None else RedrivePolicy("{}", dead.arn)
    settings = SubscriptionSettings(raw_message_delivery=True, redrive_policy=policy)
    topic = scope.sns.create_topic("news", TopicSettings(), {})
    topic.subscribe("fax", number, scope.account, settings, "http://localhost:4566")
    published = topic.publish(Publication("hello"), 1.0)
    carry(published.deliveries, engine, 1.0)
    return published.message_id


def test_a_topic_delivers_by_the_protocol_of_a_new_gateway(engine: Engine, scope: Scope, fax: Fax) -> None:
    message_id = publish_to(NUMBER, engine, scope)

    assert fax.sent == [(NUMBER, "hello")]
    assert [record.verb for record in engine.trace.of(message_id)] == ["published", "faxed"]


def test_what_a_new_gateway_refuses_goes_to_the_dead_letter_queue(
    engine: Engine, scope: Scope, fax: Fax, make_queue: MakeQueue
) -> None:
    dead = make_queue("dead")
    publish_to("901820", engine, scope, dead)

    assert fax.sent == []
    assert len(list(dead)) == 1


def test_a_rule_delivers_to_the_arns_of_the_service_of_a_new_gateway(
    engine: Engine, scope: Scope, fax: Fax
) -> None:
    bus = scope.events.buses["default"]
    settings = RuleSettings(pattern=compile_pattern('{"source":["shop"]}'))
    rule = bus.put_rule("r", settings, created_by=scope.account, tags={}, now=1.0)
    rule.targets = {"1": Target("1", MACHINE)}
    event = BusEvent(Envelope("e-1", "d", "shop", scope.account, "2026-01-01T00:00:00Z", "us-east-1"), "{}")
    carry(bus.put(event, 1.0), engine, 1.0)

    assert fax.sent == [(MACHINE, event.body)]
    assert len(engine.outbox) == 0


def test_a_reset_clears_a_new_gateway(engine: Engine, scope: Scope, fax: Fax) -> None:
    publish_to(NUMBER, engine, scope)
    engine.reset()

    assert fax.sent == []


def test_a_state_brings_back_what_a_new_gateway_keeps(engine: Engine, scope: Scope, fax: Fax) -> None:
    publish_to(NUMBER, engine, scope)
    document = export_state(engine)
    another = Engine(Config(seed=2))
    its_fax = another.add(Fax(another))
    import_state(another, document)

    assert its_fax.sent == [(NUMBER, "hello")]
    assert export_state(another) == document


async def test_the_end_of_an_engine_closes_a_new_gateway(engine: Engine, fax: Fax) -> None:
    async with engine:
        assert fax.plugged_in

    assert not fax.plugged_in
