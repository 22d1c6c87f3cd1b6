"""What becomes of a connection for which there is no file descriptor."""

import asyncio
import errno
import logging
import socket

import pytest

from pocketbus.apis.http.accepting import accept


class Echo(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(b"hello")


async def test_exhausted_descriptors_are_told_once_and_connections_accepted_later(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    refusals = 3

    class Exhausted(socket.socket):
        def accept(self) -> tuple[socket.socket, object]:
            nonlocal refusals
            if refusals:
                refusals -= 1
                raise OSError(errno.EMFILE, "Too many open files")
            return super().accept()

    monkeypatch.setattr("pocketbus.apis.http.accepting.RETRY_SECONDS", 0.001)
    listener = Exhausted()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    listener.setblocking(False)
    accepting = asyncio.create_task(accept(listener, Echo))
    reader, writer = await asyncio.open_connection(*listener.getsockname())
    assert await asyncio.wait_for(reader.readexactly(5), 5) == b"hello"
    writer.close()
    accepting.cancel()
    await asyncio.wait([accepting])
    listener.close()

    assert refusals == 0
    assert [
        (record.levelno, record.getMessage()) for record in caplog.records if record.name == "pocketbus"
    ] == [(logging.ERROR, "no connection can be accepted until others are closed: Too many open files")]


async def test_a_client_that_is_gone_before_it_is_accepted_does_no_harm() -> None:
    class Aborted(socket.socket):
        aborted = False

        def accept(self) -> tuple[socket.socket, object]:
            if not self.aborted:
                self.aborted = True
                raise ConnectionAbortedError
            return super().accept()

    listener = Aborted()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    listener.setblocking(False)
    accepting = asyncio.create_task(accept(listener, Echo))
    reader, writer = await asyncio.open_connection(*listener.getsockname())
    assert await asyncio.wait_for(reader.readexactly(5), 5) == b"hello"
    writer.close()
    accepting.cancel()
    await asyncio.wait([accepting])
    listener.close()
