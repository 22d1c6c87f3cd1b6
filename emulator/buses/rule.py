"""A rule: its targets, its schedule, and the deliveries that an event or an instant makes of them.

Which events match its pattern is the affair of its bus.
"""

from collections.abc import Iterator, Mapping
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from pocketbus.emulator.arn import Arn
from pocketbus.emulator.buses.bus_event import BusEvent
from pocketbus.emulator.buses.bus_log import INVOCATION, BusLog
from pocketbus.emulator.buses.target import DEFAULT_RETRIES, RuleDelivery, Target
from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.carrying import carry
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.envelope import Envelope, iso_time
from pocketbus.emulator.message import Content, Text
from pocketbus.emulator.time.timers import KeptTimers, Timer
from pocketbus.rules.pattern import Pattern
from pocketbus.rules.schedule import Schedule, compile_schedule
from pocketbus.rules.transform import Variables

DISABLED, ENABLED = "DISABLED", "ENABLED"
WITH_READ_ONLY_CALLS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


class RuleSettings(Struct, frozen=True):
    """What PutRule sets, replaced as a whole; the role is stored and has no effect here."""

    pattern: Pattern | None = None
    schedule_expression: str | None = None
    schedule: Schedule | None = None
    state: str = ENABLED
    description: str | None = None
    role_arn: str | None = None

    @property
    def enabled(self) -> bool:
        return self.state != DISABLED


class Rule:
    """One rule of one bus; `created_by` is the account that put it there, `managed_by` the service that keeps it."""

    def __init__(
        self,
        arn: Arn,
        name: str,
        bus_name: str,
        created_by: str,
        tags: Mapping[str, str],
        log: BusLog,
        core: Core,
        managed_by: str | None = None,
    ) -> None:
        self.arn = str(arn)
        self._arn = arn
        self.name = name
        self.bus_name = bus_name
        self.created_by = created_by
        self.managed_by = managed_by
        self.tags = dict(tags)
        self.settings = RuleSettings()
        self.targets: dict[str, Target] = {}
        self._core = core
        self._log = log
        self._timer: Timer | None = None

    def configure(self, settings: RuleSettings, now: float) -> None:
        """Replace the settings; a schedule counts from `now` on."""
        self.settings = settings
        self._arm(now)

    def switch(self, state: str, now: float) -> None:
        """Enable or disable; the schedule's instants stay what they were."""
        self.configure(replace(self.settings, state=state), now)

    def begin_anew(self, now: float) -> None:
        """Let the schedule count from an instant that the clock went back to."""
        expression = self.settings.schedule_expression
        if expression is not None:
            schedule = compile_schedule(expression, dialect="rule", start=now)
            self.configure(replace(self.settings, schedule=schedule), now)

    def close(self) -> None:
        """Let go of the schedule; to be called when the rule is deleted."""
        if self._timer is not None:
            self._core.timers.cancel(self._timer)
            self._timer = None

    def deliveries(self, event: BusEvent, now: float, hops: int) -> Iterator[Delivery]:
        """Yield a delivery for each target; `hops` counts the buses that have forwarded the event so far."""
        for target in self.targets.values():
            content = self._content(target, event, now)
            if content is None:
                why = "the transformed input is not JSON, so nothing is delivered"
                self._core.trace.record(now, "undeliverable", target.arn, event.envelope.event_id, why)
            else:
                delivery = self._delivery(target, content, event, hops + 1)
                delivery.note(INVOCATION, now)
                yield delivery

    def _content(self, target: Target, event: BusEvent, now: float) -> Content | None:
        """Return what of an event a target receives; None: its transformation is not JSON, so nothing."""
        if target.transform is None:
            return event
        variables = Variables(self.arn, self.name, iso_time(now))
        text = target.transform.apply(event.body, variables)
        return None if text is None else Text(text, trace_header=event.trace_header)

    def _delivery(self, target: Target, content: Content, event: BusEvent, hops: int) -> RuleDelivery:
        return RuleDelivery(
            source=self.arn,
            target=target.arn,
            content=content,
            subject=event.envelope.event_id,
            group_id=target.group_id,
            dead_letter_target=target.dead_letter_target,
            event=event,
            retry_policy=target.retry_policy or DEFAULT_RETRIES,
            hops=hops,
            parameters=target.parameters,
            log=self._log if self._log.active else None,
        )

    def _arm(self, now: float) -> None:
        self.close()
        schedule = self.settings.schedule if self.settings.enabled else None
        due_at = schedule.next_after(now) if schedule is not None else None
        if due_at is not None:
            self._timer = self._core.timers.call_at(due_at, partial(self._fire, due_at))

    @property
    def due_at(self) -> float | None:
        """The next instant of its schedule."""
        return None if self._timer is None else self._timer.at

    def set_timers_again(self, timers: KeptTimers) -> None:
        """Set the timer again that a state was kept with."""
        if self._timer is not None:
            self._timer = timers.call_again(self._timer, partial(self._fire, self._timer.at))

    def _fire(self, due_at: float, now: float) -> None:
        """Do what is due; further instants that were slept through are not made up for."""
        self._timer = None
        self._arm(now)
        self.fire(due_at, now)

    def fire(self, due_at: float, now: float) -> None:
        """Send the Scheduled Event of an instant to this rule's own targets, beside what the schedule does."""
        event = self._scheduled_event(due_at)
        self._core.trace.record(
            now, "fired", self.arn, event.envelope.event_id, self.settings.schedule_expression or ""
        )
        carry(self.deliveries(event, now, hops=0), self._core, now)

    def _scheduled_event(self, due_at: float) -> BusEvent:
        envelope = Envelope(
            event_id=self._core.ids.uuid(),
            detail_type="Scheduled Event",
            source="aws.events",
            account=self._arn.account,
            time=iso_time(due_at),
            region=self._arn.region,
            resources=(self.arn,),
        )
        return BusEvent(envelope, "{}")
