"""What a journal tells of an instant is what was there then."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from pocketbus.journal.directory import Directory
from pocketbus.journal.past import End, Past
from tests.pocketbus.journal.test_opening import act, answering, opened, state_of
from tests.pocketbus.journal.traffic import MESSAGES, Traffic

__all__ = ["answering"]

INSTANTS = int(os.environ.get("INSTANTS", "60"))


async def test_the_state_of_each_instant_is_the_one_that_was_exported_then(tmp_path: Path) -> None:
    exported: dict[float, list[bytes]] = {}
    async with opened(tmp_path) as (engine, journal):
        traffic = Traffic(engine, 3)
        await traffic.prepare_queues()
        for number in range(INSTANTS):
            await act(traffic, 1, MESSAGES)
            for _ in range(5):
                await asyncio.sleep(0)
            if number == INSTANTS // 2:
                await journal.keep_snapshot()
            system_at = engine.clock.hold()
            at = engine.clock.now()
            exported[at] = state_of(engine, system_at)

    for at, state in exported.items():
        past = Past(Directory(tmp_path), End(at=at))
        for _ in past.steps():
            pass
        assert b"".join(past.state()).split(b"\n") == state
        past.engine.door.abandon()


async def test_what_was_under_way_goes_on_live_from_there(
    tmp_path: Path, answering: Callable[[Traffic], None]
) -> None:
    async with opened(tmp_path) as (engine, journal):
        traffic = Traffic(engine, 1)
        traffic.status = 200
        answering(traffic)
        await traffic.prepare()
        traffic.status = 500
        await traffic.publish("news")
        await engine.elapse(0)
        position = journal.position
        traffic.status = 200
        await engine.elapse(60)
        asked = len(traffic.asked)
    past = Past(Directory(tmp_path), End(position=position))
    for _ in past.steps():
        pass
    async with past.stand_still(live=True) as engine:
        waits = (len(engine.courier), len(traffic.asked) - asked)
        await engine.elapse(60)

        assert waits == (1, 0)
        assert (len(engine.courier), len(traffic.asked) - asked) == (0, 1)


async def test_behind_an_input_is_what_was_there_behind_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as (engine, journal):
        traffic = Traffic(engine, 3)
        for number in range(3):
            await traffic.send("work", f"message {number}", make=True)
        position = journal.position
        at = engine.clock.hold()
        expected = state_of(engine, at)
        await traffic.send("work", "one more")

    past = Past(Directory(tmp_path), End.of(str(position)))
    steps = list(past.steps())
    past.engine.clock.hold(at)

    assert [step.position for step in steps] == list(range(1, position + 1))
    assert past.position == position
    assert b"".join(past.state()).split(b"\n") == expected


async def test_an_instant_that_is_told_to_the_millisecond_is_that_to_its_end(tmp_path: Path) -> None:
    async with opened(tmp_path) as (engine, journal):
        traffic = Traffic(engine, 3)
        engine.clock.set(1_900_000_000.0005)
        engine.clock.freeze()
        await traffic.send("work", "a message", make=True)
        position = journal.position

    ends = {text: End.of(text) for text in ("2030-03-17T17:46:40.000Z", "2030-03-17T17:46:40Z")}
    found = {text: end.position_in(Directory(tmp_path)) for text, end in ends.items()}

    assert found == {"2030-03-17T17:46:40.000Z": position, "2030-03-17T17:46:40Z": 1}
