"""InputTemplate: finds the placeholders, knows which stand inside quotes, and fills them in.

Where the values come from, and AWS's words for a rejection, are left to transform.py.
"""

import json
import re
from collections.abc import Iterator, Mapping

from pocketbus.rules import json_text
from pocketbus.rules.jsonpath import MISSING
from pocketbus.rules.value import Value

MAX_FILLED = 1024 * 1024  # characters: the largest payload of any target, SQS's mebibyte
_TOKEN = re.compile(r'\\.|"|<([A-Za-z0-9._-]+)>', re.DOTALL)
_SPACES = " \t\r\n"


class Placeholder(Value):
    """<name> in a template; quoted if it stands inside a JSON string."""

    name: str
    quoted: bool

    @property
    def outline(self) -> str:
        """Something of the same length that is JSON in its place, but for {} where a key must stand."""
        return f"<{self.name}>" if self.quoted else "{}".ljust(len(self.name) + 2)


class Template(Value):
    """A template cut at its placeholders. A text template is one that starts with a quote mark."""

    pieces: tuple[str | Placeholder, ...]
    is_text: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The placeholders' names, in order of appearance."""
        return tuple(piece.name for piece in self.pieces if isinstance(piece, Placeholder))

    def fill(self, values: Mapping[str, object]) -> str:
        """Fill in the values, each name's MISSING or a decoded JSON value.

        Values are pasted unescaped, as EventBridge does. ValueError if a JSON template so stops being JSON,
        or if the text is longer than MAX_FILLED.

        >>> parse('{"a": <a>, "b": "is <a>"}').fill({"a": "x"})
        '{"a":"x","b":"is x"}'
        """
        placeholders = {piece for piece in self.pieces if isinstance(piece, Placeholder)}
        forms = {piece: self._form(values[piece.name], quoted=piece.quoted) for piece in placeholders}
        parts = [piece if isinstance(piece, str) else forms[piece] for piece in self.pieces]
        # Thousands of placeholders, each for a whole event, would be gigabytes.
        if sum(map(len, parts)) > MAX_FILLED:
            raise ValueError("larger than any target takes")
        filled = "".join(parts)
        return filled if self.is_text else json_text.encode(json_text.decode(filled))

    def _form(self, value: object, *, quoted: bool) -> str:
        if not quoted:
            return '""' if value is MISSING else json_text.encode(value)
        if value is MISSING:
            return ""
        if isinstance(value, str):
            return str(value)
        # In a text template objects and lists lose every quote mark: {acc_id:0a78,sf_id:baz}.
        return json_text.encode(value).replace('"', "" if self.is_text else '"')

    def fault(self) -> int | None:
        """Return where the template stops being JSON whatever the values, or None: it is JSON.

        A text template may be several JSON strings, one after the other; a JSON template is one value. A
        placeholder may not be an object's key.
        """
        outline = "".join(piece if isinstance(piece, str) else piece.outline for piece in self.pieces)
        position = _skip_spaces(outline, 0)
        try:
            while True:
                value, end = json_text.decode_prefix(outline, position)
                if _has_placeholder_key(value):
                    return position
                position = _skip_spaces(outline, end)
                if position == len(outline):
                    return None
                if not self.is_text:
                    return position
        except json.JSONDecodeError as error:
            return error.pos


def parse(text: str) -> Template:
    """Cut a template at its placeholders; nothing is refused, see Template.fault.

    >>> parse('{"a": <b-c>}').names
    ('b-c',)
    """
    return cut(text, _TOKEN)


def cut(text: str, token: re.Pattern[str]) -> Template:
    """Do the same where a pattern tells the placeholders, as its first group, the quotes and the escapes."""
    pieces = tuple(_pieces(text, token))
    return Template(pieces, is_text=text.lstrip(_SPACES).startswith('"'))


def _pieces(text: str, pattern: re.Pattern[str]) -> Iterator[str | Placeholder]:
    quoted, start = False, 0
    for token in pattern.finditer(text):
        if token[1]:
            yield text[start : token.start()]
            yield Placeholder(token[1], quoted)
            start = token.end()
        elif token[0] == '"':
            quoted = not quoted
    yield text[start:]


def _skip_spaces(text: str, position: int) -> int:
    return len(text) - len(text[position:].lstrip(_SPACES))


def _has_placeholder_key(value: object) -> bool:
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if any(token[1] for key in value for token in _TOKEN.finditer(key)):
                return True
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return False
