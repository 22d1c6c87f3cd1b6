"""The rejection of a pattern or a filter policy: AWS's reason and, where AWS gives one, the place in the text."""

import re

_SHOWN_SOURCE = 500
_HIDDEN = "REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)"
_LINE_END = re.compile(r"\r\n|\r|\n")
_CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]")


class InvalidPattern(ValueError):
    """AWS refuses this text: `str()` gives AWS's words with their location, `reason` the first line of them.

    `of_policy` is False for the one rejection of SNS that comes without its "FilterPolicy: " prefix.
    """

    def __init__(self, reason: str, location: str = "", *, of_policy: bool = True) -> None:
        super().__init__(f"{reason}\n at {location}" if location else reason)
        self.reason = reason
        self.location = location
        self.of_policy = of_policy


def line_and_column(source: str, at: int) -> tuple[int, int]:
    """Count from 1, columns in UTF-16 units as a Java parser does."""
    line, start = 1, 0
    for end in _LINE_END.finditer(source, 0, at):
        line, start = line + 1, end.end()
    return line, 1 + sum(2 if char > "\uffff" else 1 for char in source[start:at])


def located(source: str, at: int, *, hidden: bool = False) -> str:
    """Write a place in the source as Jackson does, with the first 500 characters of it or with none."""
    line, column = line_and_column(source, at)
    return f"[Source: {_HIDDEN if hidden else _shown(source)}; line: {line}, column: {column}]"


def _shown(source: str) -> str:
    start = _CONTROL.sub(lambda char: f"\\u{ord(char[0]):04X}", source[:_SHOWN_SOURCE])
    cut = f"[truncated {len(source) - _SHOWN_SOURCE} chars]" if len(source) > _SHOWN_SOURCE else ""
    return f'(String)"{start}"{cut}'
