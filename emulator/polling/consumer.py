"""Who handles what a poller receives: a mapping's function, a pipe."""

import math
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from pocketbus.emulator.core import Core
from pocketbus.emulator.functions.functions import Listener
from pocketbus.emulator.functions.invocation import NoWorkers, name_of
from pocketbus.emulator.polling.batch import Batch
from pocketbus.emulator.polling.sqs_event import filterable
from pocketbus.rules.event import Event
from pocketbus.rules.explain import Mismatch, explain
from pocketbus.rules.pattern import Pattern


class Handled(NamedTuple):
    """What came of a batch: which messages were not handled, and whether that is a reason to go more slowly."""

    failed: Collection[str] = ()
    slow_down: bool = False


class Consumer(ABC):
    """Handles batches by one state of its owner's settings: what was gathered by it ends by it.

    `arn` and `subject` are its owner's, `target` is what handles in the end, `function_arns` are the functions that
    each batch needs a place at.
    """

    def __init__(self, arn: str, subject: str, target: str, core: Core) -> None:
        self.arn = arn
        self.subject = subject
        self.target = target
        self.core = core
        self.batch_size = 1
        self.window_seconds = 0
        self.concurrency = 1
        self.filters: Sequence[Pattern] = ()
        self.function_arns: Sequence[str] = ()

    @abstractmethod
    async def handle(self, batch: Batch, now: float) -> Handled:
        """Handle a batch. Raise EngineError if nobody was reached: it may be tried again, then."""

    def visible(self, record: Mapping[str, Any]) -> Event:
        """Return what filters see of a record."""
        return filterable(record)

    def objection(self, record: Mapping[str, Any]) -> Mismatch | None:
        """Return why no filter lets a record through; None: one does, or there is none."""
        if not self.filters:
            return None
        event = self.visible(record)
        mismatches = [explain(pattern, event) for pattern in self.filters]
        return None if None in mismatches else mismatches[0]

    # Places at functions

    @property
    def room(self) -> float:
        """Count the batches that its functions could take now."""
        return min((self.core.functions.room(arn) for arn in self.function_arns), default=math.inf)

    @property
    def missing(self) -> str:
        """Say what is missing for a batch to be handled, if something is."""
        functions = self.core.functions
        lonely = (arn for arn in self.function_arns if functions.workers(arn) is None)
        return next((NoWorkers(name_of(arn)).message for arn in lonely), "")

    def enter(self, batch: Batch) -> None:
        """Take a place for a batch at each function."""
        for arn in self.function_arns:
            self.core.functions.at(arn).enter(batch)

    def leave(self, batch: Batch) -> None:
        for arn in self.function_arns:
            self.core.functions.at(arn).leave(batch)

    def listen(self, listener: Listener) -> None:
        """Have somebody told when there may be more room or less."""
        for arn in self.function_arns:
            self.core.functions.at(arn).listeners[listener] = None

    def unlisten(self, listener: Listener) -> None:
        for arn in self.function_arns:
            self.core.functions.at(arn).listeners.pop(listener, None)
