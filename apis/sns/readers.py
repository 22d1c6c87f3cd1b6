"""Readings of attribute values; each raises ValueError with SNS's words for what does not fit."""

import re
from collections.abc import Callable
from typing import Any

from pocketbus.apis.sns.invalid import invalid_value
from pocketbus.rules.filter_policy import require_json
from pocketbus.rules.json_text import load
from pocketbus.rules.rejection import InvalidPattern

_WHOLE_NUMBER = re.compile(r"\d{1,10}", re.ASCII)


def read_flag(text: str) -> bool:
    flag = text.lower()
    if flag not in {"true", "false"}:
        raise invalid_value(text, "Must be true or false.")
    return flag == "true"


def write_flag(flag: bool) -> str:
    return "true" if flag else "false"


def one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise invalid_value(text, f"Must be {' or '.join(words)}.")
        return text

    return read


def whole_number(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not _WHOLE_NUMBER.fullmatch(text) or not least <= int(text) <= most:
            raise invalid_value(text, f"Must be an integer between {least} and {most}.")
        return int(text)

    return read


def read_object(text: str) -> dict[str, Any]:
    """Read a JSON object; an empty text is an empty one."""
    try:
        document = load(text or "{}")
    except ValueError:
        raise ValueError(_parser_words(text)) from None
    if not isinstance(document, dict):
        raise ValueError("must be a JSON object")  # noqa: TRY004 - the text is at fault, not a type
    return document


def _parser_words(text: str) -> str:
    """Say where AWS's parser stops."""
    try:
        require_json(text)
    except InvalidPattern as error:
        return str(error)
    return "failed to parse JSON."
