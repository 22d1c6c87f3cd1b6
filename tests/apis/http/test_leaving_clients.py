"""Clients that leave, or send nothing more: no message goes to one that is gone, and none leaves a trace in the log."""

import asyncio
import logging
import socket

import pytest

from pocketbus.apis.http.connection import Connection
from pocketbus.apis.http.limits import Limits
from pocketbus.emulator.message import State
from tests.apis.http.wire import HOST, Client, bodies, parts, receive, request, send, serving

READY = [(State.READY, 0)]
BEHIND = [send("behind"), send("behind" * 20_000), receive(20), send("half")[:-3], b"nonsense\r\n\r\n"]


@pytest.mark.parametrize("behind", BEHIND, ids=["send", "large", "poll", "half", "nonsense"])
@pytest.mark.parametrize("how", ["close", "abort", "half-close"])
async def test_a_poll_whose_client_leaves_is_given_up_whatever_stands_behind_it(
    behind: bytes, how: str
) -> None:
    async with serving() as served:
        leaving, staying = await served.connect(), await served.connect()
        leaving.ask(receive(20))
        await served.polls()
        leaving.ask(behind)
        await leaving.turns()
        await leave(leaving, how)
        await served.polls(0)
        staying.ask(send("one"))
        assert await staying.status() == 200

        assert (served.texts, served.untouched) == (["one"], READY)


async def leave(client: Client, how: str) -> None:
    match how:
        case "close":
            client.writer.close()
        case "abort":
            client.writer.transport.abort()
        case _:
            client.writer.write_eof()
    await client.turns()


async def test_clients_that_break_off_leave_nothing_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    stream = f"GET /_pocketbus/trace/stream HTTP/1.1\r\n{HOST}\r\n".encode()
    wait = f"GET /_pocketbus/wait?trace=true&timeout=60 HTTP/1.1\r\n{HOST}\r\n".encode()
    async with serving() as served:
        staying = await served.connect()
        for last in (receive(20), stream, wait, send("x" * 1000)[:-5], b"nonsense\r\n\r\n", b"POST / HT") * 5:
            leaving = await served.connect()
            leaving.ask(send("one"), send("two"), last)
            await leaving.turns()
            leaving.writer.transport.abort()
        staying.ask(send("one"))
        assert await staying.status() == 200

    assert [record.getMessage() for record in caplog.records if record.levelno > logging.INFO] == []


@pytest.mark.parametrize(
    "asked",
    [send("one"), f"GET /_pocketbus/health HTTP/1.1\r\n{HOST}\r\n".encode(), send("one") * 3],
    ids=["at once", "by a task", "several"],
)
async def test_a_client_that_sends_nothing_more_is_answered_and_closed(asked: bytes) -> None:
    async with serving() as served:
        client = await served.connect()
        client.ask(asked)
        client.writer.write_eof()
        answers = await client.rest()

        assert answers.count(b"HTTP/1.1 200 OK\r\n") == asked.count(b"HTTP/1.1")


async def test_what_stands_behind_a_poll_that_is_given_up_is_not_carried_out() -> None:
    async with serving() as served:
        client = await served.connect()
        client.ask(receive(20), send("one"))
        client.writer.write_eof()

        assert await client.rest() == b""
        assert served.jobs == []


async def test_a_body_that_is_broken_off_is_not_carried_out() -> None:
    async with serving() as served:
        client = await served.connect()
        await client.ask_in_parts(send("one")[:-1])
        client.writer.write_eof()

        assert await client.rest() == b""
        assert served.jobs == []


async def test_a_stream_ends_with_its_client() -> None:
    async with serving() as served:
        client = await served.connect()
        client.ask(f"GET /_pocketbus/trace/stream HTTP/1.1\r\n{HOST}\r\n".encode())
        assert "transfer-encoding: chunked" in await client.head()
        client.writer.write_eof()

        assert (await client.rest()).endswith(b"\r\n")


async def test_a_stream_sends_as_it_happens_on_a_connection_that_is_kept() -> None:
    async with serving() as served:
        client, other = await served.connect(), await served.connect()
        client.ask(f"GET /_pocketbus/trace/stream HTTP/1.1\r\n{HOST}\r\n".encode())
        await client.head()
        other.ask(send("one"))
        assert await other.status() == 200
        async with asyncio.timeout(5):
            while b'"sent"' not in await client.reader.readuntil(b"\r\n"):
                pass


async def test_the_system_keeps_little_for_the_client_of_a_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who does not read is noticed soon, and then nothing is written any more."""
    held_little: list[int] = []
    hold_little = Connection._hold_little  # noqa: SLF001 - what the application asks for by the scope

    def held(connection: Connection) -> None:
        hold_little(connection)
        ours = connection._transport.get_extra_info("socket")  # noqa: SLF001
        held_little.append(ours.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF))

    monkeypatch.setattr(Connection, "_hold_little", held)
    async with serving() as served:
        client = await served.connect()
        client.ask(f"GET /_pocketbus/trace/stream HTTP/1.1\r\n{HOST}\r\n".encode())
        await client.head()

    (size,) = held_little
    assert size <= 2 * Limits().unsent  # Linux counts its own bookkeeping, and so doubles it


async def test_a_stream_for_http_1_0_ends_with_the_connection() -> None:
    async with serving() as served:
        client = await served.connect()
        client.ask(f"GET /_pocketbus/trace/stream HTTP/1.0\r\n{HOST}\r\n".encode())
        head = await client.head()
        assert ("chunked" in head, "connection: close" in head) == (False, True)
        served.engine.release_waiters()

        assert (await client.rest()).startswith(b": the trace")


async def test_polls_on_kept_connections_receive_after_others_left() -> None:
    async with serving() as served:
        staying = await served.connect()
        for number in range(20):
            leaving = await served.connect()
            leaving.ask(receive(20), *parts(send("never")))
            await leaving.turns(20)
            leaving.writer.transport.abort()
            await leaving.turns(20)
            staying.ask(request("SendMessage", QueueUrl="jobs", MessageBody=str(number)), receive(20))
            assert await staying.status() == 200
            assert bodies(await staying.answer()) == [str(number)]
