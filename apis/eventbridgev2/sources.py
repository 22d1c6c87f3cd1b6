"""Event sources: create, describe, update, delete, list, revoke; the credentials of webhooks.

Those of AWS services and partners are rules of classic buses, managed by EventBridge.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from pocketbus.apis.call import Call
from pocketbus.apis.eventbridgev2.find import find_bus, find_source, once, page_by_name, scope_of
from pocketbus.apis.eventbridgev2.service import eventbridgev2
from pocketbus.apis.eventbridgev2.tags import check_count
from pocketbus.apis.eventbridgev2.webhooks import generated, read_credential, read_webhook
from pocketbus.emulator.buses.bus import DEFAULT_BUS, Bus, BusSettings
from pocketbus.emulator.buses.event_source import PENDING
from pocketbus.emulator.buses.rule import RuleSettings
from pocketbus.emulator.buses.target import Target
from pocketbus.emulator.custombuses.bus import UPDATING
from pocketbus.emulator.custombuses.source import (
    AWS_SERVICE,
    PARTNER,
    WEBHOOK,
    Credential,
    Source,
    SourceSettings,
)
from pocketbus.emulator.errors import (
    AccessDeniedException,
    InvalidInputException,
    InvalidStateException,
    LimitExceededException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
)
from pocketbus.rules.pattern import InvalidPattern, compile_pattern

Wire = Mapping[str, Any]

MANAGED_BY: Final = "events.amazonaws.com"
_FORMS: Final = {
    "AwsServiceEventsConfiguration": AWS_SERVICE,
    "PartnerEventsConfiguration": PARTNER,
    "WebhookEventsConfiguration": WEBHOOK,
}
_TYPES: Final = {AWS_SERVICE: "AWS_SERVICE_EVENTS", PARTNER: "PARTNER_EVENTS", WEBHOOK: "WEBHOOK_EVENTS"}


@eventbridgev2.operation
def create_event_source(
    call: Call,
    *,
    name: str,
    event_bus_arn: str,
    configuration: Wire,
    description: str | None = None,
    tags: dict[str, str] | None = None,
    client_token: str | None = None,
) -> dict[str, Any]:
    def create() -> dict[str, Any]:
        scope = call.scope.custom
        bus = find_bus(call, event_bus_arn, "CreateEventSource")
        bus.check(call.now, UPDATING)
        check_count(tags)
        if any(one.name == name for one in scope.sources.values()):
            raise ResourceAlreadyExistsException(f"Event source {name} already exists.")
        kind, settings, secret = _read(call, configuration)
        settings = replace(settings, description=description or None)
        arn = scope.arn(f"event-sourcev2/{kind}/{name}/{scope.identifier()}")
        source = Source(arn, bus.arn, settings, tags or {}, call.now)
        if kind == WEBHOOK:
            _open_webhook(call, source, secret)
        else:
            source.rule = _put_rule(call, source)
        scope.sources[arn] = bus.sources[arn] = source
        return {
            **_write(source),
            "EventSourceDetails": _details(source),
            "CreationTime": source.created_at,
        }

    request = {
        "name": name,
        "bus": event_bus_arn,
        "configuration": configuration,
        "description": description,
        "tags": tags,
    }
    return once(call, client_token, "CreateEventSource", request, create)


@eventbridgev2.operation
def describe_event_source(call: Call, *, event_source_arn: str) -> dict[str, Any]:
    source = find_source(call, event_source_arn, "DescribeEventSource")
    return {
        **_write(source),
        "Configuration": source.settings.configuration,
        "EventSourceDetails": _details(source),
        "Description": source.settings.description,
        "Revoked": source.revoked or None,
        "CreationTime": source.created_at,
        "LastModifiedTime": source.modified_at,
    }


@eventbridgev2.operation
def update_event_source(
    call: Call, *, event_source_arn: str, configuration: Wire | None = None, description: str | None = None
) -> dict[str, Any]:
    source = _changeable(find_source(call, event_source_arn, "UpdateEventSource"))
    settings = source.settings
    if configuration is not None:
        kind, read, secret = _read(call, configuration, before=source)
        if kind != source.kind:
            raise InvalidInputException("The type of an event source cannot change")
        if kind == WEBHOOK and (secret is not None or read.auth != settings.auth):
            raise InvalidInputException("AuthConfiguration cannot change")
        settings = replace(read, description=settings.description)
    if description is not None:
        settings = replace(settings, description=description.strip() or None)
    source.settings = settings
    source.modified_at = call.now
    if source.rule is not None:
        _remove_rule(call, source)
        source.rule = _put_rule(call, source)
    return {**_write(source), "LastModifiedTime": source.modified_at}


@eventbridgev2.operation
def delete_event_source(call: Call, *, event_source_arn: str) -> dict[str, Any]:
    source = find_source(call, event_source_arn, "DeleteEventSource")
    _remove_rule(call, source)
    del call.scope.custom.sources[source.arn]
    bus = call.engine.resources.get(source.bus_arn)
    getattr(bus, "sources", {}).pop(source.arn, None)
    return {}


@eventbridgev2.operation
def list_event_sources(
    call: Call,
    *,
    event_bus_arn: str | None = None,
    name_prefix: str = "",
    next_token: str | None = None,
    max_results: int | None = None,
) -> dict[str, Any]:
    """List those of a bus, whoever's they are, or those of the caller on any bus."""
    if event_bus_arn is None:
        sources = call.scope.custom.sources
    else:
        sources = find_bus(call, event_bus_arn, "ListEventSources").sources
    page, token = page_by_name(sources, name_prefix, next_token, max_results)
    return {"EventSources": [_summary(one) for one in page], "NextToken": token}


