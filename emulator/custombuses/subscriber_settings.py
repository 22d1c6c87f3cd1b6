"""What a subscriber's owner sets: where its events go, which, how many at a time, and what becomes of failures."""

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

from msgspec import Struct

from pocketbus.emulator.custombuses.filters import EVERYTHING, Filters
from pocketbus.emulator.deliveries.retry_policy import Exhausted, jittered_delay

RUNNING, STOPPED = "RUNNING", "STOPPED"
FIFO, UNORDERED = "FIFO", "UNORDERED"
RAW, WITH_METADATA, JSONATA = "RAW", "WITH_METADATA", "JSONATA"


class Way(Enum):
    """How a target is reached."""

    RESOURCE = "resource"
    """A queue, topic or bus: event by event, as it is."""
    CALL = "call"
    """An operation of an API, called for each event."""
    BATCH_CALL = "batch call"
    """The same, called once for a batch."""
    FUNCTION = "function"
    CLASSIC_BUS = "classic bus"
    DESTINATION = "destination"
    ELSEWHERE = "elsewhere"
    """What is not emulated and no operation: captured."""


class Slot(Enum):
    """Where a request has the payload: as text, or as the JSON value that it is."""

    TEXT = "text"
    JSON = "json"


class Number(Struct, frozen=True):
    """A text, perhaps an expression, where a request has a whole number."""

    text: str


class SubscriberTarget(Struct, frozen=True):
    """The role is stored and has no effect here. `parameters` are the target's own, as they were given.

    `request` is what an operation of `service` is called with, or the metadata for another bus; any text in it, and
    the two ids of what goes to a queue, topic or bus, may be an expression. `whole` tells that one call takes a whole
    batch, `asynchronous` that nobody waits for a function to end, `content_based` that another bus compares contents.
    """

    arn: str
    role_arn: str
    way: Way
    parameters: Mapping[str, Any] | None = None
    service: str = ""
    action: str = ""
    request: Any = None
    group_id: str | None = None
    deduplication_id: str | None = None
    most_bytes: int = 256 * 1024
    whole: bool = False
    asynchronous: bool = False
    content_based: bool = False


class RetryPolicy(Struct, frozen=True):
    """How often and how long a delivery is tried again: everything is."""

    maximum_attempts: int = 5
    maximum_event_age_seconds: int = 300

    def delay_after(self, failures: int, age_seconds: float, chance: float) -> float | Exhausted:
        """Return the seconds until the next attempt."""
        return jittered_delay(
            failures, age_seconds, chance, self.maximum_attempts, self.maximum_event_age_seconds
        )


DEFAULT_RETRIES: Final = RetryPolicy()


class SubscriberSettings(Struct, frozen=True, gc=False):
    """Replaced as a whole. No logs are written here, whatever their level.

    None leads back to itself, so the collector, which would take memory of each, need not know of them.
    """

    target: SubscriberTarget
    description: str | None = None
    filters: Filters = EVERYTHING
    batch_size: int = 10
    batch_window_seconds: int = 0
    transformer: str = RAW
    expression: str | None = None
    retry_policy: RetryPolicy = DEFAULT_RETRIES
    dead_letter_target: str | None = None
    log_level: str = "OFF"
    log_payload: str = "ON_ERROR_ONLY"


class Start(Struct, frozen=True):
    """Where a subscriber begins: at the latest event, at the earliest, or at an instant; and where it ends."""

    position: str = "LATEST"
    point_type: str | None = None
    start_at: float | None = None
    end_at: float | None = None


LATEST: Final = Start()
