"""The metrics, in Prometheus's formats: read when they are scraped from what the engine counts anyway.

What each is called after and how many there can be of it is in docs/METRICS.md.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, islice
from typing import NamedTuple, TypeVar

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.exposition import choose_encoder
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pocketbus.apis.app import App
from pocketbus.apis.requests import BOUNDS_SECONDS
from pocketbus.emulator.buses.bus import Bus
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.lists import custom_buses, subscribers
from pocketbus.emulator.message import DELAYED, IN_FLIGHT, READY
from pocketbus.emulator.pipes.pipe import Pipe
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.topics.topic import Topic
from pocketbus.emulator.version import VERSION
from pocketbus.inspector.pauses import BOUNDS_SECONDS as PAUSE_BOUNDS
from pocketbus.inspector.pauses import Pauses
from pocketbus.journal.figures import Figured

MOST_RESOURCES = 5000
"""Of queues, topics, buses and pipes, so many each have metrics of their own: those that were made first."""

Kind = TypeVar("Kind", Queue, Topic, Bus, Pipe)
_END = b"# EOF\n"
"""Of OpenMetrics: the last line, of the whole."""
Family = GaugeMetricFamily | CounterMetricFamily | HistogramMetricFamily | InfoMetricFamily
_PLACE = ("account", "region")

_QUEUE_STATES = {
    READY: ("visible", "Messages that can be received."),
    DELAYED: ("delayed", "Messages whose delay is not over."),
    IN_FLIGHT: ("not_visible", "Messages in flight: received and neither deleted nor visible again."),
}
_QUEUE_COUNTS = {
    "sent": ("sqs_number_of_messages_sent", "Messages sent to the queue."),
    "received": ("sqs_number_of_messages_received", "Messages handed out, each time it was."),
    "deleted": ("sqs_number_of_messages_deleted", "Messages deleted."),
    "dead-lettered": ("sqs_number_of_messages_dead_lettered", "Messages moved on to the dead-letter queue."),
    "expired": ("sqs_number_of_messages_expired", "Messages whose retention period was over."),
    "deduplicated": ("sqs_number_of_messages_deduplicated", "Sends that were answered as duplicates."),
    "moved": ("sqs_number_of_messages_moved", "Messages moved to another queue by a move task or by hand."),
}
_TOPIC_COUNTS = {
    "published": ("sns_number_of_messages_published", "Messages published to the topic."),
    "deduplicated": ("sns_number_of_messages_deduplicated", "Publishes that were answered as duplicates."),
}
_PIPE_COUNTS = {
    "piped": (
        "pipes_event_count",
        "Events that got past the filter, each time they were given to the target.",
    ),
    "filtered": ("pipes_events_filtered", "Events that the filter did not let by."),
    "failed": ("pipes_events_failed", "Events that the enrichment or the target did not take, each time."),
}
_OUTCOMES = {
    "delivered": ("sns_number_of_notifications_delivered", "Notifications that their endpoint took."),
    "undeliverable": ("sns_number_of_notifications_failed", "Notifications refused for good."),
    "filtered out": (
        "sns_number_of_notifications_filtered_out",
        "Notifications that no filter policy let by.",
    ),
}
_RULE_OUTCOMES = {
    "delivered": ("events_invocations", "Events that a rule's target took."),
    "undeliverable": ("events_failed_invocations", "Events refused by a rule's target for good."),
}


class Rows(NamedTuple):
    """A metric with a sample for each of many resources: lines, for which the library would take far longer."""

    family: GaugeMetricFamily | CounterMetricFamily
    labels: Sequence[str]
    values: Sequence[float]

    def lines(self) -> bytes:
        total = "_total" if self.family.type == "counter" else ""
        name = f"{self.family.name}{total}"
        rows = zip(self.labels, self.values, strict=True)
        return "".join([f"{name}{labels} {value}\n" for labels, value in rows]).encode()


class Metrics:
    """Collects all of one server."""

    def __init__(self, engine: Engine, app: App, pauses: Pauses) -> None:
        self._engine = engine
        self._app = app
        self._pauses = pauses

    def collect(self) -> Iterator[Family | Rows]:
        yield InfoMetricFamily("pocketbus_build", "The version.", value={"version": VERSION})
        yield from self._of_queues()
        yield from self._of_topics()
        yield from self._of_buses()
        yield from self._of_subscribers()
        yield from self._of_pipes()
        yield from self._of_deliveries()
        yield from self._of_requests()
        yield _histogram(
            "pocketbus_loop_pause_seconds",
            "How much too late turns of the event loop came, from the first scrape on.",
            (),
            {(): (self._pauses.counts, self._pauses.seconds)},
            PAUSE_BOUNDS,
        )

    def _of_queues(self) -> Iterator[Rows]:
        now = self._engine.clock.now()
        queues = self._chosen(Queue)
        for queue in queues:
            queue.advance(now)
        labels = _labels("queue", queues)
        shown = list(labels.values())
        for state, (name, words) in _QUEUE_STATES.items():
            family = _gauge(f"sqs_approximate_number_of_messages_{name}", words)
            yield Rows(family, shown, [queue.count(state) for queue in queues])
        sent = [queue.oldest_sent_at for queue in queues]
        yield Rows(
            _gauge("sqs_approximate_age_of_oldest_message_seconds", "By the emulator's clock; 0 if empty."),
            shown,
            [0.0 if at is None else now - at for at in sent],
        )
        yield from self._counted(_QUEUE_COUNTS, labels)

    def _of_topics(self) -> Iterator[Rows]:
        labels = _labels("topic", self._chosen(Topic))
        yield from self._counted(_TOPIC_COUNTS, labels)
        for outcome, (name, words) in _OUTCOMES.items():
            yield _counter(name, words, labels, _told(self._engine.deliveries, labels, outcome))

    def _of_buses(self) -> Iterator[Rows]:
        buses = self._chosen(Bus)
        labels = _labels("event_bus", buses)
        tally = self._engine.trace.tally
        unmatched, matched, triggered = {}, {}, {}
        for bus in buses:
            counts = tally.get(bus.arn, {})
            unmatched[bus.arn] = counts.get("unmatched", 0)
            matched[bus.arn] = counts.get("accepted", 0) - unmatched[bus.arn]
            rules = (tally.get(rule.arn, {}) for rule in bus.rules.values())
            triggered[bus.arn] = sum(one.get("matched", 0) + one.get("fired", 0) for one in rules)
        yield _counter("events_matched_events", "Events that a rule matched.", labels, matched)
        yield _counter("events_unmatched_events", "Events that no rule matched.", labels, unmatched)
        yield _counter(
            "events_triggered_rules", "Rules that matched or whose schedule came due.", labels, triggered
        )

    def _of_subscribers(self) -> Iterator[Rows]:
        now = self._engine.clock.now()
        buses = [one.show() for one in islice(custom_buses(self._engine, now), MOST_RESOURCES)]
        held = _gauge("custom_bus_events", "Events that the log of a custom event bus holds.")
        yield Rows(held, [f"{{{_of_bus(bus.arn)}}}" for bus in buses], [bus.events for bus in buses])
        found = [one.show() for one in islice(subscribers(self._engine, now), MOST_RESOURCES)]
        labels = [f'{{subscriber="{one.name}",{_of_bus(one.bus)}}}' for one in found]
        lag = _gauge("subscriber_lag_events", "Events from a subscriber's position to its log's end.")
        yield Rows(lag, labels, [one.lag for one in found])
        age = _gauge("subscriber_lag_seconds", "Age of the first event that a subscriber is not done with.")
        yield Rows(age, labels, [one.age_seconds for one in found])

    def _of_pipes(self) -> Iterator[Rows]:
        now = self._engine.clock.now()
        pipes = (pipe for scope in self._engine.scopes for pipe in scope.pipes.pipes_at(now).values())
        yield from self._counted(_PIPE_COUNTS, _labels("pipe", islice(pipes, MOST_RESOURCES)))

    def _of_deliveries(self) -> Iterator[Family]:
        scopes = {f"arn:aws:events:{scope.region}:{scope.account}": scope for scope in self._engine.scopes}
        for outcome, (name, words) in _RULE_OUTCOMES.items():
            family = CounterMetricFamily(f"pocketbus_{name}", words, labels=_PLACE)
            for arn, scope in scopes.items():
                count = self._engine.deliveries.get(arn, {}).get(outcome, 0)
                family.add_metric((scope.account, scope.region), count)
            yield family
        family = CounterMetricFamily(
            "pocketbus_delivery_attempts",
            "Attempts over a network: succeeded, retried (failed, and tried again later) or failed for good.",
            labels=("target", "outcome"),
        )
        for kind, outcomes in self._engine.attempts.items():
            for outcome, count in outcomes.items():
                family.add_metric((kind, outcome), count)
        yield family
        waiting = _gauge("deliveries_waiting", "Deliveries over a network that are under way or wait.")
        waiting.add_metric((), len(self._engine.courier))
        yield waiting
        yield from self._of_journal()

    def _of_journal(self) -> Iterator[Family]:
        journal: object = self._engine.door.journal
        if not isinstance(journal, Figured):
            return
        for name, words, value, grows in journal.figures():
            family = (_total if grows else _gauge)(f"journal_{name}", words)
            family.add_metric((), value)
            yield family

    def _of_requests(self) -> Iterator[Family]:
        counted: dict[tuple[str, ...], tuple[Sequence[int], float]] = {
            (service, operation, str(status)): (durations.counts, durations.seconds)
            for (service, operation, status), durations in self._app.requests.counted.items()
        }
        yield _histogram(
            "pocketbus_request_duration_seconds",
            "Requests of AWS's operations, a long poll with its wait; without a name those that name no operation.",
            ("service", "operation", "status"),
            counted,
            BOUNDS_SECONDS,
        )

    def _chosen(self, kind: type[Kind]) -> list[Kind]:
        found = (one for one in self._engine.resources.values() if isinstance(one, kind))
        return list(islice(found, MOST_RESOURCES))

    def _counted(self, metrics: Mapping[str, tuple[str, str]], labels: Mapping[str, str]) -> Iterator[Rows]:
        for verb, (name, words) in metrics.items():
            yield _counter(name, words, labels, _told(self._engine.trace.tally, labels, verb))


def _told(tally: Mapping[str, Mapping[str, int]], arns: Iterable[str], what: str) -> dict[str, int]:
    """Return the counts of some resources; what never happened has no series."""
    counts = {arn: tally[arn].get(what, 0) for arn in arns if arn in tally}
    return {arn: count for arn, count in counts.items() if count}


def _of_bus(arn: str) -> str:
    """Write the labels of a custom event bus."""
    _, _, _, region, account, resource = arn.split(":", 5)
    return f'event_bus="{resource.split("/")[1]}",account="{account}",region="{region}"'


def _labels(kind: str, resources: Iterable[Kind]) -> dict[str, str]:
    """Return the labels of resources by ARN, as they are written: no name has a character to be escaped."""
    written = {}
    for one in resources:
        _, _, _, region, account, resource = one.arn.split(":", 5)
        name = resource.rpartition("/")[2]
        written[one.arn] = f'{{{kind}="{name}",account="{account}",region="{region}"}}'
    return written


def _gauge(name: str, words: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"pocketbus_{name}", words, labels=())


def _total(name: str, words: str) -> CounterMetricFamily:
    return CounterMetricFamily(f"pocketbus_{name}", words, labels=())


def _counter(name: str, words: str, labels: Mapping[str, str], counts: Mapping[str, int]) -> Rows:
    return Rows(_total(name, words), [labels[arn] for arn in counts], list(counts.values()))


def _histogram(
    name: str,
    words: str,
    labels: Sequence[str],
    counted: Mapping[tuple[str, ...], tuple[Sequence[int], float]],
    bounds: Sequence[float],
) -> HistogramMetricFamily:
    family = HistogramMetricFamily(name, words, labels=labels)
    names = [*map(str, bounds), "+Inf"]
    for values, (counts, seconds) in counted.items():
        buckets = [(bound, float(count)) for bound, count in zip(names, accumulate(counts), strict=True)]
        family.add_metric(values, buckets, seconds)
    return family


class _Only(CollectorRegistry):
    """What an encoder takes for all there is: one family."""

    def __init__(self, family: Family) -> None:
        super().__init__(auto_describe=False)
        self._family = family

    def collect(self) -> Iterator[Family]:
        yield self._family


def metrics(engine: Engine, app: App) -> ASGIApp:
    """Return what answers a scrape, in the format that it asks for."""
    pauses = Pauses()
    collected = Metrics(engine, app, pauses)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        pauses.begin()
        encode, content_type = choose_encoder(Headers(scope=scope).get("accept", ""))
        parts = []
        for one in list(collected.collect()):
            family, lines = (one.family, one.lines()) if isinstance(one, Rows) else (one, b"")
            parts.append(encode(_Only(family)).removesuffix(_END) + lines)
            await asyncio.sleep(0)  # others have their turn
        end = _END if content_type.startswith("application/openmetrics") else b""
        await Response(b"".join(parts) + end, media_type=content_type)(scope, receive, send)

    return answer
