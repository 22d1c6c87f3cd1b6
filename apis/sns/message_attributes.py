"""Message attributes of a publication: read from the wire, refused in SNS's words."""

import re
from collections.abc import Mapping
from typing import Any

from pocketbus.emulator.errors import InvalidParameterValueException
from pocketbus.emulator.message import NO_ATTRIBUTES, Attribute, Attributes

_NAME_LENGTH = 256
_FOREIGN_CHARACTER = re.compile(r"[^A-Za-z0-9_.-]")
_DATA_TYPE = re.compile(r"(String|Number|Binary)(\..+)?", re.DOTALL)
_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)


def read_attributes(attributes: Mapping[str, Mapping[str, Any]] | None) -> Attributes:
    if not attributes:
        return NO_ATTRIBUTES
    return {name: _read(name, value) for name, value in attributes.items()}


def _read(name: str, value: Mapping[str, Any]) -> Attribute:
    _check_name(name)
    data_type = value["DataType"]
    match = _DATA_TYPE.fullmatch(data_type)
    if match is None:
        raise InvalidParameterValueException(
            f"The message attribute '{name}' has an invalid message attribute type, "
            "the set of supported type prefixes is Binary, Number, and String."
        )
    own, other = ("Binary", "String") if match[1] == "Binary" else ("String", "Binary")
    text = value.get(f"{own}Value")
    if text is None and value.get(f"{other}Value") is not None:
        raise InvalidParameterValueException(
            f"The message attribute '{name}' with type '{data_type}' must use field '{own}'."
        )
    if not text:
        raise InvalidParameterValueException(
            f"The message attribute '{name}' must contain non-empty message attribute value "
            f"for message attribute type '{data_type}'."
        )
    if match[1] == "Number" and not _NUMBER.fullmatch(text):
        raise InvalidParameterValueException(f"Could not cast message attribute '{name}' value to number.")
    return Attribute(data_type, text)


def _check_name(name: str) -> None:
    reason = _fault_of_name(name)
    if reason is not None:
        raise InvalidParameterValueException(reason)


def _fault_of_name(name: str) -> str | None:
    if len(name) > _NAME_LENGTH:
        return "Length of message attribute name must be less than 256 bytes."
    if name.startswith("."):
        return "Invalid message attribute name starting with character '.' was found."
    if name.endswith("."):
        return "Invalid message attribute name ending with character '.' was found."
    foreign = _FOREIGN_CHARACTER.search(name)
    if foreign is not None:
        return (
            f"Invalid non-alphanumeric character '#x{ord(foreign[0]):X}' was found in the message attribute name. "
            "Can only include alphanumeric characters, hyphens, underscores, or dots."
        )
    if ".." in name:
        return "Message attribute name can not have successive '.' character."
    return None