@eventbridgev2.operation
def revoke_resource(call: Call, *, arn: str) -> dict[str, Any]:
    """Revoke what is on a bus of the caller's; what does not exist is answered as what is on another's."""
    scope = scope_of(call, arn)
    denied = AccessDeniedException(
        f"Account {call.scope.account} is not authorized to perform: events:RevokeResource on resource: {arn}"
    )
    if scope is None:
        raise denied
    revoked = scope.subscribers.get(arn) or scope.sources.get(arn)
    if revoked is None or revoked.bus_arn.split(":")[4] != call.scope.account:
        raise denied
    revoked.revoke(call.now)
    if isinstance(revoked, Source):
        _remove_rule(call, revoked)
    return {"Arn": arn}


@eventbridgev2.operation
def rotate_webhook_credentials(
    call: Call, *, event_source_arn: str, credential: Wire | None = None, client_token: str | None = None
) -> dict[str, Any]:
    def rotate() -> dict[str, Any]:
        source = _changeable(find_source(call, event_source_arn, "RotateWebhookCredentials"))
        auth, held = source.settings.auth, source.credential
        if auth is None or held is None:
            raise InvalidInputException("The event source is no webhook")
        secret = generated(call, auth) if credential is None else read_credential(auth, credential)
        if not held.rotate(secret, call.now):
            raise LimitExceededException("The credentials were rotated too often within 24 hours.")
        source.modified_at = call.now
        return {"SecretArn": held.arn}

    request = {"source": event_source_arn, "credential": credential}
    return once(call, client_token, "RotateWebhookCredentials", request, rotate)


def _read(
    call: Call, configuration: Wire, before: Source | None = None
) -> tuple[str, SourceSettings, str | None]:
    """Read the one member of a Configuration; return its kind, the settings and a secret that it gives."""
    ((form, wire),) = configuration.items()
    kind = _FORMS[form]
    if kind == WEBHOOK:
        settings, secret = read_webhook(call, wire)
        return kind, settings, secret
    _check_pattern(wire.get("Pattern"))
    if kind == PARTNER and before is None:
        _pending(call, wire["PartnerEventSourceArn"])
    return kind, SourceSettings({form: dict(wire)}), None


def _check_pattern(text: str | None) -> None:
    if not text:
        return
    try:
        compile_pattern(text)
    except InvalidPattern as error:
        raise InvalidInputException(f"Pattern is not valid. Reason: {error}") from None
    for name in ("source", "account", "region"):
        if name in json.loads(text):
            raise InvalidInputException(f"Pattern must not have the top-level field {name}")


