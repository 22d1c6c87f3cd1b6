"""A pipe's settings: what a request gives laid over what was there, read with AWS's rules, and written."""

from collections.abc import Mapping
from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.pipes.sources import (
    FILTERS,
    FOR_EVER,
    block_of,
    read_batch_size,
    read_filters,
    read_stream_policy,
)
from pocketbus.apis.pipes.stages import read_enrichment, read_target, type_of
from pocketbus.emulator.buses.bus_log import Level
from pocketbus.emulator.pipes.pipe import STOPPED, Pipe
from pocketbus.emulator.pipes.pipe_settings import LogSettings, PipeSettings
from pocketbus.emulator.pipes.sources import kind_of

Wire = Mapping[str, Any]

_SOURCE, _ENRICHMENT, _TARGET = "SourceParameters", "EnrichmentParameters", "TargetParameters"
_TEMPLATE = "InputTemplate"
_ANSWERED = (
    *("Description", _SOURCE, "Enrichment", _ENRICHMENT, "Target", _TARGET),
    *("RoleArn", "LogConfiguration", "KmsKeyIdentifier"),
)


def laid_over(before: Wire, given: Wire) -> dict[str, Any]:
    """Return what is set after an update: what is None stays, a service's own parameters are replaced as a whole.

    An empty text takes an enrichment, a template or a key away, an empty list the filters.
    """
    after = {**before, **{name: value for name, value in given.items() if value is not None}}
    for name in (_SOURCE, _ENRICHMENT, _TARGET):
        block = {**before.get(name, {}), **(given.get(name) or {})}
        after[name] = {part: value for part, value in block.items() if not _takes_away(part, value)}
    after[_SOURCE] = _with_what_stays(before.get(_SOURCE, {}), after[_SOURCE])
    if after.get("Target") != before.get("Target"):
        after[_TARGET] = _without_foreign(after["Target"], after[_TARGET], given.get(_TARGET) or {})
    if not after.get("Enrichment"):
        after |= {"Enrichment": None, _ENRICHMENT: {}}
    return {name: value for name, value in after.items() if value not in (None, {}) and value != ""}


def _takes_away(name: str, value: Any) -> bool:
    return value == "" if name == _TEMPLATE else name == FILTERS and not value.get("Filters")


def _with_what_stays(before: Wire, after: Wire) -> dict[str, Any]:
    stays = {
        name: {part: value for part, value in block.items() if part in FOR_EVER}
        for name, block in before.items()
        if name != FILTERS
    }
    return {
        name: block if name == FILTERS else {**stays.get(name, {}), **block} for name, block in after.items()
    }


def _without_foreign(target: str, block: Wire, given: Wire) -> dict[str, Any]:
    """Leave out what was for the target before."""
    found = type_of(target)
    own = {_TEMPLATE} if found is None else {_TEMPLATE, found[0].parameters}
    return {name: value for name, value in block.items() if name in own or name in given}


def read_settings(call: Call, name: str, source: str, given: Wire) -> PipeSettings:
    """Read what is set. Raise ValidationException."""
    of_source = given.get(_SOURCE, {})
    _, block = block_of(source, of_source)
    kind = kind_of(source)
    source_name = "" if kind is None else kind.name
    target = read_target(call, name, source_name, given["Target"], given.get(_TARGET, {}))
    enrichment = None
    if "Enrichment" in given:
        enrichment = read_enrichment(call, name, source_name, given["Enrichment"], given.get(_ENRICHMENT, {}))
    limits = [stage.most for stage in (enrichment, target) if stage is not None and stage.most is not None]
    return PipeSettings(
        given=given,
        target=target,
        enrichment=enrichment,
        running=given.get("DesiredState") != STOPPED,
        batch_size=read_batch_size(source, block, min(limits, default=None)),
        window_seconds=block.get("MaximumBatchingWindowInSeconds", 0),
        filters=read_filters(of_source),
        stream=read_stream_policy(block),
        log=_log(given.get("LogConfiguration", {})),
    )


def _log(given: Wire) -> LogSettings:
    return LogSettings(
        level=Level[given.get("Level") or "OFF"],
        with_data="ALL" in (given.get("IncludeExecutionData") or ()),
        group=given.get("CloudwatchLogsLogDestination", {}).get("LogGroupArn"),
    )


def write_settings(pipe: Pipe) -> dict[str, Any]:
    """Write what was given, and how many records make a batch."""
    settings = pipe.settings
    name, block = block_of(pipe.source, settings.given.get(_SOURCE, {}))
    written = {member: settings.given.get(member) for member in _ANSWERED}
    sized = {"BatchSize": settings.batch_size, **block}
    return {**written, _SOURCE: {**settings.given.get(_SOURCE, {}), name: sized}}
