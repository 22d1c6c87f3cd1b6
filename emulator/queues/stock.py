"""A queue's messages, each in exactly one state: ready, delayed or in flight. Counts are exact, all verbs O(log n)."""

import heapq
from collections.abc import Iterator, Mapping
from math import inf
from typing import Any, Protocol

from pocketbus.emulator.message import DELAYED, GONE, IN_FLIGHT, READY, Message, State
from pocketbus.emulator.queues.ages import Ages
from pocketbus.emulator.queues.changes import Changes
from pocketbus.emulator.releases import Container
from pocketbus.emulator.time.deadlines import Deadlines


class ReadyOrder(Protocol):
    """The ready messages and the order in which they are handed out."""

    def add(self, message: Message) -> None: ...
    def draw(self) -> Iterator[Message]: ...
    def settle(self, message: Message) -> None: ...
    def discard(self, message: Message) -> None: ...
    def containers(self) -> Iterator[Container]: ...

    # For a state that is kept
    def kept(self) -> dict[str, Any]: ...
    def restore(self, kept: Mapping[str, Any]) -> None: ...
    def groups(self) -> Iterator[list[Any]]: ...
    def take_group(self, row: list[Any]) -> None: ...
    def line_up(self, message: Message) -> None: ...
    def claim(self, message: Message) -> None: ...


_SORTED_AT_ONCE = 100
_MARGIN_SECONDS = 1.0
"""More than rounding makes of an instant."""


def _by_receive(message: Message) -> tuple[float, int]:
    return message.received_at or 0.0, message.sequence


