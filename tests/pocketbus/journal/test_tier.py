"""Old files of a journal elsewhere: moved there by the server or by hand, and found there again."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import boto3
import pytest
from moto.server import ThreadedMotoServer

from pocketbus.emulator.state.document import export_lines
from pocketbus.journal.directory import Directory
from pocketbus.journal.past import End, Past
from pocketbus.journal.segment import JournalError
from pocketbus.journal.tier import BucketTier, FolderTier, Tier, TierError, tier_of
from tests.pocketbus.journal.clients import Clients, bus_of, chunks_in, numbers_in, opened
from tests.pocketbus.journal.traffic import Refused


@pytest.fixture(scope="module")
def s3_url() -> Iterator[str]:
    """Return where an S3 answers."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the place of a bucket that is empty."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3_url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    name = f"old-{uuid4().hex}"
    boto3.client("s3").create_bucket(Bucket=name)
    return f"s3://{name}/of/pocketbus"


@pytest.fixture(params=["folder", "bucket"])
def tier(request: pytest.FixtureRequest, tmp_path: Path) -> Tier:
    if request.param == "folder":
        return tier_of(str(tmp_path / "old"))
    return tier_of(request.getfixturevalue("bucket"))


def files_in(path: Path) -> list[str]:
    """Return the files of a journal's folder that are no mere notes."""
    names = [one.relative_to(path).as_posix() for one in sorted(path.rglob("*")) if one.is_file()]
    return [name for name in names if name not in ("owner", "tier")]


async def test_what_is_older_than_the_newest_snapshot_is_moved_and_everything_is_found_again(
    tmp_path: Path, tier: Tier
) -> None:
    folder = tmp_path / "data"
    async with opened(folder, tier) as (engine, journal):
        clients = Clients(engine, 1)
        await clients.prepare()
        await clients.fill(1100)
        first = journal.position
        early = b"".join(export_lines(engine))
        await clients.control("POST", "clock/thaw")
        await journal.keep_snapshot()
        await clients.control("POST", "clock/freeze")
        await clients.fill(1100)
        await clients.control("POST", "clock/thaw")
        await journal.keep_snapshot()
        await clients.control("POST", "clock/freeze")
        second = [f"{path.stem}" for path in Directory(folder).segments()]
        await clients.replay_all()
        expected = b"".join(export_lines(engine))
        assert numbers_in(engine, "events") == [*range(1100), *range(1100)]
        assert numbers_in(engine, "archived") == [*range(1100), *range(1100)]
        assert numbers_in(engine, "late.fifo") == [*range(1100), *range(1100)]
    (newest,) = second
    here = files_in(folder)
    assert here[:2] == [f"{newest}.journal", f"{newest}.snapshot"]
    assert len(here[2:]) == 2, "the topic's, which were brought back to be replayed at once"
    moved = sorted(tier.names())
    assert [name for name in moved if not name.startswith("logs/")] == [
        *("0000000000000000.journal", f"{first + 2:016d}.journal", f"{first + 2:016d}.snapshot")
    ]
    assert sum(name.startswith("logs/") for name in moved) == 6

    async with opened(folder, tier) as (engine, _journal):
        assert b"".join(export_lines(engine)) == expected
    past = Past(Directory(folder), End(position=first), whole=True)
    for _ in past.steps():
        pass
    assert b"".join(past.state()) == early
    past.engine.door.abandon()


async def test_files_may_be_moved_by_hand(tmp_path: Path, bucket: str) -> None:
    folder, tier = tmp_path / "data", BucketTier(bucket)
    async with opened(folder) as (engine, journal):
        clients = Clients(engine, 1)
        await clients.prepare()
        await clients.fill(1100)
        await clients.control("POST", "clock/thaw")
        await journal.keep_snapshot()
    for path in (*chunks_in(folder), Directory(folder).segments()[0]):
        tier.put(path.relative_to(folder).as_posix(), path)
        path.unlink()

    async with opened(folder, tier) as (engine, _journal):
        clients.serve(engine)
        await clients.follow("late")
        await clients.control("POST", "clock/advance", "by=1")

        assert numbers_in(engine, "events") == list(range(1100))
    assert [step.position for step in Past(Directory(folder), whole=True).steps()][:3] == [1, 2, 3]


