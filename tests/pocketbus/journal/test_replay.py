"""What a replay of the journal makes of traffic of all kinds is what it made, byte by byte, at every step."""

import asyncio
from random import Random
from typing import Any

import pytest

from pocketbus.emulator.config import Config
from pocketbus.emulator.custombuses.expressions import Expressions
from pocketbus.emulator.deliveries.http_client import HttpClient
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.functions import attached
from tests.pocketbus.journal.memory import Memory, Seen, hold_replay
from tests.pocketbus.journal.traffic import Traffic
from tests.property.fuzz import cases

ACTS, SNAPSHOTS = 150, 8
DAY_SECONDS = 86_400


async def keep_soon(memory: Memory, engine: Engine, turns: int) -> None:
    """Keep a snapshot in the midst of things, as soon as all that is under way can be told."""
    for turn in range(1000):
        if turn >= turns and memory.keep(engine):
            return
        await asyncio.sleep(0)


@pytest.mark.parametrize("number", range(max(8, cases(200) // ACTS)) if cases(0) else (0, 1, 2, 7))
async def test_a_replay_comes_by_every_state_that_there_was(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Memory()
    states: list[Seen] = []
    async with Engine(Config(seed=1)) as engine:
        engine.door.journal = memory
        traffic = Traffic(engine, number)

        async def answer(http: HttpClient, *request: Any) -> object:
            return await traffic.answer(http, *request)

        async def evaluate(_expressions: Expressions, line: bytes) -> str:
            return await traffic.evaluate(line)

        monkeypatch.setattr(attached, "PATIENCE_SECONDS", 0.05)
        monkeypatch.setattr(HttpClient, "_request", answer)
        monkeypatch.setattr(Expressions, "_ask", evaluate)
        await traffic.prepare()
        when = Random(f"snapshots {number}")
        for _ in range(ACTS):
            if when.random() < SNAPSHOTS / ACTS:
                keeping = asyncio.ensure_future(keep_soon(memory, engine, when.randint(0, 12)))
            await traffic.act()
            states.append(memory.see(engine))
        await keeping
        await traffic.end()
        states.append(memory.see(engine))
    for snapshot in (None, *memory.snapshots):
        hold_replay(memory, states, snapshot)


async def test_what_a_reader_of_a_log_lets_go_of_is_gone_in_a_replay() -> None:
    memory = Memory()
    states: list[Seen] = []
    async with Engine(Config(seed=1)) as engine:
        engine.door.journal = memory
        traffic = Traffic(engine, 1)
        await traffic.prepare_log()
        await traffic.put_custom({"n": 1})
        await engine.elapse(DAY_SECONDS + 1)
        states.append(memory.see(engine))
        await traffic.call("eventbridgev2", "DescribeEventBus", EventBusArn=traffic.bus)
        states.append(memory.see(engine))
        await traffic.put_custom({"n": 2})
        states.append(memory.see(engine))
    hold_replay(memory, states)