class Stock:
    """Moves messages between their states. Nothing moves by itself: `turn_ready` and `expire` are given the time."""

    def __init__(self, order: ReadyOrder, changes: Changes) -> None:
        self.order = order
        self._changes = changes
        self.counts = [0, 0, 0, 0]
        """How many messages there are, by their state."""
        self._deadlines: Deadlines[Message] = Deadlines()
        self._ages = Ages()
        self.at_rest_until = -inf
        """Nothing is due, and nobody too old, before this instant; from then on it has to be looked at."""

    @property
    def next_ready_at(self) -> float | None:
        """The earliest instant at which a delay or a visibility timeout is over."""
        return self._deadlines.next_at

    @property
    def oldest_sent_at(self) -> float | None:
        """The instant at which the oldest message was sent."""
        return self._ages.oldest_sent_at

    def turning_ready(self) -> Iterator[Message]:
        """Yield the messages that are delayed or in flight, in the order in which they cease to be."""
        return (deadline.item for deadline in self._deadlines.soonest() if deadline.item is not None)

    def put(self, message: Message, delayed_until: float | None = None) -> None:
        """Take in a message that was not here, and tell those who watch; of other changes they hear elsewhere."""
        line = self._ages.line
        if line and line[-1].sent_at <= message.sent_at:
            line.append(message)  # what Ages.add does with nearly all
        else:
            self.look_anew()
            self._ages.add(message)
        if delayed_until is None:
            message.state = READY
            self.counts[READY] += 1
            self.order.add(message)
        else:
            self._hold(message, DELAYED, delayed_until)
        if self._changes.watched_by:
            self._changes.add(message)

    def hide(self, message: Message, until: float) -> None:
        """Put a drawn message in flight, or keep one in flight for longer or shorter."""
        self.counts[message.state] -= 1
        self._hold(message, IN_FLIGHT, until)

    def give_back(self, message: Message) -> None:
        """Make a message in flight ready again, on a FIFO queue in its old place."""
        self._drop_deadline(message)
        self.counts[IN_FLIGHT] -= 1
        self._make_ready(message)
        self.order.settle(message)

    def remove(self, message: Message, *, drawn: bool = False) -> None:
        """Let go of a message, whatever its state; `drawn` when `draw` has just offered it."""
        state, message.state = message.state, GONE
        counts = self.counts
        counts[state] -= 1
        self._drop_deadline(message)
        if drawn or state is IN_FLIGHT:
            self.order.settle(message)
        elif state is READY:
            self.order.discard(message)
        self._ages.shrink(sum(counts))

    def in_flight(self) -> Iterator[Message | None]:
        """Yield the messages in flight, those received first before the others; None where there is more to sort.

        Whoever takes them may change them meanwhile, and nothing else.
        """
        held = list(self._deadlines)
        parts = []
        for start in range(0, len(held), _SORTED_AT_ONCE):
            part = [
                message for message in held[start : start + _SORTED_AT_ONCE] if message.state is IN_FLIGHT
            ]
            parts.append(sorted(part, key=_by_receive))
            yield None
        yield from heapq.merge(*parts, key=_by_receive)

    def look_anew(self) -> None:
        """Have it looked at anew whether something is due or somebody too old."""
        self.at_rest_until = -inf

    def is_at_rest(self, now: float, retention_seconds: float) -> bool:
        """Tell cheaply that nothing is due and nobody too old, and until when; what is cancelled or gone may count."""
        due, ages = self._deadlines.heap, self._ages
        if due and due[0].at <= now:
            return False
        oldest_sent_at = min([line[0].sent_at for line in (ages.line, ages.latecomers) if line], default=inf)
        if oldest_sent_at <= now - retention_seconds:
            return False
        expires_at = oldest_sent_at + retention_seconds - _MARGIN_SECONDS
        self.at_rest_until = min(expires_at, due[0].at) if due else expires_at
        return True

    def turn_ready(self, now: float) -> Iterator[tuple[Message, State]]:
        """Make ready what is due, and yield it with the state it was in."""
        while (message := self._deadlines.pop_due(now)) is not None:
            was = message.state
            if was is IN_FLIGHT:
                self.give_back(message)
            else:
                message.deadline = None
                self.counts[DELAYED] -= 1
                self._make_ready(message)
            yield message, was

    def expire(self, sent_by: float) -> Iterator[Message]:
        """Remove and yield the messages sent at `sent_by` or before, whatever their state."""
        while (message := self._ages.pop_sent_by(sent_by)) is not None:
            self.remove(message)
            yield message

    def delay_anew(self, seconds: float) -> None:
        """Let every delay that is running end `seconds` after its message was sent. O(n)."""
        for message in self:
            if message.state is DELAYED:
                self.counts[DELAYED] -= 1
                self._hold(message, DELAYED, message.sent_at + seconds)

    def __iter__(self) -> Iterator[Message]:
        """Yield every message, oldest first."""
        return iter(self._ages)

    def containers(self) -> Iterator[Container]:
        """Yield all that holds the messages, for those who let go of the stock."""
        yield from self._deadlines.containers()
        yield from self._ages.containers()
        yield from self.order.containers()

    @property
    def deadlines_added(self) -> int:
        """How many deadlines were set so far, which orders those of one instant."""
        return self._deadlines.added

    def begin_at(self, deadlines_added: int) -> None:
        """Go on counting deadlines from where a kept state stood."""
        self._deadlines.begin_at(deadlines_added)

    def restore(self, message: Message, state: State, until: float | None, order: int | None) -> None:
        """Take in a message of a kept state, with its deadline and the order that this has among others."""
        self.look_anew()
        message.state = state
        self.counts[state] += 1
        self._ages.add(message)
        if until is not None:
            message.deadline = self._deadlines.restore(until, message, order or 0)
        if state is READY:
            self.order.line_up(message)
        elif state is IN_FLIGHT:
            self.order.claim(message)

    def _make_ready(self, message: Message) -> None:
        message.state = READY
        self.counts[READY] += 1
        self.order.add(message)

    def _hold(self, message: Message, state: State, until: float) -> None:
        if message.deadline is not None:
            self._deadlines.cancel(message.deadline)
        message.state = state
        self.counts[state] += 1
        message.deadline = self._deadlines.add(until, message)
        if until < self.at_rest_until:  # noqa: PLR1730 - to call min takes longer than all the rest
            self.at_rest_until = until

    def _drop_deadline(self, message: Message) -> None:
        if message.deadline is not None:
            self._deadlines.cancel(message.deadline)
            message.deadline = None
