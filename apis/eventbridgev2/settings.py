"""The settings of subscribers: what their owners give, with the defaults of the rest, and back."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from pocketbus.apis.eventbridgev2.targets import UNIVERSAL, check, type_of, write_target
from pocketbus.emulator.custombuses.bus import CustomBus
from pocketbus.emulator.custombuses.filters import (
    DATA,
    METADATA,
    SYSTEM_METADATA,
    Filters,
    compile_filters,
)
from pocketbus.emulator.custombuses.payload import is_expression
from pocketbus.emulator.custombuses.subscriber_settings import (
    JSONATA,
    RAW,
    RetryPolicy,
    Start,
    SubscriberSettings,
)
from pocketbus.emulator.errors import InvalidInputException
from pocketbus.rules.pattern import InvalidPattern, compile_pattern

Wire = Mapping[str, Any]

SOONEST_SECONDS: Final = 300
"""How long ago an instant must lie at which a subscriber begins."""
_PATTERN_BYTES: Final = 4096


def with_given(before: SubscriberSettings, given: Wire) -> SubscriberSettings:
    """Return settings in which each block that is given is replaced. Raise InvalidInputException."""
    settings = before
    for member, read in _BLOCKS.items():
        if given.get(member) is not None:
            settings = read(settings, given[member])
    _check(settings)
    return settings


def _check(settings: SubscriberSettings) -> None:
    kind = type_of(settings.target.arn)
    if kind.raw_only and settings.transformer != RAW:
        raise InvalidInputException("Transformer: a target that is an event bus supports the type RAW only")
    if kind is UNIVERSAL and settings.transformer != RAW:
        raise InvalidInputException("Transformer is not supported for universal targets")


def _with_description(settings: SubscriberSettings, text: str) -> SubscriberSettings:
    return replace(settings, description=text.strip() or None)


def _with_filters(settings: SubscriberSettings, wire: Wire) -> SubscriberSettings:
    return replace(settings, filters=read_filters(wire))


def read_filters(wire: Wire) -> Filters:
    """Read a FilterConfiguration; an empty one lets everything through. Raise InvalidInputException."""
    if not wire:
        return compile_filters(())
    filters = wire.get("Filters")
    if not filters:
        raise InvalidInputException("FilterConfiguration must contain at least one Filter")
    texts: dict[str, str] = {}
    for one in filters:
        scope, text = one["Scope"], one["Pattern"]
        if scope in texts:
            raise InvalidInputException(f"Duplicate filter scope: {scope}")
        texts[scope] = text
        _check_pattern(scope, text)
    if sum(len(text.encode()) for text in texts.values()) > _PATTERN_BYTES:
        raise InvalidInputException(
            f"Filter patterns must not be longer than {_PATTERN_BYTES} bytes together"
        )
    try:
        return compile_filters(tuple(texts.items()))
    except InvalidPattern as error:
        raise InvalidInputException(f"Filter pattern is not valid. Reason: {error}") from None


def _check_pattern(scope: str, text: str) -> None:
    try:
        pattern = compile_pattern(text)
    except InvalidPattern as error:
        raise InvalidInputException(f"Filter pattern is not valid. Reason: {error}") from None
    if scope in (DATA, SYSTEM_METADATA) and '"wildcard"' in text and has_wildcard(pattern.text):
        raise InvalidInputException(
            "Filter pattern must not contain wildcard matchers (wildcard, anything-but wildcard)"
        )
    if scope == METADATA and not _is_of_literals(text):
        raise InvalidInputException(
            "Filter pattern of scope METADATA must hold arrays of literal values only, no operators"
        )


def has_wildcard(text: str) -> bool:
    """Tell whether an operator named wildcard occurs in a valid pattern: an object within an array."""

    def within(value: Any, *, of_array: bool) -> bool:
        match value:
            case dict():
                return (of_array and "wildcard" in value) or any(
                    within(part, of_array=of_array and name != "$or") for name, part in value.items()
                )
            case list():
                return any(within(part, of_array=True) for part in value)
        return False

    def walk(value: Any) -> bool:
        if not isinstance(value, dict):
            return within(value, of_array=False)
        alternatives = value.get("$or", [])
        return any(walk(one) for one in alternatives if isinstance(one, dict)) or any(
            walk(part) for name, part in value.items() if name != "$or"
        )

    return walk(json.loads(text))


def _is_of_literals(text: str) -> bool:
    pattern = json.loads(text)
    return all(
        isinstance(values, list) and not any(isinstance(value, dict | list) for value in values)
        for values in pattern.values()
    )


def _with_batches(settings: SubscriberSettings, wire: Wire) -> SubscriberSettings:
    kind = type_of(settings.target.arn)
    size = wire.get("MaxBatchSize", kind.default_in_batch)
    return replace(
        settings,
        batch_size=min(size, kind.most_in_batch),
        batch_window_seconds=wire.get("MaxBatchWindowInSeconds", 0),
    )


def _with_transformer(settings: SubscriberSettings, wire: Wire) -> SubscriberSettings:
    transformer = wire.get("Type", RAW)
    text = wire.get("JsonataConfiguration", {}).get("Expression")
    if (transformer == JSONATA) != (text is not None):
        needed = "required for" if text is None else "supported only for"
        raise InvalidInputException(f"Transformer.JsonataConfiguration is {needed} the type JSONATA")
    if text is not None and not is_expression(text):
        raise InvalidInputException(
            "Transformer.JsonataConfiguration.Expression must be of the form {% ... %}"
        )
    if text is not None:
        check(text, "Transformer.JsonataConfiguration.Expression")
    return replace(settings, transformer=transformer, expression=text)


def _with_retries(settings: SubscriberSettings, wire: Wire) -> SubscriberSettings:
    default = RetryPolicy()
    policy = RetryPolicy(
        wire.get("MaxRetryAttempts", default.maximum_attempts),
        wire.get("MaxEventAgeInSeconds", default.maximum_event_age_seconds),
    )
    return replace(settings, retry_policy=policy)


def _with_failures(settings: SubscriberSettings, wire: Wire) -> SubscriberSettings:
    return replace(settings, dead_letter_target=wire.get("Arn"))


def _with_logs(settings: SubscriberSettings, wire: Wire) -> SubscriberSettings:
    return replace(
        settings,
        log_level=wire.get("Level", "OFF"),
        log_payload=wire.get("IncludePayload", "ON_ERROR_ONLY"),
    )


_BLOCKS: Final[Mapping[str, Callable[[SubscriberSettings, Any], SubscriberSettings]]] = {
    "Description": _with_description,
    "FilterConfiguration": _with_filters,
    "BatchConfiguration": _with_batches,
    "Transformer": _with_transformer,
    "RetryPolicy": _with_retries,
    "OnFailureConfiguration": _with_failures,
    "LogConfiguration": _with_logs,
}


def read_start(bus: CustomBus, position: str, wire: Wire | None, now: float) -> Start:
    """Read where a subscriber begins and ends. Raise InvalidInputException."""
    if (position == "POINT_IN_TIME") != (wire is not None):
        needed = "required for" if wire is None else "supported only for"
        raise InvalidInputException(f"PointInTimeConfiguration is {needed} StartingPosition POINT_IN_TIME")
    if wire is None:
        return Start(position)
    kind, start_at, end_at = wire["PointType"], wire.get("StartingPoint"), wire.get("EndPoint")
    if (kind == "TIMESTAMP") != (start_at is not None):
        needed = "required for" if start_at is None else "supported only for"
        raise InvalidInputException(f"PointInTimeConfiguration.StartingPoint is {needed} PointType TIMESTAMP")
    if start_at is not None:
        _check_starting_point(bus, start_at, now)
    if end_at is not None and end_at <= (start_at or 0.0):
        raise InvalidInputException("PointInTimeConfiguration.EndPoint must be after StartingPoint")
    return Start(position, kind, start_at, end_at)


def _check_starting_point(bus: CustomBus, start_at: float, now: float) -> None:
    if start_at > now - SOONEST_SECONDS:
        raise InvalidInputException(
            "PointInTimeConfiguration.StartingPoint must be at least 5 minutes in the past"
        )
    if start_at < bus.retained_since(now):
        raise InvalidInputException(
            "PointInTimeConfiguration.StartingPoint must not be before the RetentionWindowStartTime of the event bus"
        )


def write_start(start: Start) -> dict[str, Any]:
    written: dict[str, Any] = {"StartingPosition": start.position}
    if start.point_type is not None:
        written["PointInTimeConfiguration"] = {
            "PointType": start.point_type,
            "StartingPoint": start.start_at,
            "EndPoint": start.end_at,
        }
    return written


def write_settings(settings: SubscriberSettings) -> dict[str, Any]:
    transformer: dict[str, Any] = {"Type": settings.transformer}
    if settings.expression is not None:
        transformer["JsonataConfiguration"] = {"Expression": settings.expression}
    filters = [{"Pattern": text, "Scope": scope} for scope, text in settings.filters.texts]
    return {
        "InvokeConfiguration": write_target(settings.target),
        "Description": settings.description,
        "FilterConfiguration": {"Language": "EVENT_BRIDGE_PATTERN", "Filters": filters} if filters else None,
        "BatchConfiguration": {
            "MaxBatchSize": settings.batch_size,
            "MaxBatchWindowInSeconds": settings.batch_window_seconds,
        },
        "Transformer": transformer,
        "RetryPolicy": {
            "MaxRetryAttempts": settings.retry_policy.maximum_attempts,
            "MaxEventAgeInSeconds": settings.retry_policy.maximum_event_age_seconds,
            "RetryStrategy": "ALL",
        },
        "OnFailureConfiguration": None
        if settings.dead_letter_target is None
        else {"Arn": settings.dead_letter_target},
        "LogConfiguration": {"Level": settings.log_level, "IncludePayload": settings.log_payload},
    }
