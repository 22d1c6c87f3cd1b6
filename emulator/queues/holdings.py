"""A queue's messages with their receipts: every change of state in one step, told to the trace."""

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any, Final

from pocketbus.emulator.core import Core
from pocketbus.emulator.message import DELAYED, IN_FLIGHT, Message, State
from pocketbus.emulator.queues.attempts import Attempts
from pocketbus.emulator.queues.changes import Changes
from pocketbus.emulator.queues.fair import FairOrder
from pocketbus.emulator.queues.fifo import FifoOrder
from pocketbus.emulator.queues.receipts import Receipts, Received
from pocketbus.emulator.queues.rows import rows_of, take_row
from pocketbus.emulator.queues.stock import ReadyOrder, Stock
from pocketbus.emulator.releases import Container

_TURNED_READY = {
    IN_FLIGHT: ("returned", "visibility timeout over"),
    DELAYED: ("appeared", "delay over"),
}

_NOBODY: Final[Iterator[None]] = iter(())


class Holdings:
    """What one queue holds. It knows the rules of receipts and visibility, and nothing of the queue's settings."""

    _returning: Iterator[None]
    """Makes those ready whose receivers have crashed, a message at each step."""

    def __init__(self, arn: str, order: ReadyOrder, core: Core) -> None:
        self._arn = arn
        self._core = core
        self._receipts = Receipts(core.ids)
        self.changes = Changes()
        self._empty(order)

    def __getstate__(self) -> dict[str, Any]:
        """Tell what the rows do not."""
        return {
            "arn": self._arn,
            "core": self._core,
            "queue": self._receipts.queue,
            "fifo": isinstance(self.stock.order, FifoOrder),
            "order": self.stock.order.kept(),
            "deadlines_added": self.stock.deadlines_added,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._arn, self._core = state["arn"], state["core"]
        self._receipts = Receipts(self._core.ids, state["queue"])
        self.changes = Changes()
        self._empty(FifoOrder() if state["fifo"] else FairOrder())
        self.stock.order.restore(state["order"])
        self.stock.begin_at(state["deadlines_added"])

    def rows(self) -> Iterator[list[Any]]:
        """Yield the messages, and what belongs to them, for a state to be kept."""
        for _ in self._returning:
            pass
        self._returning = _NOBODY
        return rows_of(self.stock, self._attempts)

    def take(self, row: list[Any]) -> None:
        """Have again what a row tells."""
        take_row(row, self.stock, self._attempts, self._receipts)

    def _empty(self, order: ReadyOrder) -> None:
        self.stock = Stock(order, self.changes)
        self._attempts: Attempts[Received] = Attempts()
        self._returning = _NOBODY
        self.changes.clear()

    def count(self, state: State) -> int:
        return self.stock.counts[state]

    @property
    def next_ready_at(self) -> float | None:
        """The earliest instant at which a delay or a visibility timeout is over."""
        return self.stock.next_ready_at

    @property
    def oldest_sent_at(self) -> float | None:
        """When the oldest message was sent: the first to expire."""
        return self.stock.oldest_sent_at

    def turning_ready(self) -> Iterator[Message]:
        """Yield the messages that are delayed or in flight, in the order in which they cease to be."""
        return self.stock.turning_ready()

    def __iter__(self) -> Iterator[Message]:
        return iter(self.stock)

    def take_in(self, message: Message, delayed_until: float | None = None) -> None:
        """Take in a message that was just sent."""
        self._core.trace.record(message.sent_at, "sent", self._arn, message.message_id)
        self.stock.put(message, delayed_until)

    def draw(self) -> Iterator[Message]:
        """Offer the ready messages in order. Each must be handed over, let go or put back before the next."""
        return self.stock.order.draw()

    def put_back(self, drawn: Message, now: float) -> None:
        """Make a message that `draw` has just offered ready again."""
        self.stock.hide(drawn, now)
        self.stock.give_back(drawn)

    def hand_over(self, drawn: Message, hidden_until: float, now: float) -> Received:
        """Give a message that `draw` has just offered to a receiver."""
        drawn.receive_count += 1
        drawn.received_at = now
        if drawn.first_received_at is None:
            drawn.first_received_at = now
        self.stock.hide(drawn, hidden_until)
        self.note(now, "received", drawn)
        return self._receipts.issue(drawn)

    def hand_back(self, received: list[Received], now: float) -> None:
        """Undo a receive as far as its messages are still in flight by it."""
        for _, receipt_handle in received:
            message, current = self.find(receipt_handle)
            if message is None or not current or message.state is not IN_FLIGHT:
                continue
            message.receive_count -= 1
            if not message.receive_count:
                message.first_received_at = None
            self.note(now, "handed back", message, "receiver gone")
            self.stock.give_back(message)

    def begin_return(self, now: float, why: str) -> None:
        """Have every message in flight made ready again, those received first before the others, by `advance`."""
        self._returning = chain(self._returning, self._returned(now, why))
        self.stock.look_anew()

    def _returned(self, now: float, why: str) -> Iterator[None]:
        for message in self.stock.in_flight():
            if message is not None:
                self.note(now, "returned", message, why)
                self.stock.give_back(message)
            yield

    def remember(self, attempt_id: str, received: list[Received], now: float) -> None:
        """Let a receive be repeated by its attempt id."""
        if received:
            self._attempts.remember(attempt_id, received, now)

    def repeat(self, attempt_id: str, hidden_until: float, now: float) -> list[Received]:
        """Give what an earlier attempt was given, hidden from now on; it does not count as another receive."""
        received = self._attempts.find(attempt_id, now)
        for message, _ in received:
            message.received_at = now
            self.stock.hide(message, hidden_until)
            self.changes.add(message)
        self.remember(attempt_id, received, now)
        return received

    def find(self, receipt_handle: str) -> tuple[Message | None, bool]:
        """Return the message a handle names, None if it is gone, and whether the handle is of its latest receive."""
        return self._receipts.find(receipt_handle)

    def hide(self, message: Message, seconds: int, now: float) -> None:
        """Keep a message in flight for so many seconds from now on; with 0 it is ready at once."""
        self.note(now, "hidden", message, f"for {seconds} s")
        if seconds:
            self.stock.hide(message, now + seconds)
        else:
            self.stock.give_back(message)

    def let_go(
        self, message: Message, now: float, verb: str, why: str = "", became: str = "", *, drawn: bool = False
    ) -> None:
        """Part with a message for the reason that the verb tells; `drawn` when `draw` has just offered it."""
        self.note(now, verb, message, why, became)
        self._receipts.forget(message)
        self.stock.remove(message, drawn=drawn)

    def purged(self, order: ReadyOrder, now: float) -> Iterator[Container]:
        """Part with every message and start with an empty order; return what holds them, to be let go of."""
        most = self._core.config.trace_limit
        subjects = (message.message_id for message in islice(self, most))
        self._core.trace.record_all(now, "purged", self._arn, subjects)
        return self.emptied(order)

    def emptied(self, order: ReadyOrder) -> Iterator[Container]:
        """Do the same without a word."""
        stock, attempts, received = self.stock, self._attempts, self._receipts.clear()
        self._empty(order)
        return chain(stock.containers(), attempts.containers(), (received,))

    def delay_anew(self, seconds: float) -> None:
        """Let every delay that is running end `seconds` after its message was sent. O(n)."""
        self.stock.delay_anew(seconds)
        self.changes.clear()

    def is_at_rest(self, now: float, retention_seconds: float) -> bool:
        """Tell cheaply that nothing is due at `now`."""
        return self._returning is _NOBODY and self.stock.is_at_rest(now, retention_seconds)

    def advance(self, now: float, retention_seconds: float) -> Iterator[None]:
        """Move what is due at `now`, a message at each step: delays and visibility timeouts that are over, messages
        past their retention, and before them those whose receivers have crashed.
        """
        yield from self._returning
        self._returning = _NOBODY
        for message, was in self.stock.turn_ready(now):
            verb, why = _TURNED_READY[was]
            self.note(now, verb, message, why)
            yield
        for message in self.stock.expire(now - retention_seconds):
            self._receipts.forget(message)
            self.note(now, "expired", message, "retention period over")
            yield

    def note(self, now: float, verb: str, message: Message, why: str = "", became: str = "") -> None:
        self._core.trace.record(now, verb, self._arn, message.message_id, why, became)
        if self.changes.watched_by:
            self.changes.add(message)
