"""Deliveries to another shard whose end a course waits for: it goes on when it hears what became of them."""

import asyncio
from collections.abc import Callable, Iterable
from functools import partial

from msgspec import Struct

from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.delivery import Delivery, Ending
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.shards.shards import ANOTHER_SHARD

Make = Callable[[Ending], Delivery]
"""Makes a delivery whose end is told to somebody."""


class Errand(Struct, eq=False):
    """One such delivery; `ended` has the error that it was refused with, None where it was taken."""

    ended: "asyncio.Future[EngineError | None]"

    def end(self, _delivery: Delivery, error: EngineError | None, _now: float) -> None:
        if not self.ended.done():
            self.ended.set_result(error)


async def carried(core: Core, deliveries: Iterable[Make]) -> list[EngineError | None]:
    """Have deliveries carried to another shard, and return how each has ended, in their order."""
    errands = core.door.once(partial(_begun, core, list(deliveries)))
    return [await core.door.wait(errand.ended) for errand in errands]


def _begun(core: Core, deliveries: list[Make]) -> list[Errand]:
    return [_sent(core, make) for make in deliveries]


def _sent(core: Core, make: Make) -> Errand:
    errand, now = Errand(asyncio.get_running_loop().create_future()), core.clock.now()
    way = core.gateway(ANOTHER_SHARD)
    if way is None:
        raise TypeError("this engine is alone")
    try:
        way.accept(make(errand.end), now)
    except EngineError as error:
        errand.ended.set_result(error)
    return errand
