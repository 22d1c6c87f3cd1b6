"""A delivery: one content on its way to one target, and what is able to take it."""

from collections.abc import Callable, Iterable
from typing import Protocol

from msgspec import Struct

from pocketbus.emulator.deliveries.owners import account_behind
from pocketbus.emulator.deliveries.pace import Pace
from pocketbus.emulator.deliveries.retry_policy import PERMANENT, Exhausted, RetryPolicy
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.message import Content
from pocketbus.emulator.trouble.incident import Incident

Ending = Callable[["Delivery", EngineError | None, float], None]
"""Hears that the target has taken the delivery (None) or refused it for good."""


class Delivery(Struct, eq=False):
    """One content on its way from a subscription or rule (`source`) to one target, both ARNs.

    Nobody changes one; that it is not frozen spares each the time that takes.
    """

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
    pace: Pace | None = None
    """What keeps the attempts apart in time, where a network lies before the target."""
    protocol: str = ""
    """The gateway that takes the delivery, if the target is no resource."""
    on_end: Ending | None = None
    counts: bool = True
    """Whether its end is counted: that of a dead letter is not, nor here that of what another shard has sent."""

    @property
    def incident(self) -> Incident:
        """What a fault may strike at."""
        _, _, service, region, account, *_ = [*self.source.split(":"), "", "", "", "", ""]
        return Incident(service, "a delivery", (self.target,), account, region, self.subject)

    @property
    def owner(self) -> str:
        """The account whose resource the target is, nothing where that is nobody's here."""
        return account_behind(self.target)

    def ways(self) -> tuple[str, ...]:
        """Return the gateways to ask for, in order, if the target is no resource."""
        return (self.protocol,)

    def delay_after(
        self,
        error: EngineError,  # noqa: ARG002 - functions make a difference
        failures: int,
        age_seconds: float,
        chance: float,
    ) -> float | Exhausted:
        """Return the seconds to wait after the n-th failure, which might pass."""
        policy = self.retry_policy
        return PERMANENT if policy is None else policy.delay_after(failures, age_seconds, chance)

    def settle(self, error: EngineError | None, now: float) -> None:
        """Hear that the target has taken the delivery (None) or refused it for good."""
        if self.on_end is not None:
            self.on_end(self, error, now)

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
            counts=False,
        )


class Receiver(Protocol):
    """What is able to take deliveries."""

    def accept(self, delivery: Delivery, now: float) -> Iterable[Delivery] | None:
        """Take a delivery and return what it causes in turn; raise an EngineError to refuse it.

        None says that it is under way: the courier tells the delivery its end.
        """
        ...
