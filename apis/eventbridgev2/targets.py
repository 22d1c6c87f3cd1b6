"""Targets of subscribers: which ARNs name them, which parameters they have, and how each is reached."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import Struct

from pocketbus.apis.call import Call
from pocketbus.apis.sqs.urls import url_of
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.custombuses.expressions import ExpressionError, check_expression
from pocketbus.emulator.custombuses.payload import expression_in, expressions_in, is_expression
from pocketbus.emulator.custombuses.subscriber_settings import Number, Slot, SubscriberTarget, Way
from pocketbus.emulator.errors import InvalidInputException
from pocketbus.rules import json_text

Wire = Mapping[str, Any]

_ARN: Final = "InvokeConfiguration.TargetArn"
_UNIVERSAL: Final = re.compile(
    r"arn:aws[a-z-]*:events:::aws-sdk:(?P<service>[a-z0-9-]+):(?P<action>[a-z][A-Za-z0-9]*)"
)
_SECONDS_GIVEN: Final = re.compile("[0-9]{1,2}", re.ASCII)
_READS: Final = (
    "get",
    "describe",
    "list",
    "batchGet",
    "batchDescribe",
    "query",
    "scan",
    "receive",
    "search",
    "head",
)
_REFUSED: Final = frozenset({("eventbridge", "putEvents"), ("eventbridge", "putPartnerEvents")})
_SECONDS: Final = "InvocationTimeoutSeconds"


def _no_fields(_call: Call, _arn: Arn, _given: Wire) -> dict[str, Any]:
    return {}


class TargetType(Struct, frozen=True):
    """A kind of target. `form` is what its ARN's last part looks like, in words and as an expression; `fields` makes
    what else there is to know of a target from its parameters.
    """

    service: str
    form: str
    resource: re.Pattern[str]
    way: Way
    parameters: str | None = None
    most_in_batch: int = 500
    default_in_batch: int = 10
    whole: bool = False
    raw_only: bool = False
    anywhere: bool = False
    fields: Callable[[Call, Arn, Wire], dict[str, Any]] = _no_fields


def _to_queue(call: Call, arn: Arn, given: Wire) -> dict[str, Any]:
    ids = {"group_id": given.get("MessageGroupId"), "deduplication_id": given.get("MessageDeduplicationId")}
    others = given.keys() - {"MessageGroupId", "MessageDeduplicationId"}
    if not others:
        return ids
    delay = given.get("DelaySeconds")
    request = {
        **_known(
            given, "MessageGroupId", "MessageDeduplicationId", "MessageAttributes", "MessageSystemAttributes"
        ),
        "QueueUrl": url_of(call, arn.region, arn.account, arn.resource),
        "MessageBody": Slot.TEXT,
        "DelaySeconds": None if delay is None else Number(delay),
    }
    return {"way": Way.CALL, "service": "sqs", "action": "sendMessage", "request": request}


def _to_topic(_call: Call, arn: Arn, given: Wire) -> dict[str, Any]:
    ids = {"group_id": given.get("MessageGroupId"), "deduplication_id": given.get("MessageDeduplicationId")}
    if not given.keys() - {"MessageGroupId", "MessageDeduplicationId"}:
        return ids
    request = {**given, "TopicArn": str(arn), "Message": Slot.TEXT}
    return {"way": Way.CALL, "service": "sns", "action": "publish", "request": request}


def _to_function(_call: Call, _arn: Arn, given: Wire) -> dict[str, Any]:
    _check_timeout(given)
    return {"asynchronous": given.get("InvocationType") == "EVENT", "request": _known(given, "Qualifier")}


def _to_stream(_call: Call, arn: Arn, given: Wire) -> dict[str, Any]:
    request = {**given, "StreamARN": str(arn), "Data": Slot.TEXT}
    return {"service": "kinesis", "action": "putRecord", "request": request}


def _to_firehose(_call: Call, arn: Arn, _given: Wire) -> dict[str, Any]:
    request = {"DeliveryStreamName": arn.resource.partition("/")[2], "Record": {"Data": Slot.TEXT}}
    return {"service": "firehose", "action": "putRecord", "request": request}


def _to_state_machine(_call: Call, arn: Arn, given: Wire) -> dict[str, Any]:
    _check_timeout(given)
    waits = given.get("InvocationType") != "EVENT"
    request = {**_known(given, "Name", "TraceHeader"), "StateMachineArn": str(arn), "Input": Slot.TEXT}
    return {
        "service": "sfn",
        "action": "startSyncExecution" if waits else "startExecution",
        "request": request,
    }


def _to_http(_call: Call, arn: Arn, given: Wire) -> dict[str, Any]:
    _check_timeout(given)
    if arn.service == "events" and _SECONDS in given:
        raise InvalidInputException("InvocationTimeoutSeconds is only supported for API Gateway HTTP targets")
    for name in given.get("HeaderParameters", {}):
        if arn.service == "execute-api" and name.lower().startswith(("authorization", "host", "x-amz")):
            raise InvalidInputException(f"Header {name} is not allowed for API Gateway HTTP targets")
    return {"service": arn.service}


def _to_bus(_call: Call, _arn: Arn, given: Wire) -> dict[str, Any]:
    ids = given.get("SystemMetadata", {})
    return {
        "group_id": ids.get("EventGroupId"),
        "deduplication_id": ids.get("DeduplicationId"),
        "content_based": "DeduplicationConfiguration" in given,
        "request": given.get("Metadata"),
    }


def _to_kafka(_call: Call, arn: Arn, given: Wire) -> dict[str, Any]:
    headers = {one["Key"]: one.get("Value") for one in given.get("Headers", ())}
    request = {**_known(given, "TopicName", "PartitionKey"), "ClusterArn": str(arn), "Headers": headers}
    return {"service": "kafka", "action": "produce", "request": {**request, "Value": Slot.TEXT}}


def _known(given: Wire, *names: str) -> dict[str, Any]:
    return {name: given[name] for name in names if name in given}


def _check_timeout(given: Wire) -> None:
    """Refuse a literal that is no number of seconds from 1 to 30."""
    text = given.get(_SECONDS)
    if text is None or is_expression(text):
        return
    if not _SECONDS_GIVEN.fullmatch(text) or not 1 <= int(text) <= 30:
        raise InvalidInputException(f"{_SECONDS} must be between 1 and 30")


_PLAIN = re.compile("[^/:]+")
_FUNCTION = re.compile("function:[^/:]+(:[^/:]+)?")
_STREAM = re.compile("stream/[^/:]+")
_DELIVERY_STREAM = re.compile("deliverystream/[^/:]+")
_STATE_MACHINE = re.compile("stateMachine:[^/:]+(:[^/:]+)?")
_API = re.compile("[^/]+/[^/]+/[^/]+(/.*)?")
_API_DESTINATION = re.compile("api-destination/[^/:]+/[^/:]+")
_CUSTOM_BUS = re.compile("event-busv2/[^/]+/[a-z0-9]{25}")
_BUS = re.compile("event-bus/.+")
_CLUSTER = re.compile("cluster/[^/]+/[^/]+")

TARGET_TYPES: Final = (
    TargetType("sqs", "{queueName}", _PLAIN, Way.RESOURCE, "SqsParameters", 10, fields=_to_queue),
    TargetType("sns", "{topicName}", _PLAIN, Way.RESOURCE, "SnsParameters", 10, fields=_to_topic),
    TargetType(
        "lambda",
        "function:{name}",
        _FUNCTION,
        Way.FUNCTION,
        "LambdaParameters",
        whole=True,
        fields=_to_function,
    ),
    TargetType(
        "kinesis",
        "stream/{name}",
        _STREAM,
        Way.CALL,
        "KinesisParameters",
        500,
        500,
        fields=_to_stream,
    ),
    TargetType(
        "firehose",
        "deliverystream/{name}",
        _DELIVERY_STREAM,
        Way.CALL,
        None,
        500,
        500,
        fields=_to_firehose,
    ),
    TargetType(
        "states",
        "stateMachine:{name}",
        _STATE_MACHINE,
        Way.BATCH_CALL,
        "StepFunctionsParameters",
        whole=True,
        fields=_to_state_machine,
    ),
    TargetType(
        "execute-api",
        "{apiId}/{stage}/{method}/{path}",
        _API,
        Way.ELSEWHERE,
        "HttpParameters",
        whole=True,
        fields=_to_http,
    ),
    TargetType(
        "events",
        "api-destination/{name}/{id}",
        _API_DESTINATION,
        Way.DESTINATION,
        "HttpParameters",
        whole=True,
        fields=_to_http,
    ),
    TargetType(
        "events",
        "event-busv2/{name}/{id}",
        _CUSTOM_BUS,
        Way.RESOURCE,
        "EventBusV2Parameters",
        100,
        anywhere=True,
        fields=_to_bus,
    ),
    TargetType("events", "event-bus/{name}", _BUS, Way.CLASSIC_BUS, None, 10, raw_only=True),
    TargetType(
        "kafka",
        "cluster/{name}/{id}",
        _CLUSTER,
        Way.CALL,
        "MskParameters",
        500,
        fields=_to_kafka,
    ),
)

UNIVERSAL: Final = TargetType(
    "aws-sdk", "", _UNIVERSAL, Way.BATCH_CALL, "UniversalTargetParameters", 500, whole=True, anywhere=True
)

PARAMETERS: Final = tuple(
    dict.fromkeys(kind.parameters for kind in (*TARGET_TYPES, UNIVERSAL) if kind.parameters is not None)
)
"""The members of an InvokeConfiguration that are for one kind of target only."""


def type_of(target_arn: str) -> TargetType:
    """Return the kind of a target. Raise InvalidInputException for an ARN of none."""
    if _UNIVERSAL.fullmatch(target_arn):
        return UNIVERSAL
    arn = Arn.parse(target_arn)
    kinds = [kind for kind in TARGET_TYPES if arn is not None and kind.service == arn.service]
    if arn is None or not kinds:
        raise InvalidInputException(f"{_ARN}: TargetArn is not a supported subscriber target")
    for kind in kinds:
        if kind.resource.fullmatch(arn.resource):
            return kind
    forms = " or ".join(kind.form for kind in kinds)
    raise InvalidInputException(f"{_ARN}: TargetArn resource must be of the form {forms}")


def read_target(call: Call, wire: Wire, target_arn: str, bus_arn: str) -> SubscriberTarget:
    """Read an InvokeConfiguration. Raise InvalidInputException."""
    kind = type_of(target_arn)
    if kind is not UNIVERSAL:
        _check_place(call, kind, target_arn)
    if target_arn == bus_arn:
        raise InvalidInputException(f"{_ARN} must not reference the subscriber's own event bus")
    given = _parameters(kind, wire)
    _check_attributes(given)
    for expression in expressions_in(given):
        check(expression, f"InvokeConfiguration.{kind.parameters}")
    target = {
        "arn": target_arn,
        "role_arn": wire["RoleArn"],
        "way": kind.way,
        "parameters": wire.get(kind.parameters or ""),
        "whole": kind.whole,
    }
    if kind is UNIVERSAL:
        return SubscriberTarget(**target | _universal(call, target_arn, given))
    arn = Arn.parse(target_arn)
    if arn is None:
        raise InvalidInputException(f"{_ARN}: TargetArn is not a supported subscriber target")
    return SubscriberTarget(**target | kind.fields(call, arn, given))


def _check_place(call: Call, kind: TargetType, target_arn: str) -> None:
    _, partition, _, region, account, _ = target_arn.split(":", 5)
    scope = call.scope
    if kind.anywhere:
        return
    own = Arn.of("events", scope.region, scope.account, "")
    if partition != own.partition:
        raise InvalidInputException(f"{_ARN}: TargetArn must be in partition {own.partition}")
    if region != scope.region:
        raise InvalidInputException(f"{_ARN}: TargetArn must be in region {scope.region}")
    if account != scope.account:
        raise InvalidInputException(
            f"{_ARN}: Target resource account ({account}) must match the subscriber account ({scope.account})"
        )


def _parameters(kind: TargetType, wire: Wire) -> Wire:
    foreign = next((name for name in PARAMETERS if name in wire and name != kind.parameters), None)
    if foreign is not None:
        expected = kind.parameters or "no target parameters"
        raise InvalidInputException(f"{foreign} is not supported for target ARN. Expected {expected}")
    given: Wire = wire.get(kind.parameters or "", {})
    if kind.parameters in ("UniversalTargetParameters", "MskParameters") and not given:
        raise InvalidInputException(f"{kind.parameters} is required for target ARN")
    return given


def _check_attributes(given: Wire) -> None:
    for name in ("MessageAttributes", "MessageSystemAttributes"):
        for attribute in given.get(name, {}).values():
            value = attribute.get("BinaryValue", "")
            if "{%" in value or "%}" in value:
                raise InvalidInputException(f"{name}: BinaryValue must not hold an expression")


def _universal(call: Call, target_arn: str, given: Wire) -> dict[str, Any]:
    found = _UNIVERSAL.fullmatch(target_arn)
    service, action = (found["service"], found["action"]) if found else ("", "")
    seconds = given.get(_SECONDS)
    if seconds is not None and is_expression(seconds):
        raise InvalidInputException(f"{_SECONDS} must be a literal for universal targets")
    _check_timeout(given)
    calls = call.engine.api_calls
    operation = calls.operation(service, action)
    refused = action.startswith(_READS) or (service, action) in _REFUSED
    if refused or (operation is None and calls.serves_service(service)):
        raise InvalidInputException(f"The api {action} is not valid for the service {service}.")
    text = given["Input"]
    request: Any = text
    if not is_expression(text):
        request = _object(text)
        missing = [
            name for name in (operation.needed if operation is not None else ()) if name not in request
        ]
        if missing:
            raise InvalidInputException(
                f"UniversalTargetParameters.Input is missing required field(s): {', '.join(sorted(missing))}."
            )
    return {"service": service, "action": action, "request": request}


def check(expression: str, place: str) -> None:
    """Raise InvalidInputException for an expression that cannot be read."""
    try:
        check_expression(expression_in(expression))
    except ExpressionError as error:
        raise InvalidInputException(f"{place} is not a valid JSONata expression: {error}") from None


def _object(text: str) -> dict[str, Any]:
    try:
        value = json_text.read(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise InvalidInputException("UniversalTargetParameters.Input is not a JSON object.")
    return value


def write_target(target: SubscriberTarget) -> dict[str, Any]:
    written = {"TargetArn": target.arn, "RoleArn": target.role_arn}
    name = type_of(target.arn).parameters
    return written if name is None or target.parameters is None else {**written, name: target.parameters}
