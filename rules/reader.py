"""Read JSON one token at a time and know at every moment where AWS's parser would say it stands.

AWS reads patterns with Jackson, whose current location ends each rejection. Three habits of that parser decide
it: a string value is passed over only when it is asked for, a name is read together with the opening of the
value that follows it, and (in rejection.py) a column counts UTF-16 units.
"""

import re
from enum import Enum
from typing import NamedTuple

from pocketbus.rules.rejection import InvalidPattern, located

MAX_DEPTH = 100
"""A pattern nested deeper is refused. AWS's own bound is not known."""

_SPACE = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORD = re.compile(r"[\w$]+")
_PLAIN = re.compile(r'[^"\\\x00-\x1f]*')
_HEX = re.compile(r"[0-9a-fA-F]*")
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_VALUES = "JSON String, Number, Array, Object or token 'null', 'true' or 'false'"


class Token(Enum):
    OPEN_OBJECT = "{"
    CLOSE_OBJECT = "}"
    OPEN_ARRAY = "["
    CLOSE_ARRAY = "]"
    NAME = "name"
    STRING = "string"
    NUMBER = "number"
    TRUE = "true"
    FALSE = "false"
    NULL = "null"
    END = ""


_OPENERS = {"{": Token.OPEN_OBJECT, "[": Token.OPEN_ARRAY}
_CLOSERS = {"}": Token.CLOSE_OBJECT, "]": Token.CLOSE_ARRAY}
_WORDS = {"true": Token.TRUE, "false": Token.FALSE, "null": Token.NULL}
_MARKS = {"{": ("Object", "}"), "[": ("Array", "]")}


class _Read(NamedTuple):
    token: Token
    text: str


