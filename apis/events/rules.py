"""Rules: put, describe, list, enable, disable, delete."""

from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.events.find import find_bus, find_rule, read_page, refuse_managed
from pocketbus.apis.events.patterns import read_optional_pattern
from pocketbus.apis.events.service import events
from pocketbus.apis.events.tags import read_new_tags
from pocketbus.apis.paging import named
from pocketbus.emulator.buses.bus import DEFAULT_BUS, Bus
from pocketbus.emulator.buses.rule import DISABLED, ENABLED, Rule, RuleSettings
from pocketbus.emulator.errors import ValidationException
from pocketbus.rules.schedule import InvalidSchedule, Schedule, compile_schedule


@events.operation
def put_rule(
    call: Call,
    *,
    name: str,
    schedule_expression: str | None = None,
    event_pattern: str | None = None,
    state: str = ENABLED,
    description: str | None = None,
    role_arn: str | None = None,
    tags: list[dict[str, str]] | None = None,
    event_bus_name: str | None = None,
) -> dict[str, Any]:
    """Put a rule by a pattern or a schedule; scripts give the other as an empty text, which counts as absent."""
    bus = find_bus(call, event_bus_name, "PutRule")
    if not event_pattern and not schedule_expression:
        raise ValidationException("Parameter(s) EventPattern or ScheduleExpression must be specified.")
    refuse_managed(bus.rules.get(name))
    settings = RuleSettings(
        pattern=read_optional_pattern(event_pattern),
        schedule_expression=schedule_expression or None,
        schedule=_read_schedule(bus, schedule_expression, call.now) if schedule_expression else None,
        state=state,
        description=description,
        role_arn=role_arn,
    )
    rule = bus.put_rule(name, settings, created_by=call.scope.account, tags=read_new_tags(tags), now=call.now)
    return {"RuleArn": rule.arn}


def _read_schedule(bus: Bus, text: str, now: float) -> Schedule:
    if bus.name != DEFAULT_BUS:
        raise ValidationException("ScheduleExpression is supported only on the default event bus.")
    try:
        return compile_schedule(text, dialect="rule", start=now)
    except InvalidSchedule as error:
        raise ValidationException(str(error)) from None


@events.operation
def describe_rule(call: Call, *, name: str, event_bus_name: str | None = None) -> dict[str, Any]:
    rule = find_rule(find_bus(call, event_bus_name, "DescribeRule"), name)
    return {**_write(rule), "CreatedBy": rule.created_by}


@events.operation
def list_rules(
    call: Call,
    *,
    name_prefix: str = "",
    event_bus_name: str | None = None,
    next_token: str | None = None,
    limit: int | None = None,
) -> dict[str, Any]:
    bus = find_bus(call, event_bus_name, "ListRules")
    page, token = read_page(named(bus.rules, name_prefix), _name, next_token, limit)
    return {"Rules": [_write(rule) for rule in page], "NextToken": token}


@events.operation
def list_rule_names_by_target(
    call: Call,
    *,
    target_arn: str,
    event_bus_name: str | None = None,
    next_token: str | None = None,
    limit: int | None = None,
) -> dict[str, Any]:
    def wants(rule: Rule) -> bool:
        return any(target.arn == target_arn for target in rule.targets.values())

    rules = find_bus(call, event_bus_name, "ListRuleNamesByTarget").rules
    page, token = read_page(named(rules, wants=wants), _name, next_token, limit)
    return {"RuleNames": [rule.name for rule in page], "NextToken": token}


def _name(rule: Rule) -> str:
    return rule.name


@events.operation
def enable_rule(call: Call, *, name: str, event_bus_name: str | None = None) -> None:
    bus = find_bus(call, event_bus_name, "EnableRule")
    rule = find_rule(bus, name)
    refuse_managed(rule)
    bus.switch_rule(rule, ENABLED, call.now)


@events.operation
def disable_rule(call: Call, *, name: str, event_bus_name: str | None = None) -> None:
    bus = find_bus(call, event_bus_name, "DisableRule")
    rule = find_rule(bus, name)
    refuse_managed(rule)
    bus.switch_rule(rule, DISABLED, call.now)


@events.operation
def delete_rule(call: Call, *, name: str, event_bus_name: str | None = None, force: bool = False) -> None:
    bus = find_bus(call, event_bus_name, "DeleteRule")
    rule = bus.rules.get(name)
    if rule is None:
        return
    refuse_managed(rule, force=force)
    if rule.targets:
        raise ValidationException("Rule can't be deleted since it has targets.")
    bus.delete_rule(rule)


def _write(rule: Rule) -> dict[str, Any]:
    settings = rule.settings
    return {
        "Name": rule.name,
        "Arn": rule.arn,
        "EventPattern": settings.pattern and settings.pattern.text,
        "ScheduleExpression": settings.schedule_expression,
        "State": settings.state,
        "Description": settings.description,
        "RoleArn": settings.role_arn,
        "EventBusName": rule.bus_name,
        "ManagedBy": rule.managed_by,
    }
