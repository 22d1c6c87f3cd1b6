"""Requests with nothing out of the ordinary in them, and a head that comes whole: read at a stroke, as by the parser.

This is what SDKs send. The lines of their heads come again and again, and what they say is remembered. All that takes
more reading, framing and mistakes first of all, is left to the parser.
"""

import re

from starlette.types import Scope

from pocketbus.apis.http.limits import Limits
from pocketbus.apis.http.message import target_of
from pocketbus.apis.remembered import Remembered

Headers = list[tuple[bytes, bytes]]
Fields = dict[bytes, bytes]

_LONGEST = 4096
"""Bytes of a head: what is remembered of many has an end."""

_START = re.compile(rb"(GET|HEAD|POST|PUT|DELETE) (/[!\"$-~]*) HTTP/1\.1")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([!-~](?:[ -~]*[!-~])?)")

_LENGTH = re.compile(rb"0|[1-9][0-9]{0,8}")

# The parser's affair: they tell where a request or its connection ends, or ask for more than an answer.
_PARSED = frozenset({b"connection", b"expect", b"proxy-connection", b"transfer-encoding", b"upgrade"})
_KEPT = (b"connection", b"keep-alive")


class _OddError(Exception):
    """This is no plain header."""


def longest_head(limits: Limits) -> int:
    """Return how many bytes of a head keep every bound, whatever they are."""
    return min(_LONGEST, limits.head, limits.url)


def parts_of(data: bytes, longest: int) -> tuple[bytes, Headers, Fields, bytes, int] | None:
    """Return a request's first line, its headers, these by name, what is here of its body, and how much is not.

    None: it is not plain, or not alone.
    """
    head, end, body = data.partition(b"\r\n\r\n")
    if not end or len(head) > longest:
        return None
    start, *lines = head.split(b"\r\n")
    try:
        headers = [*map(_header_of, lines)]
    except _OddError:
        return None
    fields = dict(headers)
    if len(fields) != len(headers) or b"host" not in fields:
        return None
    missing = _lengths[fields.get(b"content-length", b"0")] - len(body)
    return None if missing < 0 else (start, headers, fields, body, missing)


def scope_of(start: bytes) -> Scope | None:
    """Return what a first line tells to a scope; None: it is not plain."""
    match = _START.fullmatch(start)
    if match is None:
        return None
    method, url = match.groups()
    return {**target_of(url), "method": method.decode("ascii"), "http_version": "1.1"}


def _read(line: bytes) -> tuple[bytes, bytes]:
    match = _HEADER.fullmatch(line)
    if match is None:
        raise _OddError
    name, value = match[1].lower(), match[2]
    if name in _PARSED and (name, value.lower()) != _KEPT:
        raise _OddError
    return name, value


def _length(digits: bytes) -> int:
    """Return the length of a body; less than any where it is not told plainly."""
    return -1 if _LENGTH.fullmatch(digits) is None else int(digits)


_header_of = Remembered(_read, _LONGEST).__getitem__
_lengths = Remembered(_length, _LONGEST)
