"""What a test asks of the emulator in its own process: the clock, what is there, why, and to wait.

The engine runs on another thread; embedded.py carries calls there, and says what a coroutine function is run by.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Iterable, Mapping
from itertools import islice
from typing import Any, TypedDict, TypeVar, Unpack

from pocketbus.emulator.buses.bus import DEFAULT_BUS, Bus
from pocketbus.emulator.deliveries.outbox import Captured
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.inspection.expectation import (
    TIMEOUT_SECONDS,
    Expectation,
    Item,
    OutboxSource,
    Outcome,
    QueueSource,
    Source,
    TraceSource,
    Watch,
)
from pocketbus.emulator.inspection.explanation import (
    Verdict,
    explain_event,
    explain_passed,
    explain_publication,
)
from pocketbus.emulator.inspection.expression import compile_expression
from pocketbus.emulator.inspection.find import find
from pocketbus.emulator.inspection.look import LISTS, MessageView, messages
from pocketbus.emulator.inspection.sample import sample_event, sample_publication
from pocketbus.emulator.inspection.trace import Record, Selection
from pocketbus.emulator.message import HELD
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.state.document import (
    Part,
    export_state,
    import_state,
    reset_state,
    restore_snapshot,
    save_snapshot,
)
from pocketbus.emulator.tail import line_of
from pocketbus.emulator.time.duration import instant_of, seconds_of
from pocketbus.emulator.topics.topic import Topic
from pocketbus.emulator.trouble.faults import Fault, make_preset
from pocketbus.emulator.trouble.incident import Where

T = TypeVar("T")

_SHOWN_ITEMS = 5
_SHOWN_RECORDS = 20


class Wanted(TypedDict, total=False):
    """What to wait for: `count` items (1) of a queue, the outbox or the trace, there only those of the `subject` if
    there is one, that make the JMESPath expression `matching` true. With `quiet`, no more of them must then arrive for
    so long; the default count is 0. Both `quiet` and `timeout` (10) are real seconds.
    """

    outbox: bool
    trace: bool
    subject: str
    matching: str
    count: int
    quiet: float
    timeout: float


class Controls(ABC):
    """Every method may be called from any thread; those named `..._async` are for tests with their own event loop.

    A queue, topic or bus is named by its ARN, by its name in its own account and region, or a queue by its
    URL. Instants are epoch seconds or ISO 8601, durations seconds or ISO 8601.
    """

    account: str
    region: str
    _own_account: str | None = None
    """The account that faults and states are of where nothing else is said; None: all."""

    @abstractmethod
    def call(self, function: Callable[[Engine], T]) -> T:
        """Run a function on the emulator's own thread, where alone the engine may be touched."""

    @abstractmethod
    async def call_async(self, function: Callable[[Engine], T]) -> T:
        """Do the same while the caller's own event loop goes on."""

    @abstractmethod
    def _await(self, function: Callable[[Engine], Coroutine[Any, Any, T]], seconds: float | None = None) -> T:
        """Run a coroutine function on the emulator's event loop, for up to so many real seconds."""

    @abstractmethod
    async def _await_async(self, function: Callable[[Engine], Coroutine[Any, Any, T]]) -> T:
        """Do the same while the caller's own event loop goes on."""

    # The clock

    def now(self) -> float:
        """Tell the emulator's time in epoch seconds."""
        return self.call(lambda engine: engine.clock.now())

    def next_at(self) -> float | None:
        """Tell the next instant at which something happens by itself."""
        return self.call(lambda engine: engine.next_at)

    def freeze(self) -> None:
        """Let the clock stand still until it is moved."""
        self.call(lambda engine: engine.freeze())

    def thaw(self) -> None:
        """Let the clock run on from where it stands."""
        self.call(lambda engine: engine.thaw())

    def set(self, at: float | str) -> list[Record]:
        """Move the clock to an instant, and return what happened on the way."""
        return self._await(lambda engine: _moved(engine, instant_of(at)))

    async def set_async(self, at: float | str) -> list[Record]:
        """Do the same while webhooks of the calling event loop can answer."""
        return await self._await_async(lambda engine: _moved(engine, instant_of(at)))

    def advance(self, duration: float | str) -> list[Record]:
        """Move the clock on, and return what happened on the way, each thing at its own instant."""
        return self._await(lambda engine: _advanced(engine, duration))

    async def advance_async(self, duration: float | str) -> list[Record]:
        """Move the clock on, while webhooks of the calling event loop can answer."""
        return await self._await_async(lambda engine: _advanced(engine, duration))

    def advance_to_next(self) -> list[Record]:
        """Move the clock on to the next deadline, if there is one, and return what happened then."""

        return self._await(_moved_to_next)

    async def advance_to_next_async(self) -> list[Record]:
        """Do the same while webhooks of the calling event loop can answer."""
        return await self._await_async(_moved_to_next)

    def follow_the_system(self) -> None:
        """Let the clock run again with the system's time."""

        def follow(engine: Engine) -> None:
            engine.clock.follow_the_system()
            engine.timers.rearm()

        self.call(follow)

    # What is there, and why

    def trace(
        self,
        subject: str | None = None,
        *,
        resource: str | None = None,
        verb: str | None = None,
        since: float | str | None = None,
        until: float | str | None = None,
    ) -> list[Record]:
        """Return what happened, oldest first; with a message id or event id, its whole story."""
        selection = Selection(
            resource,
            verb,
            None if since is None else instant_of(since),
            None if until is None else instant_of(until),
        )

        def select(engine: Engine) -> list[Record]:
            records = self._records(engine) if subject is None else engine.trace.story(subject)
            return [record for record in records if selection.admits(record)]

        return self.call(select)

    def _records(self, engine: Engine) -> Iterable[Record]:
        return engine.trace

    def messages(self, queue: str) -> list[MessageView]:
        """Return the messages of a queue in every state, without receiving them."""
        return self.call(lambda engine: list(messages(self._queue(engine, queue), engine.clock.now())))

    def look(self, noun: str) -> list[Any]:
        """Return all there is of queues, topics, subscriptions, buses, rules, archives or outbox."""
        return self.call(lambda engine: list(LISTS[noun](engine, engine.clock.now())))

    def explain_event(self, event: Mapping[str, Any] | str, bus: str = DEFAULT_BUS) -> list[Verdict]:
        """Ask every rule of a bus about an event, or about an entry of PutEvents."""

        def explain(engine: Engine) -> list[Verdict]:
            asked = find(engine, Bus, bus, self.account, self.region)
            return list(explain_event(asked, sample_event(event, asked, engine.clock.now())))

        return self.call(explain)

    def explain_message(
        self, message: str, topic: str, attributes: Mapping[str, Any] | None = None
    ) -> list[Verdict]:
        """Ask every subscription of a topic about a message; attributes are texts, numbers, lists, or SNS's own."""
        publication = sample_publication(message, attributes)

        def explain(engine: Engine) -> list[Verdict]:
            asked = find(engine, Topic, topic, self.account, self.region)
            return list(explain_publication(asked, publication))

        return self.call(explain)

    def explain(self, subject: str) -> list[Verdict]:
        """Ask those who are there now about an event or publication that passed lately, by its id."""
        return self.call(lambda engine: list(explain_passed(engine, subject)))

    # Trouble

    def fault(
        self,
        kind: str,
        *,
        service: str | None = None,
        operation: str | None = None,
        resource: str | None = None,
        account: str | None = None,
        region: str | None = None,
        probability: float = 1.0,
        count: int | None = None,
        seconds: float | None = None,
        seed: int | None = None,
        **details: Any,
    ) -> Fault:
        """Make a fault: error, throttle, latency, cut, partial, duplicate, reorder or failure, with its details.

        It strikes where `service`, `operation`, `resource` (the latter two with * for any text), `account` and
        `region` say, with this probability, `count` times at most, for `seconds` of the emulator's time. Raise
        FaultError.
        """
        where = Where(service, operation, resource, account or self._own_account, region)

        def make(engine: Engine) -> Fault:
            return engine.faults.add(
                kind, where, details, probability=probability, count=count, seconds=seconds, seed=seed
            )

        return self.call(make)

    def preset(
        self,
        name: str,
        *,
        resource: str | None = None,
        account: str | None = None,
        region: str | None = None,
    ) -> list[Fault]:
        """Make the faults of a preset: with at-least-once, everything comes twice and out of order."""
        where = Where(resource=resource, account=account or self._own_account, region=region)
        return self.call(lambda engine: make_preset(engine.faults, name, where))

    def faults(self) -> list[Fault]:
        """Return the faults there are, those that are over included."""
        return self.call(lambda engine: list(engine.faults))

    def clear_faults(self, account: str | None = None) -> int:
        """Take all faults away, or those for one account; return how many there were."""
        return self.call(lambda engine: engine.faults.clear(account=account or self._own_account))

    def crash(self, queue: str) -> int:
        """Return the messages in flight to their queue at once, as when their consumers had crashed."""
        return self.call(lambda engine: self._queue(engine, queue).return_all(engine.clock.now()))

    # The state

    def export_state(
        self, *, account: str | None = None, region: str | None = None, service: str | None = None
    ) -> dict[str, Any]:
        """Return the state, or a part of it, as an object for JSON."""
        part = Part(account or self._own_account, region, service)
        return self.call(lambda engine: export_state(engine, part))

    def import_state(self, document: Mapping[str, Any]) -> None:
        """Put what was exported in the place of what is there. Raise StateError, and change nothing."""
        self.call(lambda engine: import_state(engine, document, self._own_account))

    def reset(
        self, *, account: str | None = None, region: str | None = None, service: str | None = None
    ) -> None:
        """Forget every resource, message and fault, or those of a part; the clock stays as it is."""
        part = Part(account or self._own_account, region, service)
        self.call(lambda engine: reset_state(engine, part))

    def save(self, name: str) -> None:
        """Keep the state under a name. Raise SnapshotError."""
        part = Part(self._own_account)
        self.call(lambda engine: save_snapshot(engine, name, part))

    def restore(self, name: str) -> None:
        """Bring back the state that was saved under a name. Raise SnapshotNotFoundError."""
        self.call(lambda engine: restore_snapshot(engine, name, self._own_account))

    def snapshots(self) -> list[str]:
        """Return the names under which states are kept, the oldest first."""
        return self.call(lambda engine: [one.name for one in engine.snapshots.of(self._own_account)])

    def delete_snapshot(self, name: str) -> None:
        """Let go of the state that was saved under a name. Raise SnapshotNotFoundError."""
        self.call(lambda engine: engine.snapshots.delete(name, self._own_account))

    # Waiting

    def wait(self, queue: str | None = None, **wanted: Unpack[Wanted]) -> list[Item]:
        """Wait until what is wanted of a queue, the outbox or the trace is there, and return it. Raise TimeoutError."""
        watch = self._watch(queue, wanted)
        # The watch ends by itself; the time beyond it is for its answer to come through.
        return _met(
            self._await(lambda engine: watch(engine).outcome(), wanted.get("timeout", TIMEOUT_SECONDS) + 60),
            wanted,
        )

    async def wait_async(self, queue: str | None = None, **wanted: Unpack[Wanted]) -> list[Item]:
        """Do the same while the code under test goes on in the calling event loop."""
        watch = self._watch(queue, wanted)
        return _met(await self._await_async(lambda engine: watch(engine).outcome()), wanted)

    def expect_message(self, queue: str, **wanted: Unpack[Wanted]) -> Item:
        """Wait for a message and return it, without receiving it. Raise AssertionError, with what there was instead."""
        try:
            return self.wait(queue, **wanted)[0]
        except TimeoutError as error:
            raise AssertionError(f"{error}\n{self._account_of(queue)}") from None

    def expect_no_message(self, queue: str, *, matching: str | None = None, quiet: float = 0.1) -> None:
        """Wait `quiet` real seconds for messages, and raise AssertionError if there are any that match."""
        wanted: Wanted = {"quiet": quiet} if matching is None else {"quiet": quiet, "matching": matching}
        found = self.wait(queue, **wanted)
        if found:
            what = "message" if matching is None else f"message matching {matching!r}"
            raise AssertionError(f"No {what} was expected.\n{self._account_of(queue)}")

    def _account_of(self, queue: str) -> str:
        """Tell what a queue holds, and what happened there lately."""

        def look(engine: Engine) -> str:
            found = self._queue(engine, queue)
            held = islice(messages(found, engine.clock.now()), _SHOWN_ITEMS)
            happened = [record for record in engine.trace if record.resource == found.arn]
            lines = [f"{found.name} holds {sum(map(found.count, HELD))} messages:"]
            lines += [f"  {message.state}: {message.body}" for message in held]
            lines += [f"  {line_of(record._asdict())}" for record in happened[-_SHOWN_RECORDS:]]
            return "\n".join(lines)

        return self.call(look)

    def _queue(self, engine: Engine, name: str) -> Queue:
        return find(engine, Queue, name, self.account, self.region)

    def _watch(self, queue: str | None, wanted: Wanted) -> Callable[[Engine], Watch]:
        matching, quiet = wanted.get("matching"), wanted.get("quiet")
        expectation = Expectation(
            None if matching is None else compile_expression(matching),
            wanted.get("count", int(quiet is None)),
            quiet,
            wanted.get("timeout", TIMEOUT_SECONDS),
        )
        outbox, trace = wanted.get("outbox", False), wanted.get("trace", False)
        if [queue is not None, outbox, trace].count(True) != 1:
            raise ValueError("Wait for one of a queue, the outbox and the trace.")

        def source(engine: Engine) -> Source:
            if queue is not None:
                return QueueSource(self._queue(engine, queue))
            if outbox:
                return OutboxSource(engine, self._captured)
            return self._trace_source(engine, wanted.get("subject"))

        return lambda engine: Watch(source(engine), expectation, engine)

    def _captured(self, engine: Engine) -> Iterable[Captured]:
        return engine.outbox

    def _trace_source(self, engine: Engine, subject: str | None) -> Source:
        return TraceSource(engine, subject=subject)


async def _advanced(engine: Engine, duration: float | str) -> list[Record]:
    return await _moved(engine, instant_of(engine.clock.now() + seconds_of(duration)))


async def _moved_to_next(engine: Engine) -> list[Record]:
    next_at = engine.next_at
    return await _moved(engine, engine.clock.now() if next_at is None else next_at)


async def _moved(engine: Engine, at: float) -> list[Record]:
    before = engine.trace.last
    await engine.elapse_to(at)
    return list(engine.trace.after(before))


def _met(outcome: Outcome, wanted: Wanted) -> list[Item]:
    if outcome.met:
        return outcome.items
    conditions = ", ".join(f"{name}={value!r}" for name, value in wanted.items())
    shown = "".join(f"\n  {item}" for item in islice(outcome.items, _SHOWN_ITEMS))
    raise TimeoutError(
        f"What was wanted ({conditions}) did not come; there were {len(outcome.items)} matches.{shown}"
    )
