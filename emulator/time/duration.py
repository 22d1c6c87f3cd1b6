"""Durations and instants as people write them: seconds, or ISO 8601."""

import math
import re
from datetime import UTC, datetime

_DAY_SECONDS = 86_400
_DURATION = re.compile(
    r"P(?=[0-9T])(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?", re.ASCII
)
_UNITS = (7 * _DAY_SECONDS, _DAY_SECONDS, 3600, 60, 1)
LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


def seconds_of(duration: float | str) -> float:
    """Return a duration in seconds. Raise ValueError; months and years have no fixed length and are refused.

    >>> seconds_of("PT1H30M"), seconds_of("P1D"), seconds_of("2.5")
    (5400.0, 86400.0, 2.5)
    """
    match = _DURATION.fullmatch(duration) if isinstance(duration, str) else None
    if match is not None:
        return float(
            sum(unit * float(part) for unit, part in zip(_UNITS, match.groups(), strict=True) if part)
        )
    seconds = _number(duration)
    if seconds is None or not 0 <= seconds <= LATEST:
        raise ValueError(f"{duration!r} is no duration; give seconds, or one such as PT1H30M.")
    return seconds


def instant_of(instant: float | str) -> float:
    """Return an instant in epoch seconds; one in ISO 8601 without a time zone is in UTC. Raise ValueError.

    >>> instant_of("2026-01-01T00:00:00Z"), instant_of(1.5)
    (1767225600.0, 1.5)
    """
    at = _number(instant)
    if at is None:
        at = _iso_instant(str(instant))
    if at is None or not 0 <= at <= LATEST:
        raise ValueError(
            f"{instant!r} is no instant; give epoch seconds, or one such as 2026-01-01T00:00:00Z."
        )
    return at


def iso(at: float) -> str:
    """Write an instant in ISO 8601, in UTC, to the millisecond."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _number(text: float | str) -> float | None:
    try:
        number = float(text)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _iso_instant(text: str) -> float | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
