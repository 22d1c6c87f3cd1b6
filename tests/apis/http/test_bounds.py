"""How much a client can send, and how long it can take for it."""

import logging
import tracemalloc

import pytest

from pocketbus.apis.endpoint import MAX_BODY
from pocketbus.apis.http.limits import Limits
from pocketbus.apis.http.site import Site
from tests.apis.http.transport import connect, turns
from tests.apis.http.wire import HOST, Client, connected, parts, receive, request, send, serving

KIB = 1024


async def refused(client: Client) -> int:
    """Read the answer, and that it is the last."""
    status, head, _ = await client.whole()
    assert "\r\nconnection: close\r\n" in head
    assert await client.rest() == b""
    return status


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /?%b HTTP/1.1\r\nHost: x\r\n\r\n" % (b"x" * 65 * KIB), 414),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: %b\r\n\r\n" % (b"x" * 65 * KIB), 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\n%b\r\n" % (b"A: b\r\n" * 100), 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\n%b\r\n" % (b"A: %b\r\n" % (b"x" * 8000) * 9), 431),
    ],
    ids=["url", "one header", "many headers", "many long headers"],
)
@pytest.mark.parametrize("size", [1_000_000, 5_000])
async def test_a_head_over_its_bounds_is_refused(head: bytes, status: int, size: int) -> None:
    async with connected() as client:
        await client.ask_in_parts(*(head[at : at + size] for at in range(0, len(head), size)))

        assert await refused(client) == status


@pytest.mark.parametrize(
    "start",
    [b"GET /?", b"GET / HTTP/1.1\r\nA: ", b"GET / HTTP/1.1\r\n", b"POST / HTTP/1.1\r\nHost: x\r\n"],
    ids=["url", "value", "name", "second name"],
)
async def test_a_head_without_an_end_is_refused_while_it_arrives(start: bytes) -> None:
    async with connected() as client:
        client.ask(start)
        for _ in range(40):
            await client.ask_in_parts(b"x" * 10_000)

        assert await refused(client) in {414, 431}


@pytest.mark.parametrize("filling", [b"0\r\nA: ", b"0\r\n", b"1;"], ids=["trailer", "name", "extension"])
async def test_what_belongs_to_chunks_is_bounded_too(filling: bytes) -> None:
    async with connected() as client:
        client.ask(f"POST / HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n".encode() + filling)
        for _ in range(40):
            await client.ask_in_parts(b"x" * 10_000)

        assert await refused(client) == 431


async def test_a_large_head_within_the_bounds_is_served() -> None:
    headers = "".join(f"A{number}: {'x' * 700}\r\n" for number in range(85))
    async with connected() as client:
        await client.ask_in_parts(*parts(send("one", headers=headers)))

        assert await client.status() == 200


async def test_nothing_is_kept_of_what_was_too_much() -> None:
    async with serving() as served:
        tracemalloc.start()
        for _ in range(5):
            client = await served.connect()
            client.ask(f"GET / HTTP/1.1\r\n{HOST}A: ".encode())
            await client.ask_in_parts(*[b"x" * 100_000] * 10)
            assert await refused(client) == 431
            await client.close()
            served.clients.clear()
        del client
        kept, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert kept < 500_000


@pytest.mark.parametrize("headers", ["Content-Length: 50000000\r\n", "Transfer-Encoding: chunked\r\n"])
async def test_a_body_over_the_cap_is_answered_before_it_ends(headers: str) -> None:
    async with connected() as client:
        client.ask(f"POST / HTTP/1.1\r\n{HOST}{headers}\r\n".encode())
        if "chunked" in headers:
            client.ask(b"%x\r\n%b\r\n" % (MAX_BODY + 1, b"x" * (MAX_BODY + 1)))

        assert await client.status() == 413


async def test_a_connection_goes_on_after_a_body_over_the_cap() -> None:
    excess = MAX_BODY + 1_000_000
    async with connected() as client:
        client.ask(f"POST / HTTP/1.1\r\n{HOST}Content-Length: {excess}\r\n\r\n".encode(), b"x" * excess)
        client.ask(send("one"))

        assert [await client.status(), await client.status()] == [413, 200]


