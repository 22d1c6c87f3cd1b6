"""Event patterns on the wire: their rejections, and TestEventPattern."""

from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.events.service import events
from pocketbus.emulator.errors import InvalidEventPatternException, ValidationException
from pocketbus.rules.event import Event
from pocketbus.rules.pattern import Pattern, compile_pattern
from pocketbus.rules.rejection import InvalidPattern

# `resources` is documented as mandatory too, and AWS does without it.
_MANDATORY = ("id", "account", "source", "time", "region", "detail-type")


def read_pattern(text: str) -> Pattern:
    try:
        return compile_pattern(text)
    except InvalidPattern as error:
        raise InvalidEventPatternException(f"Event pattern is not valid. Reason: {error}") from None


def read_optional_pattern(text: str | None) -> Pattern | None:
    """Read a pattern that may be left out; an empty text counts as that."""
    return read_pattern(text) if text else None


@events.operation
def test_event_pattern(
    _call: Call,  # noqa: PT019 - AWS named the operation like a test
    *,
    event_pattern: str,
    event: str,
) -> dict[str, Any]:
    return {"Result": read_pattern(event_pattern).matches(_read_event(event))}


def _read_event(text: str) -> Event:
    try:
        event = Event.from_json(text)
    except ValueError:
        raise ValidationException("Parameter Event is not valid.") from None
    if not set(_MANDATORY) <= _names(event):
        raise ValidationException("Parameter Event is not valid.")
    return event


def _names(event: Event) -> set[str]:
    return set(event.root) if isinstance(event.root, dict) else {name for name, _ in event.root}
