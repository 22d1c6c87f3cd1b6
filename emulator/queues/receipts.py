"""Receipt handles: opaque to clients, they name one receive of one message of one queue."""

import binascii
import struct
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from pocketbus.emulator.errors import ReceiptHandleIsInvalid
from pocketbus.emulator.ids import Ids
from pocketbus.emulator.message import Message

_LAYOUT = struct.Struct(">3sQQQ")
_MARK = b"\x01\x01\x01"


class Received(NamedTuple):
    message: Message
    receipt_handle: str


# What the class does when it is called takes four times as long.
_pair: Callable[[tuple[Message, str]], Received] = partial(tuple.__new__, Received)


class Receipts:
    """The receipts of one queue: gives them out, and finds the messages they name."""

    def __init__(self, ids: Ids, queue: int | None = None) -> None:
        """Give receipts out for a new queue, or for the one of this number."""
        self._ids = ids
        self.queue = ids.bits(64) if queue is None else queue
        self._received: dict[int, Message] = {}

    def issue(self, message: Message) -> Received:
        """Give a receipt for one more receive; it makes those of earlier ones outdated."""
        message.nonce = self._ids.bits(64)
        self._received[message.sequence] = message
        return self.latest(message)

    def latest(self, message: Message) -> Received:
        """Return the receipt that was given last for a message."""
        packed = _LAYOUT.pack(_MARK, self.queue, message.sequence, message.nonce)
        return _pair((message, binascii.b2a_base64(packed, newline=False).decode()))

    def of(self, sequence: int) -> Message:
        """Return a message that was received here, by its sequence."""
        return self._received[sequence]

    def restore(self, message: Message) -> None:
        """Know again a message that was received."""
        self._received[message.sequence] = message

    def find(self, handle: str) -> tuple[Message | None, bool]:
        """Return the message a handle names, None if it is gone, and whether the handle is of its latest receive."""
        try:
            mark, queue, sequence, nonce = _LAYOUT.unpack(binascii.a2b_base64(handle, strict_mode=True))
        except (binascii.Error, struct.error, ValueError):
            mark = b""
        if mark != _MARK:
            raise ReceiptHandleIsInvalid(
                f'The input receipt handle "{handle}" is not a valid receipt handle.'
            )
        if queue != self.queue:
            raise ReceiptHandleIsInvalid(f'The receipt handle "{handle}" is not valid for this queue.')
        message = self._received.get(sequence)
        return message, message is not None and message.nonce == nonce

    def forget(self, message: Message) -> None:
        """Let go of a message that leaves the queue, received or not."""
        self._received.pop(message.sequence, None)

    def clear(self) -> dict[int, Message]:
        """Let go of all messages at once, and return what held them."""
        received, self._received = self._received, {}
        return received
