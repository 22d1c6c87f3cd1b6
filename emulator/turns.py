"""Long work in short steps, with turns of the event loop between them for everybody else."""

import asyncio
from collections.abc import Iterator

SLICE_SECONDS = 0.005
"""How long the work goes on before others have their turn: they wait no longer, and little is lost by the change."""


async def in_slices(steps: Iterator[object]) -> None:
    """Take all the steps; each is to be short."""
    loop = asyncio.get_running_loop()
    until = loop.time() + SLICE_SECONDS
    for _ in steps:
        if loop.time() >= until:
            await asyncio.sleep(0)
            until = loop.time() + SLICE_SECONDS
