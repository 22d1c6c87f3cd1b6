"""Message attributes: from their wire form, checked, and back."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pocketbus.emulator.digests import md5_of_attributes
from pocketbus.emulator.errors import InvalidParameterValueException, UnsupportedOperation
from pocketbus.emulator.limits import MESSAGE_ATTRIBUTES
from pocketbus.emulator.message import NO_ATTRIBUTES, Attribute, Attributes

# AWS takes letters and digits of any script, whatever its page and its error say.
_NAME = re.compile(r"(?!\.)(?!.*\.\.)[\w.-]{1,256}(?<!\.)\Z")
_RESERVED = ("aws.", "amazon.")
_ALL = frozenset({"All", ".*", "*"})
_TYPE = re.compile(r"(String|Number|Binary)(\..+)?\Z", re.DOTALL)
_TYPE_LENGTH = 256
_NUMBER = re.compile(r"[+-]?(?=\.?[0-9])([0-9]{0,400})\.?([0-9]{0,400})(?:[eE][+-]?[0-9]{1,3})?\Z")
_NUMBER_DIGITS = 38
_NUMBER_EXPONENTS = range(-128, 127)
_MARKED = bytes(code if code >= 0x20 or code in b"\t\n\r" else 0x80 for code in range(256))
"""Each byte of ASCII as it is, and none of those that are forbidden."""
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_attributes(wire: Mapping[str, Mapping[str, Any]] | None) -> Attributes:
    if not wire:
        return NO_ATTRIBUTES
    if len(wire) > MESSAGE_ATTRIBUTES:
        raise InvalidParameterValueException(
            f"Number of message attributes [{len(wire)}] exceeds the allowed maximum [{MESSAGE_ATTRIBUTES}]."
        )
    for name in wire:
        _check_name(name)
    return {name: read_attribute(name, value) for name, value in wire.items()}


def read_attribute(name: str, wire: Mapping[str, Any], kind: str = "user") -> Attribute:
    """Check one attribute's type and value; `kind` is user or system and occurs in error texts."""
    data_type = wire.get("DataType") or ""
    if not data_type:
        raise InvalidParameterValueException(
            f"The message ({kind}) attribute '{name}' must contain a non-empty message attribute type."
        )
    match = _TYPE.match(data_type)
    if match is None or len(data_type) > _TYPE_LENGTH:
        raise InvalidParameterValueException(
            f"The type of message ({kind}) attribute '{name}' is invalid. You must use only the following "
            "supported type prefixes: Binary, Number, String."
        )
    base = match[1]
    if wire.get("StringListValues") or wire.get("BinaryListValues"):
        raise UnsupportedOperation(
            "Message attribute list values in SendMessage operation are not supported."
        )
    value = wire.get("BinaryValue" if base == "Binary" else "StringValue")
    if not value:
        raise InvalidParameterValueException(
            f"Message ({kind}) attribute '{name}' must contain a non-empty value of type '{base}'."
        )
    if isinstance(value, str):
        _check_text(name, base, value, kind)
    return Attribute(data_type, value)


def _check_name(name: str) -> None:
    if not _NAME.match(name) or name.lower().startswith(_RESERVED):
        raise InvalidParameterValueException(
            f"The message attribute name '{name}' is invalid. Attribute name can contain A-Z, a-z, 0-9, "
            "underscore (_), hyphen (-), and period (.) characters."
        )


def _check_text(name: str, base: str, text: str, kind: str) -> None:
    if base == "Number" and not _is_number(text):
        raise InvalidParameterValueException(
            f"Can't cast the value of message ({kind}) attribute '{name}' to a number."
        )
    if (character := forbidden_character(text)) is not None:
        raise InvalidParameterValueException(
            f"Invalid binary character '{character}' was found in the message attribute '{name}' value, "
            f"{ALLOWED_CHARACTERS}"
        )


def _is_number(text: str) -> bool:
    """Tell whether a text is a number of up to 38 digits between 10^-128 and 10^+126.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
    """
    match = _NUMBER.match(text)
    if match is None or len((match[1] + match[2]).strip("0")) > _NUMBER_DIGITS:
        return False
    number = Decimal(text)
    return not number or number.adjusted() in _NUMBER_EXPONENTS


ALLOWED_CHARACTERS = (
    "the set of allowed characters is "
    "#x9 | #xA | #xD | [#x20 to #xD7FF] | [#xE000 to #xFFFD] | [#x10000 to #x10FFFF]"
)


def forbidden_character(text: str) -> str | None:
    """Return the first character that a message may not hold, as AWS writes it: #x1F."""
    # Nearly every text is ASCII, and telling that it holds no control character is cheaper by translation.
    if text.isascii() and (data := text.encode()).translate(_MARKED) == data:
        return None
    found = _FORBIDDEN.search(text)
    return None if found is None else f"#x{ord(found[0]):X}"


def select_attributes(attributes: Attributes, names: list[str]) -> Attributes:
    """Return the attributes asked for by name, by `prefix.*` (which needs no dot), or all by `All`, `.*` or `*`."""
    if not _ALL.isdisjoint(names):
        return attributes
    prefixes = tuple(name[:-2] for name in names if name.endswith(".*"))
    return {
        name: attribute
        for name, attribute in attributes.items()
        if name in names or (prefixes and name.startswith(prefixes))
    }


def write_attributes(attributes: Attributes) -> dict[str, Any]:
    """Return the wire members of a received message that show these attributes."""
    return {
        "MessageAttributes": {
            name: {
                "DataType": data_type,
                "BinaryValue" if isinstance(value, bytes) else "StringValue": value,
            }
            for name, (data_type, value) in attributes.items()
        },
        "MD5OfMessageAttributes": md5_of_attributes(attributes),
    }
