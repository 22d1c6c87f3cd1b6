"""Partner event sources as the customer sees them: activate, deactivate, describe, list."""

from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.events.find import read_page
from pocketbus.apis.events.service import events
from pocketbus.apis.paging import sorted_by
from pocketbus.emulator.buses.event_source import EventSource
from pocketbus.emulator.errors import InvalidStateException, ResourceNotFoundException


@events.operation
def activate_event_source(call: Call, *, name: str) -> None:
    source = find_offered_source(call, name)
    if name not in call.scope.events.buses:
        raise InvalidStateException(f"Event source {name} has no matching event bus.")
    source.activate()


@events.operation
def deactivate_event_source(call: Call, *, name: str) -> None:
    find_offered_source(call, name).deactivate(call.now)


@events.operation
def describe_event_source(call: Call, *, name: str) -> dict[str, Any]:
    return _write(find_offered_source(call, name))


@events.operation
def list_event_sources(
    call: Call, *, name_prefix: str = "", next_token: str | None = None, limit: int | None = None
) -> dict[str, Any]:
    living = call.scope.events.offered_sources.living(call.now)
    found = [source for source in living if source.name.startswith(name_prefix)]
    page, token = read_page(sorted_by(_name, found), _name, next_token, limit)
    return {"EventSources": [_write(source) for source in page], "NextToken": token}


def find_offered_source(call: Call, name: str) -> EventSource:
    for source in call.scope.events.offered_sources.named(name, call.now):
        return source
    raise ResourceNotFoundException(f"Event source {name} does not exist.")


def _write(source: EventSource) -> dict[str, Any]:
    return {
        "Arn": source.arn,
        "CreatedBy": source.partner,
        "CreationTime": source.created_at,
        "ExpirationTime": source.expires_at,
        "Name": source.name,
        "State": source.state,
    }


def _name(source: EventSource) -> str:
    return source.name
