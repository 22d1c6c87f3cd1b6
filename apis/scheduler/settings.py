"""When a schedule is due: expression, time zone, dates and window, with AWS's own refusals where they are known."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from pocketbus.apis.call import Call
from pocketbus.apis.scheduler.targets import read_target
from pocketbus.emulator.errors import ValidationException
from pocketbus.emulator.limits import START_DATE_SECONDS
from pocketbus.emulator.schedules.schedule import ScheduleSettings
from pocketbus.rules.schedule import InvalidSchedule, Once, compile_schedule, window_seconds


class GivenSchedule(NamedTuple):
    """What a request says of a schedule, beside its name and group."""

    expression: str
    timezone: str
    start_at: float | None
    end_at: float | None
    target: dict[str, Any]
    window: dict[str, Any]
    description: str | None
    state: str
    kms_key_arn: str | None
    action_after_completion: str


def read_settings(call: Call, given: GivenSchedule, before: ScheduleSettings | None) -> ScheduleSettings:
    """Read the settings that come in the place of those before, if there are any. Raise ValidationException."""
    counts_from_at = _start_of_counting(given, before, call.now)
    try:
        instants = compile_schedule(
            given.expression,
            dialect="scheduler",
            timezone=given.timezone,
            start=counts_from_at,
            end=math.inf if given.end_at is None else given.end_at,
        )
        window_seconds(given.window["Mode"], given.window.get("MaximumWindowInMinutes"))
    except InvalidSchedule as error:
        raise ValidationException(str(error)) from None
    if not isinstance(instants, Once):
        _check_dates(given, call.now)
    return ScheduleSettings(
        expression=given.expression,
        timezone=given.timezone,
        counts_from_at=counts_from_at,
        instants=instants,
        target=read_target(call, given.target),
        start_at=given.start_at,
        end_at=given.end_at,
        description=given.description,
        state=given.state,
        kms_key_arn=given.kms_key_arn,
        window_minutes=given.window.get("MaximumWindowInMinutes"),
        action_after_completion=given.action_after_completion,
    )


def _start_of_counting(given: GivenSchedule, before: ScheduleSettings | None, now: float) -> float:
    """Return the instant from which a rate counts; an update that leaves the expression leaves the count."""
    if given.start_at is not None:
        return given.start_at
    if before is not None and before.start_at is None and before.expression == given.expression:
        return before.counts_from_at
    return now


def _check_dates(given: GivenSchedule, now: float) -> None:
    """Refuse dates that are over; one-time schedules have no use for them."""
    start_at, end_at = given.start_at, given.end_at
    if start_at is not None and start_at < now - START_DATE_SECONDS:
        raise ValidationException("The StartDate you specify cannot be earlier than 5 minutes ago.")
    if end_at is not None and end_at < now:
        raise ValidationException("The EndDate you specify cannot be in the past.")
    if start_at is not None and end_at is not None and end_at < start_at:
        raise ValidationException("The EndDate you specify cannot be earlier than the StartDate.")


def write_settings(settings: ScheduleSettings) -> Mapping[str, Any]:
    minutes = settings.window_minutes
    return {
        "ScheduleExpression": settings.expression,
        "ScheduleExpressionTimezone": settings.timezone,
        "StartDate": settings.start_at,
        "EndDate": settings.end_at,
        "Description": settings.description,
        "KmsKeyArn": settings.kms_key_arn,
        "FlexibleTimeWindow": {
            "Mode": "OFF" if minutes is None else "FLEXIBLE",
            "MaximumWindowInMinutes": minutes,
        },
        "ActionAfterCompletion": settings.action_after_completion,
    }
