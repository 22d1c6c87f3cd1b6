"""Finds what an ARN names, the page of a listing, and what a call was answered before."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeVar

from pocketbus.apis.call import Call
from pocketbus.apis.paging import InvalidToken, page_of, sorted_by
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.custombuses.bus import CustomBus
from pocketbus.emulator.custombuses.custom_buses_scope import CustomBusesScope
from pocketbus.emulator.custombuses.source import Source
from pocketbus.emulator.custombuses.subscriber import Subscriber
from pocketbus.emulator.errors import (
    AccessDeniedException,
    ConflictException,
    IdempotentParameterMismatchException,
    InvalidInputException,
    ResourceNotFoundException,
)

T = TypeVar("T")
Attached = TypeVar("Attached", Subscriber, Source)

_PAGE = 100


def scope_of(call: Call, arn: str) -> CustomBusesScope | None:
    """Return what is in the account of an ARN and in the region of the call, if anything was put there before."""
    parsed = Arn.parse(arn)
    if parsed is None or parsed.region != call.scope.region:
        return None
    scope = call.engine.existing(parsed.account, parsed.region)
    return None if scope is None else scope.custom


def find_bus(call: Call, arn: str, action: str) -> CustomBus:
    """Find a bus on which the caller may do something. Raise ResourceNotFoundException, AccessDeniedException."""
    scope = scope_of(call, arn)
    buses = {} if scope is None else scope.buses_at(call.now)
    bus = buses.get(arn.split("/")[1])
    if bus is None or bus.arn != arn:
        raise ResourceNotFoundException(f"Event bus {arn} does not exist.")
    bus.authorize(call.scope.account, f"events:{action}")
    return bus


def find_subscriber(call: Call, arn: str, action: str) -> Subscriber:
    """Find a subscriber of the caller's. Raise ResourceNotFoundException, AccessDeniedException."""
    return _find(call, arn, action, "Subscriber", lambda scope: scope.subscribers)


def find_source(call: Call, arn: str, action: str) -> Source:
    """Find an event source of the caller's. Raise ResourceNotFoundException, AccessDeniedException."""
    return _find(call, arn, action, "Event source", lambda scope: scope.sources)


def _find(
    call: Call, arn: str, action: str, kind: str, held: Callable[[CustomBusesScope], Mapping[str, T]]
) -> T:
    scope = scope_of(call, arn)
    found = None if scope is None else held(scope).get(arn)
    if found is None:
        raise ResourceNotFoundException(f"{kind} {arn} does not exist.")
    if arn.split(":")[4] != call.scope.account:
        raise AccessDeniedException(
            f"Account {call.scope.account} is not authorized to perform: events:{action} on resource: {arn}"
        )
    return found


def page_by_name(
    attached: Mapping[str, Attached], prefix: str, next_token: str | None, max_results: int | None
) -> tuple[Sequence[Attached], str | None]:
    """Return a page of what is attached to buses and has a name with a prefix; several buses may have one name."""
    named = [one for one in attached.values() if one.name.startswith(prefix)]
    return sorted_page(named, lambda one: f"{one.name}/{one.arn}", next_token, max_results)


def sorted_page(
    items: Iterable[T], key: Callable[[T], str], next_token: str | None, max_results: int | None
) -> tuple[Sequence[T], str | None]:
    """Return a page of the items in order of their key, 100 at most, and the token of the next one."""
    try:
        return page_of(sorted_by(key, items), key=key, token=next_token, limit=max_results or _PAGE)
    except InvalidToken:
        raise InvalidInputException("NextToken is not valid.") from None


def once(
    call: Call,
    token: str | None,
    operation: str,
    request: Mapping[str, Any],
    act: Callable[[], dict[str, Any]],
) -> dict[str, Any]:
    """Return what a call is answered: if its token comes again, what it was answered then, without acting again.

    Raise IdempotentParameterMismatchException if the token came with another request.
    """
    if token is None:
        return act()
    tokens = call.scope.custom.custom_bus_tokens
    written = json.dumps([operation, request], sort_keys=True)
    digest = sha256(written.encode("utf-8", "surrogatepass")).hexdigest()
    try:
        answered = tokens.answer(token, digest, call.now)
    except ConflictException:
        raise IdempotentParameterMismatchException(
            f"The client token {token} was used with other parameters."
        ) from None
    if answered is not None:
        answer: dict[str, Any] = json.loads(answered)
        return answer
    answer = act()
    tokens.remember(token, digest, json.dumps(answer), call.now)
    return answer
