"""Refusals of parameters, in the form that Pipes has for them."""

import json
from collections.abc import Mapping

from pocketbus.emulator.errors import ValidationException


def invalid_fields(fields: Mapping[str, str]) -> ValidationException:
    """Return the refusal of some fields, each with what is wrong: the message is a JSON text."""
    listed = [{"Name": name, "Message": message} for name, message in fields.items()]
    return ValidationException(json.dumps({"ValidationErrorFields": listed}, separators=(",", ":")))


def missing(field: str) -> ValidationException:
    return invalid_fields({field: "Missing required parameter."})
