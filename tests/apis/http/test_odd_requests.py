"""Requests that are out of the ordinary: offers of other protocols, framing that two readers could take two ways."""

import pytest

from tests.apis.http.wire import HOST, connected, parts, request, send, serving

H2C = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\n"
WEBSOCKET = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AA==\r\n"


@pytest.mark.parametrize("offer", [H2C, WEBSOCKET])
async def test_a_request_that_offers_another_protocol_is_served_over_this_one(offer: str) -> None:
    async with serving() as served:
        client = await served.connect()
        client.ask(send("one", headers=offer), send("two", headers=offer))
        await client.ask_in_parts(*parts(send("three", headers=offer)), b"")
        assert [(await client.answer())[0] for _ in range(3)] == [200, 200, 200]

        assert served.texts == ["one", "two", "three"]


async def test_a_chunked_body_behind_an_offer_is_read() -> None:
    head, body = parts(send("one", headers=H2C))
    head = head.replace(b"Content-Length: %d" % len(body), b"Transfer-Encoding: chunked")
    async with serving() as served:
        client = await served.connect()
        await client.ask_in_parts(head, b"%x\r\n%b\r\n" % (len(body), body), b"0\r\n\r\n")

        assert await client.status() == 200
        assert served.texts == ["one"]


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        (f"{HOST}{HOST}", "more than one Host"),
        ("", "no Host"),
        (f"{HOST}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "can't be present"),
        (f"{HOST}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "can't be present"),
        (f"{HOST}Content-Length: 3\r\nContent-Length: 4\r\n", "Content-Length"),
        (f"{HOST}Content-Length: +3\r\n", "Content-Length"),
        (f"{HOST}Transfer-Encoding: gzip, chunked\r\n", "only Transfer-Encoding"),
        (f"{HOST}Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n", "only Transfer-Encoding"),
        (f"{HOST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding"),
        (f"{HOST}A: b\r\n c\r\n", "header"),
        ("Host : localhost\r\n", "header"),
    ],
)
async def test_a_head_that_could_be_read_in_two_ways_is_refused(headers: str, reason: str) -> None:
    async with connected() as client:
        client.ask(f"POST / HTTP/1.1\r\n{headers}\r\n0\r\n\r\n".encode(), send("smuggled"))
        status, head, body = await client.whole()

        assert (status, "\r\nconnection: close\r\n" in head) == (400, True)
        assert reason in body.decode()
        assert await client.rest() == b""


async def test_nothing_after_a_refused_request_is_carried_out() -> None:
    async with serving() as served:
        client = await served.connect()
        await client.ask_in_parts(b"POST / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + send("one"), send("two"))

        assert await client.status() == 400
        assert served.jobs == []


async def test_a_request_before_a_refused_one_is_answered_first() -> None:
    async with connected() as client:
        client.ask(send("one"), b"nonsense\r\n\r\n")

        assert [await client.status(), await client.status()] == [200, 400]


@pytest.mark.parametrize(
    "start",
    ["CONNECT localhost:80", "OPTIONS *", "GET nowhere", "PRI *"],
)
async def test_a_target_that_is_neither_path_nor_url_is_refused(start: str) -> None:
    async with connected() as client:
        client.ask(f"{start} HTTP/1.1\r\n{HOST}\r\n".encode())

        assert await client.status() == 400


@pytest.mark.parametrize("target", ["http://localhost", "http://elsewhere:80", ""])
async def test_a_whole_url_is_a_target_too(target: str) -> None:
    async with connected() as client:
        client.ask(f"GET {target}/_pocketbus/health?x=%41 HTTP/1.1\r\n{HOST}\r\n".encode())

        assert await client.status() == 200


async def test_trailers_are_read_and_mean_nothing() -> None:
    head, body = parts(send("one"))
    head = head.replace(b"Content-Length: %d" % len(body), b"Transfer-Encoding: chunked\r\nTrailer: Host")
    trailed = b"%b%x;a=b\r\n%b\r\n0\r\nHost: elsewhere\r\nX-Amz-Target: x\r\n\r\n" % (head, len(body), body)
    async with connected() as client:
        client.ask(trailed, send("two"))

        assert [await client.status(), await client.status()] == [200, 200]


async def test_a_request_of_http_1_0_needs_no_host() -> None:
    async with connected() as client:
        client.ask(b"GET /_pocketbus/health HTTP/1.0\r\n\r\n")
        status, head, _ = await client.whole()

        assert (status, "\r\nconnection: close\r\n" in head) == (200, True)
        assert await client.rest() == b""


async def test_empty_lines_before_a_request_are_passed_over() -> None:
    async with connected() as client:
        client.ask(b"\r\n\r\n", send("one"), b"\r\n", send("two"))

        assert [await client.status(), await client.status()] == [200, 200]


async def test_what_follows_a_request_that_closes_is_passed_over() -> None:
    async with serving() as served:
        client = await served.connect()
        client.ask(request("SendMessage", headers="Connection: close\r\n", QueueUrl="jobs", MessageBody="1"))
        client.ask(send("two"))

        assert await client.status() == 200
        assert await client.rest() == b""
        assert len(served.jobs) == 1
