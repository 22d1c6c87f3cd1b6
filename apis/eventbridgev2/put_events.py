"""PutEvents and PutRawEvents: each entry fails or succeeds by itself, what the request as a whole breaks fails all."""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pocketbus.apis.call import Call, Result, after
from pocketbus.apis.eventbridgev2.find import find_bus
from pocketbus.apis.eventbridgev2.service import eventbridgev2
from pocketbus.emulator.custombuses.bus import UPDATING, CustomBus, Put, digest_of
from pocketbus.emulator.custombuses.event import BYTES, ENVELOPE, LogEvent
from pocketbus.emulator.custombuses.pump import pump_of
from pocketbus.emulator.custombuses.subscriber import Subscriber
from pocketbus.emulator.envelope import Envelope, iso_time, minified
from pocketbus.emulator.errors import EngineError, InvalidInputException, SchemaRegistryUnavailableException
from pocketbus.emulator.limits import PUT_EVENTS_BYTES
from pocketbus.emulator.message import Text
from pocketbus.rules.event import Pairs, decode

Entry = Mapping[str, Any]

VALIDATION_ERROR = "VALIDATION_ERROR"
_OPEN_FORMATS = ("application/avro", "application/protobuf")


class InvalidEntry(EngineError):
    """The entry is not valid."""


@eventbridgev2.operation
def put_events(
    call: Call,
    *,
    event_bus_arn: str,
    entries: list[Entry],
    deduplication_configuration: Entry | None = None,
) -> Result:
    bus = _bus(call, event_bus_arn, "PutEvents")
    _check_size(sum(map(_size, entries)))
    return _put_each(
        call,
        bus,
        entries,
        lambda entry: _enveloped(call, entry),
        content_based=bool(deduplication_configuration),
    )


@eventbridgev2.operation
def put_raw_events(
    call: Call,
    *,
    event_bus_arn: str,
    entries: list[Entry],
    schema_registry_configuration: Entry | None = None,
    deduplication_configuration: Entry | None = None,
) -> Result:
    bus = _bus(call, event_bus_arn, "PutRawEvents")
    _check_size(sum(map(_raw_size, entries)))
    for entry in entries:
        _check_metadata(entry.get("Metadata", {}))
    open_format = any(_type_of(entry) in _OPEN_FORMATS for entry in entries)
    if schema_registry_configuration is not None and open_format:
        uri = schema_registry_configuration["RegistryUri"]
        raise SchemaRegistryUnavailableException(
            f"The schema registry {uri} cannot be reached: none is emulated."
        )
    return _put_each(
        call, bus, entries, lambda entry: _raw(call, entry), content_based=bool(deduplication_configuration)
    )


def _bus(call: Call, arn: str, action: str) -> CustomBus:
    bus = find_bus(call, arn, action)
    bus.check(call.now, UPDATING)
    return bus


def _put_each(
    call: Call,
    bus: CustomBus,
    entries: Sequence[Entry],
    event_of: Callable[[Entry], LogEvent],
    *,
    content_based: bool,
) -> Result:
    """Put the entries one by one, give the subscribers that they concern their turns, and answer for each."""
    outcomes: list[dict[str, Any]] = []
    concerned: dict[Subscriber, None] = {}
    for entry in entries:
        try:
            call.check_entry()
            event = event_of(entry)
        except EngineError as error:
            code = VALIDATION_ERROR if isinstance(error, InvalidEntry) else error.name
            outcomes.append({"ErrorCode": code, "ErrorMessage": error.message})
            continue
        unique_id = event.deduplication_id or (digest_of(event) if content_based else None)
        put, matching = bus.put(event, unique_id, call.now)
        concerned.update(dict.fromkeys(matching))
        outcomes.append(_outcome(put))
    failed = sum("ErrorCode" in outcome for outcome in outcomes)
    answer = {"FailedEntryCount": failed, "Entries": outcomes}
    pump = pump_of(call.engine)
    rest = pump.serve(concerned)
    return after(None if rest is None else pump.go_on(rest), lambda: answer)


