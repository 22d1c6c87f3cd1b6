"""The settings of an event source mapping: read with AWS's rules for queues, and written."""

from collections.abc import Mapping, Sequence
from typing import Any

from pocketbus.emulator.errors import InvalidParameterValueException
from pocketbus.emulator.functions.mapping import EventSourceMapping
from pocketbus.emulator.functions.mapping_settings import MappingSettings
from pocketbus.rules.pattern import InvalidPattern, Pattern, compile_pattern

Wire = Mapping[str, Any]

WITHOUT_EFFECT = ("KMSKeyArn", "MetricsConfig", "LoggingConfig", "ProvisionedPollerConfig")
"""What is kept and shown, and does nothing here."""

FOREIGN = frozenset(
    {
        "AmazonManagedKafkaEventSourceConfig",
        "BisectBatchOnFunctionError",
        "DestinationConfig",
        "DocumentDBEventSourceConfig",
        "MaximumRecordAgeInSeconds",
        "MaximumRetryAttempts",
        "ParallelizationFactor",
        "Queues",
        "SelfManagedKafkaEventSourceConfig",
        "SourceAccessConfigurations",
        "StartingPosition",
        "StartingPositionTimestamp",
        "Topics",
        "TumblingWindowInSeconds",
    }
)
"""What is for other kinds of sources than queues."""

REPORT = "ReportBatchItemFailures"
_FILTERS = 10
_FIFO = ".fifo"


def refuse_foreign(given: Wire) -> None:
    """Refuse what is for other kinds of sources."""
    for name in given:
        if name in FOREIGN:
            raise InvalidParameterValueException(
                f"Unsupported {name} parameter for given event source mapping type."
            )


def changed(settings: MappingSettings, queue_arn: str, given: Wire) -> MappingSettings:
    """Return the settings with what is given in their place; what is None stays. Raise InvalidParameterValueException.

    An empty structure takes filters or scaling away.
    """
    parameters = dict(settings.parameters)
    for name in WITHOUT_EFFECT:
        if given.get(name) is not None:
            parameters[name] = given[name]
    types = given.get("FunctionResponseTypes")
    scaling = given.get("ScalingConfig")
    criteria = given.get("FilterCriteria")
    new = MappingSettings(
        function_arn=given.get("FunctionArn") or settings.function_arn,
        enabled=_or(given.get("Enabled"), settings.enabled),
        batch_size=_or(given.get("BatchSize"), settings.batch_size),
        window_seconds=_or(given.get("MaximumBatchingWindowInSeconds"), settings.window_seconds),
        filters=settings.filters if criteria is None else _filters(criteria),
        maximum_concurrency=settings.maximum_concurrency
        if scaling is None
        else scaling.get("MaximumConcurrency"),
        reports_failures=settings.reports_failures if types is None else REPORT in types,
        parameters={name: value for name, value in parameters.items() if value != {}},
    )
    _check(new, fifo=queue_arn.endswith(_FIFO))
    return new


def _or(given: Any, otherwise: Any) -> Any:
    return otherwise if given is None else given


def _check(settings: MappingSettings, *, fifo: bool) -> None:
    if fifo and settings.window_seconds:
        raise InvalidParameterValueException("Batching window is not supported for FIFO queues")
    if settings.batch_size > 10 and not settings.window_seconds:
        raise InvalidParameterValueException(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
        )
    if settings.maximum_concurrency is not None and "ProvisionedPollerConfig" in settings.parameters:
        raise InvalidParameterValueException(
            "MaximumConcurrency and ProvisionedPollerConfig cannot be used together."
        )


def _filters(criteria: Wire) -> tuple[Pattern, ...]:
    filters: Sequence[Wire] = criteria.get("Filters") or ()
    if len(filters) > _FILTERS:
        raise InvalidParameterValueException(f"A mapping has {_FILTERS} filters at most.")
    try:
        return tuple(compile_pattern(one.get("Pattern", "")) for one in filters)
    except InvalidPattern:
        raise InvalidParameterValueException("Invalid filter pattern definition.") from None


def write_mapping(mapping: EventSourceMapping, now: float) -> dict[str, Any]:
    settings = mapping.settings
    concurrency = settings.maximum_concurrency
    return {
        "UUID": mapping.uuid,
        "BatchSize": settings.batch_size,
        "MaximumBatchingWindowInSeconds": settings.window_seconds,
        "EventSourceArn": mapping.queue_arn,
        "FilterCriteria": {"Filters": [{"Pattern": pattern.text} for pattern in settings.filters]}
        if settings.filters
        else None,
        "ScalingConfig": None if concurrency is None else {"MaximumConcurrency": concurrency},
        "FunctionArn": settings.function_arn,
        "LastModified": mapping.modified_at,
        "State": mapping.state(now),
        "StateTransitionReason": "USER_INITIATED",
        "FunctionResponseTypes": [REPORT] if settings.reports_failures else [],
        "EventSourceMappingArn": mapping.arn,
        **settings.parameters,
    }
