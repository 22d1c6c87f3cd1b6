"""What a pipe's owner sets."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from msgspec import Struct, field

from pocketbus.emulator.buses.bus_log import Level
from pocketbus.rules.pattern import Pattern

NO_LIMIT = -1


class Way(Enum):
    """How an enrichment or a target is reached; what is captured is out of reach."""

    FUNCTION = "function"
    EVENT_TO_FUNCTION = "event to function"
    API = "api"
    API_DESTINATION = "api destination"
    LOG_GROUP = "log group"
    CAPTURED = "captured"


class Grouping(Enum):
    """What one call takes: an event, a list of requests that each hold an event, the events as one array."""

    EACH = "each"
    LIST = "list"
    ARRAY = "array"


class Stage(Struct, frozen=True):
    """An enrichment or a target. `most` is the number of events that it takes at a time.

    `request` is that of a call of an operation, with slots for an event and paths into it; where requests are listed,
    it is the member `listed_as` of `whole`. `parameters` are those of HTTP.
    """

    arn: str
    way: Way
    grouping: Grouping = Grouping.EACH
    most: int | None = None
    service: str = ""
    action: str = ""
    request: Any = None
    whole: Mapping[str, Any] = field(default_factory=dict)
    listed_as: str = ""
    template: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    timestamp: str | None = None
    """The path to the instant of a line of a log group."""


class StreamPolicy(Struct, frozen=True):
    """What becomes of records of a stream that fail; the two limits are NO_LIMIT, or end in the dead-letter target."""

    maximum_retries: int = NO_LIMIT
    maximum_age_seconds: int = NO_LIMIT
    bisects: bool = False
    dead_letter_target: str | None = None


class LogSettings(Struct, frozen=True):
    """What is logged of executions, and to which log group."""

    level: Level = Level.OFF
    with_data: bool = False
    group: str | None = None


class PipeSettings(Struct, frozen=True):
    """Replaced as a whole; `given` is what the owner gave, by the names of the API, for the rest is made of it.

    The role and the key are in it alone: they have no effect here.
    """

    given: Mapping[str, Any]
    target: Stage
    enrichment: Stage | None = None
    running: bool = True
    batch_size: int = 10
    window_seconds: int = 0
    filters: tuple[Pattern, ...] = ()
    stream: StreamPolicy = field(default_factory=StreamPolicy)
    log: LogSettings = field(default_factory=LogSettings)
