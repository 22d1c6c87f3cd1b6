"""The log of a bus: append only, positions that never repeat, the oldest let go when their time or the room is over."""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterator
from operator import attrgetter
from typing import Any, Final

from pocketbus.emulator.component import Component
from pocketbus.emulator.custombuses.event import LogEvent
from pocketbus.emulator.latest import Held
from pocketbus.emulator.releases import Container

LOG_BYTES: Final = 1024 * 1024 * 1024
"""How much the events of all buses may take together."""

_SEGMENT: Final = 1024
_at = attrgetter("at")

Segment = list[LogEvent]


class LogRoom(Component):
    """The memory that the logs of one engine share; which of them is full is none of its business."""

    def __init__(self, most_bytes: int = LOG_BYTES) -> None:
        self.most_bytes = most_bytes
        self.events = 0
        self.bytes = 0
        self.dropped = 0

    def clear(self) -> None:
        """Count from nothing: the logs are gone."""
        self.events = self.bytes = 0

    def held(self) -> Held:
        return Held(self.events, self.bytes, self.events, self.most_bytes, self.dropped)


class EventLog:
    """Events in segments, so that any position is found at once; the first of them may be gone in part."""

    def __init__(self) -> None:
        self._segments: deque[Segment] = deque()
        self._base = 1
        """The position at which the first segment begins."""
        self.first = 1
        """The position of the earliest event that is still here."""
        self.end = 1
        """The position that the next event gets."""
        self.latest_at = 0.0
        self.room: LogRoom | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Tell what the rows do not."""
        return {"first": self.first, "end": self.end, "latest_at": self.latest_at}

    def __setstate__(self, state: dict[str, Any]) -> None:
        EventLog.__init__(self)
        self.first = self._base = self.end = state["first"]
        self.latest_at = state["latest_at"]

    def rows(self) -> Iterator[list[Any]]:
        """Yield the events, for a state to be kept."""
        return (event.row() for event in self)

    def take(self, row: list[Any]) -> None:
        """Have again what a row tells."""
        self._put(LogEvent.of_row(row))

    def __len__(self) -> int:
        return self.end - self.first

    def __iter__(self) -> Iterator[LogEvent]:
        return self.since(self.first)

    def since(self, position: int) -> Iterator[LogEvent]:
        """Yield the events from a position on, or from the earliest one."""
        position = max(position, self.first)
        while position < self.end:
            yield self[position]
            position = max(position + 1, self.first)

    def __getitem__(self, position: int) -> LogEvent:
        """Return an event that is here. Raise IndexError for one that is not."""
        if not self.first <= position < self.end:
            raise IndexError(position)
        segment, place = divmod(position - self._base, _SEGMENT)
        return self._segments[segment][place]

    def append(self, event: LogEvent, now: float) -> None:
        """Take an event at the instant `now`, or at that of the one before it if the clock has gone back."""
        event.position = self.end
        event.at = self.latest_at = max(now, self.latest_at)
        self._put(event)

    def _put(self, event: LogEvent) -> None:
        if not self._segments or len(self._segments[-1]) == _SEGMENT:
            self._segments.append([])
        self._segments[-1].append(event)
        self.end += 1
        if self.room is not None:
            self.room.events += 1
            self.room.bytes += event.size

    def forget_before(self, oldest_at: float) -> list[Container]:
        """Let go of the events of before an instant; return what holds them, for who empties it little by little."""
        return self._forget_to(self.position_at(oldest_at))

    def make_room(self) -> int:
        """Let go of the oldest until all logs together fit; tell how many went."""
        gone = 0
        room = self.room
        while room is not None and room.bytes > room.most_bytes and len(self) > 1:
            self._forget_to(self.first + 1)
            gone += 1
            room.dropped += 1
        return gone

    def position_at(self, instant: float) -> int:
        """Return the position of the first event that came at an instant or later, or the end."""
        if not len(self) or instant <= self[self.first].at:
            return self.first
        if instant > self.latest_at:
            return self.end
        last = [segment[-1].at for segment in self._segments]
        number = bisect_left(last, instant)
        place = bisect_left(self._segments[number], instant, key=_at)
        return max(self.first, self._base + number * _SEGMENT + place)

    def _forget_to(self, position: int) -> list[Container]:
        if self.room is not None and position > self.first:
            self.room.events -= position - self.first
            self.room.bytes -= sum(self[one].size for one in range(self.first, position))
        self.first = position
        gone: list[Container] = []
        while (
            self._segments
            and position - self._base >= len(self._segments[0])
            and (len(self._segments) > 1 or position == self.end)
        ):
            gone.append(self._segments.popleft())
            self._base += len(gone[-1])
        return gone

    def open(self, room: LogRoom) -> None:
        """Count from now on what is here among what all logs hold."""
        self.room = room
        room.events += len(self)
        room.bytes += sum(event.size for event in self)

    def close(self) -> None:
        """Count no longer among what all logs hold."""
        if self.room is not None:
            self.room.events -= len(self)
            self.room.bytes -= sum(event.size for event in self)
            self.room = None

    def remains(self) -> list[Container]:
        """Let go of everything, which counts no longer; return what holds it."""
        self.room = None
        return self._forget_to(self.end)
