"""HTTPS and HTTP on one port: the first byte tells."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NamedTuple

import pytest

from pocketbus.certificate import self_signed_context
from pocketbus.emulator.engine import Engine
from pocketbus.server import Server, listen

HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class Site(NamedTuple):
    port: int
    trust: ssl.SSLContext
    server: Server


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    tls, certificate = self_signed_context("127.0.0.1")
    ready = asyncio.Event()
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    server = Server(Engine(), base_url="http://localhost", on_ready=ready.set, tls=tls)
    task = asyncio.create_task(server.serve(listener))
    await ready.wait()
    yield Site(port, ssl.create_default_context(cadata=certificate.decode()), server)
    server.end()
    await asyncio.wait_for(task, 5)


async def asked(site: Site, request: bytes, tls: ssl.SSLContext | None) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port, ssl=tls)
    writer.write(request)
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return answer


async def test_both_are_answered_on_one_port(site: Site) -> None:
    plain = await asked(site, HEALTH, None)
    secret = await asked(site, HEALTH, site.trust)

    assert plain.startswith(b"HTTP/1.1 200 ")
    assert secret.startswith(b"HTTP/1.1 200 ")


async def test_answers_name_the_scheme_by_which_they_were_asked(site: Site) -> None:
    request = (
        b"GET /?Action=CreateQueue&QueueName=jobs HTTP/1.1\r\nHost: localhost:1\r\nConnection: close\r\n\r\n"
    )

    assert b"<QueueUrl>http://localhost:1/" in await asked(site, request, None)
    assert b"<QueueUrl>https://localhost:1/" in await asked(site, request, site.trust)


async def test_many_requests_go_over_one_connection(site: Site) -> None:
    request = HEALTH.replace(b"Connection: close\r\n", b"")

    answer = await asked(site, request * 3 + HEALTH, site.trust)

    assert answer.count(b"HTTP/1.1 200 ") == 4


async def test_a_long_poll_over_tls_is_given_up_with_its_client(site: Site) -> None:
    await asked(site, HEALTH.replace(b"/health", b"/?Action=CreateQueue&QueueName=jobs"), site.trust)
    poll = (
        b"GET /000000000000/jobs?Action=ReceiveMessage&WaitTimeSeconds=20 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    )
    _, writer = await asyncio.open_connection("127.0.0.1", site.port, ssl=site.trust)
    writer.write(poll)
    await eventually(lambda: _polls(site), b"1")

    writer.transport.abort()

    await eventually(lambda: _polls(site), b"0")


async def eventually(look: Callable[[], Awaitable[bytes]], wanted: bytes) -> None:
    async with asyncio.timeout(60):
        while await look() != wanted:  # noqa: ASYNC110 - what is looked at is on the other side of a socket
            await asyncio.sleep(0.01)


async def _polls(site: Site) -> bytes:
    answer = await asked(site, HEALTH.replace(b"/health", b"/_pocketbus/queues"), None)
    return answer.partition(b'"waiting": ')[2][:1]


@pytest.mark.parametrize("said", [b"", b"\x16", b"\x16\x03\x01\x00\x05nope!"])
async def test_others_are_served_while_one_says_nothing_or_nonsense(site: Site, said: bytes) -> None:
    with socket.create_connection(("127.0.0.1", site.port)) as silent:
        silent.sendall(said)

        assert (await asked(site, HEALTH, site.trust)).startswith(b"HTTP/1.1 200 ")


async def test_who_is_silent_is_dropped_when_the_server_ends(site: Site) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    await asked(site, HEALTH, None)

    site.server.end()

    assert await asyncio.wait_for(reader.read(), 60) == b""
    writer.close()


async def test_who_leaves_without_a_word_leaves_nothing(site: Site) -> None:
    for _ in range(3):
        _, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.close()
        await writer.wait_closed()

    assert (await asked(site, HEALTH, None)).startswith(b"HTTP/1.1 200 ")
