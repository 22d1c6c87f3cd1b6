"""Outgoing HTTP: what an answer holds, how long it may take, where it may not go."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from pocketbus.emulator.deliveries.failures import TargetRefused, TargetTimedOut, TargetUnreachable
from pocketbus.emulator.deliveries.http_answer import HttpAnswer
from pocketbus.emulator.deliveries.http_client import ALL_REQUESTS, ANSWER_BYTES, HttpClient
from pocketbus.emulator.door import Door
from pocketbus.emulator.time.clock import Clock

Answering = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Ask = Callable[..., Awaitable[HttpAnswer]]


@pytest_asyncio.fixture
async def client() -> AsyncIterator[HttpClient]:
    client = HttpClient(Door(Clock()), anywhere=False)
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


PUBLIC = ("8.8.8.8", "0.0.0.0", "[::ffff:8.8.8.8]", "[fe80::1]", "[::]")  # noqa: S104 - an address to refuse
METADATA = (
    *(
        "169.254.169.254",
        "2852039166",
        "0xa9fea9fe",
        "0xA9.0xFE.0xA9.0xFE",
        "0251.0376.0251.0376",
        "169.16689662",
    ),
    *("[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[0:0:0:0:0:ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]"),
    *("169.254.170.2", "169.254.170.23", "[fd00:ec2::254]", "[fd00:ec2::23]", "[FD00:0EC2:0:0:0:0:0:254]"),
    *("[fd20:ce::254]", "[fd00:c1::a9fe:a9fe]", "[fd00:42::42]", "[fd00:a9fe:a9fe::1]", "[fe80::a9fe:a9fe]"),
    *("100.100.100.200", "1684300936", "0x646464c8", "[::ffff:100.100.100.200]", "[::ffff:6464:64c8]"),
    *("169.254.169.254.", "168.63.129.16", "192.0.0.192", "169.254.0.23", "169.254.42.42"),
)
"""Where clouds tell a machine its credentials, in all the ways to write it."""


@pytest.mark.parametrize("host", [*PUBLIC, *METADATA])
async def test_it_goes_to_no_public_address_and_to_no_metadata(client: HttpClient, host: str) -> None:
    with pytest.raises((TargetRefused, TargetUnreachable)) as refusal:
        await client.request("GET", f"http://{host}/", {}, b"", answer_seconds=5)

    text = str(refusal.value)
    assert "is no loopback or private address" in text or "is no URL" in text or "Name or service" in text


@pytest.mark.parametrize(
    "addresses", [["169.254.169.254"], ["fd00:ec2::254"], ["fd00:ec2::254", "100.100.100.200"]]
)
async def test_a_name_that_means_metadata_is_refused(
    client: HttpClient, monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    resolve_to(monkeypatch, *addresses)

    with pytest.raises(TargetRefused, match="is no loopback or private address"):
        await client.request("GET", "http://evil.example/", {}, b"", answer_seconds=5)


async def test_a_name_is_looked_up_once_and_what_it_means_is_connected_to(
    client: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        asked = resolve_to(monkeypatch, "127.0.0.1", then="169.254.169.254")
        found = await client.request("GET", f"http://evil.example:{port}/", {}, b"", answer_seconds=5)

    assert (found.status, asked) == (204, ["evil.example"])


def resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: str, then: str = "") -> list[str]:
    """Let every name mean these addresses and, from the second time on, the other one; return who was asked for."""
    asked: list[str] = []

    async def getaddrinfo(host: str, port: int, **_: object) -> list[object]:
        asked.append(host)
        meant = addresses if len(asked) == 1 or not then else (then,)
        return [_info(address, port) for address in meant]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    return asked


def _info(address: str, port: int) -> object:
    if ":" in address:
        return (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))


def test_every_way_out_over_http_goes_through_the_one_client() -> None:
    root = Path(__file__).parents[3]
    imports = re.compile(
        r"^\s*(?:from|import) (?:aiohttp|httpx|requests|urllib\.request|http\.client)\b", re.MULTILINE
    )
    rooms = [
        *(root / "rules").rglob("*.py"),
        *(root / "apis").rglob("*.py"),
        *(root / "emulator").rglob("*.py"),
    ]

    # The command's own client asks the server that its user names.
    assert {path.name for path in rooms if imports.search(path.read_text("utf-8"))} <= {
        "http_client.py",
        "tail.py",
        "__main__.py",
    }


async def test_a_target_that_hangs_holds_no_other_up(client: HttpClient) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    async with await asyncio.start_server(hang, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        hanging = [
            asyncio.create_task(client.request("GET", url, {}, b"", answer_seconds=60))
            for _ in range(2 * ALL_REQUESTS)
        ]
        await asyncio.sleep(0)

        assert (await asked(client, answer)).status == 204
        for task in hanging:
            task.cancel()
        await asyncio.wait(hanging)


async def test_a_closed_client_opens_anew() -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    client = HttpClient(Door(Clock()), anywhere=False)
    await asked(client, answer)
    await client.close()

    assert (await asked(client, answer)).status == 204
    await client.close()
