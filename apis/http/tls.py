"""HTTPS beside HTTP on one port: the first byte of a connection tells which of the two it is."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress

_HANDSHAKE = b"\x16"
"""With this byte begins a TLS record that holds a handshake; no HTTP request does."""
_FIRST_BYTE_SECONDS = 120.0
"""As long as an idle connection may be."""


class Greeter:
    """Waits for a connection's first byte, and leaves it where it is for whom it is meant."""

    def __init__(self, context: ssl.SSLContext, connection: Callable[[], asyncio.Protocol]) -> None:
        self._context = context
        self._connection = connection
        self._greetings: set[asyncio.Task[None]] = set()

    def greet(self, accepted: socket.socket) -> None:
        task = asyncio.get_running_loop().create_task(self._greet(accepted))
        self._greetings.add(task)
        task.add_done_callback(self._greetings.discard)

    async def close(self) -> None:
        """Drop whoever has not begun to speak."""
        greetings = tuple(self._greetings)
        for task in greetings:
            task.cancel()
        await asyncio.gather(*greetings, return_exceptions=True)

    async def _greet(self, accepted: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        is_taken = False
        try:
            async with asyncio.timeout(_FIRST_BYTE_SECONDS):
                first = await _first_byte(accepted)
            if first:
                tls = self._context if first == _HANDSHAKE else None
                is_taken = True
                await loop.connect_accepted_socket(self._connection, accepted, ssl=tls)
        except (OSError, asyncio.CancelledError):
            pass  # gone, silent for too long, or no TLS that we speak: nobody is there to be told
        finally:
            if not is_taken:
                accepted.close()


async def _first_byte(accepted: socket.socket) -> bytes:
    """Wait for what a client sends first, without taking it; empty if it has gone."""
    loop = asyncio.get_running_loop()
    accepted.setblocking(False)
    while True:
        with suppress(BlockingIOError):
            return accepted.recv(1, socket.MSG_PEEK)
        readable = loop.create_future()
        loop.add_reader(accepted, readable.set_result, None)
        try:
            await readable
        finally:
            loop.remove_reader(accepted)
