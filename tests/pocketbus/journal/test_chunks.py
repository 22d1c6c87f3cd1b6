"""Logs beyond memory: full chunks are files of the journal's folder, whoever replays it finds or makes them again."""

import asyncio
from pathlib import Path

import pytest

from pocketbus.apis.seeds.applying import apply_seed
from pocketbus.apis.seeds.section import Entry, SeedError
from pocketbus.emulator.buses.archive import Archive
from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.logs.store import MemoryStore, Store
from pocketbus.emulator.state.document import (
    StateError,
    export_lines,
    export_state,
    import_lines,
    import_state,
)
from pocketbus.emulator.state.text import lines_in
from pocketbus.journal.chunks import Chunks
from pocketbus.journal.directory import Directory
from pocketbus.journal.history import History
from pocketbus.journal.opening import open_journal
from pocketbus.journal.past import Past
from pocketbus.journal.replay import prepared
from tests.pocketbus.journal.clients import Clients, bus_of, chunks_in, fail, numbers_in, opened


def state_of(engine: Engine, at: float) -> bytes:
    engine.clock.hold(at)
    try:
        return b"".join(export_lines(engine))
    finally:
        engine.clock.let_go()


async def replayed(path: Path, store: Store) -> bytes:
    """Replay what is in a folder from its first input on, and return the state."""
    history = History(Directory(path))
    replay = history.begin(lambda config: prepared(Engine(config), store), until=0)
    for record in history.records():
        replay.repeat(record)
    state = b"".join(export_lines(replay.engine))
    replay.engine.door.abandon()
    return state


async def test_full_chunks_are_files_and_what_is_replayed_comes_out_of_them(tmp_path: Path) -> None:
    async with opened(tmp_path) as (engine, _journal):
        clients = Clients(engine, 1)
        await clients.prepare()
        await clients.fill(2100)
        engine.rest()  # nothing is in memory that is in a file

        await clients.replay_all()

        assert len(chunks_in(tmp_path)) == 6
        assert numbers_in(engine, "events") == list(range(2100))
        assert numbers_in(engine, "archived") == list(range(2100))
        assert numbers_in(engine, "late.fifo") == list(range(2100))


