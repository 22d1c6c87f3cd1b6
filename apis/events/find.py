"""Finds the bus and the rule that a request names, and the page of a listing."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from pocketbus.apis.call import Call
from pocketbus.apis.paging import InvalidToken as NotOurToken
from pocketbus.apis.paging import page_of
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.bus import DEFAULT_BUS, Bus
from pocketbus.emulator.errors import EngineError, ResourceNotFoundException
from pocketbus.emulator.rule import Rule

T = TypeVar("T")

_PAGE = 100


class InvalidToken(EngineError):
    """The specified pagination token is not valid."""


def lookup_bus(call: Call, name_or_arn: str | None) -> Bus | None:
    """Find a bus by its name, or in any account of the caller's region by its ARN; None names the default one."""
    arn = Arn.parse(name_or_arn or DEFAULT_BUS)
    if arn is None:
        return call.scope.buses.get(name_or_arn or DEFAULT_BUS)
    if arn.service != "events" or arn.region != call.scope.region:
        return None
    return call.engine.scope(arn.account, arn.region).buses.get(arn.resource.partition("/")[2])


def find_bus(call: Call, name_or_arn: str | None, action: str) -> Bus:
    """Find a bus on which the caller may perform `action`."""
    bus = lookup_bus(call, name_or_arn)
    if bus is None:
        raise ResourceNotFoundException(f"Event bus {bus_name(name_or_arn)} does not exist.")
    bus.authorize(call.scope.account, f"events:{action}")
    return bus


def bus_name(name_or_arn: str | None) -> str:
    return (name_or_arn or DEFAULT_BUS).partition(":event-bus/")[2] or name_or_arn or DEFAULT_BUS


def find_rule(bus: Bus, name: str) -> Rule:
    rule = bus.rules.get(name)
    if rule is None:
        raise ResourceNotFoundException(f"Rule {name} does not exist on EventBus {bus.name}.")
    return rule


def sorted_page(
    items: Iterable[T], key: Callable[[T], str], next_token: str | None, limit: int | None
) -> tuple[Sequence[T], str | None]:
    """Return a page of the items in order of their key, 100 at most, and the token of the next one."""
    try:
        return page_of(sorted(items, key=key), key=key, token=next_token, limit=limit or _PAGE)
    except NotOurToken:
        raise InvalidToken from None
