"""Values that JSON and text write in their own ways: timestamps, blobs, bounds of numbers."""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime

BITS: Mapping[str, int] = {"integer": 32, "long": 64}

# The first instants of the years 1 and 10000.
_EARLIEST, _LATEST = -62_135_596_800, 253_402_300_800


def fits(number: int, kind: str) -> bool:
    """Tell whether a number has room in an `integer` or a `long`."""
    bound = 1 << (BITS[kind] - 1)
    return -bound <= number < bound


def is_instant(at: float) -> bool:
    """Tell whether epoch seconds lie in the years 1 to 9999, which is what ISO 8601 can write."""
    return _EARLIEST <= at < _LATEST


def to_iso8601(at: float) -> str:
    """Write epoch seconds as UTC with milliseconds."""
    text = datetime.fromtimestamp(round(at, 3), UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def from_iso8601(text: str) -> float:
    """Read epoch seconds; a time without an offset is UTC. Raise ValueError for anything else."""
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def to_base64(blob: bytes) -> str:
    return binascii.b2a_base64(blob, newline=False).decode("ascii")


def from_base64(text: str) -> bytes:
    """Read a blob; raise ValueError if the text is not base64."""
    return base64.b64decode(text, validate=True)