async def test_a_replay_gives_the_same_state_wherever_it_keeps_the_chunks(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with opened(folder) as (engine, _journal):
        clients = Clients(engine, 1)
        await clients.prepare()
        await clients.fill(1500)
        await clients.replay_all()
        expected = b"".join(export_lines(engine))
    written = {path.name: path.read_bytes() for path in chunks_in(folder)}
    assert len(written) == 3

    assert await replayed(folder, MemoryStore()) == expected
    for path in chunks_in(folder):
        path.unlink()
    assert await replayed(folder, Chunks(folder / "logs")) == expected
    assert {path.name: path.read_bytes() for path in chunks_in(folder)} == written
    async with opened(folder) as (engine, _journal):
        assert b"".join(export_lines(engine)) == expected


async def test_an_engine_without_a_journal_comes_to_the_same_state(tmp_path: Path) -> None:
    states = []
    for path in (tmp_path, None):
        engine = prepared(Engine(Config(seed=1)))
        journal = None if path is None else open_journal(engine, path, disk=False, fail=fail)
        engine.freeze()
        await engine.elapse_to(4_000_000_000.0)
        async with engine:
            clients = Clients(engine, 1)
            await clients.prepare()
            await clients.fill(1500)
            await clients.replay_all()
            states.append(b"".join(export_lines(engine)))
            engine.door.close()
        if journal is not None:
            journal.close()

    assert states[0] == states[1]


async def test_a_snapshot_refers_to_chunks_and_an_export_holds_everything(tmp_path: Path) -> None:
    async with opened(tmp_path) as (engine, journal):
        clients = Clients(engine, 1)
        await clients.prepare()
        await clients.fill(2100)
        await clients.control("POST", "clock/thaw")
        await journal.keep_snapshot()
        at = engine.clock.hold()
        expected = state_of(engine, at)
        exported = list(export_lines(engine))
    (snapshot,) = Directory(tmp_path).snapshots()
    assert sum(map(len, snapshot.lines())) < len(expected) / 5

    async with opened(tmp_path) as (engine, _journal):
        assert state_of(engine, at) == expected
        log = bus_of(engine).log
        assert [log[position].value()["detail"]["n"] for position in (1, 1024, 1025, 2100)] == [
            *(0, 1023, 1024, 2099)
        ]

    other = Engine(Config(seed=1))
    for _ in import_lines(other, lines_in(exported)):
        pass
    assert len(bus_of(other).log) == 2100


async def test_what_an_import_brings_is_sealed_anew(tmp_path: Path) -> None:
    one = prepared(Engine(Config(seed=1)))
    async with one:
        clients = Clients(one, 1)
        await clients.prepare()
        await clients.fill(1100)
        exported = list(export_lines(one))

    async with opened(tmp_path) as (engine, _journal):
        for _ in import_lines(engine, lines_in(exported)):
            pass
        assert len(chunks_in(tmp_path)) == 3
        assert engine.log_room.bytes < 1100 * 3 * 100


async def test_a_damaged_chunk_is_named_when_it_is_read_and_nothing_else_breaks(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(tmp_path) as (engine, _journal):
        clients = Clients(engine, 1)
        await clients.prepare()
        await clients.fill(2100)
        engine.rest()
        path = next(
            path
            for path in chunks_in(tmp_path)
            if b'{\\"n\\":1500}' in path.read_bytes() and b'"d"' in path.read_bytes()
        )
        whole = path.read_bytes()
        path.write_bytes(whole.replace(b"1500", b"1501"))

        await clients.follow("late")
        await clients.control("POST", "clock/advance", "by=30")

        assert numbers_in(engine, "events") == list(range(1024))
        told = (
            f"{path} is damaged: its content has another digest than its name. Put a copy of the file there"
        )
        assert told in caplog.text
        await clients.fill(10)
        assert len(bus_of(engine).log) == 2110

        path.write_bytes(whole)
        await clients.control("POST", "clock/advance", "by=60")

        assert numbers_in(engine, "events") == [*range(2100), *range(10)]
        expected = b"".join(export_lines(engine))
    async with opened(tmp_path) as (engine, _journal):
        assert b"".join(export_lines(engine)) == expected


async def test_a_look_back_changes_nothing_in_the_folder(tmp_path: Path) -> None:
    async with opened(tmp_path) as (engine, _journal):
        clients = Clients(engine, 1)
        await clients.prepare()
        await clients.fill(2100)
    for path in chunks_in(tmp_path):
        path.unlink()

    past = Past(Directory(tmp_path), whole=True)
    for _ in past.steps():
        pass
    looked = past.stand_still()

    assert len(list(bus_of(looked).log)) == 2100
    assert sum(isinstance(one, Archive) for one in looked.resources.values()) == 1
    assert chunks_in(tmp_path) == []
    await asyncio.sleep(0)


async def test_a_chunk_that_a_loss_of_power_has_torn_is_written_again_by_the_replay(tmp_path: Path) -> None:
    async with opened(tmp_path) as (engine, _journal):
        clients = Clients(engine, 1)
        await clients.prepare()
        await clients.fill(1100)
        expected = b"".join(export_lines(engine))
    whole = {path: path.read_bytes() for path in chunks_in(tmp_path)}
    for path in whole:
        path.write_bytes(b"")

    async with opened(tmp_path) as (engine, _journal):
        assert b"".join(export_lines(engine)) == expected
    assert {path: path.read_bytes() for path in chunks_in(tmp_path)} == whole


async def test_what_cannot_be_written_stays_in_memory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(tmp_path) as (engine, _journal):
        clients = Clients(engine, 1)
        await clients.prepare()
        (tmp_path / "logs").write_text("a file where the folder should be")
        await clients.fill(1100)
        engine.rest()

        assert "a part of a log stays in memory, since it cannot be written" in caplog.text
        assert len(list(bus_of(engine).log)) == 1100


async def test_only_so_much_of_what_is_in_files_is_in_memory(tmp_path: Path) -> None:
    async with opened(tmp_path) as (engine, _journal):
        engine.log_room.open_bytes = 300_000
        clients = Clients(engine, 1)
        await clients.prepare()
        await clients.fill(5200)
        await clients.follow("late")
        await clients.control("POST", "clock/advance", "by=1")

        assert numbers_in(engine, "events") == list(range(5200))
        in_memory = [chunk for chunk in bus_of(engine).log._chunks if chunk.items is not None]  # noqa: SLF001
        assert [chunk.first for chunk in in_memory] == [4097, 5121]


async def test_a_seed_that_fails_leaves_logs_as_they_were_without_reading_them(tmp_path: Path) -> None:
    async with opened(tmp_path) as (engine, _journal):
        clients = Clients(engine, 1)
        await clients.prepare()
        await clients.fill(1100)
        engine.rest()
        expected = b"".join(export_lines(engine))
        whole = {path: path.read_bytes() for path in chunks_in(tmp_path)}
        for path in whole:
            path.write_bytes(b"")
        wrong = Entry("queues", {"QueueName": "new", "Attributes": {"DelaySeconds": "never"}})

        with pytest.raises(SeedError):
            apply_seed(engine, [wrong], "http://localhost:4566")

        for path, content in whole.items():
            path.write_bytes(content)
        assert b"".join(export_lines(engine)) == expected
    async with opened(tmp_path) as (engine, _journal):
        assert b"".join(export_lines(engine)) == expected


async def test_a_state_from_outside_refers_to_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as (engine, _journal):
        clients = Clients(engine, 1)
        await clients.prepare()
        await clients.fill(1100)
        document = export_state(engine, references=True)

        with pytest.raises(StateError, match="only a snapshot of a journal can refer to chunks"):
            import_state(engine, document)
