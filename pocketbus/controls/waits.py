"""Waiting until what a test expects is there, or failing with what was there instead."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypedDict, Unpack

from pocketbus.controls.calls import Calls
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
from pocketbus.emulator.inspection.expression import compile_expression
from pocketbus.emulator.inspection.logs import CaughtUpSource, find_subscriber
from pocketbus.emulator.inspection.look import messages
from pocketbus.emulator.message import HELD
from pocketbus.lines import line_of

_SHOWN_ITEMS = 5
_SHOWN_RECORDS = 20


class Wanted(TypedDict, total=False):
    """What to wait for: `count` items (1) of a queue, the outbox or the trace, there only those of the `subject` if
    there is one, that make the JMESPath expression `matching` true; or a `subscriber` that has caught up with its log.
    With `quiet`, no more of them must then arrive for so long; the default count is 0. Both `quiet` and `timeout` (10)
    are real seconds.
    """

    outbox: bool
    trace: bool
    subscriber: str
    subject: str
    matching: str
    count: int
    quiet: float
    timeout: float


class WaitControls(Calls):
    """Waits for messages of a queue, for subscribers, for the outbox and for the trace."""

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

    def _watch(self, queue: str | None, wanted: Wanted) -> Callable[[Engine], Watch]:
        matching, quiet = wanted.get("matching"), wanted.get("quiet")
        expectation = Expectation(
            None if matching is None else compile_expression(matching),
            wanted.get("count", int(quiet is None)),
            quiet,
            wanted.get("timeout", TIMEOUT_SECONDS),
        )
        outbox, trace = wanted.get("outbox", False), wanted.get("trace", False)
        subscriber = wanted.get("subscriber")
        if [queue is not None, outbox, trace, subscriber is not None].count(True) != 1:
            raise ValueError("Wait for one of a queue, a subscriber, the outbox and the trace.")

        def source(engine: Engine) -> Source:
            if queue is not None:
                return QueueSource(self._queue(engine, queue))
            if subscriber is not None:
                found = find_subscriber(engine, subscriber, self.account, self.region)
                return CaughtUpSource(engine, found)
            if outbox:
                return OutboxSource(engine, self._captured)
            return self._trace_source(engine, wanted.get("subject"))

        return lambda engine: Watch(source(engine), expectation, engine)

    def _captured(self, engine: Engine) -> Iterable[Captured]:
        return engine.outbox

    def _trace_source(self, engine: Engine, subject: str | None) -> Source:
        return TraceSource(engine, subject=subject)


def _met(outcome: Outcome, wanted: Wanted) -> list[Item]:
    if outcome.met:
        return outcome.items
    conditions = ", ".join(f"{name}={value!r}" for name, value in wanted.items())
    shown = "".join(f"\n  {item}" for item in islice(outcome.items, _SHOWN_ITEMS))
    raise TimeoutError(
        f"What was wanted ({conditions}) did not come; there were {len(outcome.items)} matches.{shown}"
    )
