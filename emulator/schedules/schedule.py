"""A schedule: when it invokes its target, and what becomes of it when that is over."""

import math
from functools import partial
from typing import Protocol

from msgspec import Struct

from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.carrying import carry
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.errors import EngineError
from pocketbus.emulator.message import Text
from pocketbus.emulator.schedules.schedule_delivery import ScheduleDelivery
from pocketbus.emulator.schedules.schedule_target import Invocation, ScheduleTarget
from pocketbus.emulator.time.timers import KeptTimers, Timer
from pocketbus.rules.schedule import Once
from pocketbus.rules.schedule import Schedule as Instants

DISABLED, ENABLED = "DISABLED", "ENABLED"
DELETE, NONE = "DELETE", "NONE"


class ScheduleSettings(Struct, frozen=True):
    """What CreateSchedule and UpdateSchedule set, replaced as a whole.

    `counts_from_at` is the instant from which a rate counts, and before which nothing is due. The key is stored and
    has no effect: nothing is encrypted here.
    """

    expression: str
    timezone: str
    counts_from_at: float
    instants: Instants
    target: ScheduleTarget
    start_at: float | None = None
    end_at: float | None = None
    description: str | None = None
    state: str = ENABLED
    kms_key_arn: str | None = None
    window_minutes: int | None = None
    action_after_completion: str = NONE

    @property
    def enabled(self) -> bool:
        return self.state == ENABLED


class Postponed(Struct, eq=False):
    """An instant that has come and whose invocation happens later in the flexible window."""

    scheduled_at: float
    timer: Timer


class Owner(Protocol):
    """What a schedule belongs to."""

    def let_go(self, schedule: "Schedule") -> None:
        """Forget a schedule that is complete."""
        ...


class Schedule:
    """One schedule. It has one timer, for its next instant, and one for each postponed invocation."""

    __slots__ = (
        "_core",
        "_due_at",
        "_owner",
        "_postponed",
        "_timer",
        "_under_way",
        "arn",
        "created_at",
        "modified_at",
        "name",
        "settings",
    )

    def __init__(
        self, arn: str, name: str, settings: ScheduleSettings, owner: Owner, core: Core, now: float
    ) -> None:
        self.arn = arn
        self.name = name
        self.created_at = now
        self._owner = owner
        self._core = core
        self._timer: Timer | None = None
        self._due_at = 0.0
        self._postponed: list[Postponed] = []
        self._under_way: set[str] = set()
        self.configure(settings, now)

    def configure(self, settings: ScheduleSettings, now: float) -> None:
        """Replace the settings. An instant that is just now still counts, and of at() one that has passed too."""
        self.settings = settings
        self.modified_at = now
        self.close()
        just_before = -math.inf if isinstance(settings.instants, Once) else math.nextafter(now, -math.inf)
        self._arm(just_before, now)

    @property
    def next_at(self) -> float | None:
        """The instant at which the target is invoked next."""
        timers = [
            timer for timer in (self._timer, *(one.timer for one in self._postponed)) if timer is not None
        ]
        return min((timer.at for timer in timers), default=None)

    def close(self) -> None:
        """Invoke the target no more, unless an invocation is under way already."""
        for timer in (self._timer, *(one.timer for one in self._postponed)):
            if timer is not None:
                self._core.timers.cancel(timer)
        self._timer = None
        self._postponed.clear()

    def begin_anew(self, now: float) -> None:
        """Be due at the instants after `now`, to which the clock has gone back, and at no postponed one."""
        self.close()
        self._arm(now, now)

    def set_timers_again(self, timers: KeptTimers) -> None:
        """Set the timers again that a state was kept with; of most, invocations that were under way are no part."""
        if self._timer is not None:
            self._timer = timers.call_again(self._timer, self._come)
        for postponed in self._postponed:
            go_on = partial(self._go_on, postponed)
            postponed.timer = timers.call_again(postponed.timer, go_on)
        if self._under_way and not timers.whole:
            self._under_way.clear()
            self._go_if_complete()

    def _arm(self, after: float, now: float) -> None:
        due_at = self.settings.instants.next_after(after) if self.settings.enabled else None
        if due_at is not None:
            self._due_at = due_at
            self._timer = self._core.timers.call_at(max(due_at, now), self._come)

    def _come(self, now: float) -> None:
        """An instant has come. Further ones that were slept through are not made up for."""
        due_at, window_seconds = self._due_at, 60 * (self.settings.window_minutes or 0)
        self._timer = None
        self._arm(now, now)
        if window_seconds:
            self._postpone(due_at, due_at + window_seconds * self._core.ids.random.random(), now)
        else:
            self._invoke(due_at, now)

    def _postpone(self, scheduled_at: float, until: float, now: float) -> None:
        def go_on(now: float) -> None:
            self._go_on(postponed, now)

        postponed = Postponed(scheduled_at, self._core.timers.call_at(max(until, now), go_on))
        self._postponed.append(postponed)

    def _go_on(self, postponed: Postponed, now: float) -> None:
        self._postponed.remove(postponed)
        self._invoke(postponed.scheduled_at, now)

    def _invoke(self, scheduled_at: float, now: float) -> None:
        target = self.settings.target
        invocation = Invocation(self.arn, scheduled_at, self._core.ids.hex(16))
        delivery = ScheduleDelivery(
            source=self.arn,
            target=target.universal_arn,
            content=Text(invocation.input_of(target, 1) or ""),
            subject=invocation.execution_id,
            dead_letter_target=target.dead_letter_target,
            retry_policy=target.retry_policy,
            on_end=self._end,
            of=target,
            invocation=invocation,
        )
        self._under_way.add(invocation.execution_id)
        self._core.trace.record(now, "fired", self.arn, invocation.execution_id, self.settings.expression)
        carry((delivery,), self._core, now)

    def _end(self, delivery: Delivery, _error: EngineError | None, _now: float) -> None:
        """Hear that an invocation is over; a schedule that is complete with it goes, if it was told so."""
        self._under_way.discard(delivery.subject)
        self._go_if_complete()

    def _go_if_complete(self) -> None:
        settings = self.settings
        over = self._timer is None and not self._postponed and not self._under_way
        if over and settings.enabled and settings.action_after_completion == DELETE:
            self._owner.let_go(self)
