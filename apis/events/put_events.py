"""PutEvents: each entry fails or succeeds by itself."""

from collections.abc import Mapping
from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.events.find import bus_name, lookup_bus
from pocketbus.apis.events.service import events
from pocketbus.emulator.bus_event import BusEvent, Envelope, iso_time
from pocketbus.emulator.delivery import carry
from pocketbus.emulator.errors import (
    EngineError,
    InvalidArgument,
    NotAuthorizedForSourceException,
    NotEmulated,
    ValidationException,
)
from pocketbus.emulator.limits import DETAIL_TYPE_LENGTH, PUT_EVENTS_BYTES

Entry = Mapping[str, Any]

_REQUIRED = ("Source", "DetailType", "Detail")
_TIME_BYTES = 14


@events.operation
def put_events(call: Call, *, entries: list[Entry], endpoint_id: str | None = None) -> dict[str, Any]:
    if endpoint_id is not None:
        raise NotEmulated("Global endpoints are not emulated.")
    if sum(map(_size, entries)) >= PUT_EVENTS_BYTES:
        raise ValidationException("Total size of the entries in the request is over the limit.")
    outcomes = [_put(call, entry) for entry in entries]
    failed = sum("ErrorCode" in outcome for outcome in outcomes)
    return {"FailedEntryCount": failed, "Entries": outcomes}


def _put(call: Call, entry: Entry) -> dict[str, str]:
    try:
        event = _read_event(call, entry)
        _deliver(call, entry.get("EventBusName"), event)
    except EngineError as error:
        return {"ErrorCode": type(error).__name__, "ErrorMessage": error.message}
    return {"EventId": event.envelope.event_id}


def _deliver(call: Call, name_or_arn: str | None, event: BusEvent) -> None:
    """Put an event on a bus; as at AWS the sender does not learn that there is no such bus."""
    bus = lookup_bus(call, name_or_arn)
    if bus is None:
        why = f"event bus {bus_name(name_or_arn)} does not exist"
        call.engine.trace.record(call.now, "dropped", name_or_arn or "", event.envelope.event_id, why)
        return
    bus.authorize(call.scope.account, "events:PutEvents")
    carry(bus.put(event, call.now), call.engine, call.now)


def _read_event(call: Call, entry: Entry) -> BusEvent:
    _check(entry)
    envelope = Envelope(
        event_id=call.engine.ids.uuid(),
        detail_type=entry["DetailType"],
        source=entry["Source"],
        account=call.scope.account,
        time=iso_time(entry.get("Time", call.now)),
        region=call.scope.region,
        resources=tuple(entry.get("Resources", ())),
    )
    return BusEvent(envelope, entry["Detail"], entry.get("TraceHeader"))


def _check(entry: Entry) -> None:
    for name in _REQUIRED:
        if not entry.get(name):
            raise InvalidArgument(f"Parameter {name} is not valid. Reason: {name} is a required argument.")
    if len(entry["DetailType"]) > DETAIL_TYPE_LENGTH:
        raise InvalidArgument(
            "Parameter DetailType is not valid. "
            f"Reason: DetailType must have at most {DETAIL_TYPE_LENGTH} characters."
        )
    if entry["Source"].startswith("aws."):
        raise NotAuthorizedForSourceException


def _size(entry: Entry) -> int:
    """Count an entry's bytes: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html"""
    texts = [entry.get(name, "") for name in _REQUIRED]
    texts += entry.get("Resources", ())
    return sum(len(text.encode()) for text in texts) + (_TIME_BYTES if "Time" in entry else 0)
