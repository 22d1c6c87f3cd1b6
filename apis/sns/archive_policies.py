"""Archive policies of topics and replay policies of subscriptions, read from their JSON.

https://docs.aws.amazon.com/sns/latest/dg/fifo-message-archiving-replay.html
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pocketbus.apis.sns.readers import read_object, whole_number
from pocketbus.emulator.limits import ARCHIVE_DAYS
from pocketbus.emulator.topics.topic_archive import ArchivePolicy, ReplayPolicy

_ARCHIVE_MEMBERS = frozenset(("MessageRetentionPeriod",))
_REPLAY_MEMBERS = frozenset(("PointType", "StartingPoint", "EndingPoint"))


def read_archive_policy(text: str) -> ArchivePolicy | None:
    """Raise ValueError for what is no archive policy; an empty object is none."""
    policy = read_object(text)
    if not policy:
        return None
    _check_members(policy, _ARCHIVE_MEMBERS)
    days = policy.get("MessageRetentionPeriod")
    if isinstance(days, bool) or not isinstance(days, int | str):
        raise ValueError("MessageRetentionPeriod must be a number of days")  # noqa: TRY004 - the text is at fault
    return ArchivePolicy(text, whole_number(1, ARCHIVE_DAYS)(str(days)))


def read_replay_policy(text: str) -> ReplayPolicy | None:
    """Raise ValueError for what is no replay policy; an empty object is none."""
    policy = read_object(text)
    if not policy:
        return None
    _check_members(policy, _REPLAY_MEMBERS)
    if policy.get("PointType") != "Timestamp":
        raise ValueError("PointType must be Timestamp")
    starting_at = _read_point(policy, "StartingPoint")
    if "EndingPoint" not in policy:
        return ReplayPolicy(text, starting_at)
    ending_at = _read_point(policy, "EndingPoint")
    if ending_at <= starting_at:
        raise ValueError("EndingPoint must be after StartingPoint")
    return ReplayPolicy(text, starting_at, ending_at)


def _check_members(policy: Mapping[str, Any], members: frozenset[str]) -> None:
    unknown = sorted(policy.keys() - members)
    if unknown:
        raise ValueError(f"unknown member {unknown[0]}")


def _read_point(policy: Mapping[str, Any], name: str) -> float:
    """Read an instant in ISO 8601; where it names no time zone it is in UTC."""
    try:
        at = datetime.fromisoformat(policy[name])
    except (KeyError, TypeError, ValueError):
        raise ValueError(f"{name} must be a timestamp in ISO 8601") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
