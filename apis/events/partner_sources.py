"""Partner event sources as the partner sees them: create, describe, list, delete."""

from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.events.find import read_page
from pocketbus.apis.events.service import events
from pocketbus.apis.paging import sorted_by
from pocketbus.emulator.buses.event_source import DELETED, EventSource
from pocketbus.emulator.errors import ResourceAlreadyExistsException, ResourceNotFoundException


@events.operation
def create_partner_event_source(call: Call, *, name: str, account: str) -> dict[str, Any]:
    customer = call.engine.scope(account, call.scope.region).events
    if any(source.state != DELETED for source in customer.offered_sources.named(name, call.now)):
        raise ResourceAlreadyExistsException(f"Event source {name} already exists.")
    return {"EventSourceArn": call.scope.events.offer_source(name, customer, call.now).arn}


@events.operation
def describe_partner_event_source(call: Call, *, name: str) -> dict[str, Any]:
    return _write(_find(call, name)[0])


@events.operation
def list_partner_event_sources(
    call: Call, *, name_prefix: str, next_token: str | None = None, limit: int | None = None
) -> dict[str, Any]:
    living = call.scope.events.partner_sources.living(call.now)
    found = {source.name: source for source in living if source.name.startswith(name_prefix)}
    page, token = read_page(sorted_by(_name, found.values()), _name, next_token, limit)
    return {"PartnerEventSources": [_write(source) for source in page], "NextToken": token}


@events.operation
def list_partner_event_source_accounts(
    call: Call, *, event_source_name: str, next_token: str | None = None, limit: int | None = None
) -> dict[str, Any]:
    sources = _find(call, event_source_name)
    page, token = read_page(sorted_by(_account, sources), _account, next_token, limit)
    accounts = [
        {
            "Account": source.account,
            "CreationTime": source.created_at,
            "ExpirationTime": source.expires_at,
            "State": source.state,
        }
        for source in page
    ]
    return {"PartnerEventSourceAccounts": accounts, "NextToken": token}


@events.operation
def delete_partner_event_source(call: Call, *, name: str, account: str) -> None:
    """Delete a source; as at AWS it is no error that there is none."""
    for source in call.scope.events.partner_sources.named(name, call.now):
        if source.account == account:
            customer = call.engine.scope(account, call.scope.region).events
            call.scope.events.withdraw_source(source, customer)


def _find(call: Call, name: str) -> list[EventSource]:
    sources = call.scope.events.partner_sources.named(name, call.now)
    if not sources:
        raise ResourceNotFoundException(f"Event source {name} does not exist.")
    return sources


def _write(source: EventSource) -> dict[str, Any]:
    return {"Arn": source.arn, "Name": source.name}


def _name(source: EventSource) -> str:
    return source.name


def _account(source: EventSource) -> str:
    return source.account
