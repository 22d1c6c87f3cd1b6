"""Carries deliveries out: a local ARN at once, in the same tick; what fails goes to its dead-letter queue.

What crosses a network is taken by a gateway, which hands it to the courier.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from pocketbus.emulator.deliveries.retry_policy import RetryPolicy
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.limits import FIFO_TOPIC_SUBSCRIPTIONS
from pocketbus.emulator.message import Content
from pocketbus.emulator.trouble.incident import Incident

if TYPE_CHECKING:
    from pocketbus.emulator.core import Core, Receiver
    from pocketbus.emulator.deliveries.pace import Pace
    from pocketbus.emulator.topics.delivery_status import StatusLog

SLICE = max(256, FIFO_TOPIC_SUBSCRIPTIONS)
"""Deliveries between two turns of the event loop. A FIFO topic's fit in one slice, so that its order holds."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One content on its way from a subscription or rule (`source`) to one target, both ARNs."""

    source: str
    target: str
    content: Content
    subject: str
    """The id of the publication or event under which the trace tells its story."""
    group_id: str | None = None
    deduplication_id: str | None = None
    dead_letter_target: str | None = None
    letter: Content | None = None
    """What the dead-letter queue gets, if it is not the content."""
    retry_policy: RetryPolicy | None = None
    """Counts where a network lies before the target; None: a failure is final."""
    pace: "Pace | None" = None
    """What keeps the attempts apart in time, where a network lies before the target."""
    status_log: "StatusLog | None" = None

    @property
    def incident(self) -> Incident:
        """What a fault may strike at."""
        _, _, service, region, account, *_ = [*self.source.split(":"), "", "", "", "", ""]
        return Incident(service, "a delivery", (self.target,), account, region, self.subject)

    def receiver(self, core: "Core") -> "Receiver | None":
        """Return what takes the delivery, if it exists."""
        return core.resources.get(self.target)

    def settle(self, error: EngineError | None, now: float) -> None:
        """Hear that the target has taken the delivery (None) or refused it for good."""
        if self.status_log is not None:
            self.status_log.write(self, error, now)

    def dead_letter(self, error: EngineError) -> "Delivery | None":  # noqa: ARG002 - rules tell it to their queue
        """Return what goes to the dead-letter queue when the target refused for good, if there is such a queue."""
        if self.dead_letter_target is None:
            return None
        return Delivery(
            self.source,
            self.dead_letter_target,
            self.letter or self.content,
            self.subject,
            self.group_id,
            self.deduplication_id,
        )


class TargetMissing(EngineError):
    """The target does not exist."""


def carry(deliveries: Iterable[Delivery], core: "Core", now: float) -> None:
    """Deliver each, and whatever it causes in turn, in order."""
    for _ in _carried(deliveries, core, now):
        pass


def carry_in_slices(
    deliveries: Iterable[Delivery], core: "Core", now: float
) -> Coroutine[Any, Any, None] | None:
    """Do the same to one slice, and return what does it to the others, with turns between them for everybody else.

    None: that was all.
    """
    carried = _carried(deliveries, core, now)
    return _go_on(carried) if _carry_slice(carried) else None


async def _go_on(carried: Iterator[None]) -> None:
    there_may_be_more = True
    while there_may_be_more:
        await asyncio.sleep(0)
        there_may_be_more = _carry_slice(carried)


def _carry_slice(carried: Iterator[None]) -> bool:
    """Carry a slice, and tell whether there may be more."""
    return sum(1 for _ in islice(carried, SLICE)) == SLICE


def _carried(deliveries: Iterable[Delivery], core: "Core", now: float) -> Iterator[None]:
    """Deliver one at each step."""
    pending = deque([iter(deliveries)])
    while pending:
        for delivery in pending.popleft():
            caused = _attempt(delivery, core, now)
            if caused and delivery.group_id is not None:
                carry(caused, core, now)  # by a FIFO topic: what others publish there may not overtake it
            elif caused:
                pending.append(iter(caused))
            yield


def _attempt(delivery: Delivery, core: "Core", now: float) -> Iterable[Delivery]:
    target = delivery.receiver(core)
    try:
        if target is None:
            raise TargetMissing
        if core.faults.active and delivery.target in core.resources:
            core.faults.of_delivery(delivery.incident)
        caused = target.accept(delivery, now)
    except EngineError as error:
        core.trace.record(now, "undeliverable", delivery.target, delivery.subject, error.message)
        delivery.settle(error, now)
        letter = delivery.dead_letter(error)
        return () if letter is None else (letter,)
    if caused is None:
        return ()
    delivery.settle(None, now)
    return caused
