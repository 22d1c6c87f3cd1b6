"""Outgoing HTTP: what an answer holds, how long it may take, where it may not go."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from pocketbus.emulator.deliveries.failures import TargetRefused, TargetTimedOut, TargetUnreachable
from pocketbus.emulator.deliveries.http_answer import HttpAnswer
from pocketbus.emulator.deliveries.http_client import ANSWER_BYTES, HttpClient

Answering = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Ask = Callable[..., Awaitable[HttpAnswer]]


@pytest_asyncio.fixture
async def client() -> AsyncIterator[HttpClient]:
    client = HttpClient(anywhere=False)
    yield client
    await client.close()


async def asked(client: HttpClient, answering: Answering, seconds: float = 5) -> HttpAnswer:
    """Ask a server that answers so."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await answering(reader, writer)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        return await client.request("GET", f"http://127.0.0.1:{port}/", {}, b"", answer_seconds=seconds)


async def test_an_answer_has_its_status_headers_and_body(client: HttpClient) -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 201 Created\r\nX-Mark: 1\r\nContent-Length: 2\r\n\r\nok")

    found = await asked(client, answer)

    assert found == HttpAnswer(201, {"x-mark": "1", "content-length": "2"}, b"ok")


async def test_only_the_start_of_a_long_answer_is_read(client: HttpClient) -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (2 * ANSWER_BYTES))

    assert len((await asked(client, answer)).body) == ANSWER_BYTES


async def test_an_answer_that_does_not_come_is_not_waited_for(client: HttpClient) -> None:
    async def answer(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    with pytest.raises(TargetTimedOut, match=r"no answer within 0\.01 seconds"):
        await asked(client, answer, seconds=0.01)


async def test_a_connection_that_breaks_is_told_apart(client: HttpClient) -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    with pytest.raises(TargetUnreachable):
        await asked(client, answer)


@pytest.mark.parametrize("url", ["http://", "ftp://127.0.0.1/", "http://[::1", "http://127.0.0.1:99999/"])
async def test_what_is_no_url_is_refused(client: HttpClient, url: str) -> None:
    with pytest.raises(TargetRefused):
        await client.request("GET", url, {}, b"", answer_seconds=5)


@pytest.mark.parametrize(
    "host",
    ["8.8.8.8", "169.254.169.254", "0.0.0.0", "[::ffff:8.8.8.8]", "[fe80::1]"],  # noqa: S104
)
async def test_it_goes_to_no_public_address(client: HttpClient, host: str) -> None:
    with pytest.raises(TargetRefused, match="is no loopback or private address"):
        await client.request("GET", f"http://{host}/", {}, b"", answer_seconds=5)


async def test_a_closed_client_opens_anew() -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    client = HttpClient(anywhere=False)
    await asked(client, answer)
    await client.close()

    assert (await asked(client, answer)).status == 204
    await client.close()
