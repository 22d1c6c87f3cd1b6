"""Random inputs of every service: what a replay of the journal makes of them is what they made, byte by byte."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pocketbus.emulator.config import Config
from pocketbus.emulator.door import Place
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.state.document import export_lines
from pocketbus.journal.record import Record, dumps, loads
from pocketbus.journal.replay import Replay, prepared
from tests.property.fuzz import USUAL, cases
from tests.property.test_operations_hostile import (
    FUZZED,
    STATE,
    Start,
    _no_network,
    call,
    start,
)
from tests.property.vocabulary import Vocabulary
from tests.property.world import World, living

__all__ = ["_no_network", "start"]

CALLS = 40
EXAMPLES = max(cases(200) // CALLS, 3)


class Seen(NamedTuple):
    """The state behind so many records, as it was at an instant of the system's time."""

    position: int
    system_at: float
    state: bytes


class Memory:
    """A journal that keeps everything in memory, as it would be written to a file."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def append(
        self, system_at: float, at: float, place: Place | None, name: str, arguments: tuple[Any, ...]
    ) -> None:
        self.written.append(dumps((at, system_at, place, name, list(arguments))))

    def records(self) -> Iterator[Record]:
        for at, system_at, place, name, arguments in map(loads, self.written):
            yield Record(at, system_at, place and Place(*place), name, arguments)


def seen(engine: Engine, memory: Memory) -> Seen:
    system_at = engine.clock.hold()
    state = b"".join(export_lines(engine))
    engine.clock.let_go()
    return Seen(len(memory.written), system_at, state)


def hold_replay(memory: Memory, states: list[Seen]) -> None:
    """Assert that a replay comes by the same states."""
    replay = Replay(prepared(Engine(Config(seed=1))))
    waiting = iter(states)
    expected = next(waiting, None)
    position = 0
    for record in memory.records():
        replay.repeat(record)
        position += 1
        while expected is not None and expected.position == position:
            replay.engine.clock.hold(expected.system_at)
            replayed = b"".join(export_lines(replay.engine))
            if replayed != expected.state:
                told = [
                    f"{one.name} {str(one.arguments)[:300]}" for one in list(memory.records())[:position][-5:]
                ]
                assert (told, replayed.split(b"\n")) == (told, expected.state.split(b"\n"))
            expected = next(waiting, None)
    assert expected is None
    replay.engine.door.abandon()


@pytest.mark.parametrize("frozen", [True, False], ids=["frozen", "running"])
def test_a_replay_comes_by_every_state_that_there_was(start: Start, frozen: bool) -> None:
    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate],
        deadline=None,
        derandomize=USUAL,
        suppress_health_check=[*HealthCheck],
    )
    @given(data=st.data())
    def hold(data: st.DataObject) -> None:
        with asyncio.Runner() as runner, living(runner.get_loop()) as world:
            memory = Memory()
            world.engine.door.journal = memory
            world.control("PUT", STATE, start.document)
            if not frozen:
                world.control("POST", "/_pocketbus/clock/thaw")
            states = data.draw(conversations(world, start.vocabulary.copy(), memory))
            world.engine.door.close()
            runner.run(_replayed(memory, states))

    hold()


async def _replayed(memory: Memory, states: list[Seen]) -> None:
    hold_replay(memory, states)


@st.composite
def conversations(draw: st.DrawFn, world: World, vocabulary: Vocabulary, memory: Memory) -> list[Seen]:
    """Make calls of all services, and return the states in between."""
    states = [seen(world.engine, memory)]
    for _ in range(CALLS):
        service = draw(st.sampled_from(FUZZED))
        operation = service.model.operations[draw(st.sampled_from(service.coverage().implemented))]
        call(draw, world, service, operation, vocabulary)
        states.append(seen(world.engine, memory))
        if draw(st.integers(0, 9)) == 9:
            world.elapse(draw(st.sampled_from([0, 1, 30, 300, 3600])))
            states.append(seen(world.engine, memory))
    return states
