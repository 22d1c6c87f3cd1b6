"""A writer carries what its engine has for other shards, when its log has it and for as long as it takes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from pocketbus.cluster import carriages, carrying
from pocketbus.cluster.carrying import Carrying
from pocketbus.cluster.connection import UnreachableError
from pocketbus.journal.record import dumps
from tests.emulator.shards.sides import Sides
from tests.turns import turns, until


class Log:
    """A journal that has all when it is told so."""

    def __init__(self) -> None:
        self.has_all = asyncio.Event()

    async def safe(self) -> None:
        await self.has_all.wait()


class Way:
    """The way to the other side, that can be closed."""

    def __init__(self, sides: Sides) -> None:
        self.sides = sides
        self.open = True
        self.asked = 0

    async def post(self, shard: int, carriage: bytes) -> bytes:
        assert shard == 1
        self.asked += 1
        if not self.open:
            raise UnreachableError("closed")
        return dumps(self.sides.there.engine.exchange.arrive(*carriages.read(carriage, [0])).plain)


@pytest.fixture
async def sides(monkeypatch: pytest.MonkeyPatch) -> Sides:
    monkeypatch.setattr(carrying, "_LEAST_SECONDS", 0.0)
    monkeypatch.setattr(carrying, "_MOST_SECONDS", 0.0)
    found = Sides()
    queue = await found.there.queue("orders")
    topic = await found.here.topic("news")
    await found.here.call("sns", "Subscribe", TopicArn=topic, Protocol="sqs", Endpoint=queue)
    return found


async def publish(sides: Sides) -> None:
    await sides.here.call("sns", "Publish", TopicArn=sides.here.arn("sns", "news"), Message="one")


@asynccontextmanager
async def carried(sides: Sides, post: Callable[[int, bytes], Awaitable[bytes]]) -> AsyncIterator[Log]:
    log: Any = Log()
    work = Carrying(0, 2, sides.here.engine.exchange, log, post)
    (shard,) = work.others
    task = asyncio.ensure_future(work.carry(shard))
    try:
        yield log
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_nothing_leaves_before_the_log_has_it(sides: Sides) -> None:
    way = Way(sides)
    async with carried(sides, way.post) as log:
        await publish(sides)
        await turns()
        assert way.asked == 0
        log.has_all.set()
        await until(lambda: not len(sides.here.engine.exchange))
    assert len(sides.there.bodies("orders")) == 1


async def test_what_could_not_be_carried_is_carried_when_the_way_is_open(sides: Sides) -> None:
    way = Way(sides)
    way.open = False
    async with carried(sides, way.post) as log:
        log.has_all.set()
        await publish(sides)
        await until(lambda: way.asked > 2)
        assert sides.there.bodies("orders") == []
        way.open = True
        await until(lambda: not len(sides.here.engine.exchange))
    assert len(sides.there.bodies("orders")) == 1


async def test_a_defect_on_the_way_does_not_end_the_carrying(sides: Sides) -> None:
    way = Way(sides)

    async def break_once(shard: int, carriage: bytes) -> bytes:
        answer = await way.post(shard, carriage)
        return answer if way.asked > 1 else b"no JSON"

    async with carried(sides, break_once) as log:
        log.has_all.set()
        await publish(sides)
        await until(lambda: not len(sides.here.engine.exchange))
    assert len(sides.there.bodies("orders")) == 1


async def test_nobody_is_asked_while_nothing_is_on_its_way(sides: Sides) -> None:
    way = Way(sides)
    async with carried(sides, way.post) as log:
        log.has_all.set()
        await publish(sides)
        await until(lambda: not len(sides.here.engine.exchange))
        await turns()
    assert way.asked == 1


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"no JSON",
        b"{}",
        b"[]",
        b"null",
        b"[1,0,0,[],[]]",
        b"[-1,0,0,[],[]]",
        b'["0",0,0,[],[]]',
        b"[[],0,0,[],[]]",
        b"[0,0,0,[]]",
        b"[0,0,0,[],[],[]]",
        b"[0,-1,0,[],[]]",
        b"[0,9007199254740992,0,[],[]]",
        b"[0,0,1.5,[],[]]",
        b"[0,0,null,[],[]]",
        b'[0,0,0,{},[["delivery"]]]',
        b'[0,0,0,[],["delivery"]]',
        b"[0,0,0,[],[" + b"[" * 552 + b"]" * 552 + b"]]",
        b' {"$bytes":5}',
        b"\xff",
    ],
)
def test_what_no_shard_sends_is_no_carriage(payload: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - what is wrong with it is of no interest
        carriages.read(payload, [0])


async def test_somebody_who_is_in_the_way_is_told_of_once(
    sides: Sides, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "pocketbus")
    way = Way(sides)
    way.open = False
    async with carried(sides, way.post) as log:
        log.has_all.set()
        await publish(sides)
        await until(lambda: way.asked > 2)
        way.open = True
        await until(lambda: not len(sides.here.engine.exchange))
    assert caplog.messages == [
        "shard 0: 1 deliveries wait for shard 1: closed",
        "shard 0: shard 1 takes deliveries again",
    ]
