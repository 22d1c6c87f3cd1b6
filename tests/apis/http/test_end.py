"""How connections end with their server."""

import logging

import pytest

from tests.apis.http.wire import HOST, connected, receive, send, serving


async def test_an_idle_connection_is_closed_at_once() -> None:
    async with serving() as served:
        client = await served.connect()
        client.ask(send("one"))
        await client.status()
        served.server.end()

        assert await client.rest() == b""


async def test_a_poll_is_answered_with_nothing_and_what_stands_behind_it_too() -> None:
    async with serving() as served:
        client = await served.connect()
        client.ask(receive(20), send("one"))
        await served.polls()
        served.server.end()

        status, head, body = await client.whole()
        assert (status, "connection: close" in head, body) == (200, False, b"{}")
        status, head, _ = await client.whole()
        assert (status, "connection: close" in head) == (200, True)
        assert await client.rest() == b""
        assert served.texts == ["one"]


async def test_a_request_on_its_way_may_still_come() -> None:
    async with serving() as served:
        client = await served.connect()
        await client.ask_in_parts(send("one")[:-1])
        served.server.end()
        await client.turns()
        client.ask(send("one")[-1:])
        status, head, _ = await client.whole()

        assert (status, "connection: close" in head) == (200, True)


STALLED = f"PUT /_pocketbus/state HTTP/1.1\r\n{HOST}Content-Length: 9000000\r\n\r\n".encode()


async def test_what_stalls_is_dropped_without_a_word(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pocketbus.server._GRACE_SECONDS", 0.1)
    async with serving() as served:
        for start in (b"P", send("one")[:40], send("one")[:-1], STALLED, STALLED + b"x" * 6_000_000):
            client = await served.connect()
            await client.ask_in_parts(start)
        slow = await served.connect()
        slow.writer.transport.pause_reading()  # type: ignore[attr-defined]
        slow.ask(*[send("x" * 1_000_000), receive()] * 8)
        await slow.turns(200)
        served.server.end()
        await served.ended()

    assert [record.getMessage() for record in caplog.records if record.levelno > logging.INFO] == []


async def test_a_server_that_is_asked_twice_drops_what_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pocketbus.server._GRACE_SECONDS", 3600)
    async with serving() as served:
        client = await served.connect()
        await client.ask_in_parts(send("one")[:-1])
        served.server.end()
        served.server.end()
        await served.ended()

        assert await client.rest() == b""


async def test_an_operation_that_waits_for_longer_than_the_server_is_broken_off(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with connected() as client:
        fault = b'{"kind": "latency", "delay": 30, "operation": "SendMessage"}'
        client.ask(
            b"POST /_pocketbus/faults HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(fault), fault)
        )
        status, _, body = await client.whole()
        assert status < 300, body
        client.ask(send("one"))
        await client.turns(20)

    assert await client.rest() == b""
    assert [record.getMessage() for record in caplog.records if record.levelno > logging.INFO] == []
