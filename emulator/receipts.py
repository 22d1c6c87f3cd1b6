"""Receipt handles: opaque to clients, they name one receive of one message of one queue."""

import binascii
import struct
from base64 import b64decode, b64encode
from typing import NamedTuple

_LAYOUT = struct.Struct(">3sQQQ")
_MARK = b"\x01\x01\x01"


class Receipt(NamedTuple):
    queue: int
    sequence: int
    nonce: int

    def handle(self) -> str:
        return b64encode(_LAYOUT.pack(_MARK, self.queue, self.sequence, self.nonce)).decode("ascii")

    @classmethod
    def parse(cls, handle: str) -> "Receipt | None":
        """Return what a handle names, or None if it is not one of ours."""
        try:
            mark, queue, sequence, nonce = _LAYOUT.unpack(b64decode(handle, validate=True))
        except (binascii.Error, struct.error, ValueError):
            return None
        return cls(queue, sequence, nonce) if mark == _MARK else None
