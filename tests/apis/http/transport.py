"""A connection on a transport that keeps what is written to it: what happens when, without a socket."""

import asyncio
from typing import Any

from pocketbus.apis.http.connection import Connection
from pocketbus.apis.http.site import Site


class Transport(asyncio.Transport):
    """Keeps what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.closed = False
        self.aborted = False
        self.unsent = 0
        self.reading = True

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("127.0.0.1", 1) if name in {"sockname", "peername"} else default

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = self.aborted = True

    def write_eof(self) -> None:
        pass

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


async def turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def connect(site: Site) -> tuple[Connection, Transport]:
    connection, transport = Connection(site), Transport()
    connection.connection_made(transport)
    return connection, transport
