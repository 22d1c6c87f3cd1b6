"""What one connection makes of the requests on it: their order, their parts, what answers look like."""

import logging
import re
from collections.abc import Coroutine
from typing import Any

import pytest

from pocketbus.apis.http.site import Site
from tests.apis.http.wire import bodies, connected, parts, receive, request, send, serving


async def test_an_answer_has_the_headers_of_awss() -> None:
    async with connected() as client:
        client.ask(send("one"))

        names = re.findall(r"^([a-z-]+): ", await client.head(), re.MULTILINE)
        assert names == ["date", "content-type", "content-length", "x-amzn-requestid"]


async def test_only_what_has_to_wait_makes_a_task(monkeypatch: pytest.MonkeyPatch) -> None:
    start = Site.start
    started: list[str] = []

    def recording(site: Site, work: Coroutine[Any, Any, None]) -> None:
        started.append(getattr(work, "__qualname__", ""))
        start(site, work)

    monkeypatch.setattr(Site, "start", recording)
    async with connected() as client:
        client.ask(send("one"), receive(20), request("DeleteQueue"), receive(1))
        for _ in range(4):
            await client.answer()
        await client.ask_in_parts(*parts(send("two")))
        await client.answer()

    assert started == ["Exchange.run"]


async def test_requests_that_come_together_are_answered_in_their_order() -> None:
    async with connected() as client:
        client.ask(send("one"), receive(), receive(1), send("two"), receive())

        assert (await client.answer())[0] == 200
        assert bodies(await client.answer()) == ["one"]
        assert bodies(await client.answer()) == []
        assert (await client.answer())[0] == 200
        assert bodies(await client.answer()) == ["two"]


async def test_a_request_that_comes_in_parts_is_answered_when_it_is_whole() -> None:
    whole = send("one")
    async with connected() as client:
        await client.ask_in_parts(whole[:20], whole[20:-3], whole[-3:])

        assert (await client.answer())[0] == 200


@pytest.mark.parametrize("size", [1, 100_000, 1_000_000])
async def test_large_messages_go_in_and_out_one_after_the_other(size: int) -> None:
    async with connected() as client:
        for letter in ("a", "b", "c"):
            client.ask(send(letter * size), receive())

            assert (await client.answer())[0] == 200
            assert bodies(await client.answer()) == [letter * size]


async def test_a_poll_that_waits_is_answered_by_a_send_on_another_connection() -> None:
    async with serving() as served:
        waiting, sending = await served.connect(), await served.connect()
        waiting.ask(receive(20))
        await served.polls()
        sending.ask(send("one"))

        assert bodies(await waiting.answer()) == ["one"]


async def test_an_error_leaves_the_connection_usable() -> None:
    async with connected() as client:
        client.ask(request("SendMessage", QueueUrl="nowhere", MessageBody="one"), send("two"))

        assert (await client.answer())[0] == 400
        assert (await client.answer())[0] == 200


@pytest.mark.parametrize("options", [{"version": "1.0"}, {"headers": "Connection: close\r\n"}])
async def test_a_client_that_keeps_no_connection_gets_its_answer_and_the_end(options: dict[str, str]) -> None:
    async with connected() as client:
        client.ask(send("one", **options))

        assert (await client.answer())[0] == 200
        assert await client.reader.read() == b""


async def test_a_head_request_gets_no_body() -> None:
    async with connected() as client:
        client.ask(b"HEAD /?Action=ListQueues HTTP/1.1\r\nHost: localhost\r\n\r\n", send("one"))

        assert "\r\ncontent-length: " in await client.head()
        assert (await client.answer())[0] == 200


async def test_a_client_that_asks_before_it_sends_a_body_is_told_to_go_on() -> None:
    head, _, body = send("one", headers="Expect: 100-continue\r\n").partition(b"\r\n\r\n")
    async with connected() as client:
        client.ask(head + b"\r\n\r\n")
        assert await client.head() == "http/1.1 100 continue\r\n\r\n"
        client.ask(body)

        assert (await client.answer())[0] == 200


async def test_an_access_log_has_every_request(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "pocketbus.access"):
        async with connected(access_log=True) as client:
            client.ask(send("one"))
            await client.answer()

    lines = [record.getMessage() for record in caplog.records if record.name == "pocketbus.access"]
    assert [line.partition(" - ")[2] for line in lines] == ['"POST / HTTP/1.1" 200'] * 2
