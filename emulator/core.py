"""What all resources of one engine share, and the directory in which they find one another by ARN."""

from collections.abc import Iterable
from typing import Protocol

from pocketbus.emulator.clock import Clock
from pocketbus.emulator.config import Config
from pocketbus.emulator.delivery import Delivery
from pocketbus.emulator.ids import Ids
from pocketbus.emulator.timers import Timers
from pocketbus.emulator.trace import Trace


class Resource(Protocol):
    """A queue, a topic or a bus: named by an ARN and able to take what is delivered to it."""

    @property
    def arn(self) -> str: ...

    def accept(self, delivery: Delivery, now: float) -> Iterable[Delivery]:
        """Take a delivery and return what it causes in turn; raise an EngineError to refuse it."""
        ...

    def close(self) -> None:
        """Let go of whoever waits here; called when the resource is deleted."""
        ...


class Core:
    """The clock, the ids, the timers, the trace and the resources by ARN."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.clock = Clock()
        self.ids = Ids(config.seed)
        self.timers = Timers(self.clock)
        self.trace = Trace(config.trace_limit)
        self.resources: dict[str, Resource] = {}
