"""Who follows the journal: what is kept for them, and what they are told when they are slow."""

from pathlib import Path

import pytest

from pocketbus.journal import following
from pocketbus.journal.following import Gap
from pocketbus.journal.step import Step
from tests.pocketbus.journal.test_opening import opened
from tests.pocketbus.journal.traffic import Traffic


async def test_nothing_is_kept_where_nobody_follows(tmp_path: Path) -> None:
    async with opened(tmp_path) as (engine, journal):
        await Traffic(engine, 1).make_queues("a", "b")

        assert len(journal.following.kept) == 0


async def test_each_step_comes_once_with_what_it_brought_about(tmp_path: Path) -> None:
    async with opened(tmp_path) as (engine, journal):
        traffic = Traffic(engine, 1)
        await traffic.make_queues("a")
        journal.following.begin()
        steps = journal.following.steps(journal.position)
        await traffic.send("a", "one")
        await traffic.send("a", "two")
        told = [step for step in await anext(steps) if isinstance(step, Step)]
        await traffic.send("a", "three")
        told += [step for step in await anext(steps) if isinstance(step, Step)]

    assert [step.record.arguments[0]["MessageBody"] for step in told] == ["one", "two", "three"]
    assert [[one.verb for one in step.happened] for step in told] == [["sent"]] * 3


async def test_one_that_is_slow_is_told_what_it_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "_INPUTS", 3)
    async with opened(tmp_path) as (engine, journal):
        traffic = Traffic(engine, 1)
        await traffic.make_queues("a")
        journal.following.begin()
        begun_at = journal.position
        steps = journal.following.steps(begun_at)
        for number in range(5):
            await traffic.send("a", str(number))
        first, then = await anext(steps), await anext(steps)

    assert first == [Gap(begun_at + 1, begun_at + 2)]
    assert [step.position - begun_at for step in then if isinstance(step, Step)] == [3, 4, 5]


async def test_all_is_let_go_of_with_the_last_who_follows(tmp_path: Path) -> None:
    async with opened(tmp_path) as (engine, journal):
        for _ in range(2):
            journal.following.begin()
        await Traffic(engine, 1).make_queues("a")
        kept = []
        for _ in range(2):
            journal.following.end()
            kept.append(len(journal.following.kept))

    assert kept == [1, 0]
