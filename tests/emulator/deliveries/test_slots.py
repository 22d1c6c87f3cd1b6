"""Slots: so many for each target, so many in all."""

import asyncio

from pocketbus.emulator.deliveries.slots import Slots


async def hold(slots: Slots, target: str, begun: list[str], end: asyncio.Event) -> None:
    async with slots.of(target):
        begun.append(target)
        await end.wait()


async def begun_of(slots: Slots, targets: str) -> list[str]:
    """Return which of them get a slot while nobody gives one back."""
    begun: list[str] = []
    end = asyncio.Event()
    tasks = [asyncio.create_task(hold(slots, target, begun, end)) for target in targets]
    for _ in range(10):
        await asyncio.sleep(0)
    early = list(begun)
    end.set()
    await asyncio.gather(*tasks)
    assert sorted(begun) == sorted(targets)
    return early


async def test_who_waits_for_one_target_takes_no_slot_from_another() -> None:
    assert await begun_of(Slots(2, 4), "aaaaaab") == ["a", "a", "b"]


async def test_there_is_a_bound_for_all() -> None:
    assert await begun_of(Slots(2, 4), "abcdef") == ["a", "b", "c", "d"]


async def test_a_target_that_nobody_waits_for_is_forgotten() -> None:
    slots = Slots(2, 4)
    await begun_of(slots, "aabbccdd")

    assert len(slots) == 0
