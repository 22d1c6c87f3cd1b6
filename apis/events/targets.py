"""Targets of rules: put, list, remove."""

from collections.abc import Mapping
from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.events.arns import read_arn, read_dead_letter_target
from pocketbus.apis.events.find import find_bus, find_rule, read_page, refuse_managed
from pocketbus.apis.events.service import events
from pocketbus.apis.events.target_types import read_parameters
from pocketbus.apis.paging import sorted_by
from pocketbus.emulator.buses.target import Input, RetryPolicy, Target, in_order
from pocketbus.emulator.errors import LimitExceededException, ValidationException
from pocketbus.emulator.limits import RULE_TARGETS
from pocketbus.rules.transform import InvalidTransform, Transform, compile_transform


@events.operation
def put_targets(
    call: Call, *, rule: str, targets: list[dict[str, Any]], event_bus_name: str | None = None
) -> dict[str, Any]:
    found = find_rule(find_bus(call, event_bus_name, "PutTargets"), rule)
    refuse_managed(found)
    merged = in_order(found.targets, [_read(call, target) for target in targets])
    if len(merged) > RULE_TARGETS:
        raise LimitExceededException
    found.targets = merged
    return {"FailedEntryCount": 0, "FailedEntries": []}


@events.operation
def remove_targets(
    call: Call, *, rule: str, ids: list[str], event_bus_name: str | None = None, force: bool = False
) -> dict[str, Any]:
    found = find_rule(find_bus(call, event_bus_name, "RemoveTargets"), rule)
    refuse_managed(found, force=force)
    for target_id in ids:
        found.targets.pop(target_id, None)
    return {"FailedEntryCount": 0, "FailedEntries": []}


@events.operation
def list_targets_by_rule(
    call: Call,
    *,
    rule: str,
    event_bus_name: str | None = None,
    next_token: str | None = None,
    limit: int | None = None,
) -> dict[str, Any]:
    found = find_rule(find_bus(call, event_bus_name, "ListTargetsByRule"), rule)
    page, token = read_page(sorted_by(_order, found.targets.values()), _order, next_token, limit)
    return {"Targets": [_write(target) for target in page], "NextToken": token}


def _order(target: Target) -> str:
    return f"{target.order:012d}"


def _read(call: Call, wire: Mapping[str, Any]) -> Target:
    arn = read_arn(wire["Arn"])
    parameters = read_parameters(wire, arn, call.scope)
    group_id = wire.get("SqsParameters", {}).get("MessageGroupId")
    source = _read_input(wire)
    if arn.service == "events" and arn.account != call.scope.account and source != Input():
        raise ValidationException(
            "Input, InputPath and InputTransformer are not available for an event bus of another account: "
            f"target {wire['Id']}."
        )
    return Target(
        target_id=wire["Id"],
        arn=wire["Arn"],
        input=source,
        transform=_compile(wire["Id"], source),
        role_arn=wire.get("RoleArn"),
        group_id=group_id,
        dead_letter_target=read_dead_letter_target(wire.get("DeadLetterConfig")),
        retry_policy=_read_retry_policy(wire.get("RetryPolicy")),
        parameters=parameters,
    )


def _read_input(wire: Mapping[str, Any]) -> Input:
    transformer = wire.get("InputTransformer", {})
    return Input(
        constant=wire.get("Input"),
        path=wire.get("InputPath"),
        paths_map=transformer.get("InputPathsMap"),
        template=transformer.get("InputTemplate"),
    )


def _compile(target_id: str, source: Input) -> Transform | None:
    """Compile an input; None: the target receives the event as it is."""
    if source == Input():
        return None
    try:
        return compile_transform(
            target_id,
            input=source.constant,
            input_path=source.path,
            paths_map=source.paths_map,
            template=source.template,
        )
    except InvalidTransform as error:
        raise ValidationException(str(error)) from None


def _read_retry_policy(policy: Mapping[str, int] | None) -> RetryPolicy | None:
    if policy is None:
        return None
    return RetryPolicy(policy.get("MaximumRetryAttempts"), policy.get("MaximumEventAgeInSeconds"))


def _write(target: Target) -> dict[str, Any]:
    return {
        "Id": target.target_id,
        "Arn": target.arn,
        "RoleArn": target.role_arn,
        "Input": target.input.constant,
        "InputPath": target.input.path,
        "InputTransformer": _write_transformer(target.input),
        **target.parameters,
        "DeadLetterConfig": target.dead_letter_target and {"Arn": target.dead_letter_target},
        "RetryPolicy": target.retry_policy and _write_retry_policy(target.retry_policy),
    }


def _write_transformer(source: Input) -> dict[str, Any] | None:
    if source.template is None:
        return None
    return {"InputPathsMap": source.paths_map, "InputTemplate": source.template}


def _write_retry_policy(policy: RetryPolicy) -> dict[str, Any]:
    return {
        "MaximumRetryAttempts": policy.maximum_attempts,
        "MaximumEventAgeInSeconds": policy.maximum_event_age_seconds,
    }
