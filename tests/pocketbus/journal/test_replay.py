"""What a replay of the journal makes of traffic of all kinds is what it made, byte by byte, at every step."""

import asyncio
from collections import Counter

import pytest

from pocketbus.emulator.config import Config
from pocketbus.emulator.deliveries.http_client import HttpClient
from pocketbus.emulator.engine import Engine
from tests.pocketbus.journal.memory import Memory, hold_replay
from tests.pocketbus.journal.traffic import Traffic


@pytest.mark.parametrize("number", range(6))
async def test_a_replay_comes_by_every_state_that_there_was(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory, states = Memory(), []
    async with Engine(Config(seed=1)) as engine:
        engine.door.journal = memory
        traffic = Traffic(engine, number)

        async def answer(http: HttpClient, *request: object) -> object:
            return await traffic.answer(http, *request)

        monkeypatch.setattr(HttpClient, "_request", answer)
        await traffic.prepare()
        for _ in range(150):
            await traffic.act()
            states.append(memory.see(engine))
        await traffic.end()
        states.append(memory.see(engine))
    print(Counter(r.name for r in memory.records()))
    hold_replay(memory, states)
