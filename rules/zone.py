"""Wall clocks: from an instant to a zone's local time and back, over skipped and repeated hours."""

import bisect
import re
from datetime import UTC, datetime, timedelta, tzinfo

from pocketbus.rules.value import Value

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall-clock times are naive here
_SECOND = timedelta(seconds=1)
_NAME = re.compile(r"[A-Za-z0-9_+/-]{1,50}")


class UnknownZone(ValueError):
    """No time zone has this name."""


class NoZoneDatabase(ValueError):
    """This machine has no time zone database at all."""


class Zone(Value):
    """A time zone. Instants are epoch seconds; wall-clock times are naive datetimes of whole seconds."""

    _tz: tzinfo

    def wall(self, instant: int) -> tuple[datetime, bool]:
        """Return the local time, and whether it is the second pass of a repeated one."""
        local = datetime.fromtimestamp(instant, self._tz)
        return local.replace(tzinfo=None, fold=0), bool(local.fold)

    def instant(self, wall: datetime) -> int | None:
        """Return when a wall clock shows this time: the first pass of a repeated one, None if it is skipped.

        >>> find_zone("Europe/Berlin").instant(datetime(2026, 3, 29, 2, 30)) is None
        True
        """
        before, after = self._offsets(wall)
        return None if before < after else _seconds(wall) - before

    def past_transition(self, wall: datetime) -> datetime:
        """Return the first local time after the skipped or repeated stretch that this one lies in."""
        low, high = sorted(self._offsets(wall))
        instants = range(_seconds(wall) - high, _seconds(wall) - low + 1)
        old = self._offset(instants[0])
        changed = bisect.bisect_left(instants, True, key=lambda instant: self._offset(instant) != old)
        return _EPOCH + (instants[0] + changed + high) * _SECOND

    def _offsets(self, wall: datetime) -> tuple[int, int]:
        """Return the offsets from UTC, in seconds, before and after a transition that this time lies in."""
        before, after = (wall.replace(tzinfo=self._tz, fold=fold).utcoffset() for fold in (0, 1))
        return (before or timedelta()) // _SECOND, (after or timedelta()) // _SECOND

    def _offset(self, instant: int) -> timedelta | None:
        return datetime.fromtimestamp(instant, self._tz).utcoffset()


def _seconds(wall: datetime) -> int:
    return (wall - _EPOCH) // _SECOND


def find_zone(name: str) -> Zone:
    """Find a zone of the IANA database.

    >>> find_zone("Mars/Olympus")
    Traceback (most recent call last):
    pocketbus.rules.zone.UnknownZone: Mars/Olympus
    """
    if name == "UTC":
        return Zone(UTC)
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415 - loaded by those who have a zone

    try:
        if _NAME.fullmatch(name):
            return Zone(ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        _require_database(name)
    raise UnknownZone(name)


def _require_database(name: str) -> None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415

    try:
        ZoneInfo("Etc/UTC")
    except ZoneInfoNotFoundError:
        raise NoZoneDatabase(
            f"No time zone database was found, so the zone {name} is unknown here:"
            " install your system's tzdata package, or run: pip install tzdata"
        ) from None