def _outcome(put: Put) -> dict[str, Any]:
    return {"EventId": put.event_id, "SequenceNumber": put.sequence_number, "SuccessCode": put.code}


def _enveloped(call: Call, entry: Entry) -> LogEvent:
    """Make an event of an entry of PutEvents."""
    source, detail_type, detail = entry["Source"], entry["DetailType"], entry.get("Detail", "{}")
    if source.startswith("aws."):
        raise InvalidEntry("Source must not begin with 'aws.'.")
    if not isinstance(_decoded(detail, "Detail"), dict | Pairs):
        raise InvalidEntry("Detail is not a JSON object.")
    event_id, ids = call.engine.ids.uuid(), entry.get("SystemMetadata", {})
    envelope = Envelope(
        event_id=event_id,
        detail_type=detail_type,
        source=source,
        account=call.scope.account,
        time=iso_time(entry.get("Time", call.now)),
        region=call.scope.region,
        resources=tuple(entry.get("Resources", ())),
    )
    return LogEvent(
        event_id,
        call.scope.account,
        Text(envelope.render(minified(detail)), trace_header=call.trace_header),
        ENVELOPE,
        source=source,
        detail_type=detail_type,
        group_id=ids.get("EventGroupId"),
        deduplication_id=ids.get("DeduplicationId"),
    )


def _raw(call: Call, entry: Entry) -> LogEvent:
    """Make an event of an entry of PutRawEvents."""
    content_type = _type_of(entry)
    data: bytes = entry["Data"]
    ids = entry["SystemMetadata"]
    if content_type in _OPEN_FORMATS:
        raise InvalidEntry(f"SchemaRegistryConfiguration is required for open-format events: {content_type}.")
    if content_type == BYTES:
        body = b64encode(data).decode("ascii")
    elif content_type == "application/json" or content_type.endswith("+json"):
        body = _json_text(data)
    else:
        raise InvalidEntry(
            f"ContentType {content_type} is not supported. Supported are application/json, application/avro, "
            "application/protobuf and application/octet-stream."
        )
    return LogEvent(
        call.engine.ids.uuid(),
        call.scope.account,
        Text(body, trace_header=call.trace_header),
        content_type,
        metadata=entry.get("Metadata", {}),
        group_id=ids.get("EventGroupId"),
        deduplication_id=ids.get("DeduplicationId"),
    )


def _type_of(entry: Entry) -> str:
    content_type: str = entry["SystemMetadata"]["ContentType"]
    return content_type.partition(";")[0].strip().lower()


def _json_text(data: bytes) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise InvalidEntry("Data is not valid UTF-8.") from None
    _decoded(text, "Data")
    return text


def _decoded(text: str, member: str) -> Any:
    try:
        return decode(text)
    except ValueError:
        raise InvalidEntry(f"{member} is not valid JSON.") from None


def _check_size(size: int) -> None:
    if size > PUT_EVENTS_BYTES:
        raise InvalidInputException(
            f"Total size of the entries in the request is {size} bytes; at most {PUT_EVENTS_BYTES} are allowed."
        )


def _check_metadata(metadata: Mapping[str, str]) -> None:
    known: dict[str, str] = {}
    for key in metadata:
        first = known.setdefault(key.lower(), key)
        if first != key:
            raise InvalidInputException(f"Metadata keys must differ in more than case: {first}, {key}")


def _size(entry: Entry) -> int:
    texts = [entry["Source"], entry["DetailType"], entry.get("Detail", ""), *entry.get("Resources", ())]
    return sum(len(text.encode()) for text in texts)


def _raw_size(entry: Entry) -> int:
    metadata = entry.get("Metadata", {})
    return len(entry["Data"]) + sum(
        len(key.encode()) + len(value.encode()) for key, value in metadata.items()
    )
