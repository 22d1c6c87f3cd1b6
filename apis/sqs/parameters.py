"""Checks that several operations share, in AWS's words."""

import re

from pocketbus.emulator.errors import InvalidParameterValueException
from pocketbus.emulator.limits import VISIBILITY_SECONDS
from pocketbus.emulator.queues.queue import Queue

_TOKEN = re.compile(r"[!-~]{1,128}\Z")


def invalid(parameter: str, value: object, reason: str) -> InvalidParameterValueException:
    return InvalidParameterValueException(
        f"Value {value} for parameter {parameter} is invalid. Reason: {reason}"
    )


def check_between(parameter: str, number: int | None, least: int, most: int) -> None:
    """Check a number that may be left out."""
    if number is not None and not least <= number <= most:
        raise invalid(parameter, number, f"Must be between {least} and {most}, if provided.")


def check_token(parameter: str, token: str) -> None:
    """Check an id that the client makes up for a group, a message or an attempt."""
    if not _TOKEN.match(token):
        reason = f"{parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length."
        raise invalid(parameter, token, reason)


def check_fifo(queue: Queue, parameter: str, value: object) -> None:
    """Refuse on a standard queue what only a FIFO queue takes."""
    if not queue.settings.fifo:
        raise wrong_for_queue_type(parameter, value)


def wrong_for_queue_type(parameter: str, value: object) -> InvalidParameterValueException:
    return invalid(parameter, value, "The request include parameter that is not valid for this queue type.")


def check_visibility_timeout(seconds: int) -> None:
    if not 0 <= seconds <= VISIBILITY_SECONDS:
        reason = f"VisibilityTimeout must be an integer between 0 and {VISIBILITY_SECONDS}."
        raise invalid("VisibilityTimeout", seconds, reason)
