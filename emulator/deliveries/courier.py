"""The one retry loop: attempts deliveries over a network, again as their policy says, to success or dead letter.

What an attempt does is its gateway's affair (webhooks, functions, mail, API destinations).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from pocketbus.emulator.component import Component
from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.carrying import carry
from pocketbus.emulator.deliveries.contents import Contents
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.failures import AttemptDefect, CourierOverloaded, GaveUp, TransientFailure
from pocketbus.emulator.deliveries.retry_policy import PERMANENT, Exhausted
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.latest import Held
from pocketbus.emulator.time.tasks import Task
from pocketbus.emulator.time.timers import KeptTimers, Timer

Attempt = Callable[[Delivery], Awaitable[str]]
"""Tries once and says how it went; raises TransientFailure to be tried again, another EngineError to be not."""


class Outcome(NamedTuple):
    """How an attempt at once went; `became` is the id under which the story goes on elsewhere."""

    text: str
    became: str = ""


AttemptAtOnce = Callable[[int], Outcome]
"""The same of what needs no waiting; it takes the number of the attempt, from 1."""

_log = logging.getLogger("pocketbus")


class Journey(Struct, eq=False):
    """One delivery from its acceptance to its end; `timer` is set while it waits for its next attempt."""

    delivery: Delivery
    attempt: Attempt | None
    accepted_at: float
    failures: int = 0
    timer: Timer | None = None
    at_once: AttemptAtOnce | None = None
    """What is attempted in the place of `attempt`, without a task."""
    go_on: "Callable[[Journey, float], None] | None" = None
    """What is called when its timer rings."""

    def ring(self, now: float) -> None:
        if self.go_on is not None:
            self.go_on(self, now)

    def set_timers_again(self, timers: KeptTimers) -> None:
        if self.timer is not None:
            self.timer = timers.call_again(self.timer, self.ring)


COURIER_BYTES = 256 * 1024 * 1024
"""How much all that waits for its targets may take; a content that many wait with counts once."""


class Courier(Component):
    """Holds at most `limit` journeys. An attempt under way is a task, a journey between attempts only a timer."""

    def __init__(self, core: Core, limit: int) -> None:
        self._core = core
        self._limit = limit
        self._waiting: dict[Journey, None] = {}
        self._under_way: dict[Task, Journey] = {}
        self._contents = Contents()
        self._refused = 0

    def held(self) -> Held:
        """Tell what waits for its targets; dropped is what went to dead-letter queues instead."""
        return Held(len(self), self._contents.bytes, self._limit, COURIER_BYTES, self._refused)

    def __len__(self) -> int:
        return len(self._waiting) + len(self._under_way)

    @property
    def waiting(self) -> list[tuple[float, Delivery]]:
        """The deliveries that wait for their next attempt, with its instant."""
        return [
            (journey.timer.at, journey.delivery) for journey in self._waiting if journey.timer is not None
        ]

    def send(self, delivery: Delivery, attempt: Attempt, now: float) -> None:
        """Take a delivery and make its first attempt soon. Raise CourierOverloaded."""
        self._make_room()
        self._depart(Journey(delivery, attempt, now), now)
        if self._core.faults.active and self._core.faults.duplicates(delivery.incident):
            # Whatever becomes of the second one, the fate of the delivery is that of the first.
            again = replace(delivery, dead_letter_target=None, on_end=None)
            self._depart(Journey(again, attempt, now), now)

    def try_at_once(self, delivery: Delivery, attempt: AttemptAtOnce, now: float) -> None:
        """Make an attempt in this very tick; what fails for now is tried again as the delivery's policy says.

        Raise CourierOverloaded.
        """
        self._make_room()
        self._start(Journey(delivery, None, now, at_once=attempt), now)

    def try_again(self, delivery: Delivery, attempt: Attempt, error: TransientFailure, now: float) -> str:
        """Take a delivery whose first attempt, made elsewhere, has failed; return what becomes of it, in words.

        Raise CourierOverloaded.
        """
        self._make_room()
        journey = Journey(delivery, attempt, now, failures=1)
        delay = self._delay(journey, error, now)
        self._go_on(journey, error, delay, now)
        return _again(delay)

    def _make_room(self) -> None:
        if len(self) >= self._limit or self._contents.bytes > COURIER_BYTES:
            self._refused += 1
            raise CourierOverloaded(
                f"{len(self)} deliveries wait for their targets already, {self._contents.bytes} bytes."
            )

    def standing(self) -> Any:
        """Tell the journeys: those that wait, and those with an attempt under way."""
        return {"waiting": self._waiting, "under_way": self._under_way} if len(self) else None

    def stand(self, kept: Mapping[str, Any]) -> None:
        self._waiting, self._under_way = kept["waiting"], kept["under_way"]
        for journey in chain(self._waiting, self._under_way.values()):
            self._contents.take(journey.delivery.content)

    def clear(self) -> None:
        """Forget every journey; attempts under way are broken off."""
        for journey in self._waiting:
            if journey.timer is not None:
                self._core.timers.cancel(journey.timer)
            self._contents.let_go(journey.delivery.content)
        self._waiting.clear()
        for task in self._under_way:
            task.cancel()

    async def close(self) -> None:
        """Forget every journey and wait until the last attempt has been broken off."""
        self.clear()
        for task in list(self._under_way):
            with suppress(asyncio.CancelledError):
                await task

    def _depart(self, journey: Journey, now: float) -> None:
        pace = journey.delivery.pace
        at = now if pace is None else pace.reserve(now)
        if at > now:
            self._wait(journey, at, self._start_at_last)
        else:
            self._start(journey, now)

    def _wait(self, journey: Journey, at: float, then: Callable[[Journey, float], None]) -> None:
        journey.go_on = then
        journey.timer = self._core.timers.call_at(at, journey.ring)
        self._waiting[journey] = None
        self._contents.take(journey.delivery.content)

    def _wake(self, journey: Journey) -> None:
        """Let a journey wait no longer."""
        del self._waiting[journey]
        self._contents.let_go(journey.delivery.content)
        journey.timer = journey.go_on = None

    def _depart_again(self, journey: Journey, now: float) -> None:
        self._wake(journey)
        self._depart(journey, now)

    def _start_at_last(self, journey: Journey, now: float) -> None:
        self._wake(journey)
        self._start(journey, now)

    def _start(self, journey: Journey, now: float) -> None:
        if journey.at_once is not None:
            self._try_at_once(journey, journey.at_once, now)
            return
        task = self._core.tasks.start(self._try, journey, now)
        self._under_way[task] = journey
        self._contents.take(journey.delivery.content)
        task.add_done_callback(self._ended)

    def _ended(self, task: Task) -> None:
        self._contents.let_go(self._under_way.pop(task).delivery.content)

    async def _try(self, journey: Journey, started_at: float) -> None:
        with self._judged(journey, started_at):
            self._core.door.once(partial(self._let_faults_strike, journey))
            outcome = "" if journey.attempt is None else await journey.attempt(journey.delivery)
            self._succeed(journey, Outcome(outcome), started_at)

    def _try_at_once(self, journey: Journey, attempt: AttemptAtOnce, now: float) -> None:
        with self._judged(journey, now):
            self._let_faults_strike(journey)
            self._succeed(journey, attempt(journey.failures + 1), now)

    def _let_faults_strike(self, journey: Journey) -> None:
        if self._core.faults.active:
            self._core.faults.of_delivery(journey.delivery.incident)

    @contextmanager
    def _judged(self, journey: Journey, started_at: float) -> Iterator[None]:
        """Take what is raised for the failure that it is."""
        delivery = journey.delivery
        try:
            yield
        except EngineError as error:
            self._fail(journey, error, started_at)
        except Exception:  # noqa: BLE001 - a defect of one delivery must not end the others
            _log.exception("delivery of %s to %s failed", delivery.subject, delivery.target)
            self._fail(journey, AttemptDefect(), started_at)

    def _succeed(self, journey: Journey, outcome: Outcome, started_at: float) -> None:
        delivery = journey.delivery
        why = f"attempt {journey.failures + 1}: {outcome.text}"
        self._core.trace.record(
            started_at, "delivered", delivery.target, delivery.subject, why, outcome.became
        )
        self._core.attempts[_kind(delivery)]["succeeded"] += 1
        self._core.count(delivery, "delivered")
        delivery.settle(None, self._core.clock.now())

    def _fail(self, journey: Journey, error: EngineError, started_at: float) -> None:
        delivery = journey.delivery
        journey.failures += 1
        now = self._core.clock.now()
        delay = self._delay(journey, error, now)
        why = f"attempt {journey.failures}: {error.message}{_again(delay)}"
        self._core.trace.record(started_at, "attempted", delivery.target, delivery.subject, why)
        self._core.attempts[_kind(delivery)]["failed" if isinstance(delay, Exhausted) else "retried"] += 1
        self._go_on(journey, error, delay, now)

    def _go_on(self, journey: Journey, error: EngineError, delay: float | Exhausted, now: float) -> None:
        if isinstance(delay, Exhausted):
            self._give_up(journey, error, delay, now)
        else:
            self._wait(journey, now + delay, self._depart_again)

    def _delay(self, journey: Journey, error: EngineError, now: float) -> float | Exhausted:
        if not isinstance(error, TransientFailure):
            return PERMANENT
        chance = self._core.ids.random.random() if journey.delivery.retry_policy is not None else 0.0
        return journey.delivery.delay_after(error, journey.failures, now - journey.accepted_at, chance)

    def _give_up(self, journey: Journey, error: EngineError, exhausted: Exhausted, now: float) -> None:
        delivery = journey.delivery
        why = f"gave up after {journey.failures} attempts: {exhausted.condition or 'a permanent failure'}"
        self._core.trace.record(now, "undeliverable", delivery.target, delivery.subject, why)
        self._core.count(delivery, "undeliverable")
        end = GaveUp(error, journey.failures - 1, exhausted.condition)
        delivery.settle(end, now)
        letter = delivery.dead_letter(end)
        if letter is not None:
            carry((letter,), self._core, now)


def _kind(delivery: Delivery) -> str:
    """Name the kind of a target by the gateway that takes it."""
    return next(iter(delivery.ways()), "") or "other"


def _again(delay: float | Exhausted) -> str:
    return "" if isinstance(delay, Exhausted) else f"; tried again after {delay:g} seconds"
