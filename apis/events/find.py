"""Finds the bus and the rule that a request names, and the page of a listing."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from msgspec import Struct

from pocketbus.apis.call import Call
from pocketbus.apis.missing import missing
from pocketbus.apis.paging import Behind, page_of
from pocketbus.apis.paging import InvalidToken as NotOurToken
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.buses.bus import DEFAULT_BUS, Bus
from pocketbus.emulator.buses.endpoint import Endpoint
from pocketbus.emulator.buses.rule import Rule
from pocketbus.emulator.errors import (
    EngineError,
    ManagedRuleException,
    ResourceNotFoundException,
    ValidationException,
)

T = TypeVar("T")

_PAGE = 100


class InvalidToken(EngineError):
    """The specified pagination token is not valid."""


def lookup_bus(call: Call, name_or_arn: str | None) -> Bus | None:
    """Find a bus by its name, or in any account of the caller's region by its ARN; None names the default one."""
    name = name_or_arn or DEFAULT_BUS
    arn = Arn.parse(name) if name.startswith("arn:") else None
    if arn is None:
        return call.scope.events.buses.get(name)
    kind, _, name = arn.resource.partition("/")
    if (arn.service, arn.region, kind) != ("events", call.scope.region, "event-bus"):
        return None
    return call.engine.scope(arn.account, arn.region).events.buses.get(name)


def find_bus(call: Call, name_or_arn: str | None, action: str) -> Bus:
    """Find a bus on which the caller may perform `action`."""
    bus = lookup_bus(call, name_or_arn)
    if bus is None:
        name = bus_name(name_or_arn)
        error = ResourceNotFoundException(f"Event bus {name} does not exist.")
        raise missing(call, error, call.scope.events.arn(f"event-bus/{name}"))
    bus.authorize(call.scope.account, f"events:{action}")
    return bus


def bus_name(name_or_arn: str | None) -> str:
    return (name_or_arn or DEFAULT_BUS).partition(":event-bus/")[2] or name_or_arn or DEFAULT_BUS


def find_endpoint(call: Call, endpoint_id: str) -> Endpoint:
    """Find a global endpoint of the caller's, in whichever region it was made."""
    for scope in call.engine.scopes:
        if scope.account == call.scope.account:
            for endpoint in scope.events.endpoints.values():
                if endpoint.endpoint_id == endpoint_id and not endpoint.deleted:
                    return endpoint
    raise ResourceNotFoundException(f"Endpoint {endpoint_id} does not exist.")


def find_rule(bus: Bus, name: str) -> Rule:
    rule = bus.rules.get(name)
    if rule is None:
        raise ResourceNotFoundException(f"Rule {name} does not exist on EventBus {bus.name}.")
    return rule


def refuse_managed(rule: Rule | None, *, force: bool = False) -> None:
    """Keep a service's own rule from being changed; by force it can be removed."""
    if rule is not None and rule.managed_by is not None and not force:
        raise ManagedRuleException(f"Rule {rule.name} is managed by {rule.managed_by}.")


class Filters(Struct, frozen=True):
    """What a listing of archives or replays is narrowed to; ValidationException if there is more than one filter."""

    operation: str
    name_prefix: str | None
    source_arn: str | None
    state: str | None

    def __post_init__(self) -> None:
        if sum(given is not None for given in (self.name_prefix, self.source_arn, self.state)) > 1:
            raise ValidationException(
                f"At most one filter is allowed for {self.operation}. "
                "Use either : State, EventSourceArn, or NamePrefix."
            )

    def admit(self, source_arn: str, state: str) -> bool:
        """Tell whether the two filters other than the names' are met."""
        return self.source_arn in {None, source_arn} and self.state in {None, state}


def read_page(
    behind: Behind[T], key: Callable[[T], str], next_token: str | None, limit: int | None
) -> tuple[Sequence[T], str | None]:
    """Return a page of items, 100 at most, and the token of the next one."""
    try:
        return page_of(behind, key=key, token=next_token, limit=limit or _PAGE)
    except NotOurToken:
        raise InvalidToken from None
