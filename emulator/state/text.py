"""A document as text: one JSON object of which each element of its long lists has a line of its own.

So it is written and read line by line, in short steps, by whoever can; and it is JSON for everybody else. The digest
is of the members in their order, each written as it is here.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import chain
from typing import Any, Final

import orjson

ROWS: Final = "rows"
_ROWS_BEGIN: Final = b'{"rows":'

MEMBERS: Final = ("pocketbus", "version", "part", "clock", "ids", "common", "standing")
LISTS: Final = ("scopes", "resources", "objects")
"""The members of a document in their order: those in a line each, and the lists whose elements have a line each."""

_MEMBER = re.compile(rb'\{?"(\w+)":(.*?),?\}?')

Document = dict[str, Any]


def dumps(value: Any) -> bytes:
    """Write a value; of a text that UTF-8 has no place for, in ASCII."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":")).encode()


def loads(text: bytes) -> Any:
    """Read a value. Raise ValueError."""
    try:
        return orjson.loads(text)
    except ValueError:
        return json.loads(text)


def is_rows(element: Any) -> bool:
    """Tell whether an element, as it is or as it is written, is some rows of an object."""
    return element.startswith(_ROWS_BEGIN) if isinstance(element, bytes) else ROWS in element


class Digest:
    """The digest of a document, member by member."""

    def __init__(self) -> None:
        self._digest = sha256()

    def add(self, name: str, written: bytes = b"[") -> None:
        """Add a member, or the beginning of a list."""
        self._digest.update(b"%s:%s\n" % (name.encode(), written))

    def add_element(self, written: bytes) -> None:
        self._digest.update(written)
        self._digest.update(b"\n")

    def __str__(self) -> str:
        return self._digest.hexdigest()


def lines_of(members: Mapping[str, Any], lists: Mapping[str, Iterable[Any]]) -> Iterator[bytes]:
    """Write a document line by line, its digest last; the lists are read in their order, each when it is its turn."""
    digest = Digest()
    begin = b"{"
    for name, value in members.items():
        written = dumps(value)
        digest.add(name, written)
        yield b'%s"%s":%s,\n' % (begin, name.encode(), written)
        begin = b""
    for name, elements in lists.items():
        digest.add(name)
        yield b'"%s":[' % name.encode()
        separator = b"\n"
        for element in elements:
            written = dumps(element)
            digest.add_element(written)
            yield separator + written
            separator = b",\n"
        yield b"\n],\n"
    yield b'"digest":"%s"}\n' % str(digest).encode()


def document_of(members: Mapping[str, Any], lists: Mapping[str, Iterable[Any]]) -> Document:
    """Return the same document as an object."""
    document = {**members, **{name: list(elements) for name, elements in lists.items()}}
    document["digest"] = digest_of(document)
    return document


def digest_of(document: Mapping[str, Any]) -> str:
    """Digest all but the digest."""
    digest = Digest()
    for _ in digesting(document, digest):
        pass
    return str(digest)


def digesting(document: Mapping[str, Any], digest: Digest) -> Iterator[None]:
    """Do so step by step; elements may be written already."""
    for name in MEMBERS:
        if name in document:
            digest.add(name, dumps(document[name]))
    for name in LISTS:
        elements = document.get(name, [])
        if not isinstance(elements, list):
            digest.add(name, dumps(elements))
            continue
        digest.add(name)
        for element in elements:
            digest.add_element(element if isinstance(element, bytes) else dumps(element))
            yield


def parsing(lines: Iterable[bytes], document: Document) -> Iterator[None]:
    """Read a document of its lines, step by step; the elements of its lists stay as they are written.

    One that somebody else has laid out is read as a whole. Raise ValueError.
    """
    given = iter(lines)
    first = next(given, b"")
    if not first.endswith(b","):
        document |= _object(b"\n".join((first, *given)))
        return
    elements: list[bytes] | None = None
    for line in chain((first,), given):
        if elements is None:
            elements = _take_member(line, document)
        elif line.startswith(b"]"):
            elements = None
        else:
            elements.append(line.removesuffix(b","))
        yield


def lines_in(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a text that comes in chunks, without their ends; the empty ones are left out."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from filter(None, whole)
    if rest:
        yield rest


def _take_member(line: bytes, document: Document) -> list[bytes] | None:
    """Take a member of one line, or begin a list and return it."""
    found = _MEMBER.fullmatch(line)
    if found is None:
        raise ValueError(f"{line[:80]!r} is no member of a document")
    name, written = found[1].decode(), found[2]
    if written != b"[":
        document[name] = loads(written)
        return None
    elements: list[bytes] = []
    document[name] = elements
    return elements


def _object(text: bytes) -> Document:
    found = loads(text)
    if not isinstance(found, dict):
        raise ValueError("It is no JSON object.")  # noqa: TRY004 - what was read is wrong, not its type here
    return found
