"""Ways out: what takes deliveries to a target that is no resource of this engine."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar

from pocketbus.emulator.component import Component
from pocketbus.emulator.deliveries.delivery import Delivery

ANYTHING_ELSE = "*"
"""What the gateway serves that takes what no other one does."""


class Gateway(Component, ABC):
    """One way out, for all the targets behind it."""

    serves: ClassVar[tuple[str, ...]]
    """The keys by which deliveries ask for it: a protocol of SNS, the service of an ARN, or its service and kind."""

    @abstractmethod
    def accept(self, delivery: Delivery, now: float) -> Iterable[Delivery] | None:
        """Take a delivery, as a Receiver does."""
