"""What a subscriber has let through and is not done with: positions that wait, and those under way, by group."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pocketbus.emulator.custombuses.event import LogEvent
from pocketbus.emulator.custombuses.log import EventLog

Group = tuple[str, str]


class _GroupUnderWay:
    """A group of which something is under way: how much, and what comes after it."""

    __slots__ = ("count", "held")

    def __init__(self) -> None:
        self.count = 0
        self.held: deque[int] = deque()


class Outstanding:
    """Positions in order; `in_order` tells that nothing of a group may overtake what is under way of it."""

    __slots__ = ("_groups", "_in_order", "_under_way", "_waiting")

    def __init__(self, *, in_order: bool) -> None:
        self._in_order = in_order
        self._waiting: deque[int] = deque()
        self._under_way: set[int] = set()
        self._groups: dict[Group, _GroupUnderWay] = {}

    def __len__(self) -> int:
        held = sum(len(group.held) for group in self._groups.values())
        return len(self._waiting) + len(self._under_way) + held

    def __iter__(self) -> Iterator[int]:
        """Yield all positions, in no order."""
        yield from self._waiting
        yield from self._under_way
        for group in self._groups.values():
            yield from group.held

    @property
    def waiting(self) -> "deque[int]":
        """What could be taken, if its group is free."""
        return self._waiting

    def add(self, position: int) -> None:
        self._waiting.append(position)

    def forget(self) -> None:
        """Forget all that is not under way."""
        self._waiting.clear()
        for group in self._groups.values():
            group.held.clear()

    def take(
        self,
        log: EventLog,
        most: int,
        most_bytes: int,
        parts: Callable[[LogEvent, LogEvent], bool],
        ready: Callable[[int], bool],
    ) -> list[LogEvent] | None:
        """Take the events of a batch on their way: so many, so large, and none that `parts` from the first.

        It ends before one that is not `ready` to be read; None: that is the first.
        """
        events: list[LogEvent] = []
        own: set[Group] = set()
        size = 0
        while self._waiting and len(events) < most:
            if self._waiting[0] >= log.first and not ready(self._waiting[0]):
                return events or None
            event = self._first(log, own)
            if event is None:
                continue
            size += event.content.size
            if events and (size > most_bytes or parts(events[0], event)):
                break
            self._waiting.popleft()
            self._begin(event, own)
            events.append(event)
        return events

    def _first(self, log: EventLog, own: "set[Group]") -> LogEvent | None:
        """Return the first of what waits; None: it is gone from the log, or others of its group are under way."""
        position = self._waiting[0]
        event = log[position] if position >= log.first else None
        group = self.group_of(event)
        if group is not None and group not in own and group in self._groups:
            self._groups[group].held.append(position)
            event = None
        if event is None:
            self._waiting.popleft()
        return event

    def group_of(self, event: LogEvent | None) -> Group | None:
        return event.group if event is not None and self._in_order else None

    def _begin(self, event: LogEvent, own: "set[Group]") -> None:
        self._under_way.add(event.position)
        group = self.group_of(event)
        if group is not None:
            own.add(group)
            self._groups.setdefault(group, _GroupUnderWay()).count += 1

    def done_with(self, events: Iterable[LogEvent]) -> None:
        """Forget events that were delivered or given up: others of their groups may go."""
        for event in events:
            self._under_way.discard(event.position)
            group = self.group_of(event)
            under_way = None if group is None else self._groups.get(group)
            if group is not None and under_way is not None:
                under_way.count -= 1
                if not under_way.count:
                    del self._groups[group]
                    self._to_front(under_way.held)

    def give_back(self, events: Iterable[Any]) -> None:
        """Have events wait again, before all others, that are not under way any more."""
        self._to_front([event.position for event in events])

    def _to_front(self, positions: Iterable[int]) -> None:
        self._waiting.extendleft(reversed(list(positions)))
