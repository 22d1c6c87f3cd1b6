"""Random inputs of every service: what a replay of the journal makes of them is what they made, byte by byte."""

import asyncio
from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pocketbus.apis.services import SERVICES
from tests.pocketbus.journal.memory import Memory, Seen, hold_replay
from tests.property.fuzz import USUAL, cases
from tests.property.test_operations_hostile import (
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
EXAMPLES = max(cases(120) // CALLS, 2)


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
        with ExitStack() as stack:
            runner = stack.enter_context(asyncio.Runner())
            world = stack.enter_context(living(runner.get_loop()))
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
    states = [memory.see(world.engine)]
    for _ in range(CALLS):
        service = draw(st.sampled_from(SERVICES))
        # Drawn by number, so that the first operations come no more often than the others.
        names = service.coverage().implemented
        operation = service.model.operations[names[draw(st.integers(0, 10**9)) % len(names)]]
        call(draw, world, service, operation, vocabulary)
        states.append(memory.see(world.engine))
        if draw(st.integers(0, 9)) == 9:
            world.elapse(draw(st.sampled_from([0, 1, 30, 300, 3600])))
            states.append(memory.see(world.engine))
    return states
