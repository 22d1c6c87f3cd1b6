"""The form in which SNS refuses a parameter."""

from pocketbus.emulator.errors import InvalidParameterException


def invalid(parameter: str, reason: str | None = None) -> InvalidParameterException:
    """Refuse a parameter by its name, or by a whole sentence."""
    text = parameter if reason is None else f"{parameter} Reason: {reason}"
    return InvalidParameterException(f"Invalid parameter: {text}")


def invalid_value(value: str, words: str) -> ValueError:
    """Refuse an attribute's value; the reader of attributes puts the name in front."""
    return ValueError(f"Invalid value [{value}]. {words}")
