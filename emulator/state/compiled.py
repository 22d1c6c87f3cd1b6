"""What compiled rules are written as, and made of again: their text."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from pocketbus.emulator.buses.rule import RuleSettings
from pocketbus.emulator.buses.target import Input, Target
from pocketbus.emulator.schedules.schedule import ScheduleSettings
from pocketbus.emulator.topics.publication import Notification
from pocketbus.rules.filter_policy import FilterPolicy, compile_filter_policy
from pocketbus.rules.pattern import Pattern, compile_pattern
from pocketbus.rules.schedule import Bounded, Schedule, compile_schedule
from pocketbus.rules.transform import Transform, compile_transform


class Leaf(NamedTuple):
    """How an object is written as a plain value, and read from it."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


class Derived(NamedTuple):
    """How a field of a struct is written, and made anew from the fields without it and what was written."""

    write: Callable[[Any], Any]
    read: Callable[[Any, Any], Any]


LEAVES: Final[Mapping[type, Leaf]] = {
    Pattern: Leaf(lambda pattern: pattern.text, compile_pattern),
    FilterPolicy: Leaf(
        lambda policy: [policy.text, policy.scope], lambda written: compile_filter_policy(*written)
    ),
}


def _start_of(settings: RuleSettings) -> float | None:
    """Return the instant that a rate counts from."""
    return settings.schedule.start if isinstance(settings.schedule, Bounded) else None


def _schedule(settings: RuleSettings, start: float | None) -> Schedule | None:
    if settings.schedule_expression is None or start is None:
        return None
    return compile_schedule(settings.schedule_expression, dialect="rule", start=float(start))


def _instants(settings: ScheduleSettings, _written: None) -> Schedule:
    return compile_schedule(
        settings.expression,
        dialect="scheduler",
        timezone=settings.timezone,
        start=settings.counts_from_at,
        end=math.inf if settings.end_at is None else settings.end_at,
    )


def _transform(target: Target, _written: None) -> Transform | None:
    source = target.input
    if source == Input():
        return None
    return compile_transform(
        target.target_id,
        input=source.constant,
        input_path=source.path,
        paths_map=source.paths_map,
        template=source.template,
    )


_MADE_WHEN_ASKED_FOR = Derived(lambda _value: None, lambda _value, _written: None)

DERIVED: Final[Mapping[tuple[type, str], Derived]] = {
    (Notification, "_raw"): _MADE_WHEN_ASKED_FOR,
    (Notification, "_signatures"): _MADE_WHEN_ASKED_FOR,
    (RuleSettings, "schedule"): Derived(_start_of, _schedule),
    (ScheduleSettings, "instants"): Derived(lambda _settings: None, _instants),
    (Target, "transform"): Derived(lambda _target: None, _transform),
}