def _pending(call: Call, arn: str) -> str:
    """Return the name of a partner's source that waits for a bus, or raise the error of one that does not."""
    name = arn.partition("event-source/")[2]
    found = call.scope.events.offered_sources.named(name, call.now)
    if not found:
        raise ResourceNotFoundException(f"Partner event source {arn} does not exist.")
    if found[0].state != PENDING:
        raise InvalidStateException(f"Partner event source {name} is not in PENDING state.")
    return name


def _put_rule(call: Call, source: Source) -> tuple[str, str]:
    """Have a managed rule bring the events of a service or a partner to the bus; return the names of bus and rule."""
    ((_, wire),) = source.settings.configuration.items()
    pattern = json.loads(wire.get("Pattern") or "{}")
    if source.kind == AWS_SERVICE:
        bus = call.scope.events.buses[DEFAULT_BUS]
        pattern = {"source": [wire["AwsService"]], **pattern}
    else:
        bus = _partner_bus(call, wire)
        pattern = pattern or {"source": [{"prefix": ""}]}
    name = f"EventSource-{source.arn.rpartition('/')[2]}"
    rule = bus.put_rule(
        name,
        RuleSettings(pattern=compile_pattern(json.dumps(pattern))),
        created_by=bus.owner,
        tags={},
        now=call.now,
        managed_by=MANAGED_BY,
    )
    failures = wire.get("OnFailureConfiguration", {}).get("Arn")
    if failures is not None and failures.endswith(".fifo"):
        raise InvalidInputException(
            "OnFailureConfiguration.Arn must name a standard SQS queue: FIFO queues are not supported as "
            "EventSource dead-letter queues"
        )
    rule.targets = {name: Target(name, source.bus_arn, dead_letter_target=failures)}
    return bus.name, name


def _partner_bus(call: Call, wire: Wire) -> Bus:
    name = wire["PartnerEventSourceArn"].partition("event-source/")[2]
    bus = call.scope.events.buses.get(name)
    if bus is None:
        bus = call.scope.events.create_bus(name, BusSettings(), {}, call.now)
        for offered in call.scope.events.offered_sources.named(name, call.now):
            offered.activate()
    return bus


def _remove_rule(call: Call, source: Source) -> None:
    """Take the rule away and, of a partner, the bus, whose source waits for another then."""
    if source.rule is None:
        return
    events = call.engine.scope_of(source.arn).events
    bus_name, rule_name = source.rule
    source.rule = None
    bus = events.buses.get(bus_name)
    if bus is None:
        return
    if rule_name in bus.rules:
        bus.delete_rule(bus.rules[rule_name])
    if source.kind == PARTNER and not bus.rules:
        events.delete_bus(bus, call.now)


def _open_webhook(call: Call, source: Source, secret: str | None) -> None:
    auth = source.settings.auth
    if auth is None:
        raise InvalidInputException("AuthConfiguration must hold exactly one member")
    identifier = source.arn.rpartition("/")[2]
    scope = call.scope
    arn = (
        f"arn:{source.arn.split(':')[1]}:secretsmanager:{scope.region}:{scope.account}:secret:events-webhook!"
    )
    source.credential = Credential(f"{arn}{source.name}-{identifier[:6]}", secret or generated(call, auth))
    source.url = f"{call.base_url}/_pocketbus/webhooks/{identifier}"


def _changeable(source: Source) -> Source:
    if source.revoked:
        raise InvalidStateException(f"Event source {source.name} has been revoked.")
    return source


def _write(source: Source) -> dict[str, Any]:
    return {
        "EventSourceArn": source.arn,
        "Name": source.name,
        "EventBusArn": source.bus_arn,
        "State": "ACTIVE",
    }


def _details(source: Source) -> dict[str, Any] | None:
    if source.credential is None:
        return None
    return {"WebhookDetails": {"WebhookUrl": source.url, "SecretArn": source.credential.arn}}


def _summary(source: Source) -> dict[str, Any]:
    return {
        "EventSourceArn": source.arn,
        "Name": source.name,
        "EventBusArn": source.bus_arn,
        "Type": _TYPES[source.kind],
        "State": "ACTIVE",
        "Revoked": source.revoked or None,
        "CreationTime": source.created_at,
        "LastModifiedTime": source.modified_at,
        "EventSourceAccountId": source.owner,
    }
