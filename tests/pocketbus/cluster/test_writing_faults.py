"""Whatever fails between a writer and the servers, what it knows to be safe is in the log, once and in its order."""

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest

from pocketbus.cluster import writing as writings
from pocketbus.cluster.address import Address
from pocketbus.cluster.connection import UnreachableError
from pocketbus.cluster.log import Log
from pocketbus.cluster.part import Part
from pocketbus.cluster.streams import Streams
from pocketbus.cluster.writing import FencedError, Writing

T = TypeVar("T")
MESSAGES = 200


class Unsteady:
    """What lies between a writer and the servers: a question in some is lost on its way, or its answer."""

    def __init__(self, seed: int, one_in: int) -> None:
        self.chance = random.Random(seed)
        self._one_in = one_in

    def lost(self) -> bool:
        return self.chance.randrange(self._one_in) == 0

    def asked(self, question: Callable[..., Awaitable[T]]) -> Callable[..., Awaitable[T]]:
        async def ask(*arguments: Any) -> T:
            if self.lost():
                raise UnreachableError("the question is lost")
            answer = await question(*arguments)
            if self.lost():
                raise UnreachableError("the answer is lost")
            return answer

        return ask

    def told(self, publish: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        async def tell(
            subject: str, payload: bytes, reply: str = "", headers: Mapping[str, str] | None = None
        ) -> None:
            if self.lost():
                return
            await publish(subject, payload, "" if self.lost() else reply, headers)

        return tell


@pytest.fixture
async def two(log: Log, address: Address) -> Streams:
    """A log with two streams."""
    streams = Streams(log.connection, log.keys, address.name, log.shard, 2)
    await streams.make()
    return streams


@contextmanager
def unsteadily(two: Streams, seed: int) -> Iterator[random.Random]:
    """Have one question in some lost, and whoever waits for an answer wait less."""
    unsteady = Unsteady(seed, 25)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writings, "ACK_SECONDS", 0.02)
        patch.setattr(writings, "_PAUSE_SECONDS", 0.001)
        patch.setattr(two, "end", unsteady.asked(two.end))
        patch.setattr(two.keys, "put", unsteady.asked(two.keys.put))
        patch.setattr(two.connection, "publish", unsteady.told(two.connection.publish))
        yield unsteady.chance


async def whole(two: Streams) -> list[Part]:
    head, _ = await two.head()
    parts: list[Part] = []
    while found := await two.parts(head, len(parts)):
        parts += found
    return parts


class Writer:
    """A writer of some messages, that bear its name."""

    def __init__(self, two: Streams, name: str, messages: int) -> None:
        self.name = name
        self.safe = 0
        """The number in the log up to which it knows all to be there."""
        self._left = [f"{name}{number}".encode() for number in range(messages)]
        self.writing = Writing(two, name, self._take, self._hear)

    def _take(self) -> list[bytes]:
        return [self._left.pop(0)] if self._left else []

    def _hear(self, number: int) -> None:
        self.safe = max(self.safe, number)

    async def take_over(self, two: Streams) -> bool:
        """Read the log to its end and go on behind it; tell whether nobody was faster."""
        read = len(await whole(two))
        while True:
            try:
                await self.writing.begin(read)
            except UnreachableError:
                continue
            except FencedError:
                return False
            self.first = self.writing.number + 1
            return True


@pytest.mark.parametrize("seed", range(8))
async def test_what_is_safe_is_in_the_log_once_and_in_its_order(two: Streams, seed: int) -> None:
    one = Writer(two, "one", MESSAGES)
    await one.writing.begin(0)
    with unsteadily(two, seed) as chance:
        running = asyncio.ensure_future(one.writing.run())
        one.writing.wake()
        while one.safe < MESSAGES:
            if not chance.randrange(20):
                one.writing.go_on_in(chance.randrange(2))
            await asyncio.sleep(0)
            assert not running.done()
        running.cancel()
        await asyncio.wait([running])
        await one.writing.close()

    assert [part.payload for part in await whole(two)] == [
        f"one{number}".encode() for number in range(MESSAGES)
    ]


@pytest.mark.parametrize("seed", range(8))
async def test_what_is_safe_stays_whoever_takes_over(two: Streams, seed: int) -> None:
    names, terms = (
        (f"{chr(97 + count)}-" for count in itertools.count()),
        dict[Writer, asyncio.Future[None]](),
    )
    with unsteadily(two, seed) as chance:
        while len(terms) < 5:
            writer = Writer(two, next(names), 40)
            if not await writer.take_over(two):
                continue
            terms[writer] = asyncio.ensure_future(writer.writing.run())
            writer.writing.wake()
            enough = writer.first + chance.randrange(40)
            while writer.safe < enough and not terms[writer].done():
                if not chance.randrange(20):
                    writer.writing.go_on_in(chance.randrange(2))
                await asyncio.sleep(0)
        for running in terms.values():
            running.cancel()
        await asyncio.wait(terms.values())

    payloads = [part.payload.decode() for part in await whole(two)]
    for writer in terms:
        await writer.writing.close()
        known = payloads[writer.first - 1 : writer.safe]
        assert known == [f"{writer.name}{number}" for number in range(len(known))]
    written = [payload for payload in payloads if payload]
    assert len(written) == len(set(written))
