"""What a target gets of an event: its data, that with all there is to know of it, or what an expression makes of it."""

import json
import re
from collections.abc import Mapping
from typing import Any

from pocketbus.emulator.custombuses.event import LogEvent
from pocketbus.emulator.custombuses.subscriber_settings import (
    RAW,
    WITH_METADATA,
    Number,
    Slot,
    SubscriberSettings,
)
from pocketbus.emulator.message import Text
from pocketbus.rules import json_text

_WHOLE = re.compile(r"-?[0-9]{1,18}")
_OPENING, _CLOSING = "{%", "%}"


def is_expression(text: Any) -> bool:
    """Tell a text that is an expression as a whole from all others, which stand for themselves."""
    return isinstance(text, str) and text.startswith(_OPENING) and text.endswith(_CLOSING)


def expression_in(text: str) -> str:
    return text[len(_OPENING) : -len(_CLOSING)].strip()


def has_expression(value: Any) -> bool:
    """Tell whether there is an expression anywhere in a request, in its names too."""
    match value:
        case dict():
            return any(is_expression(name) or has_expression(part) for name, part in value.items())
        case list() | tuple():
            return any(map(has_expression, value))
        case Number(text):
            return is_expression(text)
    return is_expression(value)


def needs_evaluation(settings: SubscriberSettings) -> bool:
    """Tell whether anything that a subscriber sends has to be computed."""
    target = settings.target
    given = [target.group_id, target.deduplication_id, target.request, target.parameters]
    return settings.expression is not None or has_expression(given)


def document_of(event: LogEvent, delivery_type: str) -> dict[str, Any]:
    """Return an event as expressions see it."""
    return {
        "Data": event.value(),
        "Metadata": dict(event.metadata),
        "SystemMetadata": event.system_metadata(delivery_type),
    }


def plain_payload(event: LogEvent, transformer: str, delivery_type: str) -> Text:
    """Return what goes out without an expression; of raw data, the content that the log has."""
    if transformer == RAW:
        return event.content
    if transformer != WITH_METADATA:
        raise ValueError(f"{transformer} is computed")
    data = event.content.body if event.is_json else written(event.content.body)
    metadata, system_metadata = written(dict(event.metadata)), written(event.system_metadata(delivery_type))
    return Text(f'{{"Data":{data},"Metadata":{metadata},"SystemMetadata":{system_metadata}}}')


def written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def computed_payload(result: Any) -> str:
    """Write what an expression has made: a text without its quotes, anything else as JSON."""
    return result if isinstance(result, str) else written(result)


def as_json(event: LogEvent, payload: str, transformer: str) -> str:
    """Return a payload as JSON, for targets that take nothing else."""
    if transformer == RAW:
        return payload if event.is_json else written(payload)
    try:
        json_text.read(payload)
    except ValueError:
        return written(payload)
    return payload


def filled(request: Any, text: str, computed: Mapping[str, Any]) -> Any:
    """Return a request with the payload in its slots, and each expression's result in its place."""
    match request:
        case Slot():
            return text if request is Slot.TEXT else json_text.read(text)
        case Number(given):
            return whole_number(filled(given, text, computed))
        case dict():
            parts = (
                (filled(name, text, computed), filled(part, text, computed)) for name, part in request.items()
            )
            return {name: part for name, part in parts if part is not None}
        case list() | tuple():
            return [filled(part, text, computed) for part in request]
    return computed[request] if is_expression(request) else request


def expressions_in(value: Any) -> "dict[str, None]":
    """Return the expressions in a request, in order, each once."""
    match value:
        case dict():
            return {
                one: None
                for name, part in value.items()
                for one in (expressions_in(name) | expressions_in(part))
            }
        case list() | tuple():
            return {one: None for part in value for one in expressions_in(part)}
        case Number(text):
            return expressions_in(text)
        case str() if is_expression(value):
            return {value: None}
    return {}


def whole_number(text: str) -> int | str:
    """Read a number; another text stays what it is, for the operation to refuse."""
    return int(text) if _WHOLE.fullmatch(text) else text
