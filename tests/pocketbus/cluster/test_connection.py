"""A node's connection to NATS."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from nats.aio.msg import Msg

from pocketbus.cluster import connection as connections
from pocketbus.cluster.address import Address
from pocketbus.cluster.connection import Connection, UnreachableError, heeding
from scripts.cluster import MISSING, Nats, nats_server, wait_for_port
from tests.turns import until


@pytest.fixture
def connection() -> Connection:
    """A connection on which nothing leaves, and nothing comes but what a test brings."""
    found = Connection()
    client: Any = found.client

    async def publish(*_arguments: object, **_named: object) -> None: ...

    client.publish = publish
    client._resp_sub_prefix = bytearray(b"inbox.")  # noqa: SLF001 - as if it were connected
    return found


def answer(connection: Connection) -> None:
    client: Any = connection.client
    (waiting,) = client._resp_map.values()  # noqa: SLF001
    waiting.set_result(Msg(client, data=b"here"))


async def test_a_request_returns_what_answers_it(connection: Connection) -> None:
    asking = asyncio.create_task(connection.request("orders", b""))
    await asyncio.sleep(0)
    answer(connection)
    assert (await asking).data == b"here"


async def test_a_request_that_is_cancelled_as_its_answer_comes_is_cancelled(connection: Connection) -> None:
    asking = asyncio.create_task(connection.request("orders", b""))
    await asyncio.sleep(0)
    answer(connection)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def deaf(heard: asyncio.Event) -> None:
    """Take no notice of being cancelled, as `asyncio.wait_for` does at times."""
    with suppress(asyncio.CancelledError):
        await heard.wait()


async def test_what_takes_no_notice_of_its_cancellation_is_cancelled_as_soon_as_it_is_done() -> None:
    calling = asyncio.create_task(heeding(deaf(asyncio.Event())))
    await asyncio.sleep(0)
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling


async def test_a_task_that_was_cancelled_may_still_ask_something_before_it_ends() -> None:
    told = asyncio.Event()
    told.set()
    last_words: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await heeding(deaf(told))
            last_words.append("done")

    working = asyncio.create_task(work())
    await asyncio.sleep(0)
    working.cancel()
    await asyncio.wait([working])
    assert last_words == ["done"]


@pytest.mark.skipif(nats_server() is None, reason=MISSING)
async def test_a_connection_that_is_closed_looks_for_no_other_server(tmp_path: Path) -> None:
    server = Nats(tmp_path, 1)
    server.start()
    wait_for_port(server.hosts[0], server.ports[0])
    found = await Connection.open(Address.of(server.url("orders")))
    looks: list[str] = []

    async def look_deaf(*_: object) -> None:
        looks.append("one more")
        if len(looks) == 1:
            await deaf(asyncio.Event())
        raise ConnectionRefusedError

    client: Any = found.client
    client._connect_to_server = look_deaf  # noqa: SLF001 - what takes no notice of being cancelled
    server.close()
    await until(lambda: looks)

    await found.close()

    await until(lambda: asyncio.all_tasks() == {asyncio.current_task()})


async def test_a_request_that_nobody_answers_ends(connection: Connection) -> None:
    with pytest.raises(UnreachableError, match="orders"):
        await connection.request("orders", b"", seconds=0)


async def test_nothing_is_kept_of_a_request_that_has_ended(connection: Connection) -> None:
    with pytest.raises(UnreachableError):
        await connection.request("orders", b"", seconds=0)
    await asyncio.sleep(0)
    assert not connection.client._resp_map  # noqa: SLF001


async def test_who_waits_for_a_server_of_nats_says_where(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connections, "_WAITING_SECONDS", 0.0)
    opening = asyncio.create_task(
        Connection.open(Address.of("nats://me:secret@127.0.0.1:1,127.0.0.1:2/orders"))
    )
    await until(lambda: caplog.messages)
    opening.cancel()
    await asyncio.wait([opening])
    assert caplog.messages[0] == (
        "no server of NATS can be reached at 127.0.0.1:1, 127.0.0.1:2; it is tried again and again"
    )
