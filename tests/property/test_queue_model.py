"""Random operations on a queue and its dead-letter queue, against lists that are searched from end to end."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, takewhile
from random import Random

import pytest
from msgspec.structs import replace

from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import InvalidParameterValueException, MessageUnavailable
from pocketbus.emulator.message import State, Text
from pocketbus.emulator.queues.queue import Queue, ReceiveRequest
from pocketbus.emulator.queues.queue_settings import QueueSettings, RedrivePolicy
from pocketbus.emulator.queues.redrive import MoveStatus

VISIBILITY, RETENTION, DEAD_RETENTION, MAX_RECEIVES = 10, 60, 90, 2
SEQUENCES, OPERATIONS = 100, 60


@dataclass(eq=False)
class Entry:
    """A message: ready while `due` is None, else delayed or in flight until then."""

    message_id: str
    group: str | None
    number: int
    sent_at: float
    due: float | None = None
    held: int = 0
    in_flight: bool = False
    receives: int = 0
    handle: str = ""
    gone: bool = False


@dataclass
class Model:
    """What a queue holds; `turns` has the groups of a FIFO queue, the lowest is the next to be served."""

    fifo: bool
    retention: int
    numbers: "count[int]" = field(default_factory=count)
    entries: list[Entry] = field(default_factory=list)
    ready: list[Entry] = field(default_factory=list)
    turns: dict[str | None, int] = field(default_factory=dict)

    def add(self, message_id: str, group: str | None, sent_at: float, due: float | None = None) -> None:
        entry = Entry(message_id, group, next(self.numbers), sent_at, due, next(self.numbers))
        self.entries.append(entry)
        if due is None:
            self.make_ready(entry)

    def make_ready(self, entry: Entry) -> None:
        entry.due, entry.in_flight = None, False
        self.ready.append(entry)
        self.turns.setdefault(entry.group, next(self.numbers))

    def hold(self, entry: Entry, until: float) -> None:
        if entry in self.ready:
            self.ready.remove(entry)
        entry.due, entry.in_flight, entry.held = until, True, next(self.numbers)

    def remove(self, entry: Entry) -> None:
        entry.gone = True
        self.entries.remove(entry)
        if entry in self.ready:
            self.ready.remove(entry)
        if not any(one.group == entry.group and (one in self.ready or one.in_flight) for one in self.entries):
            self.turns.pop(entry.group, None)

    def advance(self, now: float) -> None:
        due = [entry for entry in self.entries if entry.due is not None and entry.due <= now]
        for entry in sorted(due, key=lambda entry: (entry.due, entry.held)):
            self.make_ready(entry)
        for entry in [entry for entry in self.entries if entry.sent_at <= now - self.retention]:
            self.remove(entry)

    def draw(self) -> Iterator[Entry]:
        """Offer what can be handed out, in order; each must be held or removed before the next."""
        if not self.fifo:
            yield from sorted(self.ready, key=lambda entry: (entry.sent_at, entry.number))
            return
        while groups := [group for group in self.turns if self.available(group)]:
            group = min(groups, key=lambda group: self.turns[group])
            self.turns[group] = next(self.numbers)
            yield from self.available(group)

    def available(self, group: str | None) -> list[Entry]:
        """Return the ready messages of a group up to the first in flight."""
        entries = sorted(
            (entry for entry in self.entries if entry.group == group), key=lambda entry: entry.number
        )
        return list(takewhile(lambda entry: entry in self.ready, entries))

    def counts(self) -> tuple[int, int, int]:
        in_flight = sum(entry.in_flight for entry in self.entries)
        return len(self.ready), len(self.entries) - len(self.ready) - in_flight, in_flight


class Pair:
    """A queue with a dead-letter queue, and the models of both."""

    def __init__(self, seed: int, kind: str) -> None:
        self.random = Random(seed)
        self.kind = kind
        self.fifo = fifo = kind == "fifo"
        self.engine = Engine(Config(seed=seed))
        self.engine.clock.freeze()
        self.engine.clock.set(1000.0)
        scope = self.engine.scope("000000000000", "us-east-1")
        dead = QueueSettings(
            fifo=fifo, visibility_timeout=VISIBILITY, message_retention_period=DEAD_RETENTION
        )
        self.dead = scope.sqs.create_queue("dead", dead, {}, self.now)
        settings = QueueSettings(
            fifo=fifo,
            visibility_timeout=VISIBILITY,
            message_retention_period=RETENTION,
            redrive_policy=None if kind == "fair" else RedrivePolicy(self.dead.arn, MAX_RECEIVES),
        )
        self.main = scope.sqs.create_queue("main", settings, {}, self.now)
        self.models = {self.main: Model(fifo, RETENTION), self.dead: Model(fifo, DEAD_RETENTION)}
        self.issued: dict[Queue, list[tuple[str, Entry]]] = {self.main: [], self.dead: []}
        self.recent: dict[str, tuple[float, str]] = {}

    @property
    def now(self) -> float:
        return self.engine.clock.now()

    def step(self) -> None:
        for model in self.models.values():
            model.advance(self.now)
        weights = {
            self.send: 30,
            self.receive: 30,
            self.delete: 14,
            self.hide: 12,
            self.wait: 12,
            self.go_back: 3,
            self.keep: 3,
            self.redrive: 3,
            self.purge: 1,
        }
        self.random.choices([*weights], weights=[*weights.values()])[0]()
        for queue, model in self.models.items():
            queue.advance(self.now)
            model.advance(self.now)
            assert tuple(queue.count(state) for state in (State.READY, State.DELAYED, State.IN_FLIGHT)) == (
                model.counts()
            )
            assert sorted(message.message_id for message in queue) == sorted(
                entry.message_id for entry in model.entries
            )

    def send(self) -> None:
        group = None if self.kind == "standard" else self.random.choice("abc")
        unique = str(self.random.randrange(30)) if self.fifo else None
        delay = None if self.fifo else self.random.choice([None, None, 0, 7])
        sent = self.main.send(
            Text("x"),
            self.now,
            sender_id="1",
            group_id=group,
            deduplication_id=unique,
            delay_seconds=delay,
        )
        if unique is not None:
            # What was taken at what is a later time now is forgotten.
            self.recent = {known: taken for known, taken in self.recent.items() if taken[0] <= self.now}
            at, earlier = self.recent.get(unique, (0.0, ""))
            if self.now - at < 300:
                assert sent.message_id == earlier
                return
            self.recent[unique] = (self.now, sent.message_id)
        self.models[self.main].add(sent.message_id, group, self.now, self.now + delay if delay else None)

    def receive(self) -> None:
        queue = self.random.choice([self.main, self.main, self.dead])
        limit, timeout = self.random.randint(1, 10), self.random.choice([None, None, 0, 3, 25])
        received = queue.receive(ReceiveRequest(limit, timeout), self.now)
        ids = [item.message.message_id for item in received]
        expected = self.fair(queue, ids) if self.kind == "fair" else self.expected(queue, limit)
        assert ids == [entry.message_id for entry in expected]
        assert self.kind != "fair" or len(ids) == min(limit, len(self.models[queue].ready))
        for item, entry in zip(received, expected, strict=True):
            entry.receives += 1
            entry.handle = item.receipt_handle
            self.issued[queue].append((item.receipt_handle, entry))
            self.models[queue].hold(entry, self.now + (VISIBILITY if timeout is None else timeout))

    def expected(self, queue: Queue, limit: int) -> list[Entry]:
        """Return what a receive gives, and move what it finds too often received."""
        model, dead = self.models[queue], self.models[self.dead]
        chosen: list[Entry] = []
        for entry in model.draw():
            if queue is self.main and entry.receives >= MAX_RECEIVES:
                model.remove(entry)
                dead.add(entry.message_id, entry.group, self.now if self.fifo else entry.sent_at)
            else:
                chosen.append(entry)
                model.hold(entry, self.now)
            if len(chosen) == limit:
                break
        return chosen

    def fair(self, queue: Queue, ids: list[str]) -> list[Entry]:
        """Return the ready messages of these ids: the model knows no order between tenants."""
        ready = {entry.message_id: entry for entry in self.models[queue].ready}
        return [ready[message_id] for message_id in ids]

    def delete(self) -> None:
        chosen = self.some_receipt()
        if chosen is None:
            return
        queue, handle, entry = chosen
        refused = self.fifo and not entry.gone and not (entry.handle == handle and entry.in_flight)
        try:
            queue.delete(handle, self.now)
        except InvalidParameterValueException:
            assert refused
            return
        assert not refused
        if not entry.gone:
            self.models[queue].remove(entry)

    def hide(self) -> None:
        chosen = self.some_receipt()
        if chosen is None:
            return
        queue, handle, entry = chosen
        timeout = self.random.choice([0, 0, 4, 30])
        refused = entry.gone or (self.fifo and not (entry.handle == handle and entry.in_flight))
        try:
            queue.change_visibility(handle, timeout, self.now)
        except (InvalidParameterValueException, MessageUnavailable):
            assert refused
            return
        assert not refused
        if not entry.in_flight:
            return
        if timeout:
            self.models[queue].hold(entry, self.now + timeout)
        else:
            self.models[queue].make_ready(entry)

    def some_receipt(self) -> tuple[Queue, str, Entry] | None:
        """Choose one of the latest receipts of either queue."""
        queue = self.random.choice([self.main, self.dead])
        receipts = self.issued[queue][-12:]
        return (queue, *self.random.choice(receipts)) if receipts else None

    def wait(self) -> None:
        self.engine.advance(self.random.choice([0, 1, 3, 5, 10, 17]))

    def go_back(self) -> None:
        self.engine.clock.set(self.now - self.random.choice([1, 5, 20, 70]))

    def keep(self) -> None:
        """Change how long a queue keeps its messages."""
        queue = self.random.choice([self.main, self.dead])
        self.models[queue].retention = seconds = self.random.choice([60, 75, 120])
        queue.configure(replace(queue.settings, message_retention_period=seconds), self.now)

    def purge(self) -> None:
        queue = self.random.choice([self.main, self.dead])
        queue.purge(self.now)
        for entry in list(self.models[queue].entries):
            self.models[queue].remove(entry)
        if queue is self.main:
            self.recent.clear()

    def redrive(self) -> None:
        model, main = self.models[self.dead], self.models[self.main]
        task = self.engine.scope_of(self.dead.arn).sqs.start_move(self.dead, None, None, self.now)
        before = {message.message_id for message in self.main}
        self.engine.advance(0)
        assert task.status is MoveStatus.COMPLETED
        arrived = [message.message_id for message in self.main if message.message_id not in before]
        assert len(arrived) == task.moved
        for message_id in arrived:
            entry = next(model.draw())
            model.remove(entry)
            main.add(message_id, entry.group, self.now)
        assert not list(model.draw())


@pytest.mark.parametrize("kind", ["standard", "fair", "fifo"])
@pytest.mark.parametrize("block", range(8))
def test_a_queue_does_what_its_model_does(block: int, kind: str) -> None:
    for seed in range(block * SEQUENCES, (block + 1) * SEQUENCES):
        pair = Pair(seed, kind)
        for _ in range(OPERATIONS):
            pair.step()
