"""The quotas of EventBridge that AWS raises on request; by default none applies."""

from msgspec import Struct

from pocketbus.emulator.errors import LimitExceededException


class EventQuotas(Struct, frozen=True):
    """How many there may be of each in an account and region; None: as many as one likes.

    AWS's own first values: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
    """

    buses: int | None = None
    rules_per_bus: int | None = None
    archives: int | None = None
    connections: int | None = None
    api_destinations: int | None = None
    endpoints: int | None = None


def check_quota(quota: int | None, existing: int) -> None:
    """Raise LimitExceededException if one more would be too many."""
    if quota is not None and existing >= quota:
        raise LimitExceededException
