"""Random and hostile bytes on a connection: nothing fails, and nobody gets a neighbour's answer."""

import asyncio
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pocketbus.apis.app import create_app
from pocketbus.apis.http.site import Site
from pocketbus.emulator.engine import Engine
from tests.apis.http.transport import connect
from tests.apis.http.wire import HOST, receive, request, send
from tests.property.fuzz import cases, complaints

STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
SIGN = re.compile(rb"[a-z]-sign-\d+")
_H2C = "Connection: Upgrade\r\nUpgrade: h2c\r\n"
_CHUNKED = f"POST / HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n"
SOUND = st.sampled_from(
    [
        send("a-sign-1"),
        send("a-sign-2", headers=_H2C),
        send("a-sign-3", version="1.0"),
        send("a-sign-4", headers="Expect: 100-continue\r\n"),
        send("a-sign-5", headers="Connection: close\r\n"),
        receive(),
        receive(20),
        request("GetQueueUrl", QueueName="a"),
        f"GET /?Action=ListQueues HTTP/1.1\r\n{HOST}\r\n".encode(),
        f"HEAD /a?Action=ListQueues HTTP/1.1\r\n{HOST}\r\n".encode(),
        f"GET /_pocketbus/health HTTP/1.1\r\n{HOST}\r\n".encode(),
        f"GET /_pocketbus/trace/stream HTTP/1.1\r\n{HOST}\r\n".encode(),
        f"PUT /_pocketbus/state HTTP/1.1\r\n{HOST}Content-Length: 6000000\r\n\r\n".encode(),
        f"{_CHUNKED}5;a=b\r\nabcde\r\n0\r\nA: b\r\n\r\n".encode(),
    ]
)
SCRAPS = st.sampled_from(
    [
        b"\r\n",
        b"\r\n\r\n",
        b"0\r\n\r\n",
        b"ffffffffffffffff\r\n",
        b"\x00",
        b"\xff\xfe",
        b" ",
        b":",
        b"GET ",
        b"CONNECT a:1 HTTP/1.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"HTTP/1.1",
        HOST.encode(),
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\n",
        b"Content-Length: 99999999999999999999\r\n",
        b"Upgrade: h2c\r\nConnection: Upgrade\r\n",
        b"Expect: 100-continue\r\n",
        b"A: " + b"x" * 70_000 + b"\r\n",
    ]
)


@st.composite
def mangled(draw: st.DrawFn) -> bytes:
    """Draw a sound request with something put in, left out or written over."""
    whole = draw(SOUND)
    start = draw(st.integers(0, len(whole)))
    length = draw(st.integers(0, 20))
    return whole[:start] + draw(SCRAPS | st.binary(max_size=8)) + whole[start + length :]


@st.composite
def conversations(draw: st.DrawFn) -> list[bytes]:
    """Draw what is written to one connection, in the pieces in which it comes."""
    whole = b"".join(draw(st.lists(SOUND | mangled() | SCRAPS | st.binary(max_size=40), max_size=5)))
    cuts = sorted(draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    return [whole[start:end] for start, end in pairwise([0, *cuts, len(whole)])]


class World(NamedTuple):
    """One for all cases: making an application takes longer than many of them."""

    loop: asyncio.AbstractEventLoop
    engine: Engine
    site: Site


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    engine = Engine()
    engine.clock.freeze()
    with asyncio.Runner() as runner:
        yield World(runner.get_loop(), engine, Site(create_app(engine), lambda: 0.0))


@settings(max_examples=cases(300), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pieces=conversations(), last=st.sampled_from(["stay", "end", "leave"]))
def test_whatever_comes_is_answered_or_refused(world: World, pieces: list[bytes], last: str) -> None:
    with complaints() as texts:
        ours, theirs = world.loop.run_until_complete(converse(world.engine, world.site, pieces, last))

    # Which hosts it does not answer for is told once each, by design.
    assert [text for text in texts if not text.startswith("This server does not answer for the host ")] == []
    # 501 names an operation of AWS that is not there.
    assert [status for status in STATUS.findall(ours) if status >= b"500" and status != b"501"] == []
    assert SIGN.findall(theirs) == [b"b-sign-1"]
    assert b"b-sign" not in ours


async def converse(engine: Engine, site: Site, pieces: list[bytes], last: str) -> tuple[bytes, bytes]:
    """Write to one connection while a neighbour has its own; return what each was answered."""
    engine.reset()
    async with engine:
        (hostile, ours), (sound, theirs) = connect(site), connect(site)
        sound.data_received(request("CreateQueue", QueueName="b"))
        sound.data_received(request("CreateQueue", QueueName="jobs"))
        for number, piece in enumerate(pieces):
            if piece and not ours.closed:
                hostile.data_received(piece)
            if number % 2:
                await _turns()
        sound.data_received(request("SendMessage", QueueUrl="b", MessageBody="b-sign-1"))
        sound.data_received(request("ReceiveMessage", QueueUrl="b"))
        await _turns()
        if last == "end" and not ours.closed and not hostile.eof_received():
            ours.close()
        await _turns()
        if last == "leave":
            hostile.connection_lost(None)
        engine.release_waiters()
        await _turns()
        hostile.connection_lost(None)
        sound.connection_lost(None)
        await site.drop()
    answers = b"".join(theirs.written)
    assert json.loads(answers.rpartition(b"\r\n\r\n")[2])["Messages"][0]["Body"] == "b-sign-1"
    return b"".join(ours.written), answers


async def _turns() -> None:
    for _ in range(12):
        await asyncio.sleep(0)