async def test_who_asks_before_sending_too_much_is_not_told_to_go_on() -> None:
    async with connected() as client:
        headers = f"{HOST}Content-Length: 50000000\r\nExpect: 100-continue\r\n"
        client.ask(f"POST / HTTP/1.1\r\n{headers}\r\n".encode())

        assert await refused(client) == 413


async def test_a_control_path_takes_a_larger_body_as_it_comes() -> None:
    size = MAX_BODY + 3_000_000
    async with connected() as client:
        client.ask(f"PUT /_pocketbus/state HTTP/1.1\r\n{HOST}Content-Length: {size}\r\n\r\n".encode())
        for _ in range(8):
            await client.ask_in_parts(b"x" * (size // 8))
        status, _, body = await client.whole()

        assert (status, b"longer than" in body) == (400, False)


@pytest.mark.parametrize("start", [b"P", send("one")[:30], send("one")[:-1]], ids=["byte", "head", "body"])
async def test_a_request_that_takes_too_long_is_refused(site: Site, start: bytes) -> None:
    connection, transport = connect(site)
    connection.data_received(start)
    connection.look(60)
    await turns()
    assert transport.written == []

    connection.look(1)
    await turns()
    assert b"".join(transport.written).startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    connection.look(3)
    assert transport.closed


async def test_bytes_that_trickle_do_not_make_the_time_longer(site: Site) -> None:
    connection, transport = connect(site)
    for byte in send("one")[:61]:
        connection.data_received(bytes([byte]))
        connection.look(1)
    await turns()

    assert b"".join(transport.written).startswith(b"HTTP/1.1 408 Request Timeout\r\n")


async def test_a_body_that_takes_too_long_after_its_answer_ends_the_connection(site: Site) -> None:
    connection, transport = connect(site)
    connection.data_received(f"POST / HTTP/1.1\r\n{HOST}Content-Length: 6000000\r\n\r\n".encode())
    await turns()
    connection.look(61)
    await turns()

    (answer,) = transport.written
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert transport.closed


async def test_a_connection_that_is_idle_for_too_long_is_closed(site: Site) -> None:
    connection, transport = connect(site)
    connection.look(119)
    connection.data_received(send("one"))
    await turns()
    connection.look(119)
    assert not transport.closed

    connection.look(2)
    assert transport.closed


async def test_a_long_poll_is_neither_idle_nor_late(site: Site) -> None:
    connection, transport = connect(site)
    connection.data_received(request("CreateQueue", QueueName="jobs") + receive(20))
    await turns()
    connection.look(1000)

    assert not transport.closed


async def test_a_client_that_takes_nothing_is_dropped(site: Site) -> None:
    connection, transport = connect(site)
    connection.data_received(send("one"))
    transport.unsent = 1000
    connection.pause_writing()
    for _ in range(3):
        connection.look(50)
        transport.unsent -= 1
    assert not transport.aborted

    connection.look(50)
    connection.look(61)
    assert transport.aborted


async def test_a_client_that_takes_nothing_before_the_close_is_dropped(site: Site) -> None:
    connection, transport = connect(site)
    connection.data_received(send("one", headers="Connection: close\r\n"))
    await turns()
    transport.unsent = 1000
    connection.look(1)
    connection.look(61)

    assert transport.aborted


async def test_a_slow_reader_that_breaks_off_leaves_nothing_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with serving() as served:
        sending, slow = await served.connect(), await served.connect()
        slow.writer.transport.pause_reading()  # type: ignore[attr-defined]
        for _ in range(10):
            sending.ask(send("x" * 1_000_000))
            assert await sending.status() == 200
            slow.ask(receive())
        slow.ask(f"GET /_pocketbus/trace/stream?after=0 HTTP/1.1\r\n{HOST}\r\n".encode())
        await slow.turns(100)
        slow.writer.transport.abort()
        sending.ask(send("one"))
        assert await sending.status() == 200

    assert [record.getMessage() for record in caplog.records if record.levelno > logging.INFO] == []


def test_the_bounds_are_those_of_the_documentation() -> None:
    limits = Limits()

    assert (limits.url, limits.head, limits.headers, limits.body) == (65536, 65536, 100, 5 * 1024 * 1024)
    assert (limits.request_seconds, limits.idle_seconds, limits.unsent_seconds) == (60, 120, 60)