async def far_away(clients: Clients, folder: Path, tier: FolderTier) -> None:
    """Fill the logs, and move what is full away by hand."""
    await clients.prepare()
    await clients.fill(1100)
    clients.engine.rest()
    for path in chunks_in(folder):
        tier.put(f"logs/{path.name}", path)
        path.unlink()


class Slow(FolderTier):
    """One that is as slow as the test wants it to be, or not there."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.asked = threading.Event()
        self.may_answer = threading.Event()
        self.is_there = True

    def opened(self, name: str) -> BinaryIO | None:
        self.asked.set()
        assert self.may_answer.wait(60)
        if not self.is_there:
            raise TierError(f"{self.place} cannot be used: it is not there")
        return super().opened(name)


async def test_everybody_else_goes_on_while_a_chunk_comes_from_far_away(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    tier = Slow(tmp_path / "old")
    async with opened(folder, tier) as (engine, _journal):
        clients = Clients(engine, 1)
        await clients.prepare()
        await clients.fill(1100)
        engine.rest()
        tier.may_answer.set()
        for path in chunks_in(folder):
            tier.put(f"logs/{path.name}", path)
            path.unlink()
        tier.may_answer.clear()

        await clients.follow("late")
        await asyncio.to_thread(tier.asked.wait, 60)
        await clients.fill(10)

        assert numbers_in(engine, "events") == []
        tier.may_answer.set()
        await clients.control("POST", "clock/advance", "by=1")
        assert numbers_in(engine, "events") == [*range(1100), *range(10)]
        expected = b"".join(export_lines(engine))
    async with opened(folder, tier) as (engine, _journal):
        assert b"".join(export_lines(engine)) == expected


async def test_everybody_else_goes_on_while_the_archive_of_a_topic_comes_from_far_away(
    tmp_path: Path,
) -> None:
    folder, tier = tmp_path / "data", Slow(tmp_path / "old")
    tier.may_answer.set()
    async with opened(folder, tier) as (engine, _journal):
        clients = Clients(engine, 1)
        await far_away(clients, folder, tier)
        tier.may_answer.clear()

        subscribing = asyncio.create_task(clients.subscribe_late())
        await asyncio.to_thread(tier.asked.wait, 60)
        await clients.fill(10)

        assert (subscribing.done(), numbers_in(engine, "late.fifo")) == (False, [])
        assert len(bus_of(engine).log) == 1110
        tier.may_answer.set()
        await subscribing
        assert numbers_in(engine, "late.fifo") == list(range(1100))
        expected = b"".join(export_lines(engine))
    async with opened(folder, tier) as (engine, _journal):
        assert b"".join(export_lines(engine)) == expected


async def test_a_replay_of_a_topic_whose_archive_cannot_be_read_is_refused(tmp_path: Path) -> None:
    folder, tier = tmp_path / "data", Slow(tmp_path / "old")
    tier.may_answer.set()
    async with opened(folder, tier) as (engine, _journal):
        clients = Clients(engine, 1)
        await far_away(clients, folder, tier)
        tier.is_there = False

        with pytest.raises(Refused, match="InternalError"):
            await clients.subscribe_late()

        tier.is_there = True
        await clients.subscribe_late()
        assert numbers_in(engine, "late.fifo") == list(range(1100))


async def test_a_log_is_looked_at_wherever_it_is(tmp_path: Path) -> None:
    folder, tier = tmp_path / "data", FolderTier(tmp_path / "old")
    async with opened(folder, tier) as (engine, _journal):
        clients = Clients(engine, 1)
        await far_away(clients, folder, tier)

        page = json.loads(await clients.control("GET", "log", "bus=b&since=1020&limit=10"))
        newest = json.loads(await clients.control("GET", "compacted", "bus=b&key=Data.source"))

        assert [one["data"]["detail"]["n"] for one in page["events"]] == list(range(1019, 1029))
        assert [one["data"]["detail"]["n"] for one in newest["events"]] == [1099]
        assert chunks_in(folder) == []


async def test_who_waited_for_a_chunk_waits_after_a_snapshot_too(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    tier = Slow(tmp_path / "old")
    tier.may_answer.set()
    async with opened(folder, tier) as (engine, journal):
        clients = Clients(engine, 1)
        await far_away(clients, folder, tier)
        tier.may_answer.clear()
        await clients.follow("late")
        await asyncio.to_thread(tier.asked.wait, 60)
        keeping = asyncio.create_task(journal.keep_snapshot())
        await asyncio.sleep(0)
        await clients.fill(10)
        tier.may_answer.set()
        await keeping
        at = engine.clock.now()
    segments = Directory(folder).segments()
    assert len(segments) == 1

    async with opened(folder, tier) as (engine, _journal):
        clients.serve(engine)
        await clients.control("POST", "clock/advance", "by=1")

        assert engine.clock.now() == at + 1
        assert numbers_in(engine, "events") == [*range(1100), *range(10)]


async def test_who_wants_what_cannot_be_reached_waits_and_tries_again(tmp_path: Path) -> None:
    tier = Slow(tmp_path / "old")
    tier.may_answer.set()
    tier.is_there = False
    async with opened(tmp_path / "data", tier) as (engine, _journal):
        tier.is_there = False
        clients = Clients(engine, 1)
        await clients.prepare()
        await clients.fill(1100)
        engine.rest()
        for path in chunks_in(tmp_path / "data"):
            tier.put(f"logs/{path.name}", path)
            path.unlink()

        await clients.follow("late")
        await clients.control("POST", "clock/advance", "by=1")

        (waiting,) = [record for record in engine.trace if record.verb == "waiting"]
        assert f"is missing, and {tier.place} cannot be used: it is not there." in waiting.why
        tier.is_there = True
        await clients.control("POST", "clock/advance", "by=60")
        assert numbers_in(engine, "events") == list(range(1100))


async def test_a_damaged_chunk_is_read_from_the_tier_if_there_is_a_copy(tmp_path: Path) -> None:
    folder, tier = tmp_path / "data", FolderTier(tmp_path / "old")
    async with opened(folder, tier) as (engine, _journal):
        clients = Clients(engine, 1)
        await clients.prepare()
        await clients.fill(1100)
        engine.rest()
        for path in chunks_in(folder):
            tier.put(f"logs/{path.name}", path)
            path.write_bytes(b"")

        assert len(list(bus_of(engine).log)) == 1100


async def test_a_tier_of_another_journal_is_left_as_it_is(
    tmp_path: Path, tier: Tier, caplog: pytest.LogCaptureFixture
) -> None:
    other = tmp_path / "other"
    other.write_text("of another journal")
    tier.put("0000000000000000.journal", other)
    with pytest.raises(JournalError, match="is empty, and its tier has the old files of a journal"):
        async with opened(tmp_path / "data", tier):
            pass
    async with opened(tmp_path / "data"):
        pass

    async with opened(tmp_path / "data", tier) as (_engine, journal):
        await journal.keep_snapshot()

    assert f"{tier.place} has another 0000000000000000.journal than" in caplog.text
    assert "0000000000000000.journal" in files_in(tmp_path / "data")
    there = tier.opened("0000000000000000.journal")
    assert there is not None
    with there:
        assert there.read() == b"of another journal"


def test_without_boto3_a_bucket_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pocketbus.journal.tier.find_spec", lambda _name: None)

    with pytest.raises(
        TierError, match=r"needs boto3, which is not installed: pip install 'pocketbus\[s3\]'"
    ):
        tier_of("s3://bucket")


def test_a_bucket_that_is_not_there_is_named(bucket: str) -> None:
    with pytest.raises(TierError, match=r"s3://no-such-bucket cannot be used: .*NoSuchBucket"):
        tier_of("s3://no-such-bucket").names()
