"""The quotas that AWS raises on request: none by default, enforced where they are set."""

import pytest
from msgspec.structs import replace

from pocketbus.emulator.buses.bus import BusSettings
from pocketbus.emulator.buses.event_quotas import EventQuotas
from pocketbus.emulator.buses.rule import RuleSettings
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import LimitExceededException
from pocketbus.emulator.scope import Scope


def put_rule(scope: Scope, name: str) -> None:
    scope.events.buses["default"].put_rule(name, RuleSettings(), created_by=scope.account, tags={}, now=0.0)


def test_there_is_no_limit_by_default(scope: Scope) -> None:
    for number in range(301):
        put_rule(scope, f"r{number}")
        scope.events.create_bus(f"b{number}", BusSettings(), {}, 0.0)

    assert (len(scope.events.buses["default"].rules), len(scope.events.buses)) == (301, 302)


def test_a_rule_beyond_the_quota_is_refused_and_a_rule_replaced_is_not(engine: Engine, scope: Scope) -> None:
    engine.config = replace(engine.config, event_quotas=EventQuotas(rules_per_bus=2))
    put_rule(scope, "a")
    put_rule(scope, "b")

    put_rule(scope, "b")
    with pytest.raises(LimitExceededException):
        put_rule(scope, "c")


def test_a_bus_beyond_the_quota_is_refused(engine: Engine, scope: Scope) -> None:
    engine.config = replace(engine.config, event_quotas=EventQuotas(buses=1))

    with pytest.raises(LimitExceededException):
        scope.events.create_bus("shop", BusSettings(), {}, 0.0)
