"""A queue: every verb on its messages, in O(1) or O(log n) of their number.

Each verb first moves what is due, then acts. What a receiver may see of a message is its Content; how it looks on
the wire is the apis' affair.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

from msgspec import Struct

from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.errors import (
    EngineError,
    InvalidParameterValueException,
    MessageUnavailable,
    OverLimit,
    PurgeQueueInProgress,
)
from pocketbus.emulator.limits import (
    DEDUPLICATION_SECONDS,
    IN_FLIGHT_MESSAGES,
    PURGE_INTERVAL_SECONDS,
    VISIBILITY_SECONDS,
)
from pocketbus.emulator.message import IN_FLIGHT, Content, Message, State
from pocketbus.emulator.queues.changes import Changes
from pocketbus.emulator.queues.dedup import DeduplicationWindow, deduplication_id
from pocketbus.emulator.queues.disorder import Disorder
from pocketbus.emulator.queues.fair import FairOrder
from pocketbus.emulator.queues.fifo import FifoOrder
from pocketbus.emulator.queues.holdings import Holdings
from pocketbus.emulator.queues.long_polls import LongPolls, ReceiveRequest
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.emulator.queues.receipts import Received
from pocketbus.emulator.queues.stock import ReadyOrder
from pocketbus.emulator.queues.waiting import Standing
from pocketbus.emulator.releases import Container
from pocketbus.emulator.turns import in_slices
from pocketbus.emulator.weak import weakly

__all__ = ["Queue", "ReceiveRequest", "Received", "Sent"]

_SEQUENCE_NUMBER_ORIGIN = 18_849_496_460_467_696_128
_SEQUENCE_NUMBER_STEP = 256
_OF_THE_MOMENT = frozenset({"_long_polls", "_disorder", "_settling", "_woken"})
MOST_AT_ONCE = 500
"""Messages whose time has come that are moved before others have their turn."""


class Sent(Struct, frozen=True, gc=False):
    """What a sender learns; only a FIFO queue numbers its messages."""

    message_id: str
    sequence_number: str | None


class Queue:
    """One queue of one account and region; `settings` are replaced as a whole."""

    def __init__(self, arn: str, owner: str, settings: QueueSettings, core: Core, now: float) -> None:
        self.arn = arn
        self.name = arn.rpartition(":")[2]
        self.owner = owner
        self.settings = settings
        self.tags: dict[str, str] = {}
        self.created_at = self.modified_at = now
        self._core = core
        self._sequence = 0
        self._held = Holdings(arn, self._new_order(), core)
        self._deduplication: DeduplicationWindow[tuple[str, int]] = DeduplicationWindow()
        self._scope = settings.deduplication_scope
        self._scope_changes_at: float | None = None
        self._purged_at: float | None = None
        self._open()

    def _open(self) -> None:
        self._long_polls = LongPolls(self._held, self._core, weakly(self._hand_out), weakly(self._wake))
        self._disorder = Disorder(self.arn, self._held, self._core)
        self._settling: asyncio.Future[None] | None = None
        self._woken: asyncio.Future[None] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Tell all but who waits."""
        return {name: part for name, part in vars(self).items() if name not in _OF_THE_MOMENT}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._open()

    def standing(self) -> Any:
        """Tell who waits; None: nobody."""
        return self._long_polls.standing()

    def stand(self, kept: Mapping[str, Any]) -> None:
        self._long_polls.stand_again(kept)

    def _new_order(self) -> ReadyOrder:
        return FifoOrder() if self.settings.fifo else FairOrder()

    def count(self, state: State) -> int:
        """Count the messages in a state, as of the latest verb or `advance`."""
        return self._held.count(state)

    def sequence_number(self, message: Message) -> str | None:
        """Return the 20 digits by which a FIFO queue numbers its messages, growing."""
        return self._number(message.sequence)

    def _number(self, sequence: int) -> str | None:
        return str(_SEQUENCE_NUMBER_ORIGIN + _SEQUENCE_NUMBER_STEP * sequence) if self.settings.fifo else None

    def configure(self, settings: QueueSettings, now: float) -> None:
        """Replace the settings; messages here already feel a new retention and, on a FIFO queue, a new delay.

        A new scope of deduplication rules when the five minutes of what was sent under the old one are over.
        """
        delay_changed = settings.delay_seconds != self.settings.delay_seconds
        if settings.deduplication_scope != self.settings.deduplication_scope:
            self._scope_changes_at = now + DEDUPLICATION_SECONDS if self._deduplication.holds(now) else now
        self.settings = settings
        self.modified_at = now
        self._held.stock.look_anew()
        if settings.fifo and delay_changed:
            self._held.delay_anew(settings.delay_seconds)
            self._long_polls.set_alarm()
        self.advance(now)

    def __iter__(self) -> Iterator[Message]:
        return iter(self._held)

    @property
    def changes(self) -> Changes:
        """What tells those who watch which messages have changed."""
        return self._held.changes

    # Sending

    def send(
        self,
        content: Content,
        now: float,
        *,
        sender_id: str,
        delay_seconds: int | None = None,
        group_id: str | None = None,
        deduplication_id: str | None = None,
    ) -> Sent:
        """Take a message; a FIFO queue answers a duplicate within its window as it answered the first."""
        self._check_size(content)
        self.advance(now)
        if self.settings.fifo:
            return self._send_once(content, now, sender_id, group_id, deduplication_id)
        message = self._store(content, now, sender_id, group_id, deduplication_id, delay_seconds)
        return Sent(message.message_id, None)

    def accept(self, delivery: Delivery, now: float) -> Iterable[Delivery]:
        """Take what a topic or a rule delivers."""
        content, settings, stock, core = delivery.content, self.settings, self._held.stock, self._core
        if content.size > settings.maximum_message_size:
            self._check_size(content)
        if now >= stock.at_rest_until:
            self.settle(now, None)
        if settings.fifo or settings.delay_seconds or self._long_polls.waiters:
            message_id = self._accept(delivery, now)
            core.trace.record(now, "delivered", self.arn, delivery.subject, delivery.source, message_id)
            return ()
        # What most deliveries come to, in one step.
        self._sequence = sequence = self._sequence + 1
        message_id = delivery.message_id or core.ids.uuid()
        group_id, unique_id = delivery.group_id, delivery.deduplication_id
        stock.put(Message(content, message_id, sequence, now, self.owner, group_id, unique_id))
        core.trace.record_arrival(now, self.arn, delivery.subject, delivery.source, message_id)
        return ()

    def _accept(self, delivery: Delivery, now: float) -> str:
        content, group_id, unique_id = delivery.content, delivery.group_id, delivery.deduplication_id
        if self.settings.fifo:
            return self._send_once(content, now, self.owner, group_id, unique_id).message_id
        message_id = delivery.message_id
        return self._store(content, now, self.owner, group_id, unique_id, message_id=message_id).message_id

    def _check_size(self, content: Content) -> None:
        if content.size > self.settings.maximum_message_size:
            raise InvalidParameterValueException(
                "One or more parameters are invalid. Reason: "
                f"Message must be shorter than {self.settings.maximum_message_size} bytes."
            )

    def _send_once(
        self, content: Content, now: float, sender_id: str, group_id: str | None, given_id: str | None
    ) -> Sent:
        unique_id = deduplication_id(content.body, given_id, group_id, self.settings)
        by_group = (group_id, unique_id)
        # What is known under either scope is a duplicate under both.
        earlier = self._deduplication.find(unique_id, now) or self._deduplication.find(by_group, now)
        if earlier is None:
            message = self._store(content, now, sender_id, group_id, unique_id)
            earlier = (message.message_id, message.sequence)
            key = by_group if self._deduplicates_by_group(now) else unique_id
            self._deduplication.remember(key, earlier, now)
        else:
            self._core.trace.record(now, "deduplicated", self.arn, earlier[0], unique_id)
        message_id, sequence = earlier
        return Sent(message_id, self._number(sequence))

    def _deduplicates_by_group(self, now: float) -> bool:
        if self._scope_changes_at is not None and now >= self._scope_changes_at:
            self._scope, self._scope_changes_at = self.settings.deduplication_scope, None
        return self._scope == "messageGroup"

    def _store(
        self,
        content: Content,
        now: float,
        sender_id: str,
        group_id: str | None,
        unique_id: str | None,
        delay_seconds: int | None = None,
        message_id: str | None = None,
    ) -> Message:
        self._sequence = sequence = self._sequence + 1
        message_id = message_id or self._core.ids.uuid()
        message = Message(content, message_id, sequence, now, sender_id, group_id, unique_id)
        delay = self.settings.delay_seconds if delay_seconds is None else delay_seconds
        self._held.take_in(message, now + delay if delay else None)
        if self._long_polls.waiters:
            self._long_polls.serve(now)
        return message

    # Receiving

    def receive(self, request: ReceiveRequest, now: float) -> list[Received]:
        """Hand out up to `limit` ready messages; those received too often go to the dead-letter queue instead."""
        self.advance(now)
        held, attempt_id = self._held, request.attempt_id
        if held.count(IN_FLIGHT) >= IN_FLIGHT_MESSAGES and not self.settings.fifo:
            raise OverLimit(
                f"No more than {IN_FLIGHT_MESSAGES} messages can be in flight; "
                "delete messages after they are processed."
            )
        again = attempt_id and held.repeat(attempt_id, self._hidden_until(request, now), now)
        received = again or self._hand_out(request, now)
        self._long_polls.set_alarm()
        return received

    def _hand_out(self, request: ReceiveRequest, now: float) -> list[Received]:
        received: list[Received] = []
        held, settings = self._held, self.settings
        most = min(request.limit, IN_FLIGHT_MESSAGES - held.count(IN_FLIGHT))
        if most <= 0:
            return received
        dead_letters = None if settings.redrive_policy is None else self._dead_letter_queue()
        hidden_until = self._hidden_until(request, now)
        troubled = bool(self._core.faults.active) and not settings.fifo
        passed_over: deque[Message] = deque()
        for message in self._disorder.draw(passed_over) if troubled else held.draw():
            if dead_letters is not None and self._is_poison(message):
                self._dead_letter(message, dead_letters, now)
            else:
                received.append(held.hand_over(message, hidden_until, now))
            if len(received) == most:
                break
        for message in passed_over:
            held.put_back(message, now)
        if troubled:
            for message in self._disorder.doubled(received):
                self._sequence += 1
                held.stock.put(message.duplicate(self._sequence))
        if request.attempt_id is not None:
            held.remember(request.attempt_id, received, now)
        return received

    def _hidden_until(self, request: ReceiveRequest, now: float) -> float:
        timeout = request.visibility_timeout
        return now + (self.settings.visibility_timeout if timeout is None else timeout)

    def wait(
        self, request: ReceiveRequest, seconds: float, now: float
    ) -> Coroutine[Any, Any, list[Received]]:
        """Wait for up to `seconds` of the emulator's time until there is something to receive."""
        return self.wait_until(request, now + seconds)

    async def wait_until(self, request: ReceiveRequest, until: float) -> list[Received]:
        """Do the same up to an instant."""
        self._core.door.goes_on_by(self.wait_until, request, until)
        return await self._long_polls.wait(request, until)

    @property
    def long_polls(self) -> LongPolls:
        """Who waits here."""
        return self._long_polls

    def stand_in_line(
        self, request: ReceiveRequest, served: Callable[[list[Received]], None]
    ) -> Standing[ReceiveRequest, Received]:
        """Wait for as long as it takes; `served` hears at once of what there is or, of nothing, that all is over."""
        return self._long_polls.stand(request, served)

    def return_all(self, now: float) -> int:
        """Make the messages in flight ready, as when their receivers have crashed; return how many there were."""
        self.advance(now)
        count = self.begin_return(now)
        self.advance(now)
        return count

    def begin_return(self, now: float) -> int:
        """Do the same to a settled queue as far as to leave it to be settled anew."""
        with self._core.door.entry("crash", self.arn, now):
            self._held.begin_return(now, "consumer crashed")
        return self._held.count(IN_FLIGHT)

    # Settling

    def delete(self, receipt_handle: str, now: float) -> None:
        """Delete the message that a handle of any of its receives names; one that is gone is left alone.

        A FIFO queue refuses the handle of a message that is no longer in flight by it.
        """
        self.advance(now)
        message, current = self._held.find(receipt_handle)
        if message is None:
            return
        if self.settings.fifo:
            self._check_current(message, receipt_handle, current=current)
        self._held.let_go(message, now, "deleted")
        if self._long_polls.waiters:
            self._long_polls.serve(now)

    def _check_current(self, message: Message, receipt_handle: str, *, current: bool) -> None:
        if not (current and message.state is IN_FLIGHT):
            raise InvalidParameterValueException(
                f"Value {receipt_handle} for parameter ReceiptHandle is invalid. "
                "Reason: The receipt handle has expired."
            )

    def change_visibility(self, receipt_handle: str, timeout: int, now: float) -> None:
        """Hide a message in flight for `timeout` seconds from now on; 0 returns it at once.

        A standard queue takes a handle of any receive, and leaves a message alone that is back already.
        """
        self.advance(now)
        message, current = self._held.find(receipt_handle)
        if message is None:
            raise MessageUnavailable
        if self.settings.fifo:
            self._check_current(message, receipt_handle, current=current)
        if message.state is not IN_FLIGHT or message.received_at is None:
            return
        if now + timeout > message.received_at + VISIBILITY_SECONDS:
            raise InvalidParameterValueException(
                f"Value {timeout} for parameter VisibilityTimeout is invalid. Reason: "
                f"Total VisibilityTimeout for the message is beyond the limit [{VISIBILITY_SECONDS} seconds]"
            )
        self._held.hide(message, timeout, now)
        self._long_polls.serve(now)
        self._long_polls.set_alarm()

    def purge(self, now: float) -> None:
        """Delete every message, those in flight and delayed included, and forget the deduplication ids.

        By AWS's strict rules once in 60 seconds.
        """
        since = None if self._purged_at is None else now - self._purged_at
        if self._core.config.strict and since is not None and 0 <= since < PURGE_INTERVAL_SECONDS:
            raise PurgeQueueInProgress(
                f"Only one PurgeQueue operation on {self.name} is allowed every {PURGE_INTERVAL_SECONDS} seconds."
            )
        self._purged_at = now
        self._core.releases.add(
            chain(self._held.purged(self._new_order(), now), self._forgotten_deduplication())
        )
        self._long_polls.set_alarm()

    # By hand

    def remove(self, message: Message, now: float) -> None:
        """Delete a message that is here, whatever its state."""
        with self._core.door.entry("delete message", self.arn, message.message_id, now):
            self._held.let_go(message, now, "deleted", "by hand")
            self._after_removal(now)

    def move(self, message: Message, target: "Queue", now: float) -> str:
        """Send a message of any state anew to another queue of the same type, and return its id there."""
        if target is self or target.settings.fifo != self.settings.fifo:
            raise InvalidParameterValueException("A message moves to another queue of the same type only.")
        target._check_size(message.content)  # noqa: SLF001 - another queue's
        with self._core.door.entry("move message", self.arn, message.message_id, target.arn, now):
            message_id = self._core.ids.uuid()
            self._held.let_go(message, now, "moved", f"by hand, to {target.arn}", message_id)
            target.readmit(message, message_id, now)
            self._after_removal(now)
        return message_id

    def _after_removal(self, now: float) -> None:
        """Hand out what the group of a message in flight has kept back."""
        self._long_polls.serve(now)
        self._long_polls.set_alarm()

    # Dead letters

    def _dead_letter_queue(self) -> "Queue | None":
        policy = self.settings.redrive_policy
        target = policy and self._core.resources.get(policy.dead_letter_target)
        return target if isinstance(target, Queue) else None

    def _is_poison(self, message: Message) -> bool:
        policy = self.settings.redrive_policy
        receives = message.receive_count - message.receives_elsewhere
        return policy is not None and receives >= policy.max_receive_count

    def _dead_letter(self, drawn: Message, target: "Queue", now: float) -> None:
        why = f"received {drawn.receive_count} times, to {target.arn}"
        self._held.let_go(drawn, now, "dead-lettered", why, drawn=True)
        target.adopt(drawn, self.arn, now)

    def adopt(self, message: Message, source: str, now: float) -> None:
        """Take over another queue's message with its id and its receive count.

        On a standard queue it keeps its age, on a FIFO queue its retention starts anew.
        https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
        """
        self.advance(now)
        self._sequence += 1
        sent_at = now if self.settings.fifo else message.sent_at
        adopted = message.copy(self._sequence, sent_at)
        adopted.dead_letter_source = source
        self._core.trace.record(now, "delivered", self.arn, adopted.message_id, source)
        self._held.stock.put(adopted)
        self._long_polls.serve(now)

    def move_next(self, route: Callable[[Message], "Queue"], now: float) -> bool:
        """Send the next ready message anew to the queue that `route` names; return whether there was one.

        An EngineError, of `route` or of the queue it names, leaves the message here and is raised.
        """
        self.advance(now)
        message = next(self._held.draw(), None)
        if message is None:
            return False
        try:
            target = route(message)
            target._check_size(message.content)  # noqa: SLF001 - another queue's
        except EngineError:
            self._held.put_back(message, now)
            raise
        message_id = self._core.ids.uuid()
        self._held.let_go(message, now, "moved", f"to {target.arn}", message_id, drawn=True)
        target.readmit(message, message_id, now)
        return True

    def readmit(self, message: Message, message_id: str, now: float) -> None:
        """Take a message moved out of a dead-letter queue as a new one, never as a duplicate.

        https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
        """
        self.advance(now)
        self._store(
            message.content,
            now,
            message.sender_id,
            message.group_id,
            message.deduplication_id,
            message_id=message_id,
        )

    # Time

    @property
    def next_at(self) -> float | None:
        """The next instant at which time alone changes something here: a message turns ready, or expires."""
        oldest_at, ready_at = self._held.oldest_sent_at, self._held.next_ready_at
        if oldest_at is None:
            return ready_at
        expires_at = oldest_at + self.settings.message_retention_period
        return expires_at if ready_at is None else min(ready_at, expires_at)

    @property
    def oldest_sent_at(self) -> float | None:
        """When the oldest message was sent."""
        return self._held.oldest_sent_at

    def turning_ready(self) -> Iterator[Message]:
        """Yield the messages that are delayed or in flight, in the order in which they cease to be."""
        return self._held.turning_ready()

    @property
    def waiting(self) -> int:
        """Count the long polls that wait here."""
        return len(self._long_polls.waiters)

    def advance(self, now: float) -> None:
        """Move what is due at `now`: delays and visibility timeouts that are over, messages past their retention."""
        if now >= self._held.stock.at_rest_until:
            self.settle(now, None)

    def settle(self, now: float, most: int | None = MOST_AT_ONCE) -> bool:
        """Move so much of that at most; tell whether that was all.

        What is left is a queue at an instant at which it never was: until all has been moved, no verb may be called
        that would show it.
        """
        if now < self._held.stock.at_rest_until:
            return True
        retention_seconds = self.settings.message_retention_period
        if self._held.is_at_rest(now, retention_seconds):
            return True
        with self._core.door.entry("settle", self.arn, now, most):
            moved = sum(1 for _ in islice(self._held.advance(now, retention_seconds), most))
            if moved == most and not self._held.is_at_rest(now, retention_seconds):
                return False
            self._long_polls.serve(now)
        return True

    async def settled(self) -> None:
        """Move all that is due, in slices; those who ask meanwhile wait for the same."""
        if self._settling is None:
            if self.settle(self._core.clock.now()):
                return
            self._settling = asyncio.ensure_future(in_slices(self._settle_in_steps()))
        await asyncio.shield(self._settling)

    def _settle_in_steps(self) -> Iterator[None]:
        while not self.settle(self._core.clock.now()):
            yield
        self._settling = None

    def _wake(self, now: float) -> None:
        """Hear from the alarm that something is due for those who wait."""
        if self.settle(now) or self._core.door.replaying:
            return
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            self.advance(now)
        else:
            self._woken = asyncio.ensure_future(self.settled())

    def close(self) -> None:
        """Answer everybody who waits here with nothing."""
        self._long_polls.release()

    def remains(self) -> Iterator[Container]:
        """Yield all that holds something here, once the queue was deleted."""
        yield from self._held.emptied(self._new_order())
        yield from self._forgotten_deduplication()

    def _forgotten_deduplication(self) -> Iterator[Container]:
        """Forget the deduplication ids, and yield what holds them."""
        forgotten, self._deduplication = self._deduplication, DeduplicationWindow()
        return forgotten.containers()
