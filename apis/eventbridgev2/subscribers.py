"""Subscribers: create, describe, update, delete, list."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from pocketbus.apis.call import Call
from pocketbus.apis.eventbridgev2.find import find_bus, find_subscriber, once, page_by_name
from pocketbus.apis.eventbridgev2.service import eventbridgev2
from pocketbus.apis.eventbridgev2.settings import read_start, with_given, write_settings, write_start
from pocketbus.apis.eventbridgev2.tags import check_count
from pocketbus.apis.eventbridgev2.targets import read_target
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.custombuses.bus import UPDATING
from pocketbus.emulator.custombuses.subscriber import Subscriber
from pocketbus.emulator.custombuses.subscriber_settings import RUNNING, STOPPED, UNORDERED, SubscriberSettings
from pocketbus.emulator.errors import (
    InvalidInputException,
    InvalidStateException,
    LimitExceededException,
    ResourceAlreadyExistsException,
)

Wire = Mapping[str, Any]

_FILTER_CHANGES: Final = 24
_DAY_SECONDS: Final = 86_400


@eventbridgev2.operation
def create_subscriber(
    call: Call,
    *,
    name: str,
    event_bus_arn: str,
    invoke_configuration: Wire,
    description: str | None = None,
    filter_configuration: Wire | None = None,
    type: str = UNORDERED,  # noqa: A002 - AWS's own name
    starting_position: str = "LATEST",
    point_in_time_configuration: Wire | None = None,
    batch_configuration: Wire | None = None,
    transformer: Wire | None = None,
    retry_policy: Wire | None = None,
    on_failure_configuration: Wire | None = None,
    log_configuration: Wire | None = None,
    state: str = RUNNING,
    tags: dict[str, str] | None = None,
    client_token: str | None = None,
) -> dict[str, Any]:
    given = {
        "Description": description,
        "FilterConfiguration": filter_configuration,
        "BatchConfiguration": batch_configuration or {},
        "Transformer": transformer,
        "RetryPolicy": retry_policy,
        "OnFailureConfiguration": on_failure_configuration,
        "LogConfiguration": log_configuration,
    }

    def create() -> dict[str, Any]:
        scope = call.scope.custom
        bus = find_bus(call, event_bus_arn, "CreateSubscriber")
        bus.check(call.now, UPDATING)
        target = read_target(call, invoke_configuration, invoke_configuration["TargetArn"], bus.arn)
        if "UniversalTargetParameters" in invoke_configuration and batch_configuration is None:
            raise InvalidInputException("BatchConfiguration is required for universal targets")
        if filter_configuration == {}:
            raise InvalidInputException("FilterConfiguration must contain at least one Filter")
        check_count(tags)
        settings = with_given(SubscriberSettings(target), given)
        start = read_start(bus, starting_position, point_in_time_configuration, call.now)
        own = [one for one in bus.subscribers.values() if _account_of(one) == call.scope.account]
        if any(one.name == name for one in own):
            raise ResourceAlreadyExistsException(f"Subscriber {name} already exists.")
        arn = scope.arn(f"subscriber/{name}/{scope.identifier()}")
        subscriber = bus.subscribe(arn, settings, call.now, ordering=type, start=start, state=state)
        subscriber.tags = dict(tags) if tags else None
        scope.subscribers[arn] = subscriber
        return {**_write(subscriber), "CreationTime": subscriber.created_at}

    request = {
        **given,
        "name": name,
        "bus": event_bus_arn,
        "invoke": invoke_configuration,
        "type": type,
        "start": [starting_position, point_in_time_configuration],
        "state": state,
        "tags": tags,
    }
    return once(call, client_token, "CreateSubscriber", request, create)


@eventbridgev2.operation
def describe_subscriber(call: Call, *, subscriber_arn: str) -> dict[str, Any]:
    subscriber = find_subscriber(call, subscriber_arn, "DescribeSubscriber")
    return {
        **_write(subscriber),
        **write_settings(subscriber.settings),
        "Revoked": subscriber.revoked or None,
        "CreationTime": subscriber.created_at,
        "LastModifiedTime": subscriber.modified_at,
    }


@eventbridgev2.operation
def update_subscriber(
    call: Call,
    *,
    subscriber_arn: str,
    description: str | None = None,
    state: str | None = None,
    resume_position: str | None = None,
    invoke_configuration: Wire | None = None,
    filter_configuration: Wire | None = None,
    batch_configuration: Wire | None = None,
    transformer: Wire | None = None,
    retry_policy: Wire | None = None,
    on_failure_configuration: Wire | None = None,
    log_configuration: Wire | None = None,
) -> dict[str, Any]:
    subscriber = find_subscriber(call, subscriber_arn, "UpdateSubscriber")
    if subscriber.revoked:
        raise InvalidStateException(f"Subscriber {subscriber.name} has been revoked.")
    settings = subscriber.settings
    if invoke_configuration is not None:
        target = read_target(call, invoke_configuration, settings.target.arn, subscriber.bus_arn)
        settings = replace(settings, target=target)
    settings = with_given(
        settings,
        {
            "Description": description,
            "FilterConfiguration": filter_configuration,
            "BatchConfiguration": batch_configuration,
            "Transformer": transformer,
            "RetryPolicy": retry_policy,
            "OnFailureConfiguration": on_failure_configuration,
            "LogConfiguration": log_configuration,
        },
    )
    if set(settings.filters.texts) != set(subscriber.settings.filters.texts):
        _count_filter_change(subscriber, call.now)
    starts = state == RUNNING and subscriber.state == STOPPED
    if starts:
        subscriber.start_again(call.now, at_latest=resume_position == "LATEST")
    elif state == STOPPED and subscriber.state == RUNNING:
        subscriber.stop(call.now)
    subscriber.configure(settings, call.now)
    return {**_write(subscriber), "LastModifiedTime": subscriber.modified_at}


@eventbridgev2.operation
def delete_subscriber(call: Call, *, subscriber_arn: str) -> dict[str, Any]:
    subscriber = find_subscriber(call, subscriber_arn, "DeleteSubscriber")
    subscriber.leave()
    del call.scope.custom.subscribers[subscriber_arn]
    return {}


@eventbridgev2.operation
def list_subscribers(
    call: Call,
    *,
    event_bus_arn: str | None = None,
    name_prefix: str = "",
    next_token: str | None = None,
    max_results: int | None = None,
) -> dict[str, Any]:
    """List those of a bus, whoever's they are, or those of the caller on any bus."""
    if event_bus_arn is None:
        subscribers = call.scope.custom.subscribers
    else:
        subscribers = find_bus(call, event_bus_arn, "ListSubscribers").subscribers
    page, token = page_by_name(subscribers, name_prefix, next_token, max_results)
    return {"Subscribers": [_summary(one) for one in page], "NextToken": token}


