"""The resource policy of an event bus: PutPermission and RemovePermission."""

from collections.abc import Mapping
from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.events.find import find_bus
from pocketbus.apis.events.service import events
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.buses.bus import Bus
from pocketbus.emulator.buses.bus_policy import BusPolicy, Statement
from pocketbus.emulator.errors import (
    PolicyLengthExceededException,
    ResourceNotFoundException,
    ValidationException,
)
from pocketbus.emulator.limits import BUS_POLICY_BYTES
from pocketbus.rules.json_text import load

_ANYONE = "*"


@events.operation
def put_permission(
    call: Call,
    *,
    event_bus_name: str | None = None,
    action: str | None = None,
    principal: str | None = None,
    statement_id: str | None = None,
    condition: Mapping[str, str] | None = None,
    policy: str | None = None,
) -> None:
    bus = find_bus(call, event_bus_name, "PutPermission")
    if policy is None:
        statement = _statement(bus, action, principal, statement_id, condition)
        changed = bus.policy.with_statement(statement)
    else:
        changed = _read_policy(policy)
    if len(changed.text or "") > BUS_POLICY_BYTES:
        raise PolicyLengthExceededException
    bus.policy = changed


@events.operation
def remove_permission(
    call: Call,
    *,
    statement_id: str | None = None,
    remove_all_permissions: bool = False,
    event_bus_name: str | None = None,
) -> None:
    bus = find_bus(call, event_bus_name, "RemovePermission")
    if remove_all_permissions:
        bus.policy = BusPolicy()
        return
    if statement_id is None:
        raise ValidationException("Parameter StatementId must be specified.")
    if not bus.policy.has(statement_id):
        raise ResourceNotFoundException("Statement with the provided id does not exist.")
    bus.policy = bus.policy.without(statement_id)


def _statement(
    bus: Bus,
    action: str | None,
    principal: str | None,
    statement_id: str | None,
    condition: Mapping[str, str] | None,
) -> Statement:
    given = {"StatementId": statement_id, "Principal": principal, "Action": action}
    for name, value in given.items():
        if value is None:
            raise ValidationException(f"Parameter {name} must be specified.")
    if action != "events:PutEvents":
        raise ValidationException("Provided value in parameter 'action' is not supported.")
    if condition is not None and principal != _ANYONE:
        raise ValidationException(
            "Value of the parameter 'principal' must be '*' when the parameter 'condition' is set."
        )
    statement: dict[str, Any] = {
        "Sid": statement_id,
        "Effect": "Allow",
        "Principal": _ANYONE if principal == _ANYONE else {"AWS": _root_of(bus, str(principal))},
        "Action": action,
        "Resource": bus.arn,
    }
    if condition is not None:
        statement["Condition"] = {condition["Type"]: {condition["Key"]: condition["Value"]}}
    return statement


def _root_of(bus: Bus, account: str) -> str:
    partition = bus.arn.split(":")[1]
    return str(Arn(partition, "iam", "", account, "root"))


def _read_policy(text: str) -> BusPolicy:
    try:
        document = load(text)
    except ValueError:
        document = None
    statements = document.get("Statement") if isinstance(document, dict) else None
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not all(isinstance(statement, dict) for statement in statements):
        raise ValidationException("This policy contains invalid Json")
    return BusPolicy(statements)
