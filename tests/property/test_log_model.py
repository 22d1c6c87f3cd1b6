"""Random histories of a bus and its subscribers against a list: each gets what matches from its start on, in order."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pocketbus.emulator.config import Config
from pocketbus.emulator.custombuses.bus import DEDUPLICATED, BusSettings, CustomBus
from pocketbus.emulator.custombuses.event import LogEvent
from pocketbus.emulator.custombuses.filters import compile_filters
from pocketbus.emulator.custombuses.subscriber import Subscriber
from pocketbus.emulator.custombuses.subscriber_settings import (
    FIFO,
    RUNNING,
    STOPPED,
    UNORDERED,
    Start,
    SubscriberSettings,
    SubscriberTarget,
    Way,
)
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.message import Text
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.emulator.state.document import export_state, import_state
from tests.property.fuzz import USUAL, cases

ACCOUNT, REGION = "000000000000", "us-east-1"
ROLE = "arn:aws:iam::000000000000:role/r"
RETENTION_SECONDS = 86_400
KINDS = ("a", "b", "c")
GROUPS = ("one", "two", None)


@dataclass
class Put:
    """An event as the model has it."""

    number: int
    at: float
    kind: str
    group: str | None


@dataclass
class Wanted:
    """A subscriber as the model has it: what it has to have got in the end."""

    kinds: frozenset[str]
    ordering: str
    running: bool = True
    numbers: list[int] = field(default_factory=list)
    behind: list[Put] = field(default_factory=list)
    """What it has not got yet, since it is stopped."""

    def take(self, put: Put) -> None:
        if put.kind in self.kinds:
            self.behind.append(put)

    def settle(self, now: float) -> None:
        """Get what is there, if it runs; what the log holds no longer is lost."""
        if self.running:
            self.numbers += [put.number for put in self.behind if put.at >= now - RETENTION_SECONDS]
            self.behind = []


class History:
    """An engine with a bus, and beside it what the bus should do."""

    def __init__(self) -> None:
        self.engine = Engine(Config(seed=1))
        self.engine.freeze()
        self.engine.clock.set(1_000_000.0)
        self.scope.custom.create_bus("b", BusSettings(), {}, self.now)
        self.engine.advance(1)
        self.puts: list[Put] = []
        self.known: dict[tuple[str | None, str], float] = {}
        self.wanted: dict[int, Wanted] = {}

    @property
    def scope(self) -> Any:
        return self.engine.scope(ACCOUNT, REGION)

    @property
    def now(self) -> float:
        return self.engine.clock.now()

    @property
    def bus(self) -> CustomBus:
        bus = self.scope.custom.custom_buses["b"]
        assert isinstance(bus, CustomBus)
        return bus

    def subscriber(self, number: int) -> Subscriber:
        return next(one for one in self.bus.subscribers.values() if one.name == f"s{number}")

    def put(self, kind: str, group: str | None, unique_id: str | None) -> None:
        number = len(self.puts)
        code = self.publish(number, kind, group, unique_id)
        if unique_id is not None:
            first_at = self.known.get((group, unique_id))
            is_known = first_at is not None and self.now < first_at + 300
            assert (code == DEDUPLICATED) == is_known
            if is_known:
                return
            self.known[group, unique_id] = self.now
        new = Put(number, self.now, kind, group)
        self.puts.append(new)
        for one in self.wanted.values():
            one.take(new)
            one.settle(self.now)

    def publish(self, number: int, kind: str, group: str | None, unique_id: str | None) -> str:
        """Put an event on the bus, and return what became of it."""
        text = Text(f'{{"kind":"{kind}","number":{number}}}')
        event = LogEvent(f"e{number}", ACCOUNT, text, "application/json", group_id=group)
        put, matching = self.bus.put(event, unique_id, self.now)
        self.engine.pump.serve(matching)
        return put.code

    def subscribe(self, kinds: frozenset[str], ordering: str, start: str, *, running: bool) -> None:
        number = len(self.wanted)
        at = self.now - 600
        self.follow(number, pattern_of(kinds), ordering, start, at, running=running)
        one = self.wanted[number] = Wanted(kinds, ordering, running)
        for put in self.puts:
            if start == "earliest" or (start == "instant" and put.at >= at):
                one.take(put)
        one.settle(self.now)

    def follow(
        self, number: int, pattern: str | None, ordering: str, start: str, at: float, *, running: bool
    ) -> None:
        """Make a subscriber, with a queue of its own."""
        queue = self.scope.sqs.create_queue(f"q{number}", QueueSettings(), {}, self.now)
        filters = compile_filters((("DATA", pattern),) if pattern else ())
        target = SubscriberTarget(queue.arn, ROLE, Way.RESOURCE)
        where = {
            "latest": Start(),
            "earliest": Start("POINT_IN_TIME", "HORIZON"),
            "instant": Start("POINT_IN_TIME", "TIMESTAMP", at),
        }[start]
        self.bus.subscribe(
            self.scope.custom.arn(f"subscriber/s{number}/{number:025}"),
            SubscriberSettings(target, filters=filters, batch_size=3),
            self.now,
            ordering=ordering,
            start=where,
            state=RUNNING if running else STOPPED,
        )

    def switch(self, number: int, *, at_latest: bool) -> None:
        """Stop a subscriber that runs, start one that does not."""
        if number not in self.wanted:
            return
        one, subscriber = self.wanted[number], self.subscriber(number)
        if one.running:
            self.stop(subscriber)
        else:
            at_latest = at_latest and not subscriber.replaying
            self.start(subscriber, at_latest=at_latest)
            one.behind = [] if at_latest else one.behind
        one.running = not one.running
        one.settle(self.now)

    def stop(self, subscriber: Subscriber) -> None:
        subscriber.stop(self.now)

    def start(self, subscriber: Subscriber, *, at_latest: bool) -> None:
        subscriber.start_again(self.now, at_latest=at_latest)

    def advance(self, seconds: float) -> None:
        self.engine.advance(seconds)

    def move(self, seconds: float) -> None:
        self.advance(seconds)
        for one in self.wanted.values():
            one.settle(self.now)

    def restart(self) -> None:
        """Take the state out and put it into another engine."""
        document = export_state(self.engine)
        self.engine = Engine(Config(seed=1))
        self.engine.freeze()
        import_state(self.engine, document)

    def got(self, number: int) -> Iterator[int]:
        queue = self.engine.resources[f"arn:aws:sqs:{REGION}:{ACCOUNT}:q{number}"]
        assert isinstance(queue, Queue)
        for message in queue:
            yield int(message.content.body.rpartition(":")[2][:-1])

    def check(self) -> None:
        """Hold each queue to what its subscriber should have got: in order within a group, or at all."""
        groups = {put.number: put.group for put in self.puts}
        for number, one in self.wanted.items():
            got = list(self.got(number))
            assert sorted(got) == sorted(one.numbers)
            by_group: dict[str | None, list[int]] = defaultdict(list)
            for event in got:
                by_group[groups[event]].append(event)
            if one.ordering == FIFO:
                assert all(events == sorted(events) for events in by_group.values())
            assert not one.running or self.subscriber(number).lag == 0


def pattern_of(kinds: frozenset[str]) -> str | None:
    """Return the filter that lets some kinds through; None: there is no other."""
    listed = ",".join(f'"{kind}"' for kind in sorted(kinds))
    return f'{{"kind":[{listed}]}}' if len(kinds) < len(KINDS) else None


STEPS = st.one_of(
    st.tuples(
        st.just("put"), st.sampled_from(KINDS), st.sampled_from(GROUPS), st.sampled_from([None, "x", "y"])
    ),
    st.tuples(
        st.just("subscribe"),
        st.sets(st.sampled_from(KINDS), min_size=1).map(frozenset),
        st.sampled_from([FIFO, UNORDERED]),
        st.sampled_from(["latest", "earliest", "instant"]),
        st.booleans(),
    ),
    st.tuples(st.just("switch"), st.integers(0, 3), st.booleans()),
    st.tuples(st.just("move"), st.sampled_from([1.0, 200.0, 700.0, 40_000.0])),
    st.tuples(st.just("restart")),
)


@settings(max_examples=cases(100), deadline=None, derandomize=USUAL)
@example(
    [
        ("subscribe", frozenset({"a"}), FIFO, "latest", False),
        ("put", "a", "one", None),
        *[("move", 40_000.0)] * 3,
        ("switch", 0, False),  # what has waited for longer than the log keeps it is gone
    ]
)
@given(st.lists(STEPS, max_size=40))
def test_every_subscriber_sees_exactly_what_matches_from_its_start_on(steps: list[Any]) -> None:
    go_through(History(), steps)


def go_through(history: History, steps: list[Any]) -> None:
    """Take the steps, and hold what came of them to what should have."""
    for step in steps:
        match step:
            case ("put", kind, group, unique_id):
                history.put(kind, group, unique_id)
            case ("subscribe", kinds, ordering, start, running):
                history.subscribe(kinds, ordering, start, running=running)
            case ("switch", number, at_latest):
                history.switch(number, at_latest=at_latest)
            case ("move", seconds):
                history.move(seconds)
            case _:
                history.restart()
    history.check()
