"""A log read from its beginning: that it is whole, that each part has one writer, and what state it makes."""

import asyncio

from pocketbus.cluster.address import Address
from pocketbus.cluster.connection import Connection, UnreachableError
from pocketbus.cluster.following import Following
from pocketbus.cluster.log import Log
from pocketbus.cluster.logs import Logs
from pocketbus.cluster.part import Part
from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.journal.replay import prepared


def hold_log(address: str, shard: int = 0, shards: int = 1) -> None:
    """Assert that a log is what one writer after the other has written, and can be followed to its end."""
    asyncio.run(_hold(Address.of(address), shard, shards))


async def _hold(address: Address, shard: int, shards: int) -> None:
    connection = await Connection.open(address)
    try:
        logs = Logs(connection, address, shards)
        await logs.make(Config())
        log = await _log(logs, shard)
        head, _ = await log.streams.head()
        parts: list[Part] = []
        while found := await log.streams.parts(head, len(parts)):
            parts += found
        assert [part.mark.number for part in parts] == list(range(1, len(parts) + 1))
        for part in parts:
            epoch, last = head.part(part.mark.number) or (None, None)
            assert epoch is not None
            fence = part.mark.number == last and not part.payload
            assert part.mark.writer == epoch.writer or fence, f"two writers in the epoch {epoch}: {part.mark}"
            assert part.mark.epoch == epoch.number
        following = Following(prepared(Engine(Config())), log)
        await following.begin(())
        await following.read_on()
        assert following.position == len(parts)
        following.engine.door.abandon()
    finally:
        await connection.close()


async def _log(logs: Logs, shard: int) -> Log:
    """Return a log as soon as all of its streams have leaders."""
    while True:
        try:
            return await logs.log(shard)
        except UnreachableError:
            await asyncio.sleep(0.2)
