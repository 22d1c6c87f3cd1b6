"""Targets of schedules: which operation they call, with which request; universal ones name it themselves."""

import re
from collections.abc import Mapping
from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.scheduler.templated import PARAMETERS, TargetType, type_of
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.errors import ValidationException
from pocketbus.emulator.limits import SCHEDULE_INPUT_BYTES
from pocketbus.emulator.schedules.schedule_target import RetryPolicy, ScheduleTarget
from pocketbus.rules import json_text

Wire = Mapping[str, Any]

_UNIVERSAL = re.compile(
    r"arn:aws[a-z-]*:scheduler:::aws-sdk:(?P<service>[a-z0-9-]+):(?P<action>[a-z][A-Za-z0-9]*)"
)

# https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
_REFUSED_ACTIONS = (
    "get",
    "describe",
    "list",
    "poll",
    "receive",
    "search",
    "scan",
    "query",
    "select",
    "read",
    "lookup",
    "discover",
    "validate",
    "batchGet",
    "batchDescribe",
    "batchRead",
    "transactGet",
    "adminGet",
    "adminList",
    "testMigration",
    "retrieve",
    "testConnection",
    "translateDocument",
    "isAuthorized",
    "invokeModel",
)


def read_target(call: Call, wire: Wire) -> ScheduleTarget:
    """Read a target. Raise ValidationException."""
    if len(wire.get("Input", "").encode("utf-8", "surrogatepass")) > SCHEDULE_INPUT_BYTES:
        raise invalid(f"Input is longer than {SCHEDULE_INPUT_BYTES} bytes.")
    universal = _UNIVERSAL.fullmatch(wire["Arn"])
    if universal is not None:
        return _universal(call, wire, universal["service"], universal["action"])
    arn = Arn.parse(wire["Arn"])
    if arn is None or not arn.resource:
        raise ValidationException("Provided Arn is not in correct format.")
    return _templated(call, wire, arn)


def _templated(call: Call, wire: Wire, arn: Arn) -> ScheduleTarget:
    kind = type_of(arn, wire)
    if kind is None:
        raise invalid(f"{arn.service} is not a supported service for a target")
    _check_parameters(kind, wire)
    if kind.takes_json and "Input" in wire and not _is_json(wire["Input"]):
        raise invalid("Input must be valid JSON.")
    return _target(
        wire, kind.sdk_service, kind.action, kind.request(call, arn, wire), without_input=kind.without_input
    )


def _check_parameters(kind: TargetType, wire: Wire) -> None:
    foreign = sorted((PARAMETERS & wire.keys()) - {kind.parameters})
    if foreign:
        raise invalid(f"{', '.join(foreign)} not supported for the target {wire['Arn']}.")
    if kind.needs_parameters and kind.parameters not in wire:
        raise invalid(f"{kind.parameters} must be specified for the target {wire['Arn']}.")


def _universal(call: Call, wire: Wire, service: str, action: str) -> ScheduleTarget:
    foreign = sorted(PARAMETERS & wire.keys())
    if foreign:
        raise invalid(f"{', '.join(foreign)} not supported for the target {wire['Arn']}.")
    calls = call.engine.api_calls
    operation = calls.operation(service, action)
    if action.startswith(_REFUSED_ACTIONS) or (operation is None and calls.serves_service(service)):
        raise ValidationException(f"The api {action} is not valid for the service {service}.")
    request = _object(wire.get("Input", "{}"))
    missing = [name for name in (operation.needed if operation is not None else ()) if name not in request]
    if missing:
        raise ValidationException(
            "Invalid RequestJson provided. Reason Request payload is missing the following field(s): "
            f"{', '.join(missing)}."
        )
    return _target(wire, service, action, None, without_input=True)


def _object(text: str) -> dict[str, Any]:
    try:
        value = json_text.read(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise ValidationException(
            "Invalid RequestJson provided. Reason Request payload is not a JSON object."
        )
    return value


def _is_json(text: str) -> bool:
    try:
        json_text.read(text)
    except ValueError:
        return False
    return True


def invalid(reason: str) -> ValidationException:
    return ValidationException(f"Invalid request provided: {reason}")


def _target(wire: Wire, service: str, action: str, request: Any, *, without_input: bool) -> ScheduleTarget:
    policy = wire.get("RetryPolicy", {})
    default = RetryPolicy()
    return ScheduleTarget(
        arn=wire["Arn"],
        service=service,
        action=action,
        request=request,
        role_arn=wire["RoleArn"],
        input=wire.get("Input"),
        without_input=without_input,
        dead_letter_target=wire.get("DeadLetterConfig", {}).get("Arn"),
        retry_policy=RetryPolicy(
            policy.get("MaximumRetryAttempts", default.maximum_attempts),
            policy.get("MaximumEventAgeInSeconds", default.maximum_event_age_seconds),
        ),
        parameters={name: wire[name] for name in PARAMETERS & wire.keys()},
    )


def write_target(target: ScheduleTarget) -> dict[str, Any]:
    policy = target.retry_policy
    return {
        "Arn": target.arn,
        "RoleArn": target.role_arn,
        "Input": target.input,
        "DeadLetterConfig": target.dead_letter_target and {"Arn": target.dead_letter_target},
        "RetryPolicy": {
            "MaximumEventAgeInSeconds": policy.maximum_event_age_seconds,
            "MaximumRetryAttempts": policy.maximum_attempts,
        },
        **target.parameters,
    }
