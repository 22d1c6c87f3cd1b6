"""Carries deliveries out: a local ARN at once, in the same tick; what fails goes to its dead-letter queue.

What crosses a network is taken by a gateway, which hands it to the courier.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine, Iterable, Iterator
from typing import Any

from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.delivery import Delivery, Receiver, publisher_of
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
    return _go_on(slices, core) if next(slices, False) else None


async def _go_on(slices: Iterator[bool], core: Core) -> None:
    if core.door.stepping is not None:
        core.door.stepping.goes_on_in_slices()
    await asyncio.sleep(0)
    for _ in slices:
        await asyncio.sleep(0)


def _slices(deliveries: Iterable[Delivery], core: Core, now: float) -> Iterator[bool]:
    """Deliver each, and whatever it causes in turn; yield after as many as make up a slice."""
    resources, faults, counts = core.resources, core.faults, core.deliveries
    carried = 0
    pending = deque((deliveries,))
    while pending:
        for delivery in pending.popleft():
            try:
                target = None if faults.active else resources.get(delivery.target)
                caused = (target or _receiver(delivery, core)).accept(delivery, now)
            except EngineError as error:
                caused = refused(delivery, error, core, now)
            else:
                if caused is not None:
                    if delivery.counts:
                        counts[delivery.publisher or publisher_of(delivery)]["delivered"] += 1
                    # Of a plain one nobody hears.
                    if delivery.on_end is not None or type(delivery) is not Delivery:
                        delivery.settle(None, now)
            if caused:
                _go_into(caused, delivery, pending, core, now)
            carried += 1
            if not carried % SLICE:
                yield True


def _go_into(
    caused: Iterable[Delivery], delivery: Delivery, pending: deque[Iterable[Delivery]], core: Core, now: float
) -> None:
    """Have what a delivery has caused carried behind all others, or at once where that might be overtaken."""
    if delivery.group_id is not None:
        carry(caused, core, now)  # by a FIFO topic: what others publish there may not come first
    else:
        pending.append(caused)


def _receiver(delivery: Delivery, core: Core) -> Receiver:
    """Return what takes a delivery; raise TargetMissing, or what a fault has a resource say."""
    receiver = core.receiver(delivery)
    if receiver is None:
        raise TargetMissing
    if core.faults.active and delivery.target in core.resources:
        core.faults.of_delivery(delivery.incident)
    return receiver


def refused(delivery: Delivery, error: EngineError, core: Core, now: float) -> Iterable[Delivery]:
    """End a delivery that its target has refused for good, and return what goes to its dead-letter queue."""
    core.trace.record(now, "undeliverable", delivery.target, delivery.subject, error.message)
    core.count(delivery, "undeliverable")
    delivery.settle(error, now)
    letter = delivery.dead_letter(error)
    return () if letter is None else (letter,)
