"""When a schedule is due: expression, time zone, dates and window, with AWS's own refusals where they are known."""

import math
from collections.abc import Mapping
from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.scheduler.targets import read_target
from pocketbus.emulator.errors import ValidationException
from pocketbus.emulator.limits import START_DATE_SECONDS
from pocketbus.emulator.schedules.schedule import ENABLED, NONE, ScheduleSettings
from pocketbus.rules.schedule import InvalidSchedule, Once, compile_schedule, window_seconds

Wire = Mapping[str, Any]


def read_settings(call: Call, given: Wire, before: ScheduleSettings | None) -> ScheduleSettings:
    """Read the settings that come in the place of those before, if there are any. Raise ValidationException."""
    expression, timezone = given["ScheduleExpression"], given.get("ScheduleExpressionTimezone", "UTC")
    start_at, end_at, window = given.get("StartDate"), given.get("EndDate"), given["FlexibleTimeWindow"]
    counts_from_at = _start_of_counting(expression, start_at, before, call.now)
    try:
        instants = compile_schedule(
            expression,
            dialect="scheduler",
            timezone=timezone,
            start=counts_from_at,
            end=math.inf if end_at is None else end_at,
        )
        window_seconds(window["Mode"], window.get("MaximumWindowInMinutes"))
    except InvalidSchedule as error:
        raise ValidationException(str(error)) from None
    if not isinstance(instants, Once):
        _check_dates(start_at, end_at, call.now)
    return ScheduleSettings(
        expression=expression,
        timezone=timezone,
        counts_from_at=counts_from_at,
        instants=instants,
        target=read_target(call, given["Target"]),
        start_at=start_at,
        end_at=end_at,
        description=given.get("Description"),
        state=given.get("State", ENABLED),
        kms_key_arn=given.get("KmsKeyArn"),
        window_minutes=window.get("MaximumWindowInMinutes"),
        action_after_completion=given.get("ActionAfterCompletion", NONE),
    )


def _start_of_counting(
    expression: str, start_at: float | None, before: ScheduleSettings | None, now: float
) -> float:
    """Return the instant from which a rate counts; an update that leaves the expression leaves the count."""
    if start_at is not None:
        return start_at
    if before is not None and before.start_at is None and before.expression == expression:
        return before.counts_from_at
    return now


def _check_dates(start_at: float | None, end_at: float | None, now: float) -> None:
    """Refuse dates that are over; one-time schedules have no use for them."""
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
