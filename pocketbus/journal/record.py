"""An input as a line of text: its checksum, its length, then its instant, its place, its name and its arguments.

`[1764417196.25,3,"sqs.SendMessage",{"QueueUrl":"...","MessageBody":"..."}]` is JSON. The first number is the emulator's
time, a list of it and the system's time where these differ. The second is the number of a place, which a line before it
in the same segment has told: `[1764417196.2,3,"place","000000000000","us-east-1","http://localhost:4566",true]`.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

import google_crc32c
import orjson

from pocketbus.emulator.door import Place

PLACE: Final = "place"
_BYTES, _PLAIN = "$bytes", "$plain"
_SPECIAL: Final = ({_BYTES}, {_PLAIN})
_MARKED: Final = b" "
"""What a payload begins with in which bytes are written as objects, or text that has no place in UTF-8 as escapes."""

FRAME: Final = 9
"""The hexadecimal digits of the checksum, and the space behind them."""


class Record(NamedTuple):
    """One input: `place` is None where it belongs to no account."""

    at: float
    system_at: float
    place: Place | None
    name: str
    arguments: list[Any]


def framed(payload: bytes, offset: int) -> bytes:
    """Return the line of a payload: CRC32C of where it begins and of itself, its length, and it."""
    checksum = google_crc32c.extend(offset & 0xFFFFFFFF, payload)
    return b"%08x %d %b\n" % (checksum, len(payload), payload)


def payload_of(line: bytes, offset: int) -> bytes | None:
    """Return the payload of a line that begins at an offset, without its end; None: it is not what was written."""
    payload = line[line.find(b" ", FRAME) + 1 :]
    checksum = google_crc32c.extend(offset & 0xFFFFFFFF, payload)
    return payload if line == b"%08x %d %b" % (checksum, len(payload), payload) else None


def is_whole(line: bytes) -> bool:
    """Tell whether so much of a line is there as it says; its end may be another byte."""
    length, space, payload = line[FRAME:].partition(b" ")
    return bool(space) and length.isdigit() and len(length) < 12 and int(length) < len(payload)


def dumps(values: Any) -> bytes:
    """Write values as JSON in one line; bytes as an object with their base64."""
    try:
        return orjson.dumps(values)
    except TypeError:
        return _MARKED + json.dumps(_marked(values), separators=(",", ":")).encode()


def loads(payload: bytes) -> Any:
    """Read values that were written here."""
    return _unmarked(json.loads(payload)) if payload.startswith(_MARKED) else orjson.loads(payload)


def records_of(payloads: Iterable[bytes]) -> Iterator[Record]:
    """Read records, and the places that they name by numbers, which lines before them have told."""
    places: dict[int, Place | None] = {0: None}
    for payload in payloads:
        stamp, number, name, *arguments = loads(payload)
        if name == PLACE:
            places[number] = Place(*arguments)
            continue
        at, system_at = stamp if isinstance(stamp, list) else (stamp, stamp)
        yield Record(at, system_at, places[number], name, arguments)


def _marked(value: Any) -> Any:
    if isinstance(value, bytes):
        return {_BYTES: base64.b64encode(value).decode("ascii")}
    if isinstance(value, list | tuple):
        return list(map(_marked, value))  # not a comprehension: one stack frame a level
    if not isinstance(value, dict):
        return value
    marked = dict(zip(value, map(_marked, value.values()), strict=True))
    return {_PLAIN: marked} if marked.keys() in _SPECIAL else marked


def _unmarked(value: Any) -> Any:
    if isinstance(value, list):
        return list(map(_unmarked, value))
    if not isinstance(value, dict):
        return value
    if value.keys() == {_BYTES}:
        return base64.b64decode(value[_BYTES])
    plain = value[_PLAIN] if value.keys() == {_PLAIN} else value
    return dict(zip(plain, map(_unmarked, plain.values()), strict=True))
