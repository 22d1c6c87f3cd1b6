"""An engine that follows a log is where its writer is; from a snapshot on, it needs no more than what came after."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from pocketbus.apis.app import App, create_app
from pocketbus.cluster import keeping
from pocketbus.cluster.connection import UnreachableError
from pocketbus.cluster.following import Following
from pocketbus.cluster.journal import ClusterJournal
from pocketbus.cluster.lease import Held, Holder
from pocketbus.cluster.log import Log
from pocketbus.cluster.part import HEADER, Mark
from pocketbus.cluster.standby import Turn
from pocketbus.cluster.term import Term
from pocketbus.cluster.writing import FencedError
from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.state.document import export_lines
from tests.apis.asgi import ask
from tests.turns import until


class Writer:
    """A writer's term, and what serves it."""

    def __init__(self, term: Term, engine: Engine) -> None:
        self.term = term
        self.engine = engine

    async def send(self, body: str) -> None:
        """Send a message to the queue, that is made if need be, and wait until it is answered."""
        url = "http://localhost:4566/000000000000/orders"
        await self._ask("CreateQueue", {"QueueName": "orders"})
        await self._ask("SendMessage", {"QueueUrl": url, "MessageBody": body})

    async def _ask(self, operation: str, params: dict[str, str]) -> None:
        headers = {"x-amz-target": f"AmazonSQS.{operation}", "content-type": "application/x-amz-json-1.0"}
        reply = await ask(self.term.running, json.dumps(params).encode(), headers=headers)
        assert reply.status == 200, reply.text


async def post_nowhere(shard: int, _carriage: bytes) -> bytes:
    raise UnreachableError(f"there is no way to shard {shard}")


@asynccontextmanager
async def written(log: Log) -> AsyncIterator[Writer]:
    engine = Engine(Config())
    app: App = create_app(engine)
    following = Following(engine, log)
    await following.begin(())
    await following.read_on()
    lease = Held(log.keys, log.lease_key, Holder("one", "http://one", "one"))
    await lease.take((await log.keys.read(log.lease_key)).revision)
    term = Term(log, Turn(lease, "one"), following, app, post_nowhere)
    await term.begin(following.position, following.epoch)
    serving = asyncio.ensure_future(term.serve())
    yield Writer(term, engine)
    await term.leave("")
    await serving


async def followed(log: Log) -> Following:
    following = Following(Engine(Config()), log)
    create_app(following.engine)
    await following.begin(())
    await following.read_on()
    return following


def state(engine: Engine, at: float) -> bytes:
    engine.clock.hold(at)
    found = b"".join(export_lines(engine))
    engine.clock.let_go()
    return found


async def test_whoever_follows_is_where_the_writer_is(log: Log) -> None:
    async with written(log) as writer:
        await writer.send("one")
        await writer.send("two")
        following = await followed(log)

        assert following.position == writer.term.journal.writing.number
        assert state(following.engine, 2e9) == state(writer.engine, 2e9)


async def test_a_snapshot_is_what_is_begun_with_and_the_log_is_kept_from_the_older_one(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "SNAPSHOT_RECORDS", 10)
    monkeypatch.setattr("pocketbus.cluster.term._KEEPING_SECONDS", 0.01)
    async with written(log) as writer:
        heads = set()
        for number in range(40):
            await writer.send(str(number))
            heads.add(writer.term.journal.writing.head.snapshots)
        await until(lambda: len(writer.term.journal.writing.head.snapshots) == 2)
        head, written_so_far = writer.term.journal.writing.head, writer.term.journal.writing.number
        following = await followed(log)

        assert following.position >= written_so_far
        assert following.records <= following.position - head.snapshots[0] + 10
        assert state(following.engine, 2e9) == state(writer.engine, 2e9)
        told = await log.connection.ask(f"STREAM.INFO.{log.streams.names[0]}")
        assert told["state"]["first_seq"] > 1


async def test_what_a_writer_had_under_way_when_another_one_ended_its_epoch_is_void(log: Log) -> None:
    async with written(log) as writer:
        await writer.send("one")
        expected = state(writer.engine, 2e9)
        epoch, number = writer.term.journal.writing.epoch, writer.term.journal.writing.number
        # Somebody's message is in the place of the beginning of a group, whose end has come in behind it.
        for mark, payload in (
            (Mark(number + 1, epoch.number, "other", more=False), b""),
            (Mark(number + 2, epoch.number, epoch.writer, more=True), b"torn"),
            (Mark(number + 3, epoch.number, epoch.writer, more=False), b"apart"),
        ):
            headers = {HEADER: str(mark)}
            await log.connection.request(log.streams.subjects[0], payload, headers)

        following = await followed(log)

        assert following.position == number + 3
        assert state(following.engine, 2e9) == expected


async def test_who_has_read_what_was_written_again_elsewhere_does_not_take_over(log: Log) -> None:
    async with written(log) as writer:
        await writer.send("one")
        number, epoch = writer.term.journal.writing.number, writer.term.journal.writing.epoch.number
        other = ClusterJournal(
            log.streams, "other", Held(log.keys, log.lease_key, Holder("other", "", "other"))
        )

        with pytest.raises(FencedError, match="there is more to be read"):
            await other.writing.begin(number, epoch + 1)
