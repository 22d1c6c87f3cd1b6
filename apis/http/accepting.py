"""Accepts connections, also after there was no file descriptor left for one."""

import asyncio
import logging
import socket
from collections.abc import Callable

RETRY_SECONDS = 0.1
_SILENT_SECONDS = 60.0
_log = logging.getLogger("pocketbus")


async def accept(listener: socket.socket, connection: Callable[[], asyncio.Protocol]) -> None:
    """Accept until cancelled. What cannot be accepted waits in the listener's backlog and is tried again."""
    loop = asyncio.get_running_loop()
    silent_until = loop.time()
    while True:
        try:
            accepted, _ = await loop.sock_accept(listener)
            # Cancelled in the middle, it would leave a connection that is made and never lost.
            await asyncio.shield(loop.connect_accepted_socket(connection, accepted))
        except ConnectionError:
            continue  # the client has gone again
        except OSError as error:
            if loop.time() >= silent_until:
                silent_until = loop.time() + _SILENT_SECONDS
                _log.error("no connection can be accepted until others are closed: %s", error.strerror)
            await asyncio.sleep(RETRY_SECONDS)
