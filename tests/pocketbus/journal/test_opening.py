"""What was in a folder is there again: by the journal alone, by a snapshot and what came after it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from pocketbus.emulator.config import Config
from pocketbus.emulator.deliveries.http_client import HttpClient
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.message import READY
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.state.document import export_lines
from pocketbus.journal.directory import Directory
from pocketbus.journal.journal import Journal
from pocketbus.journal.opening import open_journal
from pocketbus.journal.past import Past
from pocketbus.journal.record import dumps, framed
from pocketbus.journal.replay import prepared
from pocketbus.journal.segment import JournalError
from tests.pocketbus.journal.traffic import ARN, MESSAGES, Traffic

STREAM = {"SourceParameters": {"KinesisStreamParameters": {"StartingPosition": "LATEST"}}}


BOTH_WAYS = pytest.mark.parametrize("snapshot", [False, True], ids=["repeated", "kept"])


def queues_of(engine: Engine) -> list[Queue]:
    return [resource for resource in engine.resources.values() if isinstance(resource, Queue)]


def bodies_in(engine: Engine, name: str) -> list[str]:
    """Return what a queue holds."""
    (queue,) = (queue for queue in queues_of(engine) if queue.name == name)
    return [message.content.body for message in queue]


def piped_to(engine: Engine, name: str) -> list[str]:
    """Return the bodies of the messages that a pipe has brought to a queue."""
    return [json.loads(body)["body"] for body in bodies_in(engine, name)]


def snapshots_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.snapshot"))


def segments_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.journal"))


def fail(error: OSError) -> None:
    raise AssertionError(error)


@asynccontextmanager
async def opened(
    path: Path, *, snapshot: bool = False, **settings: Any
) -> AsyncIterator[tuple[Engine, Journal]]:
    """Serve what is in a folder, until the process ends without a word, perhaps with a snapshot before."""
    engine = prepared(Engine(Config(**settings)))
    journal = open_journal(engine, path, disk=False, fail=fail)
    async with engine:
        yield engine, journal
        if snapshot:
            await journal.keep_snapshot_soon()
        engine.door.close()
    journal.close()


def state_of(engine: Engine, at: float | None = None) -> list[bytes]:
    engine.clock.hold(at)
    try:
        return b"".join(export_lines(engine)).split(b"\n")
    finally:
        engine.clock.let_go()


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Callable[[Traffic], None]:
    """Let what is asked outside be answered by the traffic."""

    def answer_by(traffic: Traffic) -> None:
        async def answer(http: HttpClient, *request: Any) -> object:
            return await traffic.answer(http, *request)

        monkeypatch.setattr(HttpClient, "_request", answer)

    return answer_by


async def act(traffic: Traffic, times: int, kinds: Mapping[str, int] | None = None) -> None:
    for _ in range(times):
        await traffic.act(kinds)


@pytest.mark.parametrize("number", range(4))
async def test_a_snapshot_and_what_came_after_it_are_the_same_as_all(
    number: int, tmp_path: Path, answering: Callable[[Traffic], None]
) -> None:
    async with opened(tmp_path) as (engine, journal):
        traffic = Traffic(engine, number)
        answering(traffic)
        await traffic.prepare_queues()
        await act(traffic, 60, MESSAGES)
        await journal.keep_snapshot()
        await act(traffic, 60, MESSAGES)
        await journal.keep_snapshot()
        await act(traffic, 60, MESSAGES)
        for _ in range(20):  # who was served hears of it: otherwise the messages go back
            await asyncio.sleep(0)
        at = engine.clock.hold()
        expected = state_of(engine, at)
    newest = snapshots_in(tmp_path)
    assert len(newest) == 2

    for path in (None, *reversed(newest)):
        if path is not None:
            path.unlink()
        async with opened(tmp_path) as (engine, _journal):
            assert state_of(engine, at) == expected
        segments_in(tmp_path)[-1].unlink()


@BOTH_WAYS
async def test_a_delivery_that_waits_for_its_target_is_tried_again_after_a_restart(
    snapshot: bool, tmp_path: Path, answering: Callable[[Traffic], None]
) -> None:
    async with opened(tmp_path, snapshot=snapshot) as (engine, _journal):
        traffic = Traffic(engine, 1)
        traffic.status = 200
        answering(traffic)
        await traffic.prepare()
        await engine.elapse(0)
        traffic.status = 500
        await traffic.publish("news of the day")
        await engine.elapse(0)
        assert len(engine.courier) == 1

    async with opened(tmp_path) as (engine, _journal):
        traffic = Traffic(engine, 2)
        traffic.status = 200
        answering(traffic)
        await engine.elapse(60)

        assert (len(engine.courier), traffic.asked) == (0, ["http://127.0.0.1:9/hook"])


@BOTH_WAYS
async def test_an_attempt_that_was_under_way_is_made_again_after_a_restart(
    snapshot: bool, tmp_path: Path, answering: Callable[[Traffic], None]
) -> None:
    async with opened(tmp_path, snapshot=snapshot) as (engine, _journal):
        traffic = Traffic(engine, 1)
        traffic.status = 200
        answering(traffic)
        await traffic.prepare()
        await engine.elapse(0)
        traffic.status = 0
        await traffic.publish("news of the day")
        for _ in range(9):
            await asyncio.sleep(0)
        assert len(engine.courier) == 1

    traffic.status = 200
    traffic.asked.clear()
    async with opened(tmp_path) as (engine, _journal):
        await engine.elapse(0)

        assert (len(engine.courier), traffic.asked) == (0, ["http://127.0.0.1:9/hook"])


@BOTH_WAYS
async def test_who_waited_when_the_server_ended_gets_no_message_afterwards(
    snapshot: bool, tmp_path: Path
) -> None:
    async with opened(tmp_path, snapshot=snapshot) as (engine, _journal):
        traffic = Traffic(engine, 1)
        await traffic.prepare_queues()
        await traffic.poll("work", 20)
        await asyncio.sleep(0)
        assert [queue.waiting for queue in queues_of(engine) if queue.name == "work"] == [1]

    async with opened(tmp_path) as (engine, _journal):
        await Traffic(engine, 1).send("work", "for whoever comes next")

        (work,) = (queue for queue in queues_of(engine) if queue.name == "work")
        assert (work.waiting, work.count(READY)) == (0, 1)


async def test_a_message_that_nobody_could_be_told_of_goes_back(tmp_path: Path) -> None:
    async with opened(tmp_path) as (engine, _journal):
        traffic = Traffic(engine, 1)
        await traffic.prepare_queues()
        await traffic.poll("work", 20)
        await asyncio.sleep(0)
        await traffic.send("work", "on its way when the server ended")

    async with opened(tmp_path) as (engine, _journal):
        (work,) = (queue for queue in queues_of(engine) if queue.name == "work")
        assert [(message.state, message.receive_count) for message in work] == [(READY, 0)]


@BOTH_WAYS
async def test_a_pipe_goes_on_after_a_restart(snapshot: bool, tmp_path: Path) -> None:
    async with opened(tmp_path, snapshot=snapshot) as (engine, _journal):
        traffic = Traffic(engine, 1)
        await traffic.make_queues("source", "target")
        await traffic.pipe("p", "source", "target")
        await traffic.send("source", "before")
        await engine.elapse(1)

    async with opened(tmp_path) as (engine, _journal):
        await Traffic(engine, 2).send("source", "after")
        await engine.elapse(1)

        assert piped_to(engine, "target") == ["before", "after"]


@BOTH_WAYS
async def test_a_message_that_a_pipe_had_not_handled_passes_it_after_a_restart(
    snapshot: bool, tmp_path: Path
) -> None:
    async with opened(tmp_path, snapshot=snapshot) as (engine, _journal):
        traffic = Traffic(engine, 1)
        await traffic.make_queues("source", "target")
        await traffic.pipe("p", "source", "target")
        await traffic.send("source", "on its way when the server ended")
        assert bodies_in(engine, "target") == []

    async with opened(tmp_path) as (engine, _journal):
        await engine.elapse(1)

        assert piped_to(engine, "target") == ["on its way when the server ended"]
        assert bodies_in(engine, "source") == []


@BOTH_WAYS
async def test_a_subscriber_goes_on_after_a_restart_where_it_was(snapshot: bool, tmp_path: Path) -> None:
    async with opened(tmp_path, snapshot=snapshot) as (engine, _journal):
        traffic = Traffic(engine, 1)
        await traffic.make_queues("target")
        await traffic.prepare_log()
        await traffic.subscribe("s", ARN("sqs", "target"))
        await traffic.put_custom({"n": 1})
        await engine.elapse(1)
        await traffic.call(
            "eventbridgev2", "UpdateSubscriber", SubscriberArn=traffic.subscribers[0], State="STOPPED"
        )
        await traffic.put_custom({"n": 2})

    async with opened(tmp_path) as (engine, _journal):
        traffic.serve(engine)
        await traffic.call(
            "eventbridgev2", "UpdateSubscriber", SubscriberArn=traffic.subscribers[0], State="RUNNING"
        )
        await traffic.put_custom({"n": 3})
        await engine.elapse(1)

        assert [json.loads(body)["detail"]["n"] for body in bodies_in(engine, "target")] == [1, 2, 3]


@BOTH_WAYS
async def test_an_event_that_waits_for_its_target_is_delivered_after_a_restart(
    snapshot: bool, tmp_path: Path
) -> None:
    async with opened(tmp_path, snapshot=snapshot) as (engine, _journal):
        traffic = Traffic(engine, 1)
        await traffic.make_queues("target")
        await traffic.prepare_log()
        await traffic.subscribe("s", ARN("sqs", "late"))
        await traffic.put_custom({"n": 1})
        await engine.elapse(1)
        assert len(engine.courier) == 1

    async with opened(tmp_path) as (engine, _journal):
        traffic.serve(engine)
        await traffic.make_queues("late")
        await engine.elapse(600)

        assert [json.loads(body)["detail"]["n"] for body in bodies_in(engine, "late")] == [1]


async def test_pipes_and_subscribers_go_on_under_other_settings(tmp_path: Path) -> None:
    async with opened(tmp_path) as (engine, _journal):
        traffic = Traffic(engine, 1)
        await traffic.make_queues("source", "target")
        await traffic.pipe("p", "source", "target")
        await traffic.prepare_log()
        await traffic.subscribe("s", ARN("sqs", "source"))
        await traffic.put_custom({"n": 1})
        await engine.elapse(1)
    for number in (2, 3):
        async with opened(tmp_path, strict=True) as (engine, _journal):
            traffic.serve(engine)
            await traffic.put_custom({"n": number})
            await traffic.send("source", f'{{"n": {number}}}')
            await engine.elapse(1)
            at = engine.clock.hold()
            expected = state_of(engine, at)
            handled = len(bodies_in(engine, "target"))

    assert handled == 5
    async with opened(tmp_path, strict=True) as (engine, _journal):
        assert state_of(engine, at) == expected


async def test_other_settings_take_over_the_state(tmp_path: Path) -> None:
    async with opened(tmp_path) as (engine, _journal):
        traffic = Traffic(engine, 1)
        await traffic.prepare_queues()
        await traffic.send("orders", "kept")
        at = engine.clock.hold()
        expected = state_of(engine, at)

    for _ in range(2):
        async with opened(tmp_path, strict=True) as (engine, _journal):
            assert state_of(engine, at) == expected

    past = Past(Directory(tmp_path), whole=True)
    names = [step.record.name for step in past.steps()]
    past.engine.door.abandon()
    assert names.count("start") == 3


async def test_settings_that_took_over_without_a_good_snapshot_are_told_and_nothing_is_lost(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as (engine, _journal):
        await Traffic(engine, 1).send("orders", "kept", make=True)
    async with opened(tmp_path, strict=True) as (engine, _journal):
        await Traffic(engine, 1).send("orders", "kept too")
    before = {path: path.read_bytes() for path in segments_in(tmp_path)}
    for path in snapshots_in(tmp_path):
        path.unlink()

    with pytest.raises(
        JournalError, match="lacks a good snapshot at the position 3, where the settings changed"
    ):
        open_journal(Engine(), tmp_path, disk=False, fail=fail)
    assert {path: path.read_bytes() for path in segments_in(tmp_path)} == before


async def test_a_folder_has_one_owner(tmp_path: Path) -> None:
    async with opened(tmp_path):
        with pytest.raises(JournalError, match=r"is in use by the process \d+"):
            open_journal(Engine(), tmp_path, disk=False, fail=fail)


async def test_a_snapshot_that_is_damaged_is_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(tmp_path) as (engine, journal):
        traffic = Traffic(engine, 1)
        await traffic.prepare_queues()
        await journal.keep_snapshot()
        await traffic.send("orders", "kept")
        at = engine.clock.hold()
        expected = state_of(engine, at)
    (snapshot,) = snapshots_in(tmp_path)
    damaged = bytearray(snapshot.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    snapshot.write_bytes(damaged)

    async with opened(tmp_path) as (engine, _journal):
        assert state_of(engine, at) == expected
    assert f"{snapshot} is left out" in caplog.text


async def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    for _ in range(3):
        async with opened(tmp_path) as (engine, _journal):
            await Traffic(engine, 1).send("orders", "hello", make=True)
    segments_in(tmp_path)[1].unlink()

    with pytest.raises(JournalError, match="lacks the file that begins at the position 3"):
        open_journal(Engine(), tmp_path, disk=False, fail=fail)


async def test_what_another_release_wrote_is_refused_with_what_to_do(tmp_path: Path) -> None:
    header = {"pocketbus journal": 1, "version": "0.0.9", "position": 0, "config": {}}
    (tmp_path / "0000000000000000.journal").write_bytes(framed(dumps(header), 0))

    with pytest.raises(
        JournalError, match=r"written by pocketbus 0\.0\.9.*serve the folder with that release"
    ):
        open_journal(Engine(), tmp_path, disk=False, fail=fail)


async def test_snapshots_are_kept_now_and_then(tmp_path: Path) -> None:
    engine = Engine()
    journal = open_journal(engine, tmp_path, disk=False, fail=fail, snapshot_records=20)
    async with engine:
        traffic = Traffic(engine, 1)
        await traffic.prepare_queues()
        for number in range(40):
            await traffic.send("work", f"message {number}")
            await asyncio.sleep(0)
            await journal.snapshot_kept()
        await journal.snapshot_kept()
        engine.door.close()
    journal.close()

    assert journal.snapshots >= 2
    newest = snapshots_in(tmp_path)[-1]
    assert int(newest.stem) > 20
