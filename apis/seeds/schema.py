"""The JSON Schema of a seed, made from the models of the operations, for editors that complete and check it."""

from typing import Any

from pocketbus.apis.model import Shape
from pocketbus.apis.seeds.exporting import DOCUMENTS
from pocketbus.apis.seeds.section import Section
from pocketbus.apis.seeds.sections import SECTIONS

_PLACE = {
    "account": {
        "type": "string",
        "pattern": "^[0-9]{12}$",
        "description": "The account, else the server's own.",
    },
    "region": {"type": "string", "description": "The region, else the server's own."},
}
_TEXT = {"type": ["string", "integer", "number", "boolean"]}
_DOCUMENT = {"type": ["string", "object"], "description": "A JSON text, or what it says."}


def seed_schema() -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Resources for pocketbus",
        "type": "object",
        "properties": {**_PLACE, **{name: _section(section) for name, section in SECTIONS.items()}},
        "additionalProperties": False,
    }


def _section(section: Section) -> dict[str, Any]:
    entry = _structure(section.operation.input, section.leave_out)
    entry["properties"] = {**_PLACE, **entry["properties"]}
    if section.attributes:
        known = {name: _DOCUMENT if name in DOCUMENTS else _TEXT for name in section.attributes}
        entry["properties"]["Attributes"] = _object(known)
    return {"type": "array", "description": f"As {section.making} takes them.", "items": entry}


def _structure(shape: Shape, leave_out: frozenset[str] = frozenset()) -> dict[str, Any]:
    members = [member for member in shape.members if member.name not in leave_out]
    found = _object({member.name: _value(member.name, member.shape) for member in members})
    required = [member.name for member in members if member.required]
    return found | ({"required": required} if required else {})


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _value(name: str, shape: Shape) -> dict[str, Any]:
    match shape.type:
        case "structure":
            found = _structure(shape)
        case "list":
            found = {"type": "array", "items": _value("", shape.element)}
        case "map":
            found = {"type": "object", "additionalProperties": _value("", shape.element)}
        case "boolean" | "integer" | "long":
            found = {"type": "integer" if shape.type == "long" else shape.type}
        case "timestamp":
            found = {"type": ["string", "number"], "description": "A date and time, or seconds since 1970."}
        case _ if name in DOCUMENTS or name == "Input":
            found = _DOCUMENT
        case _:
            found = {"enum": list(shape.enum)} if shape.enum else _TEXT
    return found