class Reader:
    """A cursor over the tokens of one JSON text; its rejections show that text unless it is to be hidden."""

    def __init__(self, source: str, *, hidden: bool = False) -> None:
        self._source = source
        self._hidden = hidden
        self._at = 0
        self._open: list[int] = []
        self._comma_due = False
        self._read = _Read(Token.END, "")
        self._ahead: _Read | None = None
        self._string_unread = False

    @property
    def token(self) -> Token:
        return self._read.token

    @property
    def text(self) -> str:
        """The current token as written; a string or a name without its quotes and escapes."""
        if self._string_unread and self.token is Token.STRING:
            self._string_unread = False
            self._read = _Read(Token.STRING, self._string("string value"))
        return self._read.text

    def next(self) -> Token:
        """Move on by one token; raise InvalidPattern where the text stops being JSON."""
        if self._ahead is not None:
            self._read, self._ahead = self._ahead, None
            return self.token
        if self._string_unread:
            _ = self.text
        self._read = self._advance()
        return self.token

    def refuse(self, reason: str) -> InvalidPattern:
        """Make the rejection that AWS's compiler gives at this moment."""
        return InvalidPattern(reason, self._place(self._at))

    def _place(self, at: int) -> str:
        return located(self._source, at, hidden=self._hidden)

    def _advance(self) -> _Read:
        char = self._skip_space()
        if char in _CLOSERS:
            return self._close(char)
        if not char:
            return self._end()
        if self._comma_due:
            char = self._next_entry(char)
        self._comma_due = bool(self._open)
        if self._container == "{":
            return self._name(char)
        return self._value(char)

    @property
    def _container(self) -> str:
        return self._source[self._open[-1]] if self._open else ""

    def _end(self) -> _Read:
        if self._open:
            kind, _ = _MARKS[self._container]
            start = self._place(self._open[-1])
            raise self.refuse(
                f"Unexpected end-of-input: expected close marker for {kind} (start marker at {start})"
            )
        return _Read(Token.END, "")

    def _next_entry(self, char: str) -> str:
        kind, _ = _MARKS[self._container]
        if char != ",":
            raise self._unexpected(char, f": was expecting comma to separate {kind} entries")
        self._at += 1
        return self._skip_space() or self._cut_short()

    def _name(self, char: str) -> _Read:
        if char != '"':
            raise self._unexpected(char, ": was expecting double-quote to start field name")
        self._at += 1
        name = _Read(Token.NAME, self._string("name"))
        char = self._skip_space() or self._cut_short()
        if char != ":":
            raise self._unexpected(char, ": was expecting a colon to separate field name and value")
        self._at += 1
        self._ahead = self._value(self._skip_space() or self._cut_short())
        return name

    def _value(self, char: str) -> _Read:
        if char == '"':
            self._at += 1
            self._string_unread = True
            return _Read(Token.STRING, "")
        if char in _OPENERS:
            return self._enter(char)
        if char in "-0123456789":
            return self._number()
        return self._word(char)

    def _enter(self, char: str) -> _Read:
        self._open.append(self._at)
        self._at += 1
        self._comma_due = False
        if len(self._open) > MAX_DEPTH:
            depth = len(self._open)
            raise self.refuse(f"Document nesting depth ({depth}) exceeds the maximum allowed ({MAX_DEPTH})")
        return _Read(_OPENERS[char], char)

    def _close(self, char: str) -> _Read:
        if not self._open:
            raise self._unexpected(char, f": expected a valid value ({_VALUES})")
        kind, mark = _MARKS[self._container]
        if char != mark:
            start = self._place(self._open[-1])
            reason = f"Unexpected close marker '{char}': expected '{mark}' (for {kind} starting at {start})"
            raise self.refuse(reason)
        self._open.pop()
        self._at += 1
        self._comma_due = bool(self._open)
        return _Read(_CLOSERS[char], char)

    def _number(self) -> _Read:
        found = _NUMBER.match(self._source, self._at)
        if found is None:
            self._at += 1
            reason = " in numeric value: expected digit (0-9) to follow minus sign, for valid numeric value"
            raise self._unexpected(self._source[self._at : self._at + 1], reason)
        self._at = found.end()
        if found[0] in ("0", "-0") and self._source[self._at : self._at + 1].isdecimal():
            raise self.refuse("Invalid numeric value: Leading zeroes not allowed")
        return _Read(Token.NUMBER, found[0])

    def _word(self, char: str) -> _Read:
        found = _WORD.match(self._source, self._at)
        if found is None:
            raise self._unexpected(char, f": expected a valid value ({_VALUES})")
        self._at = found.end()
        if found[0] not in _WORDS:
            raise self.refuse(f"Unrecognized token '{found[0]}': was expecting ({_VALUES})")
        return _Read(_WORDS[found[0]], found[0])

    def _string(self, what: str) -> str:
        """Read on from behind the opening quote to behind the closing one."""
        parts: list[str] = []
        while True:
            plain = _PLAIN.match(self._source, self._at)
            assert plain is not None  # noqa: S101 - the pattern matches the empty string
            parts.append(plain[0])
            self._at = plain.end()
            char = self._source[self._at : self._at + 1]
            if not char:
                raise self.refuse(f"Unexpected end-of-input: was expecting closing quote for a {what}")
            if char not in '"\\':
                reason = "has to be escaped using backslash to be included in"
                raise self.refuse(
                    f"Illegal unquoted character ((CTRL-CHAR, code {ord(char)})): {reason} {what}"
                )
            self._at += 1
            if char == '"':
                return _joined(parts)
            parts.append(self._escape())

    def _escape(self) -> str:
        char = self._source[self._at : self._at + 1]
        if char != "u" and char not in _ESCAPES:
            raise self.refuse(f"Unrecognized character escape {_quoted(char)}")
        self._at += 1
        return self._unicode_escape() if char == "u" else _ESCAPES[char]

    def _unicode_escape(self) -> str:
        digits = self._source[self._at : self._at + 4]
        good = _HEX.match(digits)
        end = good.end() if good else 0
        self._at += end
        if end < len(digits):
            raise self._unexpected(digits[end], ": expected a hex-digit for character escape sequence")
        if end < 4:
            raise self.refuse("Unexpected end-of-input in character escape sequence")
        return chr(int(digits, 16))

    def _skip_space(self) -> str:
        """Return the next character, or "" at the end."""
        space = _SPACE.match(self._source, self._at)
        self._at = space.end() if space else self._at
        return self._source[self._at : self._at + 1]

    def _cut_short(self) -> str:
        kind, _ = _MARKS[self._container]
        raise self.refuse(f"Unexpected end-of-input within/between {kind} entries")

    def _unexpected(self, char: str, reason: str) -> InvalidPattern:
        return self.refuse(f"Unexpected character ({_quoted(char)}){reason}")


def _quoted(char: str) -> str:
    return f"'{char}' (code {ord(char)})" if char else "end-of-input"


def _joined(parts: list[str]) -> str:
    """Put the pieces together; two escapes may form one character outside the basic plane."""
    text = "".join(parts)
    if len(parts) == 1 or text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
