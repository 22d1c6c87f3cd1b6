"""Carries deliveries out: a local ARN at once, in the same tick; what fails goes to its dead-letter queue."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.message import Content

if TYPE_CHECKING:
    from pocketbus.emulator.core import Core


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

    def dead_letter(self, error: EngineError) -> "Delivery | None":  # noqa: ARG002 - rules tell it to their queue
        """Return what goes to the dead-letter queue when the target refused for good, if there is such a queue."""
        if self.dead_letter_target is None:
            return None
        return replace(self, target=self.dead_letter_target, dead_letter_target=None)


class TargetMissing(EngineError):
    """The target does not exist."""


def carry(deliveries: Iterable[Delivery], core: "Core", now: float) -> None:
    """Deliver each, and whatever it causes in turn, in order."""
    pending = deque([iter(deliveries)])
    while pending:
        for delivery in pending.popleft():
            caused = _attempt(delivery, core, now)
            if caused:
                pending.append(iter(caused))


def _attempt(delivery: Delivery, core: "Core", now: float) -> Iterable[Delivery]:
    target = core.resources.get(delivery.target)
    try:
        if target is None:
            raise TargetMissing
        return target.accept(delivery, now)
    except EngineError as error:
        core.trace.record(now, "undeliverable", delivery.target, delivery.subject, error.message)
        letter = delivery.dead_letter(error)
        return () if letter is None else (letter,)
