"""Replays of archives: start, cancel, describe, list."""

from collections.abc import Mapping
from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.events.find import Filters, bus_name, lookup_bus, read_page
from pocketbus.apis.events.service import events
from pocketbus.apis.paging import named
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.buses.archive import Archive
from pocketbus.emulator.buses.bus import Bus
from pocketbus.emulator.buses.replay import Replay, ReplaySettings
from pocketbus.emulator.errors import (
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
    ValidationException,
)


@events.operation
def start_replay(
    call: Call,
    *,
    replay_name: str,
    event_source_arn: str,
    event_start_time: float,
    event_end_time: float,
    destination: Mapping[str, Any],
    description: str | None = None,
) -> dict[str, Any]:
    if event_start_time >= event_end_time:
        raise ValidationException(
            "Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime."
        )
    if replay_name in call.scope.events.replays_at(call.now):
        raise ResourceAlreadyExistsException(f"Replay {replay_name} already exists.")
    archive = _find_archive(call, event_source_arn)
    settings = ReplaySettings(
        event_start_time, event_end_time, _read_destination(call, archive.bus, destination), description
    )
    replay = call.scope.events.start_replay(replay_name, archive, settings, call.now)
    return {**_write_state(replay), "ReplayStartTime": replay.started_at}


@events.operation
def cancel_replay(call: Call, *, replay_name: str) -> dict[str, Any]:
    replay = _find(call, replay_name)
    replay.cancel(call.now)
    return _write_state(replay)


@events.operation
def describe_replay(call: Call, *, replay_name: str) -> dict[str, Any]:
    replay = _find(call, replay_name)
    filter_arns = replay.settings.filter_arns
    return {
        **_write(replay),
        "ReplayArn": replay.arn,
        "Description": replay.settings.description,
        "Destination": {"Arn": replay.bus.arn, "FilterArns": filter_arns and list(filter_arns)},
    }


@events.operation
def list_replays(
    call: Call,
    *,
    name_prefix: str | None = None,
    state: str | None = None,
    event_source_arn: str | None = None,
    next_token: str | None = None,
    limit: int | None = None,
) -> dict[str, Any]:
    filters = Filters("ListReplays", name_prefix, event_source_arn, state)
    found = named(
        call.scope.events.replays,
        name_prefix,
        lambda replay: not replay.forgotten(call.now) and filters.admit(replay.archive_arn, replay.state),
    )
    page, token = read_page(found, lambda replay: replay.name, next_token, limit)
    return {"Replays": [_write(replay) for replay in page], "NextToken": token}


def _find(call: Call, name: str) -> Replay:
    replay = call.scope.events.replays_at(call.now).get(name)
    if replay is None:
        raise ResourceNotFoundException(f"Replay {name} does not exist.")
    return replay


def _find_archive(call: Call, text: str) -> Archive:
    arn = Arn.parse(text)
    kind, _, name = arn.resource.partition("/") if arn is not None else ("", "", text)
    archive = call.scope.events.archives.get(name) if kind == "archive" else None
    if archive is None or archive.arn != text:
        raise ValidationException(
            f"Parameter EventSourceArn is not valid. Reason: Archive {name} does not exist."
        )
    return archive


def _read_destination(call: Call, bus: Bus, destination: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return the ARNs of the rules that a replay is for; None: all the rules of the bus."""
    if lookup_bus(call, destination["Arn"]) is None:
        raise ResourceNotFoundException(f"Event bus {bus_name(destination['Arn'])} does not exist.")
    if destination["Arn"] != bus.arn:
        raise ValidationException(
            "Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted."
        )
    filter_arns = destination.get("FilterArns") or None
    known = {rule.arn for rule in bus.rules.values()}
    for arn in filter_arns or ():
        if arn not in known:
            raise ValidationException(
                f"Parameter Destination.FilterArns is not valid. Reason: Rule {arn} does not exist on the event bus."
            )
    return None if filter_arns is None else tuple(filter_arns)


def _write_state(replay: Replay) -> dict[str, Any]:
    return {"ReplayArn": replay.arn, "State": replay.state, "StateReason": replay.reason}


def _write(replay: Replay) -> dict[str, Any]:
    return {
        "ReplayName": replay.name,
        "EventSourceArn": replay.archive_arn,
        "State": replay.state,
        "StateReason": replay.reason,
        "EventStartTime": replay.settings.start_at,
        "EventEndTime": replay.settings.end_at,
        "EventLastReplayedTime": replay.last_replayed_at,
        "ReplayStartTime": replay.started_at,
        "ReplayEndTime": replay.ended_at,
    }
