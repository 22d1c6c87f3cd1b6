"""Who handles what a poller receives: a mapping's function, a pipe."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from pocketbus.emulator.core import Core
from pocketbus.emulator.polling.batch import Batch
from pocketbus.emulator.polling.sqs_event import filterable
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

    hidden: frozenset[str] = frozenset()
    """The members of a record that filters do not see."""

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

    def objection(self, record: Mapping[str, Any]) -> Mismatch | None:
        """Return why no filter lets a record through; None: one does, or there is none."""
        if not self.filters:
            return None
        event = filterable({name: part for name, part in record.items() if name not in self.hidden})
        mismatches = [explain(pattern, event) for pattern in self.filters]
        return None if None in mismatches else mismatches[0]
