"""An entry's parameters, checked against the operation's model and brought into the form that a client sends."""

import json
from base64 import b64decode
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from pocketbus.apis.model import Shape
from pocketbus.apis.seeds.section import Entry, Mistake, Path, Section
from pocketbus.apis.seeds.sections import SECTIONS
from pocketbus.emulator.arn import ACCOUNT, REGION
from pocketbus.emulator.time.duration import instant_of

_KINDS: dict[str, tuple[type, ...]] = {
    "integer": (int,),
    "long": (int,),
    "boolean": (bool,),
    "list": (list,),
    "map": (dict,),
    "structure": (dict,),
    "timestamp": (int, float, str, datetime),
    "blob": (str,),
    "string": (str, bool, int, float, dict, list),
}

_PLACE = (
    ("account", ACCOUNT, "12 digits in quotes"),
    ("region", REGION, "a name such as us-east-1"),
)


def mistakes_in(entry: Entry) -> Iterator[Mistake]:
    """Yield what the model does not allow: unknown or missing parameters, values of another type."""
    section = SECTIONS.get(entry.section)
    if section is None:
        yield Mistake(entry.source, entry.path, _unknown("section", entry.section, SECTIONS))
        return
    for name, pattern, hint in _PLACE:
        value = getattr(entry, name)
        if value is not None and not (isinstance(value, str) and pattern.fullmatch(value)):
            yield Mistake(entry.source, (*entry.path, name), f"{value!r} is no {name}; give {hint}")
    for path, text in _in_entry(section, entry.parameters):
        yield Mistake(entry.source, (*entry.path, *path), f"{entry.section}: {text}")


def _in_entry(section: Section, parameters: Any) -> Iterator[tuple[Path, str]]:
    if not isinstance(parameters, dict):
        yield (), f"{repr(parameters)[:80]} is no table of parameters"
        return
    for name in parameters:
        if name not in section.members:
            yield (name,), _unknown("parameter", name, section.members)
    for member in section.operation.input.members:
        if member.name in section.members:
            yield from _in_member(member.name, member.shape, parameters, required=member.required)
    attributes = parameters.get("Attributes")
    if section.attributes and isinstance(attributes, dict):
        for name in attributes:
            if name not in section.attributes:
                yield ("Attributes", name), _unknown("attribute", name, section.attributes)


def _in_member(
    name: str, shape: Shape, given: Mapping[str, Any], *, required: bool
) -> Iterator[tuple[Path, str]]:
    if name in given:
        for path, text in _in_value(shape, given[name]):
            yield (name, *path), text if path else f"{name} {text}"
    elif required:
        yield (), f"{name} is missing"


def _in_value(shape: Shape, value: Any) -> Iterator[tuple[Path, str]]:
    objection = _objection(shape, value)
    if objection is not None:
        yield (), objection
    elif shape.type == "list":
        for index, item in enumerate(value):
            yield from _deeper(index, _in_value(shape.element, item))
    elif shape.type == "map":
        for name, item in value.items():
            yield from _deeper(name, _in_value(shape.element, item))
    elif shape.type == "structure":
        known = [member.name for member in shape.members]
        for name in value:
            if name not in known:
                yield (name,), _unknown("parameter", name, known)
        for member in shape.members:
            yield from _in_member(member.name, member.shape, value, required=member.required)


def _objection(shape: Shape, value: Any) -> str | None:
    """Say what is wrong with the value as such."""
    kinds = _KINDS.get(shape.type, (object,))
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        return f"must be of type {shape.type}"
    if shape.type == "timestamp" and _instant(value) is None:
        return "is no instant: give a date and time such as 2026-01-31T08:00:00Z"
    if shape.type == "blob" and _bytes(value) is None:
        return "is no base64"
    if shape.type == "string" and not _is_json(value):
        return "holds a date or the like, which JSON has not: write it as a text"
    return None


def _instant(value: Any) -> float | None:
    try:
        return value.timestamp() if isinstance(value, datetime) else instant_of(value)
    except ValueError:
        return None


def _bytes(text: Any) -> bytes | None:
    try:
        return b64decode(text, validate=True)
    except ValueError:
        return None


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True


def _deeper(step: str | int, found: Iterator[tuple[Path, str]]) -> Iterator[tuple[Path, str]]:
    for path, text in found:
        yield (step, *path), text if path or isinstance(step, int) else f"{step} {text}"


def _unknown(what: str, name: object, known: Collection[str]) -> str:
    """Say what there is instead; in YAML a name may be a number, or none at all."""
    from difflib import get_close_matches  # noqa: PLC0415 - slow to load, and for mistakes only

    close = get_close_matches(str(name), known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
    return f"there is no {what} {name}; {hint}"


def as_sent(shape: Shape, value: Any) -> Any:
    """Return a checked value as a client sends it: what a text holds as text, JSON for a table."""
    match shape.type:
        case "structure":
            shapes = {member.name: member.shape for member in shape.members}
            return {name: as_sent(shapes[name], one) for name, one in value.items() if name in shapes}
        case "map":
            return {name: as_sent(shape.element, one) for name, one in value.items()}
        case "list":
            return [as_sent(shape.element, one) for one in value]
        case "timestamp":
            return _instant(value)
        case "blob":
            return _bytes(value)
        case _:
            return value if shape.type != "string" or isinstance(value, str) else json.dumps(value)
