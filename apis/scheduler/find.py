"""Finds the group and the schedule that a request names, the page of a listing, and what a call was answered before."""

import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeVar

from pocketbus.apis.call import Call
from pocketbus.apis.paging import Behind, InvalidToken, page_of
from pocketbus.emulator.errors import ResourceNotFoundException, ValidationException
from pocketbus.emulator.schedules.schedule import Schedule
from pocketbus.emulator.schedules.schedule_group import ScheduleGroup

T = TypeVar("T")

_PAGE = 100


def find_group(call: Call, name: str) -> ScheduleGroup:
    group = call.scope.scheduler.groups_at(call.now).get(name)
    if group is None:
        raise ResourceNotFoundException(f"Schedule group {name} does not exist.")
    return group


def find_schedule(call: Call, group_name: str, name: str) -> Schedule:
    schedule = find_group(call, group_name).schedules.get(name)
    if schedule is None:
        raise ResourceNotFoundException(f"Schedule {name} does not exist.")
    return schedule


def read_page(
    behind: Behind[T], key: Callable[[T], str], next_token: str | None, max_results: int | None
) -> tuple[Sequence[T], str | None]:
    """Return a page of items, 100 at most, and the token of the next one."""
    try:
        return page_of(behind, key=key, token=next_token, limit=max_results or _PAGE)
    except InvalidToken:
        raise ValidationException("Invalid NextToken provided.") from None


def once(
    call: Call, token: str | None, operation: str, request: Mapping[str, Any], act: Callable[[], str]
) -> str:
    """Return what a call is answered: if its token comes again, what it was answered then, without acting again.

    Raise ConflictException if the token came with another request.
    """
    if token is None:
        return act()
    tokens = call.scope.scheduler.client_tokens
    written = json.dumps([operation, request], sort_keys=True)
    digest = sha256(written.encode("utf-8", "surrogatepass")).hexdigest()
    answer = tokens.answer(token, digest, call.now)
    if answer is None:
        answer = act()
        tokens.remember(token, digest, answer, call.now)
    return answer
