"""Events and publications as a person writes them down to ask where they would go."""

import json
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from pocketbus.emulator.arn import Arn
from pocketbus.emulator.buses.bus import Bus
from pocketbus.emulator.buses.bus_event import BusEvent, Envelope, iso_time
from pocketbus.emulator.message import Attribute
from pocketbus.emulator.polling.sqs_event import written
from pocketbus.emulator.topics.publication import Publication

_NAMES = {
    "Source": "source",
    "DetailType": "detail-type",
    "Detail": "detail",
    "Resources": "resources",
    "EventBusName": None,
    "version": None,
}
"""Those of a PutEvents entry by those of the event that comes of it; None: it does not matter here."""
_KNOWN = ("id", "detail-type", "source", "account", "time", "region", "resources", "detail")


class SampleError(ValueError):
    """What was written down is no event or no publication; the text says why."""


def sample_event(given: Mapping[str, Any] | str, bus: Bus, now: float) -> BusEvent:
    """Read an event, or an entry of PutEvents, as an object or in JSON; what it lacks is filled in.

    Raise SampleError, MalformedDetail.
    """
    event = _event(given)
    place = Arn.parse(bus.arn)
    detail = event.get("detail", {})
    envelope = Envelope(
        event_id=str(event.get("id", "")),
        detail_type=str(event.get("detail-type", "")),
        source=str(event.get("source", "")),
        account=str(event.get("account", bus.owner)),
        time=str(event.get("time", iso_time(now))),
        region=str(event.get("region", place.region if place else "")),
        resources=tuple(map(str, event.get("resources", ()))),
    )
    return BusEvent(envelope, detail if isinstance(detail, str) else json.dumps(detail))


def _event(given: Mapping[str, Any] | str) -> dict[str, Any]:
    event = {_NAMES.get(name, name): value for name, value in _object(given, "The event is").items()}
    event.pop(None, None)
    if not isinstance(event.get("resources", []), list):
        raise SampleError("The resources of an event are a list.")
    unknown = [name for name in event if name not in _KNOWN]
    if unknown:
        raise SampleError(f"An event has no {unknown[0]}; it has {', '.join(_KNOWN)}.")
    return {str(name): value for name, value in event.items()}


def _object(given: Any, subject: str) -> Mapping[str, Any]:
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError) as error:
            raise SampleError(f"{subject} no JSON: {error}") from error
    if not isinstance(given, Mapping):
        raise SampleError(f"{subject} no JSON object.")
    return given


def sample_publication(message: str, attributes: Mapping[str, Any] | str | None = None) -> Publication:
    """Read a publication; an attribute is a text, a number, a list, or what SNS itself takes. Raise SampleError."""
    return Publication(message, attributes=_attributes(attributes))


def sample_record(message: str, attributes: Mapping[str, Any] | str | None = None) -> dict[str, Any]:
    """Read a message as mappings and pipes get it of its queue; attributes are as above. Raise SampleError."""
    written_attributes = {name: written(value) for name, value in _attributes(attributes).items()}
    return {"body": message, "attributes": {}, "messageAttributes": written_attributes}


def sample_json(given: Any) -> Mapping[str, Any]:
    """Read a record of a source, as an object or in JSON. Raise SampleError."""
    return _object(given, "The record is")


def _attributes(given: Mapping[str, Any] | str | None) -> dict[str, Attribute]:
    found = {} if given is None else _object(given, "The attributes are")
    return {name: _attribute(name, value) for name, value in found.items()}


def _attribute(name: str, value: Any) -> Attribute:
    match value:
        case str():
            return Attribute("String", value)
        case bool():
            pass
        case int() | float():
            return Attribute("Number", str(value))
        case list():
            return Attribute("String.Array", json.dumps(value))
        case {"DataType": str() as data_type, "StringValue": str() as text}:
            return Attribute(data_type, text)
        case {"DataType": str() as data_type, "BinaryValue": str() as text}:
            return Attribute(data_type, _bytes(name, text))
        case {"DataType": str() as data_type, "BinaryValue": bytes() as data}:
            return Attribute(data_type, data)
    raise SampleError(f"The attribute {name} is no text, number or list, and has no DataType with a value.")


def _bytes(name: str, text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError as error:
        raise SampleError(f"The attribute {name} is not in base64: {error}") from error
