"""Gives subscribers their turns: at once to those who wait for little, in slices to those who go through much."""

import asyncio
import logging
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final, Protocol

from pocketbus.emulator.core import Core
from pocketbus.emulator.custombuses.attempts import Attempts
from pocketbus.emulator.custombuses.batch import GATEWAY, BatchDelivery
from pocketbus.emulator.custombuses.failures import DeliveryFailed, failure
from pocketbus.emulator.custombuses.passed import Passed
from pocketbus.emulator.deliveries.courier import Courier
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.gateway import Gateway
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.time.tasks import Task

_log = logging.getLogger("pocketbus")
_DEFECT: Final = "The attempt ended in a defect of the emulator; its log tells more."

SLICE: Final = 256
"""Turns of subscribers between two turns of the event loop for everybody else."""
_SLICE_BESIDE: Final = 16
"""So many of them where nobody waits for the rest. They are counted, not timed: a replay has to have the same."""


class Reader(Protocol):
    """What goes through a log: `awake` is set while a turn is due to it."""

    awake: bool

    def step(self, now: float) -> bool:
        """Do a little of what there is to do; tell whether there is more to do at once."""
        ...


class Pump(Gateway):
    """Every subscriber of an engine, in turns; and the way from a subscriber to its target."""

    serves = (GATEWAY,)

    def __init__(self, core: Core, courier: Courier, attempts: Attempts) -> None:
        self._core = core
        self._courier = courier
        self._attempts = attempts
        self._ready: deque[Reader] = deque()
        self._turns: deque[Reader] = self._ready
        """Where those go that are woken: beside those whose turns are taken at this moment."""
        self._task: Task | None = None
        self._draining = False

    @property
    def passed(self) -> Passed:
        """What classic buses got from here."""
        return self._attempts.passed

    def standing(self) -> Any:
        """Tell whose turn is due, and what serves them."""
        return {"ready": self._ready, "task": self._task, "passed": self.passed.standing()}

    def stand(self, kept: Mapping[str, Any]) -> None:
        self._ready = self._turns = kept["ready"]
        self._task = kept["task"]
        self.passed.stand(kept["passed"])

    def clear(self) -> None:
        """Let everybody sleep."""
        self.passed.clear()
        for reader in self._ready:
            reader.awake = False
        self._ready.clear()

    # Turns

    def wake(self, reader: Reader) -> None:
        """Give a reader its turns soon."""
        if not reader.awake:
            reader.awake = True
            self._turns.append(reader)
            if self._turns is self._ready:
                self._begin()

    def serve(self, readers: Iterable[Reader]) -> deque[Reader] | None:
        """Give readers their turns now, and those whom that wakes; return who is left, if anybody is, for `go_on`."""
        turns = deque(reader for reader in readers if _roused(reader))
        return turns if _slice(self._steps(turns)) else None

    async def go_on(self, turns: deque[Reader]) -> None:
        """Serve who is left, with turns of the event loop between for everybody else."""
        self._core.door.goes_on_by(self.go_on, turns)
        more = True
        while more:
            await asyncio.sleep(0)
            more = _slice(self._steps(turns))

    def _begin(self) -> None:
        if self._task is not None or self._draining:
            return
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            self._drain()
        else:
            self._task = self._core.tasks.start(self._serve_ready)

    def _drain(self) -> None:
        """Take all turns at once: without an event loop nobody else waits for one."""
        self._draining = True
        try:
            for _ in self._steps(self._ready):
                pass
        finally:
            self._draining = False

    async def _serve_ready(self) -> None:
        try:
            while self._ready:
                if _slice(self._steps(self._ready), _SLICE_BESIDE):
                    await asyncio.sleep(0)
        finally:
            self._task = None

    def _steps(self, turns: deque[Reader]) -> Iterator[None]:
        """Give one reader its turn at each step; who has more to do comes after the others."""
        while turns:
            reader = turns.popleft()
            before, self._turns = self._turns, turns
            reader.awake = False
            try:
                if reader.step(self._core.clock.now()):
                    self.wake(reader)
            except Exception:  # noqa: BLE001 - a defect of one must not end the turns of the others
                _log.exception("a turn of %r failed", reader)
            finally:
                self._turns = before
            yield

    # Targets

    def accept(self, delivery: Delivery, now: float) -> None:
        """Make the first attempt, at once where nothing has to be waited for. Raise CourierOverloaded."""
        if not isinstance(delivery, BatchDelivery):
            raise TypeError(f"{delivery!r} comes from no subscriber")
        if not self._attempts.are_at_once(delivery.batch):
            self._courier.send(delivery, self._attempts.later, now)
            return
        try:
            if self._core.faults.active:
                self._core.faults.of_delivery(delivery.incident)
            self._attempts.now(delivery)
        except EngineError as error:
            self._try_again(delivery, failure(error, delivery.target), now)
        except Exception:  # noqa: BLE001 - nor its delivery
            _log.exception("delivery of %s to %s failed", delivery.subject, delivery.target)
            self._try_again(delivery, DeliveryFailed("INTERNAL_SERVER_ERROR", _DEFECT), now)
        else:
            self._core.count(delivery, "delivered")
            delivery.settle(None, now)

    def _try_again(self, delivery: BatchDelivery, error: DeliveryFailed, now: float) -> None:
        again = self._courier.try_again(delivery, self._attempts.later, error, now)
        why = f"attempt 1: {error.message}{again}"
        self._core.trace.record(now, "attempted", delivery.target, delivery.subject, why)


def _roused(reader: Reader) -> bool:
    """Tell whether a reader has no turn due elsewhere, and note that it has one now."""
    was_awake, reader.awake = reader.awake, True
    return not was_awake


def _slice(steps: Iterator[None], most: int = SLICE) -> bool:
    """Take a slice of the turns, and tell whether there may be more."""
    return sum(1 for _ in islice(steps, most)) == most


def pump_of(core: Core) -> Pump:
    """Return the pump of an engine."""
    pump = core.gateway(GATEWAY)
    if not isinstance(pump, Pump):
        raise TypeError("this engine has no pump")
    return pump
