"""CloudWatch log groups as targets of rules: kept in memory, made when the first event arrives."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pocketbus.emulator.buses.target import RuleDelivery
from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.deliveries.gateway import Gateway
from pocketbus.emulator.errors import MalformedLogEvent
from pocketbus.emulator.latest import Held, Latest, size_of
from pocketbus.rules import json_text

LOG_EVENTS, LOG_BYTES = 100_000, 64 * 1024 * 1024
"""How much all log groups keep together; the oldest events give way."""


class LogEvent(NamedTuple):
    """One line of a log group; `at` is when it arrived, `timestamp` what its sender says, in milliseconds."""

    at: float
    timestamp: int
    message: str


class LogGroup:
    """Keeps the events that were delivered to it, oldest first, for as long as there is room."""

    def __init__(self, arn: str) -> None:
        self.arn = arn
        self.events: deque[LogEvent] = deque()


class LogGroups(Gateway):
    """The log groups of one engine by ARN, with or without the `:*` that ends it in policies."""

    serves = ("logs",)
    kept_as = "log_groups"
    keeps = LogGroup

    def __init__(self, core: Core) -> None:
        self._groups: dict[str, LogGroup] = {}
        self._core = core
        self._events: Latest[tuple[LogGroup, LogEvent]] = Latest(
            LOG_EVENTS, LOG_BYTES, lambda line: size_of(line[1])
        )

    def of(self, arn: str) -> LogGroup:
        """Return a log group, made now if need be."""
        arn = arn.removesuffix(":*")
        return self._groups.setdefault(arn, LogGroup(arn))

    def accept(self, delivery: Delivery, now: float) -> Iterable[Delivery]:
        group = self.of(delivery.target)
        as_it_is = isinstance(delivery, RuleDelivery) and delivery.content is delivery.event
        arrived = LogEvent(now, int(now * 1000), delivery.content.body)
        self.write(group, arrived if as_it_is else _as_transformed(arrived))
        self._core.trace.record(now, "delivered", group.arn, delivery.subject)
        return ()

    def write(self, group: LogGroup, event: LogEvent) -> None:
        """Add an event to a group; the oldest of all groups make room for it."""
        group.events.append(event)
        for other, _ in self._events.append((group, event)):
            other.events.popleft()

    def held(self) -> Held:
        return self._events.held()

    def kept(self) -> list[LogGroup]:
        return list(self)

    def keep(self, kept: Iterable[LogGroup]) -> None:
        """Hold what `kept` told, and nothing else."""
        self._groups = {group.arn: group for group in kept}
        lines = [(group, event) for group in self for event in group.events]
        self._events.keep(sorted(lines, key=lambda line: line[1].at))

    def clear(self) -> None:
        self._groups.clear()
        self._events.clear()

    def __iter__(self) -> Iterator[LogGroup]:
        return iter(self._groups.values())


def _as_transformed(arrived: LogEvent) -> LogEvent:
    """Read the message and the timestamp that a transformation for a log group has to make.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html
    """
    try:
        made = json_text.read(arrived.message)
    except ValueError:
        raise MalformedLogEvent from None
    if not isinstance(made, dict) or not isinstance(made.get("message"), str):
        raise MalformedLogEvent
    timestamp = made.get("timestamp")
    return arrived._replace(
        message=made["message"], timestamp=timestamp if isinstance(timestamp, int) else arrived.timestamp
    )
