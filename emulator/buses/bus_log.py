"""The log of an event bus: records in EventBridge's own format, as detailed as the bus's LogConfig asks for."""

from collections import deque
from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import Any, NamedTuple

from pocketbus.emulator.buses.bus_event import BusEvent
from pocketbus.rules.json_text import read_to_show

LOG_RECORDS_KEPT = 10_000


class Level(IntEnum):
    """How much is logged; each includes those before it."""

    OFF = 0
    ERROR = 1
    INFO = 2
    TRACE = 3


class Step(NamedTuple):
    """What is logged about, and from which level on."""

    message_type: str
    level: Level


RECEIPT = Step("EVENT_RECEIPT", Level.INFO)
RULE_MATCH = Step("RULE_MATCH_START", Level.TRACE)
NO_MATCH = Step("NO_STANDARD_RULES_MATCHED", Level.INFO)
INVOCATION = Step("INVOCATION_ATTEMPT_START", Level.TRACE)
SUCCESS = Step("INVOCATION_SUCCESS", Level.INFO)
FAILURE = Step("INVOCATION_FAILURE", Level.ERROR)


class BusLog:
    """Keeps the latest records, oldest first; `level` and `include_detail` follow the bus's settings."""

    def __init__(self, bus_arn: str, bus_name: str) -> None:
        self.level = Level.OFF
        self.include_detail = False
        self._bus_arn = bus_arn
        self._bus_name = bus_name
        self._records: deque[Mapping[str, Any]] = deque(maxlen=LOG_RECORDS_KEPT)

    @property
    def active(self) -> bool:
        return self.level is not Level.OFF

    def configure(self, level: str | None, include_detail: str | None) -> None:
        """Follow a LogConfig in AWS's words; without one nothing is logged."""
        self.level = Level[level or "OFF"]
        self.include_detail = include_detail == "FULL"

    def write(
        self, step: Step, event: BusEvent, now: float, details: Mapping[str, Any], error: str | None = None
    ) -> None:
        """Log a step in the life of an event, if the level asks for it."""
        if step.level > self.level:
            return
        detail = {"event_detail": read_to_show(event.body)["detail"]} if self.include_detail else {}
        record = {
            "resource_arn": self._bus_arn,
            "message_timestamp_ms": int(now * 1000),
            "event_bus_name": self._bus_name,
            "event_id": event.envelope.event_id,
            "message_type": step.message_type,
            "log_level": step.level.name,
            "details": {**_described(event), **details, **detail},
        }
        self._records.append(record if error is None else {**record, "error": {"error_message": error}})

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)


def _described(event: BusEvent) -> dict[str, Any]:
    envelope = event.envelope
    return {
        "caller_account_id": envelope.account,
        "source_time_ms": int(envelope.at * 1000),
        "source": envelope.source,
        "detail_type": envelope.detail_type,
        "resources": list(envelope.resources),
    }
