"""A queue's messages as rows, for a state that is kept: short lists of plain values, one a message.

Everything else about the messages follows from them and is made anew: what is due when, who is in flight, which
receipts are good. What does not follow has rows of its own, told apart by their first word.
"""

from collections.abc import Iterator
from functools import lru_cache
from types import NoneType
from typing import Any, Final

from pocketbus.emulator.message import Message, State
from pocketbus.emulator.queues.attempts import Attempts
from pocketbus.emulator.queues.receipts import Receipts, Received
from pocketbus.emulator.queues.stock import Stock

_GROUP, _ATTEMPT = "group", "attempt"
_STATES: Final = tuple(State)
_NEVER_RECEIVED: Final = (0, 0, 0, None, None, None, False)


_NUMBER, _TEXT, _MAYBE_TEXT, _MAYBE_NUMBER = {int, float}, {str}, {str, NoneType}, {int, float, NoneType}
_COLUMNS: Final = (
    *({int}, _TEXT, _NUMBER, _TEXT, None, _MAYBE_TEXT, _MAYBE_TEXT, {int}, _MAYBE_NUMBER, {int, NoneType}),
    *({int}, {int}, {int}, _MAYBE_NUMBER, _MAYBE_NUMBER, _MAYBE_TEXT, {bool}),
)
"""The types of what a message's row holds; its content says itself what it is."""


def rows_of(stock: Stock, attempts: Attempts[Received]) -> Iterator[list[Any]]:
    """Yield the rows: message groups, messages by age, and the receives that can be repeated."""
    for group in stock.order.groups():
        yield [_GROUP, *group]
    yield from map(_row_of, stock)
    for attempt_id, at, received in attempts.rows():
        yield [_ATTEMPT, attempt_id, at, [message.sequence for message, _ in received]]


def _row_of(message: Message) -> list[Any]:
    deadline = message.deadline
    row = [
        message.sequence,
        message.message_id,
        message.sent_at,
        message.sender_id,
        message.content,
        message.group_id,
        message.deduplication_id,
        int(message.state),
        None if deadline is None else deadline.at,
        None if deadline is None else deadline.order,
    ]
    history = (
        message.nonce,
        message.receive_count,
        message.receives_elsewhere,
        message.received_at,
        message.first_received_at,
        message.dead_letter_source,
        message.duplicated,
    )
    return row if history == _NEVER_RECEIVED else [*row, *history]


def take_row(row: list[Any], stock: Stock, attempts: Attempts[Received], receipts: Receipts) -> None:
    """Have again what a row tells; the rows are to be taken in the order in which they were told."""
    if type(row[0]) is int:
        _take_message(row, stock, receipts)
        return
    match row:
        case [str() as kind, *rest] if kind == _GROUP:
            stock.order.take_group(rest)
        case [str() as kind, attempt_id, at, sequences] if kind == _ATTEMPT:
            attempts.remember(attempt_id, [receipts.latest(receipts.of(one)) for one in sequences], at)
        case _:
            raise ValueError(f"{row[0]!r} is no row of a queue")


@lru_cache(maxsize=256)
def _check_kinds(kinds: tuple[type, ...]) -> None:
    """Raise TypeError where a message's row cannot be of values of these types."""
    for number, (kind, kinds_there) in enumerate(zip(kinds, _COLUMNS, strict=False)):
        if kinds_there is not None and kind not in kinds_there:
            raise TypeError(f"{kind.__name__} is no type of column {number} in the row of a message")


def _take_message(row: list[Any], stock: Stock, receipts: Receipts) -> None:
    _check_kinds(tuple(map(type, row)))
    sequence, message_id, sent_at, sender_id, content, group_id, deduplication_id, state, until, order = row[
        :10
    ]
    message = Message(content, message_id, sequence, sent_at, sender_id, group_id, deduplication_id)
    if len(row) > 10:
        (
            message.nonce,
            message.receive_count,
            message.receives_elsewhere,
            message.received_at,
            message.first_received_at,
            message.dead_letter_source,
            message.duplicated,
        ) = row[10:]
    stock.restore(message, _STATES[state], until, order)
    if message.nonce:
        receipts.restore(message)
