"""Who hears how an asynchronous invocation ended: destinations of success and failure, dead-letter queues and topics.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

import json
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from pocketbus.emulator.arn import Arn
from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.api_calls import ApiCall, ApiCalls, CallFailure, call_delivery
from pocketbus.emulator.deliveries.carrying import carry
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.failures import GaveUp
from pocketbus.emulator.deliveries.gateway import ANYTHING_ELSE
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.functions.invocation import Invocation, Result, unqualified
from pocketbus.emulator.message import Attribute, Text
from pocketbus.rules import json_text


class Ended(Struct, frozen=True):
    """An invocation that is over; `error` is what it failed with, None after a success."""

    invocation: Invocation
    invoked: int
    result: Result | None
    error: EngineError | None

    @property
    def condition(self) -> str:
        if self.error is None:
            return "Success"
        return (isinstance(self.error, GaveUp) and self.error.condition) or "RetriesExhausted"


class Destinations:
    """Tells queues, topics and functions by deliveries, and buses by PutEvents."""

    def __init__(self, core: Core, calls: ApiCalls) -> None:
        self._core = core
        self._calls = calls

    def tell(self, target: str, ended: Ended, now: float) -> None:
        """Send the invocation record."""
        record = _record(ended, now)
        arn = Arn.parse(target)
        if arn is not None and arn.service == "events":
            self._put_event(target, ended, record, now)
        else:
            self._deliver(target, Text(record), ended, now)

    def dead_letter(self, target: str, ended: Ended, now: float) -> None:
        """Send the event itself, with what went wrong as its message attributes."""
        attributes = {
            "RequestID": Attribute("String", ended.invocation.request_id),
            "ErrorCode": Attribute("Number", "200" if ended.result is not None else "500"),
            "ErrorMessage": Attribute("String", _message(ended)[:1024]),
        }
        body = ended.invocation.payload.decode("utf-8", "surrogatepass")
        self._deliver(target, Text(body, attributes), ended, now)

    def _deliver(self, target: str, content: Text, ended: Ended, now: float) -> None:
        arn = Arn.parse(target)
        service = "" if arn is None else arn.service
        protocol = service if service in {"sqs", "sns", "lambda"} else ANYTHING_ELSE
        invocation = ended.invocation
        delivery = Delivery(
            invocation.function_arn, target, content, invocation.request_id, protocol=protocol
        )
        carry((delivery,), self._core, now)

    def _put_event(self, bus: str, ended: Ended, record: str, now: float) -> None:
        arn, request_id = ended.invocation.function_arn, ended.invocation.request_id
        outcome = "Success" if ended.error is None else "Failure"
        entry = {
            "Source": "lambda",
            "DetailType": f"Lambda Function Invocation Result - {outcome}",
            "Resources": [bus, _executed(ended)],
            "Detail": record,
            "EventBusName": bus,
        }
        if self._core.is_elsewhere(bus):
            call = ApiCall("eventbridge", "putEvents", arn, bus, request_id, {"Entries": [entry]})
            carry((call_delivery(call),), self._core, now)
            return
        operation = self._calls.operation("eventbridge", "putEvents")
        if operation is None:
            self._core.trace.record(now, "undeliverable", bus, request_id, "EventBridge is not served here.")
            return
        try:
            told = operation.perform(arn, {"Entries": [entry]})
        except CallFailure as error:
            self._core.trace.record(now, "undeliverable", bus, request_id, error.message)
        else:
            self._core.trace.record(now, "delivered", bus, request_id, arn, told.became)


_dumps = json.JSONEncoder(separators=(",", ":")).encode


def _record(ended: Ended, now: float) -> str:
    instant = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    invocation, result = ended.invocation, ended.result
    record: dict[str, Any] = {
        "version": "1.0",
        "timestamp": instant,
        "requestContext": {
            "requestId": invocation.request_id,
            "functionArn": _executed(ended),
            "condition": ended.condition,
            "approximateInvokeCount": ended.invoked,
        },
        "requestPayload": _value(invocation.payload),
    }
    if result is not None:
        context = {"statusCode": 200, "executedVersion": invocation.version}
        record["responseContext"] = context | ({"functionError": result.error} if result.error else {})
        record["responsePayload"] = _value(result.payload)
    return _dumps(record)


def _executed(ended: Ended) -> str:
    return f"{unqualified(ended.invocation.function_arn)}:{ended.invocation.version}"


def _value(payload: bytes) -> Any:
    """Read a payload; what is no JSON, or nests too deep, stays a text."""
    try:
        return json_text.read(payload or b"null")
    except ValueError:
        return payload.decode(errors="replace")


def _message(ended: Ended) -> str:
    said = _value(ended.result.payload) if ended.result is not None else None
    if isinstance(said, dict) and isinstance(said.get("errorMessage"), str) and said["errorMessage"]:
        return str(said["errorMessage"])
    return "unknown" if ended.error is None else ended.error.message
