"""Requests whose members are filled in when they are made: with an input, as text or as JSON."""

from enum import Enum
from typing import Any

from msgspec import Struct


class Slot(Enum):
    """Where a request has the input: as text, or as the JSON value that the text is."""

    TEXT = "text"
    JSON = "json"


class InstantPath(Struct, frozen=True):
    """The path to an instant: what it selects has to become a number."""

    path: str


def filled(request: Any, text: str | None, given: Any) -> Any:
    """Put the input in its slots. A member without a value is left out, one without a name adds those it holds."""
    match request:
        case Slot.TEXT:
            return text
        case Slot.JSON:
            return given
        case dict():
            parts = ((name, filled(part, text, given)) for name, part in request.items())
            members = {name: part for name, part in parts if part is not None}
            added = members.pop("", None)
            return members | added if isinstance(added, dict) else members
        case list() | tuple():
            return [filled(part, text, given) for part in request]
    return request
