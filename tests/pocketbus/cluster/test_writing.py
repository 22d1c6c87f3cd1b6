"""The log decides who writes it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from pocketbus.cluster import writing as writings
from pocketbus.cluster.address import Address
from pocketbus.cluster.connection import UnreachableError
from pocketbus.cluster.journal import ClusterJournal, LostError
from pocketbus.cluster.keys import ConflictError
from pocketbus.cluster.lease import Held, Holder, Watched
from pocketbus.cluster.log import Log
from pocketbus.cluster.part import Group, Groups, Mark, Part
from pocketbus.cluster.streams import Streams
from pocketbus.cluster.writing import FencedError, Writing
from pocketbus.emulator.door import Place
from pocketbus.journal.record import Record
from tests.turns import turns, until

HERE = Place("000000000000", "us-east-1", "http://localhost:4566", True)


def writing(log: Log, name: str, *groups: bytes) -> tuple[Writing, list[int]]:
    """Return a writer of some groups, and what it hears to be safe."""
    left, safe = list(groups), list[int]()
    return Writing(log.streams, name, lambda: [left.pop(0)] if left else [], safe.append), safe


async def written(one: Writing, safe: list[int], number: int) -> None:
    """Let it write until so much is safe."""
    one.wake()
    running = asyncio.ensure_future(one.run())
    try:
        await until(lambda: safe and safe[-1] >= number)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def bodies(log: Log) -> list[bytes]:
    head, _ = await log.streams.head()
    parts: list[Part] = []
    while found := await log.streams.parts(head, len(parts)):
        parts += found
    assert [part.mark.number for part in parts] == list(range(1, len(parts) + 1))
    return [part.payload for part in parts]


@pytest.fixture
async def two(log: Log, address: Address) -> Streams:
    """The log with another stream, as it has on several servers."""
    streams = Streams(log.connection, log.keys, address.name, log.shard, 2)
    await streams.make()
    return streams


async def epochs_of(streams: Streams, *, told: bool) -> list[tuple[int, int]]:
    """Have three messages written to the one stream and then the other, and return where in the log each begins.

    A writer that is not told to has to find out that the one has no leader any more.
    """
    left, safe = [b"a", b"b", b"c"], list[int]()
    one = Writing(streams, "one", lambda: [left.pop(0)] if left else [], safe.append)
    await one.begin(0)
    running = asyncio.ensure_future(one.run())
    one.wake()
    await until(lambda: not left)
    if told:
        one.go_on_in(1)
    await until(lambda: one.epoch.stream == 1 and safe and safe[-1] == 3)
    running.cancel()
    await asyncio.wait([running])
    head, _ = await streams.head()
    assert [part.payload for part in await streams.parts(head, 0)] == [b"a", b"b", b"c"]
    return [(epoch.stream, epoch.first) for epoch in head.epochs]


async def test_a_writer_that_is_told_to_goes_on_in_the_other_stream_when_nothing_is_under_way(
    two: Streams,
) -> None:
    assert await epochs_of(two, told=True) == [(0, 1), (1, 4)]


async def test_what_a_stream_acknowledges_while_it_is_left_is_written_again_in_the_other_one(
    two: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = asyncio.Event()
    listen, ask_for_the_end = two.connection.listen, two.end

    async def listen_late(subject: str, hear: Callable[[Msg], Awaitable[None]]) -> Subscription:
        async def hear_late(message: Msg) -> None:
            await late.wait()
            await hear(message)

        return await listen(subject, hear_late)

    async def end(stream: int) -> int:
        written = await ask_for_the_end(0)
        if stream == 0 and written:
            raise UnreachableError("nobody leads it now")
        if stream == 1:
            late.set()
            await turns()
        return await ask_for_the_end(stream)

    monkeypatch.setattr(writings, "ACK_SECONDS", 0.2)
    monkeypatch.setattr(two.connection, "listen", listen_late)
    monkeypatch.setattr(two, "end", end)

    assert await epochs_of(two, told=False) == [(1, 1)]


async def test_a_writer_that_is_not_told_whether_the_head_has_changed_goes_on_as_if_it_had(
    two: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, revisions = two.keys.put, list[int]()

    async def put_untold(key: str, value: bytes, revision: int) -> int:
        revisions.append(await put(key, value, revision))
        if len(revisions) == 2:
            raise UnreachableError("nobody has answered")
        return revisions[-1]

    monkeypatch.setattr(two.keys, "put", put_untold)

    assert await epochs_of(two, told=True) == [(0, 1), (1, 4)]


async def test_what_is_safe_is_read_in_its_order(log: Log) -> None:
    one, safe = writing(log, "one", b"a", b"b", b"c")
    await one.begin(0)

    await written(one, safe, 3)

    assert await bodies(log) == [b"a", b"b", b"c"]


async def test_of_two_writers_who_have_read_as_far_one_is_refused(log: Log) -> None:
    one, safe = writing(log, "one", b"a")
    await one.begin(0)
    await written(one, safe, 1)
    second, _ = writing(log, "second")
    third, _ = writing(log, "third")

    await second.begin(1)
    with pytest.raises(FencedError):
        await third.begin(1)


async def test_two_writers_of_a_new_log_are_one(log: Log) -> None:
    writers = [writing(log, name)[0] for name in ("one", "other")]

    begun = await asyncio.gather(*(one.begin(0) for one in writers), return_exceptions=True)

    assert [type(one) for one in begun if one is not None] == [FencedError]
    assert len(begun) == 2


async def test_a_writer_that_was_away_learns_that_another_one_has_taken_over(log: Log) -> None:
    one, safe = writing(log, "one", b"a", b"never")
    await one.begin(0)
    one.close_group()
    other, others = writing(log, "other", b"b")
    await other.begin(0)
    await written(other, others, 2)

    with pytest.raises(FencedError, match="somebody else writes the log"):
        async with asyncio.timeout(20):
            await one.run()

    assert safe == []
    assert await bodies(log) == [b"", b"b"]


async def test_a_writer_that_has_not_read_all_is_refused(log: Log) -> None:
    one, safe = writing(log, "one", b"a", b"b")
    await one.begin(0)
    await written(one, safe, 2)
    other, _ = writing(log, "other")

    with pytest.raises(FencedError):
        await other.begin(1)


async def test_a_lease_is_taken_by_one_and_kept_as_long_as_it_is_renewed(log: Log) -> None:
    mine = Held(log.keys, log.lease_key, Holder("mine", "http://mine", "1"))
    yours = Held(log.keys, log.lease_key, Holder("yours", "http://yours", "2"))
    await mine.take(0)
    watched = Watched(log.keys, log.lease_key)
    await watched.look()
    await mine.renew()

    assert mine.good
    assert not yours.good
    assert watched.holder.node == "mine"
    assert not watched.free
    with pytest.raises(ConflictError):
        await yours.take(watched.revision)


async def test_a_lease_that_is_left_is_free_for_whom_it_is_left_to(log: Log) -> None:
    mine = Held(log.keys, log.lease_key, Holder("mine", "http://mine", "1"))
    await mine.take(0)
    await mine.leave("yours")
    watched = Watched(log.keys, log.lease_key)
    await watched.look()

    assert not mine.good
    assert watched.free
    assert watched.holder.next == "yours"


async def test_nothing_is_safe_before_the_log_has_it(log: Log) -> None:
    lease = Held(log.keys, log.lease_key, Holder("mine", "http://mine", "1"))
    await lease.take(0)
    journal = ClusterJournal(log.streams, "1", lease)
    await journal.writing.begin(0)
    journal.append(1.0, 1.0, HERE, "sqs.CreateQueue", ({"QueueName": "orders"},))
    waiting = asyncio.ensure_future(journal.safe())
    await asyncio.sleep(0)
    before = waiting.done(), journal.is_safe
    running = asyncio.ensure_future(journal.writing.run())
    async with asyncio.timeout(20):
        await waiting
    running.cancel()

    assert before == (False, False)
    assert journal.unsafe == 0


async def test_who_waits_for_a_log_that_is_lost_is_told_so(log: Log) -> None:
    journal = ClusterJournal(log.streams, "1", Held(log.keys, log.lease_key, Holder()))
    journal.append(1.0, 1.0, None, "ring", ())
    waiting = asyncio.ensure_future(journal.safe())
    await asyncio.sleep(0)

    journal.lose()

    with pytest.raises(LostError):
        await waiting


async def test_without_a_lease_a_message_in_the_log_tells_that_nobody_has_taken_over(log: Log) -> None:
    journal = ClusterJournal(log.streams, "1", Held(log.keys, log.lease_key, Holder()))
    await journal.writing.begin(0)
    running = asyncio.ensure_future(journal.writing.run())

    async with asyncio.timeout(20):
        await journal.safe()
    running.cancel()

    assert await bodies(log) == [b""]


def parts(writer: str, pieces: list[bytes]) -> list[Part]:
    return [
        Part(Mark(number, 1, writer, more=number < len(pieces)), piece)
        for number, piece in enumerate(pieces, 1)
    ]


def test_a_group_that_is_longer_than_a_message_is_read_as_one() -> None:
    group, groups = Group(), Groups()
    group.add(1.0, 1.0, HERE, "sqs.CreateQueue", ({"QueueName": "orders"},))
    pieces = parts("one", group.pieces(20))

    found = [list(groups.take(part)) for part in pieces]

    assert len(pieces) > 5
    assert found[:-1] == [[]] * (len(pieces) - 1)
    assert found[-1] == [Record(1.0, 1.0, HERE, "sqs.CreateQueue", [{"QueueName": "orders"}])]


def test_what_a_writer_has_not_finished_is_nothing_once_another_one_writes() -> None:
    group, groups = Group(), Groups()
    group.add(1.0, 1.0, HERE, "sqs.CreateQueue", ({"QueueName": "orders"},))
    for part in parts("one", group.pieces(20))[:-1]:
        list(groups.take(part))

    assert list(groups.take(Part(Mark(9, 2, "other", more=False), b""))) == []
    assert not groups.open
