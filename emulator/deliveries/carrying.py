"""Carries deliveries out: a local ARN at once, in the same tick; what fails goes to its dead-letter queue.

What crosses a network is taken by a gateway, which hands it to the courier.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine, Iterable, Iterator
from typing import Any

from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.failures import TargetMissing
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.limits import FIFO_TOPIC_SUBSCRIPTIONS

SLICE = max(256, FIFO_TOPIC_SUBSCRIPTIONS)
"""Deliveries between two turns of the event loop. A FIFO topic's fit in one slice, so that its order holds."""


def carry(deliveries: Iterable[Delivery], core: Core, now: float) -> None:
    """Deliver each, and whatever it causes in turn, in order."""
    for _ in _slices(deliveries, core, now):
        pass


def carry_in_slices(
    deliveries: Iterable[Delivery], core: Core, now: float
) -> Coroutine[Any, Any, None] | None:
    """Do the same to one slice, and return what does it to the others, with turns between them for everybody else.

    None: that was all.
    """
    slices = _slices(deliveries, core, now)
    for _ in slices:
        return _go_on(slices, core)
    return None


async def _go_on(slices: Iterator[None], core: Core) -> None:
    if core.door.stepping is not None:
        core.door.stepping.goes_on_in_slices()
    await asyncio.sleep(0)
    for _ in slices:
        await asyncio.sleep(0)


def _slices(deliveries: Iterable[Delivery], core: Core, now: float) -> Iterator[None]:
    """Deliver all, and yield after each slice."""
    carried = 0
    pending = deque([deliveries])
    while pending:
        for delivery in pending.popleft():
            caused = _attempt(delivery, core, now)
            if caused and delivery.group_id is not None:
                carry(caused, core, now)  # by a FIFO topic: what others publish there may not overtake it
            elif caused:
                pending.append(caused)
            carried += 1
            if carried == SLICE:
                carried = 0
                yield


def _attempt(delivery: Delivery, core: Core, now: float) -> Iterable[Delivery]:
    target = core.resources.get(delivery.target) or core.receiver(delivery)
    try:
        if target is None:
            raise TargetMissing
        if core.faults.active and delivery.target in core.resources:
            core.faults.of_delivery(delivery.incident)
        caused = target.accept(delivery, now)
    except EngineError as error:
        return refused(delivery, error, core, now)
    if caused is None:
        return ()
    core.count(delivery, "delivered")
    delivery.settle(None, now)
    return caused


def refused(delivery: Delivery, error: EngineError, core: Core, now: float) -> Iterable[Delivery]:
    """End a delivery that its target has refused for good, and return what goes to its dead-letter queue."""
    core.trace.record(now, "undeliverable", delivery.target, delivery.subject, error.message)
    core.count(delivery, "undeliverable")
    delivery.settle(error, now)
    letter = delivery.dead_letter(error)
    return () if letter is None else (letter,)