def _count_filter_change(subscriber: Subscriber, now: float) -> None:
    """Raise LimitExceededException for the 25th change of the filters within 24 hours."""
    lately = tuple(at for at in subscriber.filter_changes if at > now - _DAY_SECONDS)
    if len(lately) >= _FILTER_CHANGES:
        raise LimitExceededException(
            "FILTER_CHANGE_LIMIT_EXCEEDED: The subscriber has reached its limit of filter changes for a 24-hour "
            "period. Wait for an earlier change to pass 24 hours old and retry."
        )
    subscriber.filter_changes = (*lately, now)


def _account_of(subscriber: Subscriber) -> str:
    arn = Arn.parse(subscriber.arn)
    return "" if arn is None else arn.account


def _write(subscriber: Subscriber) -> dict[str, Any]:
    return {
        "SubscriberArn": subscriber.arn,
        "Name": subscriber.name,
        "EventBusArn": subscriber.bus_arn,
        "Type": subscriber.ordering,
        **write_start(subscriber.start),
        "State": subscriber.state,
        "SubscriberDetails": _details(subscriber),
    }


def _details(subscriber: Subscriber) -> dict[str, Any] | None:
    """Tell of what is there for targets that are clusters of Kafka only: nothing is connected to."""
    if subscriber.settings.target.service != "kafka":
        return None
    return {"MskDetails": {"ConnectivityState": "ACTIVE"}}


def _summary(subscriber: Subscriber) -> dict[str, Any]:
    return {
        "SubscriberArn": subscriber.arn,
        "Name": subscriber.name,
        "EventBusArn": subscriber.bus_arn,
        "TargetArn": subscriber.settings.target.arn,
        "Type": subscriber.ordering,
        "Revoked": subscriber.revoked or None,
        "State": subscriber.state,
        "CreationTime": subscriber.created_at,
        "LastModifiedTime": subscriber.modified_at,
        "SubscriberAccountId": _account_of(subscriber),
    }
