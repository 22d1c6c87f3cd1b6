"""PutEvents: each entry fails or succeeds by itself."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from typing import Any

from pocketbus.apis.call import Call, Result, after
from pocketbus.apis.events.find import bus_name, find_endpoint, lookup_bus
from pocketbus.apis.events.service import events
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.buses.bus import PUT_EVENTS, Bus
from pocketbus.emulator.buses.bus_event import BusEvent
from pocketbus.emulator.buses.endpoint import Endpoint
from pocketbus.emulator.buses.target import RuleDelivery
from pocketbus.emulator.deliveries.carrying import carry_in_slices
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.envelope import Envelope, iso_time
from pocketbus.emulator.errors import (
    EngineError,
    InvalidArgument,
    NotAuthorizedForSourceException,
    ValidationException,
)
from pocketbus.emulator.limits import DETAIL_TYPE_LENGTH, PUT_EVENTS_BYTES
from pocketbus.emulator.message import size_of

Entry = Mapping[str, Any]


Put = tuple[str, Iterable[Delivery]]
"""The id of an event that was put on its buses, and what their rules deliver."""

_REQUIRED = ("Source", "DetailType", "Detail")
_TIME_BYTES = 14


@events.operation
def put_events(call: Call, *, entries: list[Entry], endpoint_id: str | None = None) -> Result:
    endpoint = None if endpoint_id is None else find_endpoint(call, endpoint_id)
    check_total_size(entries)
    return answer_each(call, entries, lambda entry: _put(call, entry, endpoint))


def answer_each(call: Call, entries: list[Entry], put: Callable[[Entry], Put]) -> Result:
    """Put the entries one by one, deliver what that causes, and answer with the id or the error of each."""
    outcomes: list[dict[str, str]] = []
    rest = iter(entries)
    for entry in rest:
        caused = _put_one(call, entry, put, outcomes)
        if caused:
            deliveries = chain(caused, _put_each(call, rest, put, outcomes))
            return after(carry_in_slices(deliveries, call.engine, call.now), partial(_answer, outcomes))
    return _answer(outcomes)


def _put_each(
    call: Call, entries: Iterable[Entry], put: Callable[[Entry], Put], outcomes: list[dict[str, str]]
) -> Iterator[Delivery]:
    for entry in entries:
        yield from _put_one(call, entry, put, outcomes)


def _put_one(
    call: Call, entry: Entry, put: Callable[[Entry], Put], outcomes: list[dict[str, str]]
) -> Iterable[Delivery]:
    """Put an entry, add what came of it to the outcomes, and return what it causes."""
    try:
        if call.incident is not None:
            call.check_entry()
        event_id, caused = put(entry)
    except EngineError as error:
        outcomes.append({"ErrorCode": error.name, "ErrorMessage": error.message})
        return ()
    outcomes.append({"EventId": event_id})
    return caused


def _answer(outcomes: list[dict[str, str]]) -> dict[str, Any]:
    failed = 0
    for outcome in outcomes:
        if "ErrorCode" in outcome:
            failed += 1
    return {"FailedEntryCount": failed, "Entries": outcomes}


def check_total_size(entries: list[Entry]) -> None:
    """Refuse entries that are too large together.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
    """
    size = 0
    for entry in entries:
        size += size_of(entry.get("Source", "") + entry.get("DetailType", "") + entry.get("Detail", ""))
        size += sum(map(size_of, entry["Resources"])) if "Resources" in entry else 0
        size += _TIME_BYTES if "Time" in entry else 0
    if size >= PUT_EVENTS_BYTES:
        raise ValidationException("Total size of the entries in the request is over the limit.")


def _put(call: Call, entry: Entry, endpoint: Endpoint | None) -> Put:
    check_entry(entry)
    if entry["Source"].startswith("aws."):
        raise NotAuthorizedForSourceException
    name, scope = entry.get("EventBusName"), call.scope
    if endpoint is not None:
        return _put_to_endpoint(call, entry, endpoint, name)
    if name and call.engine.is_elsewhere(name) and _is_near(call, name):
        return _carried(call, entry, name)
    bus = lookup_bus(call, name)
    if bus is not None:
        bus.authorize(scope.account, PUT_EVENTS)
    event = read_event(call, entry, scope.account, scope.region)
    return event.envelope.event_id, _deliveries(call, name, bus, event)


def _put_to_endpoint(call: Call, entry: Entry, endpoint: Endpoint, name: str | None) -> Put:
    buses = _buses_of(call, endpoint, name)
    for bus in buses:
        if bus is not None:
            bus.authorize(call.scope.account, PUT_EVENTS)
    event = read_event(call, entry, call.scope.account, endpoint.region(call.engine.health_checks))
    caused = [delivery for bus in buses for delivery in _deliveries(call, name, bus, event)]
    return event.envelope.event_id, caused


def _is_near(call: Call, bus_arn: str) -> bool:
    """Tell whether a bus is in the caller's region: of others there is none to be put on."""
    arn = Arn.parse(bus_arn)
    return arn is not None and arn.region == call.scope.region


def _carried(call: Call, entry: Entry, bus_arn: str) -> Put:
    """Have an event carried to a bus of another shard, which judges later whether the caller may put it there."""
    event = read_event(call, entry, call.scope.account, call.scope.region)
    delivery = RuleDelivery(
        source=str(Arn.of("iam", "", call.scope.account, "root")),
        target=bus_arn,
        content=event,
        subject=event.envelope.event_id,
        event=event,
        hops=0,
        counts=False,
    )
    return event.envelope.event_id, [delivery]


def _buses_of(call: Call, endpoint: Endpoint, name_or_arn: str | None) -> list[Bus | None]:
    """Return the buses that take an event which was put to a global endpoint; None: it has been deleted."""
    arns = endpoint.buses(call.engine.health_checks)
    name = bus_name(name_or_arn)
    if any(bus_name(arn) != name for arn in arns):
        raise InvalidArgument(
            "Parameter EventBusName is not valid. "
            f"Reason: Event bus {name} does not belong to the endpoint {endpoint.name}."
        )
    return [call.engine.scope_of(arn).events.buses.get(name) for arn in arns]


def _deliveries(call: Call, name_or_arn: str | None, bus: Bus | None, event: BusEvent) -> Iterable[Delivery]:
    """Put an event on a bus; as at AWS the sender does not learn that there is no such bus."""
    if bus is None:
        why = f"event bus {bus_name(name_or_arn)} does not exist"
        call.engine.trace.record(call.now, "dropped", name_or_arn or "", event.envelope.event_id, why)
        return ()
    return bus.put(event, call.now)


def read_event(call: Call, entry: Entry, account: str, region: str, event_id: str | None = None) -> BusEvent:
    envelope = Envelope(
        event_id or call.engine.ids.uuid(),
        entry["DetailType"],
        entry["Source"],
        account,
        iso_time(entry.get("Time", call.now)),
        region,
        tuple(entry.get("Resources", ())),
    )
    return BusEvent(envelope, entry["Detail"], entry.get("TraceHeader", call.trace_header))


def check_entry(entry: Entry) -> None:
    if not (entry.get("Source") and entry.get("DetailType") and entry.get("Detail")):
        name = next(name for name in _REQUIRED if not entry.get(name))
        raise InvalidArgument(f"Parameter {name} is not valid. Reason: {name} is a required argument.")
    if len(entry["DetailType"]) > DETAIL_TYPE_LENGTH:
        raise InvalidArgument(
            "Parameter DetailType is not valid. "
            f"Reason: DetailType must have at most {DETAIL_TYPE_LENGTH} characters."
        )
