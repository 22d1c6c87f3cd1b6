"""Waiting, in turns of the event loop, for what other tasks bring about."""

import asyncio
from collections.abc import Callable

_SECONDS = 60


async def turns(count: int = 10) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(_SECONDS):
        while not condition():  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0)
