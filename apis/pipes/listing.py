"""Pipes: describe and list."""

from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.paging import InvalidToken, named, page_of
from pocketbus.apis.pipes.find import find_pipe
from pocketbus.apis.pipes.service import pipes
from pocketbus.apis.pipes.settings import write_settings
from pocketbus.emulator.errors import ValidationException
from pocketbus.emulator.pipes.pipe import RUNNING, STOPPED, Pipe

_PAGE = 100


@pipes.operation
def describe_pipe(call: Call, *, name: str) -> dict[str, Any]:
    pipe = find_pipe(call, name)
    return {
        **write_states(pipe, call.now),
        **write_settings(pipe),
        "Source": pipe.source,
        "StateReason": pipe.reason(call.now),
        "Tags": pipe.tags,
    }


@pipes.operation
def list_pipes(
    call: Call,
    *,
    name_prefix: str = "",
    desired_state: str | None = None,
    current_state: str | None = None,
    source_prefix: str = "",
    target_prefix: str = "",
    next_token: str | None = None,
    limit: int = _PAGE,
) -> dict[str, Any]:
    def wants(pipe: Pipe) -> bool:
        return (
            pipe.source.startswith(source_prefix)
            and pipe.settings.target.arn.startswith(target_prefix)
            and desired_state in {None, pipe.desired_state}
            and current_state in {None, pipe.state(call.now)}
        )

    found = named(call.scope.pipes.pipes_at(call.now), name_prefix, wants)
    try:
        page, token = page_of(found, key=_name, token=next_token, limit=limit)
    except InvalidToken:
        raise ValidationException("Invalid NextToken provided.") from None
    return {"Pipes": [_summary(pipe, call.now) for pipe in page], "NextToken": token}


def _name(pipe: Pipe) -> str:
    return pipe.name


def _summary(pipe: Pipe, now: float) -> dict[str, Any]:
    enrichment = pipe.settings.enrichment
    return {
        **write_states(pipe, now),
        # The model knows no other here: of one that is being deleted DescribePipe alone tells so.
        "DesiredState": RUNNING if pipe.settings.running else STOPPED,
        "StateReason": pipe.reason(now),
        "Source": pipe.source,
        "Target": pipe.settings.target.arn,
        "Enrichment": None if enrichment is None else enrichment.arn,
    }


def write_states(pipe: Pipe, now: float) -> dict[str, Any]:
    """Write what every operation on a pipe answers."""
    return {
        "Arn": pipe.arn,
        "Name": pipe.name,
        "DesiredState": pipe.desired_state,
        "CurrentState": pipe.state(now),
        "CreationTime": pipe.created_at,
        "LastModifiedTime": pipe.modified_at,
    }
