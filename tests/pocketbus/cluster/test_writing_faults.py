"""Whatever fails between a writer and the servers, what it knows to be safe is in the log, once and in its order."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import pytest

from pocketbus.cluster import writing as writings
from pocketbus.cluster.address import Address
from pocketbus.cluster.connection import UnreachableError
from pocketbus.cluster.log import Log
from pocketbus.cluster.part import Part
from pocketbus.cluster.streams import Streams
from pocketbus.cluster.writing import Writing

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


@pytest.mark.parametrize("seed", range(8))
async def test_what_is_safe_is_in_the_log_once_and_in_its_order(
    log: Log, address: Address, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    streams = Streams(log.connection, log.keys, address.name, log.shard, 2)
    await streams.make()
    left, safe = [b"%d" % number for number in range(MESSAGES)], list[int]()
    one = Writing(streams, "one", lambda: [left.pop(0)] if left else [], safe.append)
    await one.begin(0)
    unsteady = Unsteady(seed, 25)
    monkeypatch.setattr(writings, "ACK_SECONDS", 0.02)
    monkeypatch.setattr(writings, "_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(streams, "end", unsteady.asked(streams.end))
    monkeypatch.setattr(streams.keys, "put", unsteady.asked(streams.keys.put))
    monkeypatch.setattr(streams.connection, "publish", unsteady.told(streams.connection.publish))

    running = asyncio.ensure_future(one.run())
    one.wake()
    while not safe or max(safe) < MESSAGES:
        if not unsteady.chance.randrange(20):
            one.go_on_in(unsteady.chance.randrange(2))
        await asyncio.sleep(0)
        assert not running.done()
    running.cancel()
    await asyncio.wait([running])
    await one.close()

    monkeypatch.undo()
    head, _ = await streams.head()
    parts: list[Part] = []
    while found := await streams.parts(head, len(parts)):
        parts += found
    assert [part.payload for part in parts] == [b"%d" % number for number in range(MESSAGES)]
