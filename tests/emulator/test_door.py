"""What the door lets out: work outside begins when what led to it is safe."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from pocketbus.emulator.engine import Engine
from tests.turns import turns


class Slow:
    """A journal that has nothing safe before it is told."""

    def __init__(self) -> None:
        self.safe = asyncio.Event()

    def append(self, *_record: Any) -> None:
        """Keep nothing."""

    def when_safe(self, work: Coroutine[Any, Any, Any]) -> Coroutine[Any, Any, Any]:
        async def later() -> Any:
            await self.safe.wait()
            return await work

        return later()


async def _note(done: list[str]) -> str:
    done.append("went out")
    return "answer"


async def _ask(engine: Engine, done: list[str]) -> None:
    done.append(await engine.door.wait(engine.door.ask(_note(done))))


async def test_work_outside_begins_when_the_journal_has_what_led_to_it() -> None:
    done: list[str] = []
    async with Engine() as engine:
        journal = engine.door.journal = Slow()
        with engine.door.entry("asks"):
            engine.door.course(_ask, engine, done).begin()
        await turns()
        before = list(done)
        journal.safe.set()
        await turns()

    assert before == []
    assert done == ["went out", "answer"]


async def test_work_outside_that_never_began_is_given_up_with_its_journal() -> None:
    done: list[str] = []
    async with Engine() as engine:
        engine.door.journal = Slow()
        with engine.door.entry("asks"):
            engine.door.course(_ask, engine, done).begin()
        await turns()
        engine.door.abandon()
        await turns()

    assert done == []
    assert not engine.door.courses
